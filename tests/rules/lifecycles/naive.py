"""Lifecycles told a second time, with nothing clever: a matter is the list of what was done, and all else is looked up.

Expressions go through Python's own `eval`; days are counted one by one by the reference of `test_periods`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from rules.calendar import SHANGHAI
from rules.lifecycle import Move
from rules.lifecycle.saying import sayings
from rules.lifecycle.values import value_of
from schemas.city import Pack
from schemas.city.matters import Clock, Effect, Lifecycle, Step
from schemas.envelope import issuer_of
from tests.rules.test_periods import reference, reference_before

DAY = timedelta(days=1)
LAST_SECOND = time(23, 59, 59, tzinfo=SHANGHAI)


class Absent:
    """What is not there: equal to nothing but itself, neither more nor less than anything."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Absent) or other is None

    def __hash__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def _never(self, _: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _never

    def _nothing(self, _: object) -> Absent:
        return self

    __add__ = __sub__ = __radd__ = __rsub__ = _nothing


ABSENT = Absent()


class Moment(datetime):
    """An instant that may be held against a day."""

    def _day(self, other: object) -> Any:
        is_day = isinstance(other, date) and not isinstance(other, datetime)
        return self.astimezone(SHANGHAI).date() if is_day else datetime.fromisoformat(self.isoformat())

    def __lt__(self, other: Any) -> bool:
        return not isinstance(other, Absent) and self._day(other) < other

    def __le__(self, other: Any) -> bool:
        return not isinstance(other, Absent) and self._day(other) <= other

    def __gt__(self, other: Any) -> bool:
        return not isinstance(other, Absent) and self._day(other) > other

    def __ge__(self, other: Any) -> bool:
        return not isinstance(other, Absent) and self._day(other) >= other

    def __eq__(self, other: object) -> bool:
        return isinstance(other, date) and bool(self._day(other) == other)

    __hash__ = datetime.__hash__


class Group:
    """`fields.x`: what stands there, or nothing."""

    def __init__(self, look: Callable[[str], Any]) -> None:
        self.__look = look

    def __getattr__(self, name: str) -> Any:
        return wrapped(self.__look(name))


def wrapped(value: Any) -> Any:
    if value is None:
        return ABSENT
    return Moment.fromisoformat(value.isoformat()) if isinstance(value, datetime) else value


@dataclass
class Done:
    """A step that was taken, and the guards that did not hold for it."""

    step: Step
    move: Move
    gaps: tuple[str, ...]


@dataclass
class Due:
    """A duty, told from its history."""

    since: datetime
    due: datetime
    law: str
    state: str = "open"
    late: bool = False
    pauses: list[tuple[date, date]] = field(default_factory=list)
    paused_on: date | None = None
    extended: list[str] = field(default_factory=list)


class Naive:
    """One matter: everything that was done, in order."""

    def __init__(self, pack: Pack, lifecycle: Lifecycle) -> None:
        self.pack, self.lifecycle = pack, lifecycle
        self.history: list[Done] = []
        self.undated = 0
        """So many of the last steps have not touched the duties yet: 1 while a step's own clocks are looked at."""

    def take(self, move: Move, *, last: bool = False) -> str:
        """What becomes of a move: `accepted`, `rejected` or `waiting`, which it does no more at the last call."""
        step = self._form(move)
        if step is None or not self._allowed(step, move) or not self._written(step, move):
            return "rejected"
        failed = [guard for guard in step.guards if not self.says(guard.holds, move)]
        if any(guard.mode == "refuse" and (last or not guard.waits) for guard in failed):
            return "rejected"
        if any(guard.waits for guard in failed) and not last:
            return "waiting"
        self.history.append(Done(step, move, tuple(guard.id for guard in failed)))
        return "accepted"

    def is_out_of_order(self, move: Move) -> bool:
        """Whether a move is one of a step that is not there yet, or not any more; opening twice is another thing."""
        forms = [step for step in self.lifecycle.steps if step.id == move.step]
        opens = [step for step in forms if not step.from_ or "new" in step.from_]
        return self._form(move) is None and not (self.history and forms and opens == forms)

    def effects(self) -> list[tuple[str, Effect]]:
        """What the newest step takes elsewhere: each target once, with the effect that names it."""
        done, then = self.history[-1], self._at(len(self.history) - 1)
        found = []
        for effect in done.step.effects:
            if effect.when is not None and not then.says(effect.when, done.move):
                continue
            sayers = [done] if effect.of == "step" else self.history
            named = [link.target for one in sayers for link in one.move.links if link.rel == effect.rel]
            targets = [done.move.subject] if effect.rel is None else named
            found += [(target + effect.suffix, effect) for target in dict.fromkeys(targets)]
        return found

    def _at(self, at: int) -> Naive:
        """The matter right after its step number `at`, its duties not yet touched by it."""
        then = Naive(self.pack, self.lifecycle)
        then.history, then.undated = self.history[: at + 1], 1
        return then

    def state(self, until: int | None = None) -> str | None:
        state: str | None = None
        for done in self.history[:until]:
            state = state if done.step.to is None or state in done.step.stays else done.step.to
        return state

    def counts(self) -> dict[str, int]:
        return dict(Counter(done.step.id for done in self.history))

    def branches(self) -> list[str]:
        found: list[str] = []
        for done in self.history:
            if done.step.begins and done.step.begins not in found:
                found.append(done.step.begins)
            found = [one for one in found if one != done.step.ends]
        return found

    def roles(self) -> dict[str, tuple[str, ...]]:
        first = self.history[0].move
        own = {"lead-office": self.pack.lead_office, "sender": first.actor or self.pack.lead_office}
        found: dict[str, tuple[str, ...]] = {"main": (own.get(self.lifecycle.main, issuer_of(first.subject)),)}
        for done in self.history:
            for role, name in done.step.assigns.items():
                depts = (done.move.actor or "",) if name == "sender" else done.move.fields.get(name, "").split()
                if any(depts):
                    found[role] = tuple(depts)
            for role, name in done.step.joins.items():
                joining = [done.move.actor or ""] if name == "sender" else done.move.fields.get(name, "").split()
                found[role] = tuple(dict.fromkeys((*found.get(role, ()), *filter(None, joining))))
        return found

    def fields(self) -> dict[str, str]:
        """Every field ever said, the last of each."""
        found: dict[str, str] = {}
        for done in self.history:
            found |= {name: text for name, text in done.move.fields.items() if text}
            found |= {name: done.move.fields[own] for name, own in done.step.keeps.items() if done.move.fields.get(own)}
        return found

    def gaps(self) -> set[str]:
        found: set[tuple[str, str]] = set()
        for at, done in enumerate(self.history):
            before = self._at(at)
            found = {(name, step) for name, step in found if before.still(name, step, done.move)}
            found = {(name, step) for name, step in found if name not in done.gaps}
            found |= {(name, done.step.id) for name in done.gaps}
        return {name for name, _ in found}

    def still(self, name: str, step: str, move: Move) -> bool:
        guards = [guard for form in self.lifecycle.step[step] for guard in form.guards]
        return any(
            guard.of_the_step or not self.says(guard.holds, move)
            for guard in guards
            if guard.id == name and guard.mode == "gap"
        )

    def duties(self) -> dict[str, Due]:
        found: dict[str, Due] = {}
        for at, done in enumerate(self.history[: len(self.history) - self.undated]):
            then = self._at(at)
            for clock in self.lifecycle.clocks:
                duty = found.get(clock.id)
                if duty is not None and duty.state in {"open", "paused"}:
                    then.change(duty, clock, done.move)
                if done.step.id in clock.opened_by and (duty is None or duty.state in {"closed", "exempt"}):
                    opened = then.opened(clock, done.move)
                    if opened is not None:
                        found[clock.id] = opened
        return found

    def opened(self, clock: Clock, move: Move) -> Due | None:
        if clock.until is not None:
            said = self._said(clock.until, move)
            return Due(self._since(clock, move), _end(said), "") if said is not None else None
        law = next((one.clock for one in clock.limits if one.when is None or self.says(one.when, move)), None)
        if law is None:
            return None
        duty = Due(self._since(clock, move), move.at, law)
        duty.due = self._counted(duty)
        return duty

    def says(self, expression: str, move: Move) -> Any:
        """What Python itself makes of an expression."""
        # The functions are the engine's own, over an engine's matter that is built from the list.
        env = self._env(move)
        return eval(expression.strip(), {"__builtins__": {}}, env)

    def _env(self, move: Move) -> dict[str, Any]:
        taken = self.counts()
        firsts = {done.step.id: done.move.at for done in reversed(self.history)}
        lasts: dict[str, datetime] = {}
        for done in self.history:
            lasts[done.step.id] = max(done.move.at, lasts.get(done.step.id, done.move.at))
        held = self.fields()
        own = dict(sayings(self.pack, self.lifecycle, None, move))  # text and time: they look at no matter
        links = {(link.rel, link.target) for done in self.history for link in done.move.links}
        links |= {(link.rel, link.target) for link in move.links}
        duties = self.duties if self.history else dict
        title = self._title(move)
        return {name: _safe(one) for name, one in own.items() if callable(one)} | {
            "at": wrapped(move.at), "today": move.at.astimezone(SHANGHAI).date(), "arrival": wrapped(move.arrival),
            "day": move.at.astimezone(SHANGHAI).date(), "actor": wrapped(move.actor), "reason": move.reason,
            "basis": move.basis, "personal": move.personal, "attachments": len(move.attachments), "title": title,
            "branches": len(self.branches()),
            "fields": Group(lambda name: self._value(name, move.fields.get(name))),
            "matter": Group(lambda name: self._value(name, held.get(name))),
            "facts": Group(lambda name: _fact(move.facts.get(name))), "publication": Group(lambda _: None),
            "done": lambda step: step in taken, "count": lambda step: taken.get(step, 0),
            "first": lambda step: wrapped(firsts.get(step)), "last": lambda step: wrapped(lasts.get(step)),
            "links": lambda rel: len([one for one in links if one[0] == rel]),
            "open": lambda branch: branch in self.branches(),
            "due": lambda clock: wrapped(duties()[clock].due) if clock in duties() else ABSENT,
            "running": lambda clock: clock in duties() and duties()[clock].state in {"open", "paused"},
            "held": lambda role: self.roles().get(role, ()) if self.history else (),
        }  # fmt: skip

    def _title(self, move: Move) -> str:
        name = self.lifecycle.title or ""
        titles = [done.move.title or done.move.fields.get(name, "") for done in self.history]
        return move.title or move.fields.get(name, "") or next((one for one in reversed(titles) if one), "")

    def _value(self, name: str, text: str | None) -> Any:
        return value_of(self.lifecycle.fields[name], text) if name in self.lifecycle.fields else None

    def _form(self, move: Move) -> Step | None:
        state = self.state()
        for step in self.lifecycle.steps:
            begins = not step.from_ or "new" in step.from_
            fits = begins if state is None else state in step.from_ or state in step.stays
            everywhere = state is not None and "*" in step.from_ and not self.lifecycle.state[state].end
            if step.id == move.step and (fits or everywhere) and (step.when is None or self.says(step.when, move)):
                return step
        return None

    def _allowed(self, step: Step, move: Move) -> bool:
        """Who, when, how often, and with nothing begun left open."""
        if not self._may(step, move) or move.at > move.arrival + timedelta(seconds=self.pack.city.clock_after):
            return False
        if not self.history:
            return True
        state = self.state() or ""
        if move.at < self._cause().move.at and not move.by_engine:
            return False
        if step.once and step.id in self.counts():
            return False
        if step.ends is not None and step.ends not in self.branches():
            return False
        leads = state if step.to is None or state in step.stays else step.to
        ends = self.lifecycle.state[leads].end and not self.lifecycle.state[state].end
        return not (ends and [one for one in self.branches() if one != step.ends])

    def _cause(self) -> Done:
        """The step that led into the state the matter is in."""
        for at in range(len(self.history) - 1, 0, -1):
            if self.state(at + 1) != self.state(at):
                return self.history[at]
        return self.history[0]

    def _may(self, step: Step, move: Move) -> bool:
        if move.source.startswith("/engine/"):
            return "engine" in step.by
        if move.actor is None:
            return "citizen" in step.by
        codes: set[str] = set()
        for word in step.by:
            if word == "*":
                return True
            codes |= {
                "lead-office": {self.pack.lead_office}, "issuer": {issuer_of(move.subject)},
                "sender": {self.history[0].move.actor or ""} if self.history else set(),
            }.get(word, set(self.roles().get(word, ())) if self.history else set())  # fmt: skip
        return move.actor in codes

    def _written(self, step: Step, move: Move) -> bool:
        """Whether each field is there, of its type, and known to the step."""
        for one in step.fields:
            text = move.fields.get(one.id, "")
            if not text.strip():
                if one.required:
                    return False
                continue
            value = value_of(one, text)
            if value is None or len(text) > one.max or (one.type == "choice" and text not in one.choices):
                return False
            if one.pattern is not None and not re.fullmatch(one.pattern, text):
                return False
            if one.type == "choices" and set(value) - set(one.choices):
                return False
            if one.type in {"dept", "depts"} and set(value) - set(self.pack.department):
                return False
            if one.type == "sha256" and value not in {file.sha256 for file in move.attachments}:
                return False
        known = {one.id for one in step.fields}
        return not set(move.fields) - known and not (step.reasoned and not move.reason.strip())

    def change(self, duty: Due, clock: Clock, move: Move) -> None:
        day = move.at.astimezone(SHANGHAI).date()
        if move.step in clock.closed_by or move.step == clock.lapse:
            believed = move.by_engine or move.arrival - move.at <= timedelta(seconds=self.pack.city.clock_before)
            duty.late = duty.state == "open" and (move.at if believed else move.arrival) > duty.due
            duty.state = "closed"
        elif move.step in clock.exempted_by:
            duty.state = "exempt"
        elif move.step in clock.paused_by and duty.state == "open":
            duty.state, duty.paused_on = "paused", day
        elif move.step in clock.resumed_by and duty.state == "paused" and self.says(clock.resumes or "True", move):
            if duty.paused_on is not None and day > duty.paused_on:
                duty.pauses.append((duty.paused_on + DAY, day))
            duty.state, duty.paused_on = "open", None
            duty.due = self._counted(duty)
        elif move.step in clock.restarted_by:
            said = self._said(clock.since, move) if clock.since else None
            duty.since, duty.pauses, duty.paused_on, duty.extended, duty.state = (
                _begin(said, move),
                [],
                None,
                [],
                "open",
            )
            until = self._said(clock.until, move) if clock.until else None
            duty.due = self._counted(duty) if duty.law else _end(until) if until else duty.due
        elif move.step in clock.extended_by:
            self._extend(duty, clock, move)

    def _extend(self, duty: Due, clock: Clock, move: Move) -> None:
        more = clock.extended_by[move.step]
        if clock.until is None:
            duty.extended.append(more)
            duty.due = self._counted(duty)
        elif (said := self._said(more, move)) is not None:
            duty.due = _end(said)

    def _since(self, clock: Clock, move: Move) -> datetime:
        said = self._said(clock.since, move) if clock.since else None
        held = self._value(clock.since, self.fields().get(clock.since)) if clock.since else None
        return _begin(said or (held if isinstance(held, date) else None), move)

    def _said(self, name: str, move: Move) -> date | None:
        found = self._value(name, move.fields.get(name))
        return found if isinstance(found, date) else None

    def _counted(self, duty: Due) -> datetime:
        due = self._runs(duty.law, duty.since, duty.pauses)
        for law in duty.extended:
            due = self._runs(law, due, duty.pauses)
        return due

    def _runs(self, name: str, since: datetime, pauses: list[tuple[date, date]]) -> datetime:
        day = since.astimezone(SHANGHAI).date()
        law = self.pack.clock_on(name, day) or self.pack.clock_editions[name][0]
        if law.unit == "H" and law.way == "after":
            left, at = timedelta(hours=law.n), since
            while left:
                step = min(left, timedelta(minutes=1))
                on = at.astimezone(SHANGHAI).date()
                left -= timedelta() if any(first <= on <= last for first, last in pauses) else step
                at += step
            return at
        counted = reference_before(law.limit, day) if law.way == "before" else reference(law.limit, day, pauses)
        return datetime.combine(counted, LAST_SECOND)


def _begin(said: date | None, move: Move) -> datetime:
    if said is None or isinstance(said, datetime):
        return said or move.at
    return datetime.combine(said, time(tzinfo=SHANGHAI))


def _end(said: date) -> datetime:
    return said if isinstance(said, datetime) else datetime.combine(said, LAST_SECOND)


def _fact(text: str | None) -> Any:
    return {"是": True, "否": False}.get(text or "", int(text) if text and text.isdecimal() else text)


def _safe(asked: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the engine's for text or time, which knows None and not `Absent`."""

    def ask(*given: Any) -> Any:
        return wrapped(asked(*[None if isinstance(one, Absent) else one for one in given]))

    return ask
