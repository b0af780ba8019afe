"""What the routes need, wired once by `build_assessment`, and what both pages and JSON ask of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from bus.city import Packs
from bus.clock import Clock
from bus.store import Store
from consumers.assessment.channels import Channel
from consumers.assessment.departments import Figures, Listed, WorkingDays, figures, listed
from consumers.assessment.duties import Filter, Passed
from consumers.assessment.periods import Quarter
from consumers.assessment.rows import city_day, day_end, micros
from schemas.city import Department, Pack


@dataclass(frozen=True, slots=True)
class Standing:
    """A department with its figures."""

    code: str
    name: str
    short_name: str
    group: str
    """What its class of departments is called."""
    figures: Figures


@dataclass(frozen=True)
class Context:
    """The assessment as its routes see it."""

    store: Store
    packs: Packs
    working_days: WorkingDays
    board: Callable[[], Sequence[Channel]]
    clock: Clock
    portal: str
    """Where citizens read."""

    @property
    def pack(self) -> Pack:
        """The pack in force now."""
        return self.packs.current().pack

    def quarter(self, name: str | None) -> Quarter:
        """The quarter asked for, the present one where none was.

        Raises:
            Invalid: it is no quarter's name.
        """
        return Quarter.parse(name) if name else Quarter.of(city_day(self.clock()))

    def standings(self, quarter: Quarter) -> list[Standing]:
        """Every department in force then, and whoever else has a duty, in the pack's order."""
        with self.store.read() as conn:
            counted = figures(conn, self._passed(Filter(quarter=quarter)), self.clock())
        there = [
            each.code for each in self.pack.departments if each.from_ <= quarter.last and not _ended(each, quarter)
        ]
        codes = [*there, *(code for code in counted if code not in set(there))]
        return [self._standing(code, counted.get(code, Figures({}))) for code in codes]

    def standing(self, code: str, quarter: Quarter) -> Standing | None:
        """One department; None where neither the pack nor the ledger knows it."""
        with self.store.read() as conn:
            counted = figures(conn, self._passed(Filter(code, quarter)), self.clock())
        if code not in counted and code not in self.pack.department:
            return None
        return self._standing(code, counted.get(code, Figures({})))

    def members(self, wanted: Filter, skip: int, size: int) -> list[Listed]:
        """A page of the duties behind a figure, and one more where there is a next page."""
        with self.store.read() as conn:
            return listed(conn, self._passed(wanted), self.clock(), self.working_days, skip=skip, size=size + 1)

    def name_of(self, dept: str) -> str:
        """A department's name, or its code where the pack does not know it."""
        known = self.pack.department.get(dept)
        return known.name if known else dept or "（无法识别的部门）"

    def item_url(self, subject: str) -> str:
        """The item's page on the portal."""
        issuer, _, local = subject.partition("/")
        return f"{self.portal}/items/{quote(issuer, safe='')}/{quote(local, safe='')}"

    def _passed(self, wanted: Filter) -> Filter:
        """The same, with what ended departments still owed given to those who have their tasks today."""
        pack, today = self.pack, city_day(self.clock())
        gone = [each for each in pack.departments if each.to is not None and each.to < today]
        passed = tuple(
            Passed(each.code, heir.code, micros(day_end(each.to)))
            for each in gone
            if each.to is not None and (heir := pack.heir_of(each.code, today)) is not None
        )
        return replace(wanted, passed=passed)

    def _standing(self, code: str, mine: Figures) -> Standing:
        known = self.pack.department.get(code)
        if known is None:
            return Standing(code, self.name_of(code), self.name_of(code), "其他", mine)
        group = self.pack.city.classes.get(known.class_, known.class_)
        return Standing(code, known.name, known.short_name, group, mine)


def _ended(department: Department, quarter: Quarter) -> bool:
    return department.to is not None and department.to < quarter.first
