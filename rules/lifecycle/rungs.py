"""When a word of a duty goes out: its ladder's rungs as instants (RULES §2.4)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from rules.calendar import ONE_DAY, SHANGHAI, WorkCalendar, calendar_of, day_of
from rules.lifecycle.matter import Duty
from schemas.city import Pack
from schemas.city.ladders import Rung


class Reached(NamedTuple):
    """A rung and the instant at which it is reached."""

    at: datetime
    rung: Rung


def rungs_of(pack: Pack, duty: Duty) -> tuple[Reached, ...]:
    """The rungs of an open duty in the order of time; none while it is paused, or where nobody is to be told."""
    ladder = pack.ladder.get(duty.ladder or "")
    if ladder is None or duty.state != "open":
        return ()
    found = (_reached(calendar_of(pack), duty, rung) for rung in ladder.rungs)
    return tuple(sorted(found, key=lambda one: one.at))


def next_rung(pack: Pack, duty: Duty, after: datetime) -> Reached | None:
    """The first rung that lies behind `after`; a lapse is none."""
    return next((one for one in rungs_of(pack, duty) if one.at > after), None)


def _reached(calendar: WorkCalendar, duty: Duty, rung: Rung) -> Reached:
    if rung.percent is not None:
        return Reached(duty.since + (duty.due - duty.since) * rung.percent / 100, rung)
    if rung.time is None:
        return Reached(duty.due + timedelta(hours=rung.offset), rung)
    day = _shifted(calendar, day_of(duty.due), rung)
    if rung.time == "24:00":
        return Reached(_at(day + ONE_DAY, "00:00"), rung)
    return Reached(_at(day, rung.time), rung)


def _at(day: date, hour: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(hour), tzinfo=SHANGHAI)


def _shifted(calendar: WorkCalendar, day: date, rung: Rung) -> date:
    if rung.unit == "CD":
        return day + timedelta(days=rung.offset)
    step = ONE_DAY if rung.offset > 0 else -ONE_DAY
    left = abs(rung.offset)
    while left:
        day += step
        left -= calendar.is_workday(day)
    return day
