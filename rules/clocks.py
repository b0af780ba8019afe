"""What a publication owes and when: its row's time limit and the law above it, the stricter of the two (RULES §1.9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache

from rules.calendar import SHANGHAI, calendar_of
from rules.periods import due_day
from schemas.city import Pack
from schemas.city.models import CatalogueRow, Clock, TimeLimit
from schemas.records import Due

FIRST_DAY, LAST_DAY = date(1949, 1, 1), date(2199, 12, 31)
"""Between these a clock may start; a day outside is a slip of the pen."""

END_OF_DAY = time(23, 59, 59, tzinfo=SHANGHAI)
"""A period ends at 24:00 of its last day; as an instant, the last second of that day."""


def due_of_row(pack: Pack, row: CatalogueRow, dates: Mapping[str, date], version: int = 1) -> Due | None:
    """The due day of a version of `row`, or None where the day that starts its clock is not given.

    The law counts from 形成 or from 变更 (条例 26): a `changed` day starts the clock anew, and for later versions it
    alone starts one.
    """
    trigger = trigger_of(row.time_limit, dates, version)
    if trigger is None or not FIRST_DAY <= trigger <= LAST_DAY:
        return None
    return _due(pack, row.key, trigger, pack.clock_on(row.clock, trigger))


def clock_in_force(pack: Pack, name: str, day: date, arrived: date | None = None) -> Clock | None:
    """The edition of a clock for what happened on `day` and arrived when it did; the clock says which of them counts.

    FOI requests of 2019-05-14 keep the fifteen working days of the rules of 2007, those of 05-15 have twenty.
    """
    clock = pack.clock_on(name, day)
    newest = pack.clock.get(name)
    by_arrival = arrived is not None and newest is not None and newest.applies_by == "arrival"
    return pack.clock_on(name, arrived) if by_arrival and arrived is not None else clock


@lru_cache(maxsize=16_384)
def _due(pack: Pack, key: str, trigger: date, clock: Clock | None) -> Due:
    """Departments publish many items of a row on a day; the count is made once."""
    row = pack.edition[key]
    counted = due_day(row.time_limit, trigger, calendar_of(pack))
    if clock is not None and _comparable(row.time_limit, clock):
        law = due_day(clock.limit, trigger, calendar_of(pack))
        if law.due < counted.due:
            return Due(clock=clock.id, due=law.due, calendar_complete=law.complete, basis=clock.basis)
    return Due(clock=row.clock, due=counted.due, calendar_complete=counted.complete, basis=row.basis)


def _comparable(limit: TimeLimit, clock: Clock) -> bool:
    """Whether both count forward from the same event."""
    same = limit.trigger == clock.trigger and limit.way == clock.way == "after"
    return same and limit.cron is None and clock.cron is None and clock.sense == "within"


def starts_from(limit: TimeLimit) -> str | None:
    """The day that a publication must name for `limit` to run; none where it runs up to an event still to come."""
    if limit.way == "before":
        return None
    return "formed" if limit.trigger == "cron" else limit.trigger


def trigger_of(limit: TimeLimit, dates: Mapping[str, date], version: int) -> date | None:
    """The day from which `limit` counts."""
    if version > 1:
        return dates.get("changed")
    if limit.trigger in {"formed", "cron"}:
        return dates.get("changed") or dates.get("formed")
    return dates.get(limit.trigger)


def end_of(day: date) -> datetime:
    """A due day as an instant."""
    return datetime.combine(day, END_OF_DAY)
