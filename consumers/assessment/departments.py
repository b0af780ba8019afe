"""The figures of each department, every one with the list it was counted from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from consumers.assessment.duties import SCORED, Filter, Status, duties
from consumers.assessment.periods import Quarter
from consumers.assessment.rows import city_day, instant
from consumers.assessment.tables import outcomes

PAGE = 50

WorkingDays = Callable[[date, date], tuple[int, bool]]
"""Working days after the first day up to the second, and whether the official calendar covers them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many duties stand how, and K01 over them."""

    counts: Mapping[Status, int]
    overridden: int = 0
    """Findings that somebody answered for, over all duties."""

    @property
    def scored(self) -> int:
        """What K01 divides by."""
        return sum(self.counts.get(status, 0) for status in SCORED)

    @property
    def rate(self) -> float | None:
        """K01, 主动公开及时率: on time / due in the period; None where nothing was due (n/a)."""
        return round(self.counts.get(Status.ON_TIME, 0) / self.scored, 4) if self.scored else None

    @property
    def total(self) -> int:
        """Every duty, scored or not."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Listed:
    """One duty as a list shows it."""

    subject: str
    version: int
    title: str | None
    dept: str
    item: str | None
    kind: str | None
    event_id: str
    source: str
    status: Status
    due: date | None
    public_at: datetime | None
    late_days: int | None
    """Working days after the due day until it was public, or until today."""
    calendar_complete: bool
    rules: tuple[str, ...]
    overridden: int
    """Findings of it that somebody answered for."""


def figures(conn: sa.Connection, wanted: Filter, now: datetime) -> dict[str, Figures]:
    """Department to its figures; a department without any duty is left out."""
    duty = duties(wanted, now).c
    told = sa.select(duty.owner, duty.status, sa.func.count(), sa.func.sum(duty.overridden))
    counts: dict[str, dict[Status, int]] = {}
    answered: dict[str, int] = {}
    for dept, status, count, overridden in conn.execute(told.group_by(duty.owner, duty.status)):
        counts.setdefault(dept, {})[Status(status)] = count
        answered[dept] = answered.get(dept, 0) + int(overridden)
    return {dept: Figures(mine, answered[dept]) for dept, mine in counts.items()}


def together(each: Sequence[Figures]) -> Figures:
    """The city's figures: all members of all departments, counted once more."""
    counts = {status: sum(one.counts.get(status, 0) for one in each) for status in Status}
    return Figures(counts, sum(one.overridden for one in each))


def listed(
    conn: sa.Connection, wanted: Filter, now: datetime, working_days: WorkingDays, *, skip: int = 0, size: int = PAGE
) -> list[Listed]:
    """A page of the duties wanted, the latest due first."""
    duty = duties(wanted, now).c
    rows = conn.execute(
        sa.select(*duty).order_by(duty.counted_on.desc(), duty.subject, duty.version).limit(size).offset(skip)
    )
    return [_listed(dict(row), city_day(now), working_days) for row in rows.mappings()]


def quarters(conn: sa.Connection, today: date) -> list[Quarter]:
    """The present quarter, the next where something falls due then, and up to eleven before; newest first."""
    first, last = conn.execute(
        sa.select(sa.func.min(outcomes.c.counted_on), sa.func.max(outcomes.c.counted_on)).where(outcomes.c.promise)
    ).one()
    here = Quarter.of(today)
    newest = here.next if last and Quarter.of(date.fromisoformat(last)) > here else here
    oldest = min(here, Quarter.of(date.fromisoformat(first))) if first else here
    found = [newest]
    while found[-1] > oldest and len(found) < 12:
        found.append(found[-1].previous)
    return found


def _listed(row: Mapping[str, Any], today: date, working_days: WorkingDays) -> Listed:
    status = Status(row["status"])
    due = date.fromisoformat(row["due"]) if row["due"] else None
    public_at = instant(row["public_at"]) if row["public_at"] is not None else None
    late, complete = None, True
    if due is not None and status in {Status.LATE, Status.OVERDUE, Status.REJECTED_OVERDUE}:
        late, complete = working_days(due, city_day(public_at) if public_at else today)
    return Listed(
        row["subject"], row["version"], row["title"], row["dept"], row["item"], row["kind"], row["event_id"],
        row["source"], status, due, public_at, late, bool(row["calendar_complete"]) and complete,
        tuple(rule for rule in row["rules"].split(",") if rule), row["overridden"],
    )  # fmt: skip
