"""What is due after a step: clocks opened, paused, restarted, extended, exempted, closed; each change has its reason.

A pause holds the days after the one it began on, to the one it ended on (CAL-06): what was done that day counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from rules.calendar import ONE_DAY, Counted, calendar_of, day_of
from rules.clocks import end_of
from rules.lifecycle.matter import Duty, Matter
from rules.lifecycle.moves import Move
from rules.lifecycle.saying import Scene
from rules.lifecycle.values import value_of
from rules.periods import add_hours, due_day
from rules.redating import OpenDue, redate
from schemas.city import Pack
from schemas.city.matters import ISSUER, LEAD_OFFICE, MAIN, Clock
from schemas.city.models import Clock as Law
from schemas.envelope import issuer_of

MOST_REASONS = 8
"""Days that a re-dating names; a schedule may change a fortnight."""
What = Literal["opened", "closed", "paused", "resumed", "restarted", "extended", "exempted", "assigned", "redated"]


class Changed(NamedTuple):
    """A duty after something happened to it."""

    what: What
    duty: Duty
    at: datetime
    reason: str = ""


def changed(scene: Scene, matter: Matter) -> list[Changed]:
    """What a step does to the duties of `matter`, which has its roles and fields already, in the clocks' order."""
    return [
        change
        for clock in scene.lifecycle.clocks
        if scene.move.step in clock.opened_by or _is_open(matter, clock)
        for change in _of_clock(scene, matter, clock)
    ]


def _is_open(matter: Matter, clock: Clock) -> bool:
    duty = matter.duties.get(clock.id)
    return duty is not None and duty.is_open


def _of_clock(scene: Scene, matter: Matter, clock: Clock) -> Iterator[Changed]:
    pack, move = scene.pack, scene.move
    duty = matter.duties.get(clock.id)
    if duty is not None and (anew := redated(pack, duty, move.at)) is not None:
        duty = anew.duty
        yield anew
    if duty is not None and duty.is_open and (done := _moved(scene, duty, clock)) is not None:
        duty = done.duty
        yield done
    if move.step in clock.opened_by and (duty is None or not duty.is_open):
        opened = _opened(scene, matter, clock, _number(duty) + 1)
        if opened is not None:
            yield Changed("opened", opened, move.at)
    elif duty is not None and duty.is_open and (depts := _owing(scene, matter, clock)) != duty.depts:
        yield Changed("assigned", msgspec.structs.replace(duty, depts=depts), move.at)


def _moved(scene: Scene, duty: Duty, clock: Clock) -> Changed | None:
    """What an open duty becomes by the step; closing goes before all else."""
    pack, move = scene.pack, scene.move
    step, at, reason = move.step, move.at, move.reason
    if step in clock.closed_by or step == clock.lapse:
        late = _counts_at(pack, move) > duty.due and duty.state != "paused"
        return Changed("closed", msgspec.structs.replace(duty, state="closed", closed_at=at, late=late), at, reason)
    if step in clock.exempted_by:
        return Changed("exempted", msgspec.structs.replace(duty, state="exempt", closed_at=at), at, reason)
    if step in clock.paused_by and duty.state == "open":
        return Changed("paused", msgspec.structs.replace(duty, state="paused", paused_on=day_of(at)), at, reason)
    if step in clock.resumed_by and duty.state == "paused" and scene.holds(clock.resumes):
        return Changed("resumed", dated(pack, _resumed(duty, day_of(at))), at, reason)
    if step in clock.restarted_by:
        return Changed("restarted", _restarted(scene, duty, clock), at, reason)
    if step in clock.extended_by:
        return Changed("extended", _extended(scene, duty, clock), at, reason)
    return None


def _restarted(scene: Scene, duty: Duty, clock: Clock) -> Duty:
    since, until = _begins(_own(scene, clock.since), scene.move.at), _own(scene, clock.until)
    fresh = msgspec.structs.replace(
        duty, since=since, due=_end(until) if until else duty.due, pauses=(), paused_on=None, extended=(), state="open"
    )
    return dated(scene.pack, fresh)


def _extended(scene: Scene, duty: Duty, clock: Clock) -> Duty:
    more = clock.extended_by[scene.move.step]
    if clock.until is None:
        return dated(scene.pack, msgspec.structs.replace(duty, extended=(*duty.extended, more)))
    later = _own(scene, more)
    return msgspec.structs.replace(duty, due=_end(later)) if later else duty


def _counts_at(pack: Pack, move: Move) -> datetime:
    """When a step counts as done: at its own time, unless it was told of too late to be believed (SM-BACKDATED)."""
    fresh = move.by_engine or move.arrival - move.at <= timedelta(seconds=pack.city.clock_before)
    return move.at if fresh else move.arrival


def _resumed(duty: Duty, day: date) -> Duty:
    began = duty.paused_on or day
    pauses = (*duty.pauses, (began + ONE_DAY, day)) if day > began else duty.pauses
    return msgspec.structs.replace(duty, state="open", paused_on=None, pauses=pauses)


def _opened(scene: Scene, matter: Matter, clock: Clock, number: int) -> Duty | None:
    """The duty as a step opens it; None where no limit is for this case, or no day was said."""
    law = _law_of(scene, clock)
    since = _since(scene, clock)
    until = _own(scene, clock.until)
    if law is None and until is None:
        return None
    duty = Duty(
        id=f"{matter.subject}#{clock.id}#{number}", subject=matter.subject, clock=clock.id, name=clock.name,
        rule=clock.rule, law=law.id if law else "", basis=law.basis if law else scene.lifecycle.basis,
        depts=_owing(scene, matter, clock), since=since, due=_end(until) if until else since,
        opened_at=scene.move.at, ladder=clock.ladder or None, lapse=clock.lapse,
    )  # fmt: skip
    return dated(scene.pack, duty) if law else duty


def _law_of(scene: Scene, clock: Clock) -> Law | None:
    """The statutory clock that runs in this case."""
    chosen = next((one for one in clock.limits if scene.holds(one.when)), None)
    return _law(scene.pack, chosen.clock, _since(scene, clock)) if chosen else None


def _since(scene: Scene, clock: Clock) -> datetime:
    """The instant a clock counts from: by this step's words, by those of one before, or the step's own time."""
    held = scene.matter.fields if scene.matter else {}
    before = _said(scene, clock.since, held.get(clock.since or ""))
    return _begins(_own(scene, clock.since) or before, scene.move.at)


def _begins(given: date | None, at: datetime) -> datetime:
    """A day given alone is its beginning, which day 0 is whatever its hour."""
    if isinstance(given, datetime):
        return given
    return end_of(given) - timedelta(days=1) + timedelta(seconds=1) if given else at


def _own(scene: Scene, name: str | None) -> date | None:
    """The day or instant that a field of this step says."""
    return _said(scene, name, scene.move.fields.get(name or ""))


def _said(scene: Scene, name: str | None, text: str | None) -> date | None:
    found = value_of(scene.lifecycle.fields[name], text) if name else None
    return found if isinstance(found, date) else None


def _end(said: date) -> datetime:
    """A day is over at its end; an instant is itself."""
    return said if isinstance(said, datetime) else end_of(said)


def dated(pack: Pack, duty: Duty) -> Duty:
    """The duty with its due time counted anew from all it went through; a day that a step said stays that day."""
    return msgspec.structs.replace(duty, **_counted(pack, duty)._asdict()) if duty.law else duty


class _Due(NamedTuple):
    """Where a count ends, whether by official schedules alone, and by which law."""

    due: datetime
    complete: bool
    basis: str


def _counted(pack: Pack, duty: Duty) -> _Due:
    law = _law(pack, duty.law, duty.since)
    due, complete = _run(pack, law, duty.since, duty.pauses)
    for name in duty.extended:
        due, further = _run(pack, _law(pack, name, due), due, duty.pauses)
        complete = complete and further
    return _Due(due, complete, law.basis)


def _run(pack: Pack, law: Law, since: datetime, pauses: tuple[tuple[date, date], ...]) -> tuple[datetime, bool]:
    if law.unit == "H" and law.way == "after" and law.cron is None:
        return add_hours(since, law.n, pauses), True
    counted = _looked_up(pack).last_day(law, day_of(since), pauses)
    return end_of(counted.due), counted.complete


def _law(pack: Pack, name: str, since: datetime) -> Law:
    """The edition of a statutory clock in force on the day it counts from; before its first, that one."""
    return _looked_up(pack).law(name, day_of(since))


class _LookedUp:
    """What one release answers again and again: steps of a day ask it for the same few days, clocks and departments."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._days: dict[tuple[str, date, date, tuple[tuple[date, date], ...]], Counted] = {}
        self._laws: dict[tuple[str, date], Law] = {}
        self._heirs: dict[tuple[tuple[str, ...], date], tuple[str, ...]] = {}

    def last_day(self, law: Law, day: date, pauses: tuple[tuple[date, date], ...]) -> Counted:
        """Where a statutory clock that counts days ends."""
        asked = law.id, law.from_, day, pauses
        found = self._days.get(asked)
        if found is None:
            _make_room(self._days)
            found = self._days[asked] = due_day(law.limit, day, calendar_of(self._pack), pauses)
        return found

    def law(self, name: str, day: date) -> Law:
        """The edition of a clock that counts from a day."""
        found = self._laws.get((name, day))
        if found is None:
            _make_room(self._laws)
            found = self._pack.clock_on(name, day) or self._pack.clock_editions[name][0]
            self._laws[name, day] = found
        return found

    def heirs(self, depts: tuple[str, ...], day: date) -> tuple[str, ...]:
        """Who has the tasks of departments on a day."""
        found = self._heirs.get((depts, day))
        if found is None:
            _make_room(self._heirs)
            heirs = ((self._pack.heir_of(code, day), code) for code in depts)
            found = self._heirs[depts, day] = tuple(dict.fromkeys(heir.code if heir else code for heir, code in heirs))
        return found


_looked_up = lru_cache(maxsize=8)(_LookedUp)
MOST_ANSWERS = 10_000
"""Of one kind; so many days and departments are not met twice."""


def _make_room(answers: dict[Any, Any]) -> None:
    if len(answers) >= MOST_ANSWERS:
        answers.clear()


def _owing(scene: Scene, matter: Matter, clock: Clock) -> tuple[str, ...]:
    """Who owes it by the day the step arrived: tasks pass to a department's successor the day after its last."""
    return inherited(scene.pack, depts_of(scene.pack, matter, clock.owed_by), day_of(scene.move.arrival))


def inherited(pack: Pack, depts: tuple[str, ...], day: date) -> tuple[str, ...]:
    """The departments that have the tasks of `depts` on `day`."""
    return _looked_up(pack).heirs(depts, day)


def depts_of(pack: Pack, matter: Matter, role: str) -> tuple[str, ...]:
    """The departments of a role; of `main`, until it is assigned, whom the lifecycle names."""
    if role in matter.roles:
        return matter.roles[role]
    if role == LEAD_OFFICE:
        return (pack.lead_office,)
    if role in {MAIN, ISSUER}:
        return matter.roles.get(MAIN, (issuer_of(matter.subject),))
    return matter.roles.get(MAIN, ())


def redated(pack: Pack, duty: Duty, at: datetime, before: Pack | None = None) -> Changed | None:
    """The change where a release's calendar or clocks date an open duty otherwise; None where they do not.

    `before`: the release that it replaces, where it is at hand; the reason then names each day and notice.
    """
    if not duty.is_open or duty.law not in pack.clock:
        return None
    counted = _counted(pack, duty)
    if (counted.due, counted.complete) == (duty.due, duty.complete):
        return None
    anew = msgspec.structs.replace(duty, **counted._asdict())
    if anew.due == duty.due:
        return Changed("redated", anew, at, "放假安排已正式公布，期限不变")
    moved = f"放假安排或时限规定有变，由{day_of(duty.due)}改为{day_of(anew.due)}"
    return Changed("redated", anew, at, "：".join([moved, *_why(pack, before, duty)]))


def _why(pack: Pack, before: Pack | None, duty: Duty) -> Iterator[str]:
    runs = OpenDue(duty.id, duty.law, day_of(duty.since), duty.pauses)
    for one in redate(before, pack, [runs]) if before is not None else ():
        yield "；".join(one.why[:MOST_REASONS])


def lapsed(duty: Duty, until: datetime) -> bool:
    """Whether the duty ends by itself before `until`."""
    return duty.lapse is not None and duty.state == "open" and duty.due < until


def _number(duty: Duty | None) -> int:
    return int(duty.id.rpartition("#")[2]) if duty is not None else 0
