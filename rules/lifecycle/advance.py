"""One step of one matter: refused, waiting, or taken with all that follows; the same for the same in any process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from rules.calendar import day_of
from rules.case import Fault, finding_of, why
from rules.lifecycle.duties import Changed, changed, depts_of
from rules.lifecycle.matter import Matter, Taken
from rules.lifecycle.moves import Move
from rules.lifecycle.saying import Scene
from rules.lifecycle.values import field_faults, shown, text_of
from rules.texts.passage import About, Part
from rules.texts.scanner import scanner
from schemas.city import Pack
from schemas.city.expressions import read
from schemas.city.matters import (
    ANYBODY,
    CITIZEN,
    ENGINE,
    ISSUER,
    LEAD_OFFICE,
    MAIN,
    SENDER,
    Effect,
    Guard,
    Lifecycle,
    Step,
)
from schemas.city.textual import NO_CHECKS
from schemas.envelope import issuer_of
from schemas.events.common import Link
from schemas.reasons import Reason, mask
from schemas.records import Finding, Sentence

MOST_LINKS = 200
"""Links a matter keeps; what is more is in its events."""


class Told(NamedTuple):
    """A step that this one takes for another matter, or for its own."""

    target: str
    step: str
    at: datetime
    lifecycle: str | None = None
    fields: Mapping[str, str] = {}
    links: tuple[Link, ...] = ()


class Advance(NamedTuple):
    """What became of a move."""

    outcome: Literal["accepted", "rejected", "waiting"]
    findings: tuple[Finding, ...] = ()
    matter: Matter | None = None
    """As it stands after the step; None where it was refused or waits."""
    step: Step | None = None
    duties: tuple[Changed, ...] = ()
    told: tuple[Told, ...] = ()


def advance(pack: Pack, matter: Matter | None, move: Move, *, last_call: bool = False) -> Advance:
    """What becomes of `move`, where `matter` stands so.

    `last_call`: a step that waited waits no longer; what is missing is a gap, or refuses it.
    """
    lifecycle = pack.lifecycle.get(matter.lifecycle if matter else move.lifecycle or "")
    if lifecycle is None or lifecycle.family != move.family:
        if matter is None and move.lifecycle is None:
            return _refused([_fault(Reason.SM_UNKNOWN, move)])
        return _refused([_fault(Reason.SM_LIFECYCLE, move, lifecycle=move.lifecycle or "")])
    scene = Scene(pack, lifecycle, matter, move)
    forms = lifecycle.forms(move.step, matter.state if matter else None)
    step = next((form for form in forms if scene.holds(form.when)), None)
    if step is None:
        return _refused([_out_of_order(lifecycle, matter, move)])
    faults = [*_order(scene, step), *field_faults(pack, step, move), *_texts(pack, step, move)]
    failed = [guard for guard in step.guards if not scene.holds(guard.holds)]
    waits = [guard for guard in failed if guard.waits and not last_call]
    told = [*map(finding_of, faults), *(_guard_finding(scene, guard) for guard in failed if guard not in waits)]
    if any(one.severity != "warn" for one in told):
        return Advance("rejected", (*told, *(_guard_finding(scene, guard) for guard in waits)))
    if waits:
        missing = why(
            "、".join(scene.sentence(guard.zh) for guard in waits),
            "; ".join(scene.sentence(guard.en) for guard in waits),
        )
        return Advance("waiting", (finding_of(_fault(Reason.SM_WAITING, move, step=step.name, **missing)),))
    return _taken(scene, step, tuple(told), failed)


def _taken(scene: Scene, step: Step, findings: tuple[Finding, ...], failed: Iterable[Guard]) -> Advance:
    """The matter after the step, what is due then, and what others are told."""
    pack, lifecycle, matter, move = scene.pack, scene.lifecycle, scene.matter, scene.move
    before = matter or _begun(pack, lifecycle, move)
    after = _after(lifecycle, step, before, move, first=matter is None)
    scene = Scene(pack, lifecycle, after, move)
    duties = changed(scene, after)
    fresh = {guard.id: step.id for guard in failed}
    after = msgspec.structs.replace(
        after, gaps=_gaps(scene, before.gaps, fresh), duties=after.duties | {one.duty.clock: one.duty for one in duties}
    )
    return Advance("accepted", findings, after, step, tuple(duties), tuple(_told(scene, step)))


def _begun(pack: Pack, lifecycle: Lifecycle, move: Move) -> Matter:
    """A matter before its first step: who is responsible for it until somebody is named."""
    sender = move.actor or ""
    whose = {LEAD_OFFICE: pack.lead_office, SENDER: sender or pack.lead_office}.get(
        lifecycle.main, issuer_of(move.subject)
    )
    return Matter(
        subject=move.subject, lifecycle=lifecycle.id, state="", version=0, opened_at=move.at, cause=move.step,
        since=move.at, sender=sender, roles={MAIN: (whose,)},
    )  # fmt: skip


def _after(lifecycle: Lifecycle, step: Step, matter: Matter, move: Move, *, first: bool) -> Matter:
    state = step.leads(matter.state)
    moves_on = state != matter.state
    own = {name: text for name, text in move.fields.items() if name in lifecycle.kept and text}
    own |= {name: move.fields[field] for name, field in step.keeps.items() if move.fields.get(field)}
    title = move.title or (move.fields.get(lifecycle.title, "") if lifecycle.title else "")
    was = matter.taken.get(step.id)
    taken = Taken(was.count + 1, was.first, max(was.last, move.at)) if was else Taken(1, move.at, move.at)
    links = dict.fromkeys((*matter.links, *((link.rel, link.target) for link in move.links)))
    return msgspec.structs.replace(
        matter,
        state=state, version=matter.version + 1, title=title or matter.title,
        cause=step.id if moves_on or first else matter.cause, since=move.at if moves_on or first else matter.since,
        roles=matter.roles | _assigned(step, matter, move), fields=matter.fields | own,
        taken=matter.taken | {step.id: taken}, links=tuple(links)[:MOST_LINKS],
        branches=_branches(step, matter.branches),
        public=matter.public or (step.public and not lifecycle.confidential),
    )  # fmt: skip


def _assigned(step: Step, matter: Matter, move: Move) -> dict[str, tuple[str, ...]]:
    """Roles that the step gives: to the departments its field names, or to who took it."""
    found = {}
    for role, name in step.assigns.items():
        if depts := _named(name, move):
            found[role] = depts
    for role, name in step.joins.items():
        found[role] = tuple(dict.fromkeys((*matter.roles.get(role, ()), *_named(name, move))))
    return found


def _named(name: str, move: Move) -> tuple[str, ...]:
    if name == SENDER:
        return (move.actor,) if move.actor else ()
    return tuple(move.fields.get(name, "").split())


def _branches(step: Step, branches: tuple[str, ...]) -> tuple[str, ...]:
    begun = (*branches, step.begins) if step.begins and step.begins not in branches else branches
    return tuple(branch for branch in begun if branch != step.ends)


def _gaps(scene: Scene, old: Mapping[str, str], fresh: Mapping[str, str]) -> dict[str, str]:
    """The gaps that are there now: what was missing may have come since."""
    still = {name: step for name, step in old.items() if any(_open(scene, name, step))}
    return still | dict(fresh)


def _open(scene: Scene, name: str, step: str) -> Iterator[bool]:
    """Whether a gap that a step left is one still; what that step itself lacked nothing can mend."""
    for guard in (guard for form in scene.lifecycle.step.get(step, ()) for guard in form.guards):
        if guard.id == name and guard.mode == "gap":
            yield guard.of_the_step or not scene.holds(guard.holds)


def _told(scene: Scene, step: Step) -> Iterator[Told]:
    move = scene.move
    for effect in step.effects:
        if not scene.holds(effect.when):
            continue
        asked = {name: text_of(read(expression).ask(scene.said)) for name, expression in effect.fields.items()}
        fields = {name: text for name, text in asked.items() if text}
        for target in dict.fromkeys(_targets(scene, effect)):
            yield Told(target + effect.suffix, effect.step, move.at, effect.opens, fields, _back(effect, move))


def _back(effect: Effect, move: Move) -> tuple[Link, ...]:
    return (Link(rel=effect.back, target=move.subject),) if effect.back else ()


def _targets(scene: Scene, effect: Effect) -> list[str]:
    if effect.rel is None:
        return [scene.move.subject]
    if effect.of == "matter" and scene.matter is not None:
        return [target for rel, target in scene.matter.links if rel == effect.rel]
    return [link.target for link in scene.move.links if link.rel == effect.rel]


def _order(scene: Scene, step: Step) -> Iterator[Fault]:
    """Who takes the step, when, and whether what it follows from was done."""
    pack, lifecycle, matter, move = scene.pack, scene.lifecycle, scene.matter, scene.move
    if not _may(pack, step, matter, move):
        allowed = "、".join(_who(pack, lifecycle, word, matter) for word in step.by)
        yield _fault(Reason.SM_ACTOR, move, step=step.name, allowed=allowed, actor=move.actor or move.source)
    if matter is not None:
        yield from _after_cause(lifecycle, step, matter, move)
        if step.once and step.id in matter.taken:
            yield _fault(Reason.SM_ONCE, move, step=step.name, day=day_of(matter.taken[step.id].first))
        yield from _branch_faults(lifecycle, step, matter, move)
    if move.at > move.arrival + timedelta(seconds=pack.city.clock_after):
        yield _fault(Reason.SM_FUTURE, move, step=step.name, at=shown(move.at), arrival=shown(move.arrival))
    elif not move.by_engine and move.at < move.arrival - timedelta(seconds=pack.city.clock_before):
        yield _fault(Reason.SM_BACKDATED, move, step=step.name, at=shown(move.at), arrival=shown(move.arrival))


def _after_cause(lifecycle: Lifecycle, step: Step, matter: Matter, move: Move) -> Iterator[Fault]:
    """No step lies before the one that led where it may be taken; the engine's own know their day."""
    if move.at < matter.since and not move.by_engine:
        cause = lifecycle.step[matter.cause][0].name if matter.cause in lifecycle.step else matter.cause
        yield _fault(Reason.SM_ORDER, move, step=step.name, at=shown(move.at), cause=cause, since=shown(matter.since))


def _branch_faults(lifecycle: Lifecycle, step: Step, matter: Matter, move: Move) -> Iterator[Fault]:
    ends = lifecycle.state[step.leads(matter.state)].end and not lifecycle.state[matter.state].end
    if step.ends is not None and step.ends not in matter.branches:
        told = why("尚未启动", "was not begun", branch=step.ends)
        yield _fault(Reason.SM_BRANCH, move, step=step.name, **told)
    elif ends and (still := [branch for branch in matter.branches if branch != step.ends]):
        told = why("启动后尚未办结", "was begun and is not finished", branch="、".join(still))
        yield _fault(Reason.SM_BRANCH, move, step=step.name, **told)


def _may(pack: Pack, step: Step, matter: Matter | None, move: Move) -> bool:
    """Whether who took the step is one of those it is for."""
    if move.by_engine:
        return ENGINE in step.by
    if move.actor is None:
        return CITIZEN in step.by
    day = day_of(move.arrival)
    named = (code for word in step.by for code in _codes(pack, word, matter, move))
    return ANYBODY in step.by or any(pack.speaks_for(move.actor, code, day) for code in named)


def _codes(pack: Pack, word: str, matter: Matter | None, move: Move) -> tuple[str, ...]:
    if word == LEAD_OFFICE:
        return (pack.lead_office,)
    if word == ISSUER:
        return (issuer_of(move.subject),)
    if word == SENDER:
        return (matter.sender,) if matter and matter.sender else ()
    if word in {CITIZEN, ENGINE, ANYBODY}:
        return ()
    return matter.roles.get(word, ()) if matter else ()


_WHO = {
    CITIZEN: "当事人", ENGINE: "系统", ANYBODY: "任何部门", ISSUER: "立项部门", SENDER: "发起部门",
    LEAD_OFFICE: "主管部门", MAIN: "承办部门",
}  # fmt: skip


def _who(pack: Pack, lifecycle: Lifecycle, word: str, matter: Matter | None) -> str:
    """A word of `by` as a clerk knows it, with the departments that it means here."""
    name = lifecycle.roles.get(word) or _WHO.get(word, word)
    codes = depts_of(pack, matter, word) if matter and word in matter.roles else ()
    shown = "、".join(pack.department[code].short_name for code in codes if code in pack.department)
    return f"{name}（{shown}）" if shown else name


def _out_of_order(lifecycle: Lifecycle, matter: Matter | None, move: Move) -> Fault:
    named = lifecycle.step.get(move.step)
    name = named[0].name if named else move.step
    if matter is None:
        return _fault(Reason.SM_UNKNOWN, move, step=name)
    if named and all(step.opens for step in named):
        return _fault(Reason.SM_TWICE, move, step=name)
    allowed = "、".join(dict.fromkeys(step.name for step in lifecycle.allowed(matter.state) if ENGINE not in step.by))
    state = lifecycle.state[matter.state].name
    return _fault(Reason.SM_ILLEGAL, move, state=state, step=name, allowed=allowed or "无")


def _texts(pack: Pack, step: Step, move: Move) -> Iterable[Fault]:
    """Public texts of the step are held against the text checks, as publications are."""
    if pack.text_checks is NO_CHECKS:
        return ()
    parts = [
        Part(f"/data/fields/{name}", field.name, "body", move.fields[name])
        for name, field in step.field.items()
        if field.public and field.type == "text" and move.fields.get(name)
    ]
    if move.title and step.public:
        parts.append(Part("/data/title", "", "cell", move.title))
    return scanner(pack).faults(parts, About(day_of(move.at))) if parts else ()


def _guard_finding(scene: Scene, guard: Guard) -> Finding:
    return Finding(
        rule=guard.id, severity="warn" if guard.mode == "gap" else "error", basis=guard.basis, place="/data",
        message=Sentence(zh=scene.sentence(guard.zh), en=scene.sentence(guard.en)),
        remedy=Sentence(zh=guard.remedy_zh, en=guard.remedy_en),
        page=f"/rules/{guard.id}",
    )  # fmt: skip


def _fault(reason: Reason, move: Move, **values: object) -> Fault:
    shown = {"subject": move.subject, "step": move.step, "lifecycle": move.lifecycle or ""} | values
    return Fault(reason, "/data", values={name: mask(str(value)) for name, value in shown.items()})


def _refused(faults: Iterable[Fault]) -> Advance:
    return Advance("rejected", tuple(map(finding_of, faults)))
