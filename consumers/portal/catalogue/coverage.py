"""Who published and who did not: live items counted by catalogue row, and by department for one row and year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from consumers.portal.catalogue.tree import Share
from consumers.portal.shelf import SHANGHAI, micros
from consumers.portal.tables import Row, items
from schemas.city import CatalogueRow, Department, Pack

_i = items.c


@dataclass(frozen=True, slots=True)
class RowCoverage:
    """The departments that a row is for, with and without a live item of a year."""

    with_item: tuple[Department, ...]
    without: tuple[Department, ...]
    levels: tuple[tuple[str, Share], ...]

    @property
    def whole(self) -> Share:
        """Of all levels."""
        return Share(len(self.with_item), len(self.with_item) + len(self.without))


def newest_of_row(conn: sa.Connection, code: str, limit: int) -> Sequence[Row]:
    """The newest live items of a row."""
    query = sa.select(items).where(_i.state == "live", _i.row == code)
    return conn.execute(query.order_by(_i.listed_at.desc(), _i.subject.desc()).limit(limit)).all()


def years(conn: sa.Connection, code: str, today: date) -> list[int]:
    """The years in which items of a row became public, this year with them, newest first."""
    query = sa.select(sa.func.min(_i.listed_at)).where(_i.state == "live", _i.row == code)
    first = conn.execute(query).scalar()
    begins = min(datetime.fromtimestamp(first / 1e6, SHANGHAI).year, today.year) if first else today.year
    return list(range(today.year, begins - 1, -1))


def of_row(conn: sa.Connection, pack: Pack, row: CatalogueRow, year: int, today: date) -> RowCoverage:
    """Departments of `row` that are in force, on the year's last day or today, and whether each has an item.

    An item of a department that was merged counts for its successor too.
    """
    day = min(today, date(year, 12, 31))
    codes = pack.publishers_of(row)
    asked = [department for department in pack.departments_on(day) if department.code in codes]
    have = _departments(conn, row.code, year)
    reached = [bool(have & pack.predecessors[department.code]) for department in asked]
    pairs = list(zip(asked, reached, strict=True))
    levels = []
    for level in dict.fromkeys(department.level for department in asked):
        own = [done for department, done in pairs if department.level == level]
        levels.append((str(level), Share(sum(own), len(own))))
    return RowCoverage(
        tuple(department for department, done in pairs if done),
        tuple(department for department, done in pairs if not done), tuple(levels),
    )  # fmt: skip


def by_level(conn: sa.Connection, pack: Pack, today: date) -> list[tuple[str, Share]]:
    """Of each level's departments, how many have anything public."""
    have = set(conn.execute(sa.select(_i.dept).where(_i.state == "live").distinct()).scalars())
    found: dict[str, list[bool]] = {}
    for department in pack.departments_on(today):
        found.setdefault(department.level, []).append(bool(have & pack.predecessors[department.code]))
    return [(level, Share(sum(done), len(done))) for level, done in found.items()]


def _departments(conn: sa.Connection, code: str, year: int) -> set[str]:
    begins, ends = (micros(datetime(each, 1, 1, tzinfo=SHANGHAI)) for each in (year, year + 1))
    query = sa.select(_i.dept).where(_i.state == "live", _i.row == code, _i.listed_at >= begins, _i.listed_at < ends)
    return set(conn.execute(query.distinct()).scalars())
