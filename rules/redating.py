"""Which due days move when a schedule arrives or a rule changes, from what to what, and why (RULES CAL-04).

A pure function of two packs and the dues that are open; who keeps duties asks it when a release is in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from rules.calendar import Counted, Pause, WorkCalendar, calendar_of
from rules.periods import days_of, due_day
from schemas.city import Pack
from schemas.city.deadlines import text_of
from schemas.city.models import TimeLimit


@dataclass(frozen=True, slots=True)
class OpenDue:
    """Something due: what runs, since when, and what held it up.

    `runs` is a catalogue row's code, a clock's id, or a time limit by itself.
    """

    key: str
    runs: str | TimeLimit
    trigger: date
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class Redated:
    """A due whose day moved, or whose estimate became official on the same day."""

    key: str
    was: Counted
    becomes: Counted
    why: tuple[str, ...]
    """In words, each with its notice or basis."""

    @property
    def moved(self) -> bool:
        """Whether the day itself is another."""
        return self.was.due != self.becomes.due


def redate(old: Pack, new: Pack, dues: Iterable[OpenDue]) -> tuple[Redated, ...]:
    """The dues that `new` dates otherwise than `old`, in the order given.

    A row or clock that one of the packs does not have in force on the trigger's day runs on as the other has it.
    """
    found = (_redated(old, new, due) for due in dues)
    return tuple(one for one in found if one is not None)


def _redated(old: Pack, new: Pack, due: OpenDue) -> Redated | None:
    before, after = _limit(old, due) or _limit(new, due), _limit(new, due) or _limit(old, due)
    if before is None or after is None:
        return None
    was = due_day(before, due.trigger, calendar_of(old), due.pauses)
    now = due_day(after, due.trigger, calendar_of(new), due.pauses)
    if was == now:
        return None
    return Redated(due.key, was, now, tuple(_reasons(old, new, due, before, after)))


def _limit(pack: Pack, due: OpenDue) -> TimeLimit | None:
    if isinstance(due.runs, TimeLimit):
        return due.runs
    row = pack.row_on(due.runs, due.trigger)
    if row is not None:
        return row.time_limit
    clock = pack.clock_on(due.runs, due.trigger)
    return clock.limit if clock is not None else None


def _reasons(old: Pack, new: Pack, due: OpenDue, before: TimeLimit, after: TimeLimit) -> Iterator[str]:
    was, now = text_of(before, old.phrases), text_of(after, new.phrases)
    if was != now:
        yield f"时限由“{was}”改为“{now}”"
    yield from _changed_days(calendar_of(old), calendar_of(new), due, (before, after))


def _changed_days(
    old: WorkCalendar, new: WorkCalendar, due: OpenDue, limits: tuple[TimeLimit, TimeLimit]
) -> Iterator[str]:
    before = {day.day for day in days_of(limits[0], due.trigger, old, due.pauses)}
    after = {day.day for day in days_of(limits[1], due.trigger, new, due.pauses)}
    days = sorted(before | after)
    for day in days:
        if old.is_workday(day) != new.is_workday(day):
            yield f"{day}由{old.why(day)}改为{new.why(day)}（{new.by(day)}）"
    for year in sorted({day.year for day in days if new.is_loaded(day) and not old.is_loaded(day)}):
        official = new.by(next(day for day in days if day.year == year))
        yield f"{year}年放假安排由推算改为正式公布（{official}）"
