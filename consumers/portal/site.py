"""The site as the city pack describes it: whose it is, its columns, its departments, and where a publication stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from bus.city import Fixed, Kept, Packs
from consumers.portal.merge import Facts
from schemas.city import Column, Department, Pack

ELSEWHERE = Column(id="other", name="其他", type="其他", keywords="其他", description="未归入栏目的信息")
"""Where a publication stands whose row the pack no longer knows."""


CONSULTATIONS = "consultations"
"""The column that 参与 leads to, where the pack has it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the four rights of citizens in the navigation (四权), and where it is exercised."""

    right: str
    words: str
    path: str


@dataclass(frozen=True)
class Site:
    """Names and places, as the release in force has them."""

    packs: Packs
    base: str
    """How citizens reach it, without a slash at the end."""
    assessment: str = ""
    """How citizens reach the assessment's pages."""

    @property
    def pack(self) -> Pack:
        """The pack in force now."""
        return self.packs.current().pack

    def fixed(self) -> Site:
        """This site as it is now, whatever is released meanwhile: for one transaction."""
        return self._fixed()

    @cached_property
    def _fixed(self) -> Kept[Site]:
        return Kept(self.packs, lambda span: Site(Fixed(span), self.base, self.assessment))

    @property
    def columns(self) -> Mapping[str, Column]:
        """Every column by id, in the pack's order, the one for strays last."""
        return self._columns()

    @cached_property
    def _columns(self) -> Kept[Mapping[str, Column]]:
        return Kept(self.packs, lambda span: _with_strays(span.pack.column))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """知情权、参与权、表达权、监督权 as the navigation shows them."""
        column = f"/columns/{CONSULTATIONS}" if CONSULTATIONS in self.columns else "/columns"
        return (
            Entry("知情", "信息公开", "/items"),
            Entry("参与", "意见征集", column),
            Entry("表达", "来信", "/letters"),
            Entry("监督", "考核时效", f"{self.assessment}/"),
        )

    @property
    def departments(self) -> Mapping[str, Department]:
        """Every department by code, past ones too."""
        return self.pack.department

    def column_of(self, facts: Facts) -> str:
        """Id of the column that a publication stands in."""
        row, kind = self.pack.row.get(facts.row), self.pack.kind.get(facts.kind)
        kinds_own = kind.column if kind and kind.column else ELSEWHERE.id
        found = self.pack.column_of(row, kind) if row and kind else row.column if row else kinds_own
        return found if found in self.columns else ELSEWHERE.id

    def agency_of(self, dept: str) -> str:
        """What a department's index numbers begin with: its USCC."""
        known = self.departments.get(dept)
        return known.uscc if known else dept

    def is_indexed(self, kind: str) -> bool:
        """Whether this kind of publication gets an index number."""
        known = self.pack.kind.get(kind)
        return known is None or known.index

    def department_name(self, dept: str) -> str:
        """A department's full name."""
        known = self.departments.get(dept)
        return known.name if known else dept

    def kind_label(self, kind: str) -> str:
        """体裁: what citizens call the kind."""
        known = self.pack.kind.get(kind)
        return known.label if known else kind

    def row_name(self, row: str) -> str:
        """一级 and 二级事项 of a catalogue row."""
        known = self.pack.row.get(row)
        return f"{known.level1} / {known.level2}" if known else row

    def item_url(self, subject: str) -> str:
        """The address of an item's page, for ever."""
        return f"{self.base}{item_path(subject)}"


def _with_strays(columns: Mapping[str, Column]) -> Mapping[str, Column]:
    return {**columns, ELSEWHERE.id: columns.get(ELSEWHERE.id, ELSEWHERE)}


def item_path(subject: str) -> str:
    """Path of an item's page. A slash in the local id is escaped, so no `..` can climb."""
    issuer, _, local = subject.partition("/")
    return f"/items/{quote(issuer, safe='')}/{quote(local, safe='')}"


def matter_path(subject: str) -> str:
    """Path of a matter's page."""
    return f"/matters{item_path(subject).removeprefix('/items')}"


def row_path(code: str) -> str:
    """Path of a catalogue row's page."""
    return f"/catalogue/rows/{quote(code, safe='')}"


def catalogue_path(stem: str) -> str:
    """Path of a catalogue's page; a stem may have folders."""
    return f"/catalogue/{quote(stem)}"


def field_path(name: str) -> str:
    """Path of a field's page."""
    return f"/catalogue/fields/{quote(name, safe='')}"
