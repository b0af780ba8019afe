"""What is due when, and why that day: the answer behind `gongkai due` (DESIGN §1, verb `clock`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.calendar import PAUSED, Counted, Day, Pause, WorkCalendar, day_of, is_paused
from rules.periods import FIXED, HOURS, add_hours, days_of, due_day, following, occurrences, shown_until
from schemas.city.models import TimeLimit

MOST_PAUSED = 3_660
"""Days that a clock may stand still; ten years are a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A time limit and all that its clock went through."""

    limit: TimeLimit
    trigger: date
    at: datetime | None = None
    """The trigger's full time, where it is known: a clock of hours then ends at a minute."""
    pauses: tuple[Pause, ...] = ()
    restarts: tuple[date, ...] = ()
    """Days from which the clock began anew, as the reply to a request does when it was put right."""

    @property
    def start(self) -> date:
        """The day the clock runs from in the end."""
        return max([self.trigger, *self.restarts])


@dataclass(frozen=True, slots=True)
class Answer:
    """The day, or the minute, with every day on the way."""

    due: date | datetime
    complete: bool
    days: tuple[Day, ...]
    start: date
    shown_until: Counted | None = None
    """How long the item stays up at least, if it went up on the due day."""

    @property
    def day(self) -> date:
        """The due day."""
        return day_of(self.due) if isinstance(self.due, datetime) else self.due


def answer(asked: Asked, calendar: WorkCalendar) -> Answer:
    """When `asked` is due.

    A day fixed by name is the next one; a verdict takes the nearest, since what it judges may have come late.
    """
    if asked.limit.cron is not None:
        return _named(asked, asked.limit.cron, calendar)
    if asked.at is not None and _runs_by_the_minute(asked):
        return _to_the_minute(asked, asked.at, calendar)
    counted = due_day(asked.limit, asked.start, calendar, asked.pauses)
    days = tuple(days_of(asked.limit, asked.start, calendar, asked.pauses))
    return Answer(counted.due, counted.complete, days, asked.start, _shown(asked.limit, counted.due, calendar))


def pauses_fault(pauses: Sequence[Pause]) -> str | None:
    """What is wrong with the pauses, or None."""
    for first, last in pauses:
        if last < first:
            return f"{first}..{last} ends before it begins"
    paused = sum((last - first).days + 1 for first, last in pauses)
    return f"{paused} days are more than {MOST_PAUSED}" if paused > MOST_PAUSED else None


def _runs_by_the_minute(asked: Asked) -> bool:
    """A clock of hours that runs from the full time given; of a day it began anew the minute is not known."""
    limit = asked.limit
    return limit.unit == "H" and limit.way == "after" and limit.cron is None and asked.start == asked.trigger


def _named(asked: Asked, cron: str, calendar: WorkCalendar) -> Answer:
    if not asked.limit.n:
        due = following(cron, asked.start)
        return Answer(due, True, (Day(due, None, FIXED, by=""),), asked.start, _shown(asked.limit, due, calendar))
    behind = asked.limit.model_copy(update={"cron": None, "trigger": "formed"})
    answers = (answer(Asked(behind, day, pauses=asked.pauses), calendar) for day in occurrences(cron, asked.start))
    found = list(answers)
    return next((one for one in found if one.day >= asked.start), found[-1])


def _to_the_minute(asked: Asked, at: datetime, calendar: WorkCalendar) -> Answer:
    due = add_hours(at, asked.limit.n, asked.pauses)
    span = (day_of(due) - asked.trigger).days
    days = [Day(asked.trigger, 0, "起算日", by="")]
    for step in range(1, span + 1):
        day = asked.trigger + timedelta(days=step)
        paused = is_paused(day, asked.pauses)
        days.append(Day(day, None if paused else step, PAUSED if paused else HOURS, by=""))
    return Answer(due, True, tuple(days), asked.start, _shown(asked.limit, day_of(due), calendar))


def _shown(limit: TimeLimit, due: date, calendar: WorkCalendar) -> Counted | None:
    return None if limit.way == "before" else shown_until(limit, due, calendar)
