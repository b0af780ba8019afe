"""What is due and when: a time limit's length from its trigger, rolled as the law rolls it (RULES §1.1, §1.9)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from rules.calendar import ONE_DAY, SHANGHAI, Counted, Pause, WorkCalendar, calendar_of
from schemas.city import Pack
from schemas.city.models import CatalogueRow, TimeLimit
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
    return _due(pack, row.key, trigger)


@lru_cache(maxsize=16_384)
def _due(pack: Pack, key: str, trigger: date) -> Due:
    """Departments publish many items of a row on a day; the count is made once."""
    row = pack.edition[key]
    counted = due_day(row.time_limit, trigger, calendar_of(pack))
    return Due(clock=row.clock, due=counted.due, calendar_complete=counted.complete, basis=row.basis)


def trigger_of(limit: TimeLimit, dates: Mapping[str, date], version: int) -> date | None:
    """The day from which `limit` counts."""
    if version > 1:
        return dates.get("changed")
    if limit.trigger in {"formed", "cron"}:
        return dates.get("changed") or dates.get("formed")
    return dates.get(limit.trigger)


def due_day(limit: TimeLimit, trigger: date, calendar: WorkCalendar, pauses: Sequence[Pause] = ()) -> Counted:
    """The last day of `limit` from `trigger`.

    A clock of hours whose trigger is known by its day alone ends on the last day it can: hours skip nothing (CAL-03).
    """
    if limit.trigger == "cron" and limit.cron:
        return Counted(nearest(limit.cron, trigger))
    if limit.unit == "WD":
        return calendar.add_workdays(trigger, limit.n, pauses)
    paused = sum((min(end, date.max - ONE_DAY) - start).days + 1 for start, end in pauses if start > trigger)
    if limit.unit == "H":
        return Counted(trigger + timedelta(days=-(-limit.n // 24)))
    if limit.unit == "M":
        return calendar.roll(add_months(trigger, limit.n) + timedelta(days=paused))
    return calendar.roll(trigger + timedelta(days=limit.n + paused))


def add_hours(trigger: datetime, n: int) -> datetime:
    """The end of a clock of hours (CAL-03): it never skips weekends or holidays."""
    return (trigger + timedelta(hours=n)).astimezone(SHANGHAI)


def add_months(day: date, n: int) -> date:
    """The same day `n` months on, or that month's last (民法典 Art. 202)."""
    months = day.year * 12 + day.month - 1 + n
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def shown_until(limit: TimeLimit, shown_on: date, calendar: WorkCalendar) -> Counted | None:
    """The last day of the least display: so many complete days after `shown_on`; it may roll, never shorten."""
    if limit.min_display is None:
        return None
    n, unit = limit.min_display
    return due_day(TimeLimit(trigger="formed", n=n, unit=unit, raw=""), shown_on, calendar)


def nearest(cron: str, day: date) -> date:
    """The occurrence of `MM-DD` or `*-DD` nearest to `day`; a day fixed by name never rolls (CAL-07)."""
    month, _, number = cron.partition("-")
    months = [day.month] if month == "*" else [int(month)]
    years = (day.year - 1, day.year, day.year + 1)
    if month == "*":
        around = [add_months(day.replace(day=1), n) for n in (-1, 0, 1)]
    else:
        around = [date(year, months[0], 1) for year in years]
    days = [first.replace(day=min(int(number), monthrange(first.year, first.month)[1])) for first in around]
    return min(days, key=lambda found: (abs((found - day).days), found))


def end_of(day: date) -> datetime:
    """A due day as an instant."""
    return datetime.combine(day, END_OF_DAY)
