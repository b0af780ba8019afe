"""What is wrong with the lifecycles of a pack: ways that lead nowhere, clocks that never end, names that are not there.

Each fault has its file and line; `schemas.city.asking` looks at expressions, `schemas.city.flow` at ways.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from typing import NamedTuple

from schemas.city.asking import Known, expression_faults
from schemas.city.expressions import holes
from schemas.city.flow import Flow
from schemas.city.lines import line_of
from schemas.city.matters import (
    ANY_STATE,
    ENGINE,
    FOLDER,
    MAIN,
    NEW,
    SENDER,
    WHO,
    Clock,
    Effect,
    Lifecycle,
    Step,
    StepField,
    Trigger,
)  # fmt: skip
from schemas.city.pack import Pack

_DAYS = ("date", "instant")


class Fault(NamedTuple):
    """One thing wrong, by its table of the file and a word that stands on its line."""

    table: str
    n: int
    word: str
    key: str
    code: str
    message: str


def lifecycle_faults(pack: Pack, text: Callable[[str], str]) -> Iterator[tuple[str, int, str, str, str]]:
    """File, line, key, code and message of all that is wrong; `text` gives a file as it stands."""
    for lifecycle in pack.lifecycles:
        file = f"{FOLDER}/{lifecycle.id}.toml"
        for one in dict.fromkeys(_faults(pack, lifecycle)):
            yield file, line_of(text(file), one.table, one.n, *one.word.split("\n")), one.key, one.code, one.message


def _faults(pack: Pack, lifecycle: Lifecycle) -> Iterator[Fault]:
    yield from _doubles(lifecycle)
    yield from _fields(lifecycle)
    for n, step in enumerate(lifecycle.steps):
        yield from _step(pack, lifecycle, n, step)
    for n, clock in enumerate(lifecycle.clocks):
        yield from _clock(pack, lifecycle, n, clock)
    for n, trigger in enumerate(lifecycle.triggers):
        yield from _trigger(pack, lifecycle, n, trigger)
    if all(name in lifecycle.state for step in lifecycle.steps for name in _states(step)):
        yield from _forms(lifecycle)
        yield from _ways(lifecycle)


def _states(step: Step) -> Iterator[str]:
    yield from (name for name in (*step.from_, *step.stays) if name not in {ANY_STATE, NEW})
    yield from [step.to] if step.to is not None else []


def _doubles(lifecycle: Lifecycle) -> Iterator[Fault]:
    for table, ids in (("states", [one.id for one in lifecycle.states]), ("clocks", [c.id for c in lifecycle.clocks])):
        for name, count in Counter(ids).items():
            if count > 1:
                n = [place for place, each in enumerate(ids) if each == name][1]
                said = f"{count} {table} are called {name!r}; give each its own id"
                yield Fault(table, n, f'"{name}"', f"{table}.{n}.id", "PACK-DOUBLE", said)


def _fields(lifecycle: Lifecycle) -> Iterator[Fault]:
    """A field's name means one type and the same choices wherever it stands."""
    seen: dict[str, tuple[Step, StepField]] = {}
    for n, step in enumerate(lifecycle.steps):
        for name, count in Counter(field.id for field in step.fields).items():
            if count > 1:
                yield Fault("steps", n, f'"{name}"', f"{step.id}.fields", "PACK-DOUBLE", f"names field {name!r} twice")
        for field in step.fields:
            other, first = seen.setdefault(field.id, (step, field))
            if (first.type, first.choices) != (field.type, field.choices):
                said = f"{field.id!r} is {field.type} here and {first.type} in {other.id}; give one of them another id"
                yield Fault("steps", n, f'"{field.id}"', f"{step.id}.fields", "PACK-DOUBLE", said)
    if lifecycle.title is not None and lifecycle.title not in lifecycle.fields:
        said = f"no step records a field {lifecycle.title!r} to be shown as the title"
        yield Fault("", -1, "title =", "title", "PACK-REF", said)


# ---- steps ----


def _step(pack: Pack, lifecycle: Lifecycle, n: int, step: Step) -> Iterator[Fault]:
    def fault(word: str, key: str, code: str, message: str) -> Fault:
        return Fault("steps", n, word, f"{step.id}.{key}", code, message)

    def refer(names: Iterable[str], known: Container[str], key: str, what: str) -> Iterator[Fault]:
        for name in names:
            if name not in known:
                yield fault(f'"{name}"', key, "PACK-REF", f"{name!r} is not {what}")

    yield from refer(_states(step), lifecycle.state, "from/to", "a state of this lifecycle")
    for name in step.from_ if ANY_STATE in step.from_ else ():
        if name in lifecycle.state and not lifecycle.state[name].end:
            yield fault(f'"{name}"', "from", "PACK-DOUBLE", f"{ANY_STATE!r} is any state but ends, {name!r} among them")
    yield from refer(
        step.by, {*WHO, MAIN, *lifecycle.roles}, "by", f"a role of it, nor one of {', '.join(sorted(WHO))}"
    )
    for key, given in (("assigns", step.assigns), ("joins", step.joins)):
        yield from refer(given, {MAIN, *lifecycle.roles}, key, "a role: write it into [roles]")
        yield from refer(given.values(), {SENDER, *step.field}, key, "a field of this step, nor `sender`")
    yield from refer(step.keeps.values(), step.field, "keeps", "a field of this step")
    if step.opens and step.to is None:
        yield fault("id =", "to", "PACK-VALUE", "begins a matter and leads to no state; say `to`")
    if step.ends is not None and step.ends not in {one.begins for one in lifecycle.steps}:
        yield fault("ends", "ends", "PACK-REF", f"ends branch {step.ends!r}, which no step begins")
    if step.begins is not None and step.begins not in {one.ends for one in lifecycle.steps}:
        yield fault("begins", "begins", "PACK-FLOW", f"begins branch {step.begins!r}, which no step ends")
    for effect in step.effects:
        for key, message in _effect(pack, effect):
            yield fault("effects", key, "PACK-REF", message)
    for key, word, text in _asked(step):
        for code, message in expression_faults(Known.of(pack, lifecycle, step.field), text):
            yield fault(word, key, code, message)
    for guard in step.guards:
        asked = [hole for text in (guard.zh, guard.en) for hole in holes(text)]
        if guard.mode == "gap" and any(group in hole for hole in asked for group in ("fields.", "facts.")):
            said = f"gap {guard.id} stays when its step is over: its sentence can't ask what the step alone said"
            yield fault(f'id = "{guard.id}"', guard.id, "PACK-EXPR", said)


def _asked(step: Step) -> Iterator[tuple[str, str, str]]:
    """Every expression of a step, with its key and the words that lead to its line."""
    for guard in step.guards:
        for text in guard.expressions:
            yield f"{guard.id}", f'id = "{guard.id}"\n{text[:20]}', text
    if step.when:
        yield "when", "when =", step.when
    for effect in step.effects:
        yield from (("effects", "effects", text) for text in (effect.when, *effect.fields.values()) if text)


def _effect(pack: Pack, effect: Effect) -> Iterator[tuple[str, str]]:
    for rel in (effect.rel, effect.back):
        if rel is not None and rel not in pack.city.link_rels:
            yield "effects.rel", f"{rel!r} is not a link word of city.toml"
    if effect.opens is not None and effect.opens not in pack.lifecycle:
        yield "effects.opens", f"{effect.opens!r} is not a lifecycle of this pack"
        return
    targets = [pack.lifecycle[effect.opens]] if effect.opens else list(pack.lifecycles)
    forms = [form for one in targets for form in one.step.get(effect.step, ())]
    if not any(ENGINE in form.by for form in forms):
        yield "effects.step", f"no lifecycle it may be meant for lets `engine` take a step {effect.step!r}"
    known = {name for form in forms for name in form.field}
    for name in sorted(effect.fields.keys() - known):
        yield "effects.fields", f"step {effect.step!r} records no field {name!r}"


def _forms(lifecycle: Lifecycle) -> Iterator[Fault]:
    """Of forms that fit one state all but the last ask something, and the last asks nothing."""
    for name in lifecycle.step:
        for state in (None, *lifecycle.state):
            forms = lifecycle.forms(name, state)
            where = f"state {state}" if state else "a new matter"
            for form in forms[:-1]:
                if form.when is None:
                    n = lifecycle.steps.index(forms[forms.index(form) + 1])
                    said = f"two forms of {name!r} fit {where}; let the first say `when`, or take the state out of one"
                    yield Fault("steps", n, "from", f"{name}.from", "PACK-DOUBLE", said)
            if forms and forms[-1].when is not None:
                said = f"the last form for {where} asks `when`, so that none may fit; make it a guard, or add a form"
                yield Fault("steps", lifecycle.steps.index(forms[-1]), "when =", f"{name}.when", "PACK-FLOW", said)


def _ways(lifecycle: Lifecycle) -> Iterator[Fault]:
    flow, ids = Flow(lifecycle), [state.id for state in lifecycle.states]
    if not flow.begins:
        yield Fault("steps", 0, "id", "steps", "PACK-FLOW", "no step begins a matter: leave out its `from`")
        return
    for state in flow.unreached():
        said = f"no step leads to state {state}; name it in a step's `to`, or take it out"
        yield Fault("states", ids.index(state), f'"{state}"', f"states.{state}", "PACK-FLOW", said)
    for state in flow.stuck():
        said = f"state {state} is no end and no step leads on from it; add one, or say `end = true`"
        yield Fault("states", ids.index(state), f'"{state}"', f"states.{state}", "PACK-FLOW", said)
    for n, clock in enumerate(lifecycle.clocks):
        yield from _endless(lifecycle, flow, n, clock)


def _endless(lifecycle: Lifecycle, flow: Flow, n: int, clock: Clock) -> Iterator[Fault]:
    closing = {*clock.closed_by, *clock.exempted_by, *([clock.lapse] if clock.lapse else [])}
    ending = {*clock.resumed_by, *clock.restarted_by, *closing}
    names = {*clock.opened_by, *clock.paused_by, *ending}
    if any(name not in lifecycle.step for name in names):
        return
    if not closing or not flow.can_follow(clock.opened_by, closing):
        said = f"clock {clock.id!r} may be opened where no step that closes or exempts it can follow"
        yield Fault("clocks", n, "closed_by", f"{clock.id}.closed_by", "PACK-FLOW", said)
    resuming = {*clock.resumed_by, *clock.restarted_by}
    if clock.paused_by and not (resuming and flow.can_follow(clock.paused_by, resuming)):
        said = f"clock {clock.id!r} may be paused where no step that resumes or restarts it can follow"
        yield Fault("clocks", n, "paused_by", f"{clock.id}.paused_by", "PACK-FLOW", said)


# ---- clocks ----


def _clock(pack: Pack, lifecycle: Lifecycle, n: int, clock: Clock) -> Iterator[Fault]:
    def refer(names: Iterable[str], known: Container[str], key: str, what: str) -> Iterator[Fault]:
        for name in names:
            if name not in known:
                yield Fault("clocks", n, f'{key}\n"{name}"', f"{clock.id}.{key}", "PACK-REF", f"{name!r} is not {what}")

    for key in ("opened_by", "closed_by", "paused_by", "resumed_by", "restarted_by", "exempted_by", "extended_by"):
        yield from refer(getattr(clock, key), lifecycle.step, key, "a step of this lifecycle")
    yield from refer((one.clock for one in clock.limits), pack.clock, "limits", "a clock of clocks.toml")
    roles = {MAIN, "lead-office", "issuer", *lifecycle.roles}
    yield from refer([clock.owed_by], roles, "owed_by", "a role: write it into [roles]")
    yield from refer([clock.ladder] if clock.ladder else [], pack.ladder, "ladder", "a ladder of ladders.toml")
    days = {name for name, field in lifecycle.fields.items() if field.type in _DAYS}
    yield from refer([clock.since] if clock.since else [], days, "since", "a day or an instant that a step records")
    yield from _until(pack, lifecycle, n, clock)
    yield from _lapse(lifecycle, n, clock)
    fields = {name: field for step in clock.opened_by for name, field in _fields_of(lifecycle, step).items()}
    asked = [(one.when, fields) for one in clock.limits] + [(clock.resumes, dict(lifecycle.fields))]
    for text, held in asked:
        for code, message in expression_faults(Known.of(pack, lifecycle, held), text) if text else ():
            yield Fault("clocks", n, text[:20] if text else "", f"{clock.id}.when", code, message)


def _fields_of(lifecycle: Lifecycle, step: str) -> dict[str, StepField]:
    return {name: field for form in lifecycle.step.get(step, ()) for name, field in form.field.items()}


def _until(pack: Pack, lifecycle: Lifecycle, n: int, clock: Clock) -> Iterator[Fault]:
    """A day that is said must be said by the step; elsewhere, what it is extended by is a statutory clock."""
    said = dict.fromkeys(clock.opened_by, clock.until) | clock.extended_by if clock.until else {}
    for step, name in said.items():
        field = _fields_of(lifecycle, step).get(name or "")
        if step in lifecycle.step and (field is None or field.type not in _DAYS):
            message = f"step {step!r} records no day or instant {name!r}"
            yield Fault("clocks", n, f'"{name}"', f"{clock.id}.until", "PACK-REF", message)
    for law in clock.extended_by.values() if not clock.until else ():
        if law not in pack.clock:
            message = f"{law!r} is not a clock of clocks.toml"
            yield Fault("clocks", n, f'"{law}"', f"{clock.id}.extended_by", "PACK-REF", message)


def _lapse(lifecycle: Lifecycle, n: int, clock: Clock) -> Iterator[Fault]:
    if clock.lapse is None:
        return
    forms = lifecycle.step.get(clock.lapse, ())
    key = f"{clock.id}.lapse"
    if not forms:
        yield Fault("clocks", n, "lapse", key, "PACK-REF", f"{clock.lapse!r} is not a step of this lifecycle")
    elif not any(ENGINE in form.by for form in forms):
        yield Fault("clocks", n, "lapse", key, "PACK-FLOW", f"step {clock.lapse!r} is not for `engine`, which takes it")


# ---- triggers ----


def _trigger(pack: Pack, lifecycle: Lifecycle, n: int, trigger: Trigger) -> Iterator[Fault]:
    def fault(word: str, key: str, code: str, message: str) -> Fault:
        return Fault("triggers", n, word, f"triggers.{trigger.step}.{key}", code, message)

    for kind in trigger.kinds:
        if kind not in pack.kind:
            yield fault(f'"{kind}"', "kinds", "PACK-REF", f"{kind!r} is not a kind of this pack")
    if trigger.rel is not None and trigger.rel not in pack.city.link_rels:
        yield fault("rel", "rel", "PACK-REF", f"{trigger.rel!r} is not a link word of city.toml")
    forms = lifecycle.step.get(trigger.step, ())
    if not forms:
        yield fault("step", "step", "PACK-REF", f"{trigger.step!r} is not a step of this lifecycle")
    elif not any(ENGINE in form.by for form in forms):
        yield fault("step", "step", "PACK-FLOW", f"step {trigger.step!r} is not for `engine`, which takes it")
    known = Known.of(pack, lifecycle, {}, publication=True)
    for name in trigger.fields:
        if forms and name not in _fields_of(lifecycle, trigger.step):
            yield fault(name, "fields", "PACK-REF", f"step {trigger.step!r} records no field {name!r}")
    for text in (trigger.when, *trigger.fields.values()):
        for code, message in expression_faults(known, text) if text else ():
            yield fault(text[:20] if text else "", "when", code, message)
