"""An issue as it is read: its name, and its documents in the lawful order of sections (GZ-07)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from consumers.gazette.answers import instant
from consumers.gazette.desk import Row
from consumers.gazette.tables import documents, issues
from schemas.city import Pack
from schemas.city.gazette import Section

STATEMENT = "在本公报上刊登的政府规章文本为标准文本；刊登的规范性文件与正式文件具有同等效力。"
"""Of every issue's inside page (GZ-07, GZ-01)."""

_NUMBER = re.compile(r"〔(\d{4})〕第?(\d+)号|第(\d+)号")


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue: `year` and `number` are given at last when it is closed, until then they are foreseen."""

    total: int
    year: int
    number: int
    closed: bool

    @property
    def label(self) -> str:
        """As its cover says it."""
        return f"{self.year}年第{self.number}期（总第{self.total}期）"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document in an issue."""

    subject: str
    version: int
    title: str
    docno: str | None
    formed: date | None
    dept: str
    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A section of the table of contents with its documents."""

    section: Section
    entries: tuple[Entry, ...]


class Editor:
    """Puts documents into the order of the pack's sections."""

    def __init__(self, pack: Pack, sections: Sequence[Section]) -> None:
        self.pack = pack
        self._sections = tuple(sections)

    def contents(self, entries: Sequence[Entry]) -> list[Contents]:
        """Sections in the pack's order, documents by number, then by date and title; empty ones left out."""
        held: dict[str, list[Entry]] = {section.id: [] for section in self._sections}
        for entry in entries:
            section = self.section_of(entry)
            if section is not None:
                held[section.id].append(entry)
        return [
            Contents(section, tuple(sorted(held[section.id], key=_order)))
            for section in self._sections
            if held[section.id]
        ]

    def section_of(self, entry: Entry) -> Section | None:
        """The first section that the document fits; the pack's last should take everything."""
        found = (
            section for section in self._sections if section.takes(self.pack, entry.kind, entry.dept, entry.docno or "")
        )
        return next(found, self._sections[-1] if self._sections else None)

    def name_of(self, dept: str) -> str:
        """A department's name."""
        known = self.pack.department.get(dept)
        return known.name if known else dept

    @property
    def title(self) -> str:
        """刊名."""
        return next((outlet.name for outlet in self.pack.outlets if outlet.platform == "gazette"), "政府公报")


def open_issue(conn: sa.Connection) -> Issue | None:
    """The issue that is being collected; None before its first record."""
    row = conn.execute(sa.select(issues).where(issues.c.closed_at.is_(None))).mappings().first()
    return None if row is None else _issue(conn, dict(row))


def issue(conn: sa.Connection, total: int) -> Issue | None:
    """The issue with that 总期号."""
    row = conn.execute(sa.select(issues).where(issues.c.total == total)).mappings().first()
    return None if row is None else _issue(conn, dict(row))


def entries(conn: sa.Connection, total: int) -> list[Entry]:
    """What an issue holds, in no order."""
    rows = conn.execute(sa.select(documents).where(documents.c.state == "taken", documents.c.issue == total))
    return [_entry(dict(row)) for row in rows.mappings()]


def entry(conn: sa.Connection, total: int, subject: str) -> Entry | None:
    """One document of an issue."""
    where = (documents.c.state == "taken", documents.c.issue == total, documents.c.subject == subject)
    row = conn.execute(sa.select(documents).where(*where)).mappings().first()
    return None if row is None else _entry(dict(row))


def waiting(conn: sa.Connection) -> int:
    """How many documents wait for the portal."""
    count = sa.select(sa.func.count()).select_from(documents).where(documents.c.state == "waiting")
    return int(conn.execute(count).scalar_one())


def _issue(conn: sa.Connection, row: Row) -> Issue:
    if row["closed_at"] is not None:
        return Issue(row["total"], row["year"], row["number"], closed=True)
    year = instant(row["opened_at"]).year
    before = sa.select(sa.func.max(issues.c.number)).where(issues.c.year == year)
    return Issue(row["total"], year, (conn.execute(before).scalar() or 0) + 1, closed=False)


def _entry(row: Row) -> Entry:
    formed = date.fromisoformat(row["formed"]) if row["formed"] else None
    names = ("subject", "version", "title", "docno", "dept", "kind", "body")
    return Entry(formed=formed, **{name: row[name] for name in names})


def _order(entry: Entry) -> tuple[object, ...]:
    """By year and number of the document where it has them, the others after, by date and title."""
    found = _NUMBER.search(entry.docno or "")
    numbered = (int(found[1] or 0), int(found[2] or found[3])) if found else (0, 0)
    return not found, numbered, entry.formed or date.max, entry.title, entry.subject
