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
from schemas.city.deadlines import clock_text, text_of
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


@dataclass(frozen=True, slots=True)
class _Rule:
    limit: TimeLimit
    said: str


def _redated(old: Pack, new: Pack, due: OpenDue) -> Redated | None:
    before, after = _rule(old, due) or _rule(new, due), _rule(new, due) or _rule(old, due)
    if before is None or after is None:
        return None
    was = due_day(before.limit, due.trigger, calendar_of(old), due.pauses)
    becomes = due_day(after.limit, due.trigger, calendar_of(new), due.pauses)
    if was == becomes:
        return None
    changed = _changed_days(calendar_of(old), calendar_of(new), due, (before.limit, after.limit))
    worded = [] if before.said == after.said else [f"时限由“{before.said}”改为“{after.said}”"]
    return Redated(due.key, was, becomes, (*worded, *changed))


def _rule(pack: Pack, due: OpenDue) -> _Rule | None:
    """What runs, as the pack has it in force on the day it began."""
    if isinstance(due.runs, TimeLimit):
        return _Rule(due.runs, text_of(due.runs, pack.phrases))
    row = pack.row_on(due.runs, due.trigger)
    if row is not None:
        return _Rule(row.time_limit, text_of(row.time_limit, pack.phrases))
    clock = pack.clock_on(due.runs, due.trigger)
    return _Rule(clock.limit, clock_text(clock, pack.phrases)) if clock is not None else None


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
