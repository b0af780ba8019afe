"""Matters: what each step makes of a matter in each state, with everything said, and with each thing missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

from msgspec.structs import replace

from rules.book import book
from rules.lifecycle import Advance, Changed, Duty, Matter, Move, Taken, advance, rungs_of
from rules.lifecycle.saying import Scene
from schemas.city import Pack
from schemas.city.expressions import read
from schemas.city.matters import CITIZEN, ENGINE, ISSUER, LEAD_OFFICE, MAIN, SENDER, Lifecycle, Step, StepField
from schemas.events.common import Link
from tests.cities.observed.asking import Question, World
from tests.cities.observed.strange import STRANGE

DEPT, LEAD, OTHER = "mzj", "zfb", "gaj"
SUBJECT = f"{DEPT}/seen-1"
BEFORE = datetime.fromisoformat("2026-02-05T09:00:00+08:00")
AT = datetime.fromisoformat("2026-02-10T10:00:00+08:00")
DAYS = ("2026-02-10", "2026-02-17", "2026-03-12", "2026-02-05")
VALUES: Mapping[str, tuple[str, ...]] = {
    "text": ("依据《示例市规则》第三条，已经更换井盖并恢复通行。", "已收悉。"), "date": DAYS,
    "instant": tuple(f"{day}T09:00:00+08:00" for day in DAYS), "number": ("2", "0", "1", "3"), "yes": ("是", "否"),
    "dept": (OTHER,), "depts": (DEPT, f"{DEPT} {OTHER}"), "sha256": ("0" * 64,),
}  # fmt: skip
HELD = frozenset({"matter", "facts", "done", "links", "last", "first", "count", "due", "open", "running", "held"})
"""What a matter has, or a step tells beside its fields, that may be left out."""
FACTS = {"identity": "是", "contact": "是", "concrete": "是", "title_length": "12", "body_length": "60"}


class Case(NamedTuple):
    """How a step is taken."""

    without: tuple[str, str] = ("", "")
    """Group and name of what is missing: `('fields', 'type')`, `('done', 'analysed')`."""
    instead: tuple[str, str] = ("", "")
    """A field and what it says instead."""
    who: str = ""
    reason: str = "情况说明"
    bare: bool = False
    """Nothing was done before, and nothing is said."""
    fresh: bool = False
    """Nothing was done before, and nothing is due."""
    idle: bool = False
    """Nothing is due yet, so that a clock may open."""
    calm: bool = False
    """No branch is open, so that the matter may end."""
    spare: bool = False
    """Only the fields are said that must be."""
    which: int = 0
    """Which of its possible values each field says; what the matter holds is always the first."""


def lifecycle_questions(world: World) -> Iterator[Question]:
    """Of each lifecycle: every step in every state, as its words, guards, fields and clocks make a difference."""
    for lifecycle in world.pack.lifecycles:
        file = f"matters/{lifecycle.id}.toml"
        yield Question(file, "outline", partial(_outline, own=lifecycle.id))
        yield Question(file, "rules", partial(_rules, own=lifecycle.id))
        for trigger in range(len(lifecycle.triggers)):
            yield Question(file, f"trigger {trigger}", partial(_triggered, own=lifecycle.id, n=trigger))
        for state in (None, *lifecycle.state):
            yield Question(file, f"{state or 'new'} allows", partial(_allowed, own=lifecycle.id, state=state))
            for name in dict.fromkeys(form.id for form in lifecycle.allowed(state)):
                for key, case in _cases(world.pack, lifecycle, lifecycle.forms(name, state)):
                    ask = partial(_taken, own=lifecycle.id, state=state, step=name, case=case)
                    yield Question(file, f"{state or 'new'} {name}, {key}", ask)


def _cases(pack: Pack, lifecycle: Lifecycle, forms: tuple[Step, ...]) -> Iterator[tuple[str, Case]]:
    """Everything said; nothing; no reason; by each who may and one who may not; each thing otherwise, one at a time."""
    yield "with everything", Case()
    yield "with nothing", Case(bare=True)
    yield "with nothing before", Case(fresh=True)
    yield from ((f"with other values {n}", Case(which=n)) for n in (1, 2, 3))
    yield from _openings(lifecycle, forms)
    if any(not field.required for form in forms for field in form.fields):
        yield from ((f"with no more than it must, values {n}", Case(which=n, spare=True)) for n in range(4))
    if any(form.once for form in forms):
        yield "for the first time", Case(without=("done", forms[0].id), calm=True)
    if any(one.begins for one in lifecycle.steps) and any(_ends(lifecycle, form) for form in forms):
        yield "with no branch open", Case(calm=True)
    yield "without a reason", Case(reason="")
    for who in dict.fromkeys((*(word for form in forms for word in form.by), "nobody")):
        yield f"by {who}", Case(who=who)
    asked = {use for form in forms for guard in form.guards for text in guard.expressions for use in read(text).used}
    asked |= {use for form in forms if form.when for use in read(form.when).used}
    for use in sorted(asked):
        if use[0] in HELD:
            yield f"without {use[0]} {use[1]}", Case(without=use)
    for field in {field.id: field for form in forms for field in form.fields}.values():
        yield f"without {field.id}", Case(without=("fields", field.id))
        for value in (*_others(field), "x" * (field.max + 1)):
            shown = value if len(value) < 60 else f"{len(value)} characters"
            yield f"{field.id} {shown}", Case(instead=(field.id, value))


def _ends(lifecycle: Lifecycle, form: Step) -> bool:
    return form.to is not None and lifecycle.state[form.to].end


def _openings(lifecycle: Lifecycle, forms: tuple[Step, ...]) -> Iterator[tuple[str, Case]]:
    """What clocks the step opens, where which of them depends on what was said and done."""
    names = {form.id for form in forms}
    limits = [each.when for one in lifecycle.clocks if names & {*one.opened_by} for each in one.limits if each.when]
    if not limits:
        return
    yield from ((f"with nothing due, values {n}", Case(which=n, idle=True, calm=True)) for n in range(4))
    for group, name in sorted({use for when in limits for use in read(when).used}):
        if group in HELD:
            yield f"with nothing due, without {group} {name}", Case(without=(group, name), idle=True, calm=True)


def _others(field: StepField) -> tuple[str, ...]:
    if field.choices:
        return (*field.choices[1:], STRANGE)
    return (*VALUES[field.type][1:], STRANGE)


def _value(field: StepField, which: int = 0) -> str:
    if field.pattern is not None:
        return field.example
    if field.type == "choices":
        return " ".join(field.choices)
    values = field.choices or VALUES[field.type]
    return values[min(which, len(values) - 1)]


def _matter(pack: Pack, lifecycle: Lifecycle, state: str, without: tuple[str, str]) -> Matter:
    """A matter in `state` to which everything has happened, but for what is left out."""
    group, name = without
    gone = name if group in {"done", "last", "first", "count"} else ""
    taken = {step: Taken(2, BEFORE, BEFORE) for step in lifecycle.step if step != gone}
    fields = {one.id: _value(one) for one in lifecycle.fields.values() if (group, name) != ("matter", one.id)}
    duties = {
        clock.id: Duty(
            id=f"{SUBJECT}#{clock.id}#1", subject=SUBJECT, clock=clock.id, name=clock.name, rule=clock.rule,
            law=clock.limits[0].clock if clock.limits else "", basis=lifecycle.basis, depts=(DEPT,), since=BEFORE,
            due=AT + timedelta(days=9), opened_at=BEFORE, ladder=clock.ladder or None, lapse=clock.lapse,
        )
        for clock in lifecycle.clocks if (group, name) not in {("due", clock.id), ("running", clock.id)}
    }  # fmt: skip
    branches = tuple(dict.fromkeys(one.begins for one in lifecycle.steps if one.begins and name != one.begins))
    return Matter(
        subject=SUBJECT, lifecycle=lifecycle.id, state=state, version=9, title="关于公开工作的事项", opened_at=BEFORE,
        cause=lifecycle.steps[0].id, since=BEFORE, sender=DEPT,
        roles={MAIN: (DEPT,), **dict.fromkeys(lifecycle.roles, (OTHER,))},
        fields=fields, taken=taken, duties=duties, branches=branches,
        links=tuple((rel, f"{DEPT}/other-{rel}") for rel in pack.city.link_rels if (group, name) != ("links", rel)),
    )  # fmt: skip


def _move(pack: Pack, lifecycle: Lifecycle, step: str, forms: tuple[Step, ...], case: Case) -> Move:
    said = {field.id: _value(field, case.which) for form in reversed(forms) for field in form.fields}
    if case.bare:
        said = {}
    elif case.spare:
        said = {
            field.id: _value(field, case.which) for form in reversed(forms) for field in form.fields if field.required
        }
    elif case.without[0] == "fields":
        said.pop(case.without[1], None)
    elif case.instead[0]:
        said[case.instead[0]] = case.instead[1]
    by = forms[-1].by if forms else (LEAD_OFFICE,)
    who = case.who or next((word for word in by if word not in {ENGINE, CITIZEN}), by[0])
    actor = {LEAD_OFFICE: LEAD, ISSUER: DEPT, SENDER: DEPT, MAIN: DEPT, "nobody": "tjj", "*": "tjj"}.get(who, OTHER)
    source = {ENGINE: "/engine/matters", CITIZEN: "/portal"}.get(who, f"/departments/{actor}")
    sent = None if who in {ENGINE, CITIZEN} else actor
    facts = {name: value for name, value in FACTS.items() if ("facts", name) != case.without}
    return Move(
        subject=SUBJECT, family=lifecycle.family, step=step, source=source, id="m-1", at=AT, arrival=AT,
        lifecycle=lifecycle.id, sender=sent, actor=sent, fields=said, facts={} if case.bare else facts,
        reason="" if case.bare else case.reason, title="关于机动车限行和公开工作的事项", personal=not case.bare,
        links=() if case.bare else tuple(
            Link(rel=rel, target=f"{DEPT}/this-{rel}") for rel in pack.city.link_rels if ("links", rel) != case.without
        ),
    )  # fmt: skip


def _taken(world: World, own: str, state: str | None, step: str, case: Case) -> str:
    lifecycle = world.pack.lifecycle[own]
    matter = _matter(world.pack, lifecycle, state, case.without) if state else None
    if matter is not None and (case.idle or case.calm):
        matter = replace(
            matter, duties={} if case.idle else matter.duties, branches=() if case.calm else matter.branches
        )
    if matter is not None and case.bare:
        matter = Matter(
            subject=SUBJECT, lifecycle=own, state=matter.state, opened_at=BEFORE, cause=matter.cause, since=BEFORE,
            sender=DEPT, roles={MAIN: (DEPT,)},
        )  # fmt: skip
    if matter is not None and case.fresh:
        matter = replace(matter, taken={}, duties={}, branches=(), links=())
    found = advance(world.pack, matter, _move(world.pack, lifecycle, step, lifecycle.forms(step, state), case))
    rules = " ".join(dict.fromkeys(one.rule for one in found.findings))
    state = found.matter.state if found.matter else ""
    return " ".join(filter(None, (found.outcome, state, rules, _digest(_said(world.pack, lifecycle, found)))))


def _digest(text: str) -> str:
    """Stands for a long answer: the whole of it in golden files would be megabytes."""
    return sha256(text.encode()).hexdigest()[:10]


def _said(pack: Pack, lifecycle: Lifecycle, found: Advance) -> str:
    findings = [
        f"{one.rule} {one.severity} {one.place}【{one.basis}】{one.message} {one.remedy}"
        for one in found.findings if one.remedy is not None
    ]  # fmt: skip
    after = found.matter
    if after is None:
        return "; ".join([found.outcome, *findings])
    state = lifecycle.state[after.state]
    stands = [
        f"{state.name}{' (end)' if state.end else ''}", "public" if after.public else "not public", after.title,
        " ".join(f"{role}={' '.join(depts)}" for role, depts in after.roles.items()),
        " ".join(f"{name}={text}" for name, text in after.fields.items()),
        f"gaps {after.gaps}", f"branches {after.branches}",
    ]  # fmt: skip
    told = [f"tells {one.target} {one.step} {one.lifecycle} {dict(one.fields)} {one.links}" for one in found.told]
    return "; ".join([found.outcome, *findings, *stands, *map(partial(_duty, pack), found.duties), *told])


def _duty(pack: Pack, change: Changed) -> str:
    duty = change.duty
    rungs = " ".join(f"{one.rung.id}@{one.at:%m-%dT%H:%M}" for one in rungs_of(pack, duty))
    owed = f"{duty.name} {duty.rule} {duty.law}【{duty.basis}】 by {' '.join(duty.depts)}"
    return (
        f"{change.what} {owed} {duty.state} due {duty.due:%Y-%m-%dT%H:%M:%S} {duty.ladder} {rungs} lapse {duty.lapse}"
    )


def _allowed(world: World, own: str, state: str | None) -> str:
    return " ".join(step.id for step in world.pack.lifecycle[own].allowed(state))


def _outline(world: World, own: str) -> str:
    """What pages and rejections call things: the lifecycle, its states, steps, roles and fields."""
    one = world.pack.lifecycle[own]
    public = [f"{step.name}{'*' if step.public else ''}: {_fields(step)}" for step in one.steps]
    names = [f"{state.id} {state.name}" for state in one.states]
    main = f"{one.main} {dict(one.roles)}{' confidential' if one.confidential else ''} {one.pages}"
    clocks = ", ".join(clock.id for clock in one.clocks)
    return f"{one.name}【{one.basis}】 {one.family} {main} | {', '.join(names)} | {' | '.join(public)} | {clocks}"


def _fields(step: Step) -> str:
    shown = [f"{field.name}{'*' if field.public else ''} {' '.join(field.labels)}" for field in step.fields]
    return f"{', '.join(shown)} ({step.rule}{', once' if step.once else ''})"


def _rules(world: World, own: str) -> str:
    """Its part of the book of rules."""
    name = world.pack.lifecycle[own].name
    facts = [
        f"{rule.id} {term} {text}" for rule in book(world.pack) for term, text in rule.facts if term.startswith(name)
    ]
    return f"{len(facts)} {_digest(chr(10).join(facts))}"


def _triggered(world: World, own: str, n: int) -> str:
    """What a publication of each kind does, by this trigger: of which kinds, to which matter, with which fields."""
    lifecycle = world.pack.lifecycle[own]
    one = lifecycle.triggers[n]
    told = []
    for linked in (True, False):
        links = tuple(Link(rel=rel, target=f"{DEPT}/t") for rel in world.pack.city.link_rels) if linked else ()
        said: dict[str, Any] = dict(Scene.of(world.pack, lifecycle, None, _published(lifecycle, one.step, links)).said)
        said["publication"] = {
            "kind": "normative-document", "item": "02-01", "dept": DEPT, "title": "题", "docno": "示民发〔2026〕1号",
            "index_no": "i/2026-00001", "five_open": "决策",
        }  # fmt: skip
        fields = {name: read(text).ask(said) for name, text in one.fields.items()}
        told.append(f"{one.when is None or bool(read(one.when).ask(said))} {fields}")
    return f"on {one.on} of {' '.join(one.kinds) or 'any'} by {one.rel}{one.suffix}: {one.step}; {'; '.join(told)}"


def _published(lifecycle: Lifecycle, step: str, links: tuple[Link, ...]) -> Move:
    return Move(
        subject=SUBJECT, family=lifecycle.family, step=step, source="/engine/matters", id="m-1", at=AT, arrival=AT,
        links=links,
    )  # fmt: skip


def ladder_questions(world: World) -> Iterator[Question]:
    """Of each ladder: what is said when, to whom, of a duty due on a working day, a holiday's eve and in a holiday."""
    for ladder in world.pack.ladders:
        yield Question("ladders.toml", ladder.id, partial(_ladder, own=ladder.id))


def _ladder(world: World, own: str) -> str:
    ladder = world.pack.ladder[own]
    said = [f"{r.id} {r.name} {r.rule} {' '.join(r.to)}{' overdue' if r.overdue else ''}" for r in ladder.rungs]
    times = []
    for due in ("2026-02-13T23:59:59", "2026-02-20T15:00:00", "2026-03-10T23:59:59"):
        duty = Duty(
            id="d", subject="s", clock="c", name="n", rule="r", law="", basis="b", depts=(DEPT,), since=BEFORE,
            due=datetime.fromisoformat(f"{due}+08:00"), opened_at=BEFORE, ladder=own,
        )  # fmt: skip
        times.append(" ".join(f"{one.rung.id}@{one.at:%Y-%m-%dT%H:%M}" for one in rungs_of(world.pack, duty)))
    return f"{ladder.name}【{ladder.basis}】 {'; '.join(said)} | {' | '.join(times)}"


def scope_questions(world: World) -> Iterator[Question]:
    """What each word of the participation scope makes of a title that holds it."""
    words = {word for one in world.pack.scope for word in one.words}
    for word in (*sorted(words), STRANGE):
        yield Question("scope.toml", f"关于{word}的通知", partial(_scoped, word=word))


def _scoped(world: World, word: str) -> str:
    lifecycle = world.pack.lifecycles[0]
    scene = Scene.of(world.pack, lifecycle, None, _published(lifecycle, "x", ())._replace(title=f"关于{word}的通知"))
    return str(read("scoped(title)").ask(scene.said))


def charge_questions(world: World) -> Iterator[Question]:
    """What each table asks for numbers on either side of where a band ends, and of where its rate rises."""
    for one in world.pack.charges:
        ends = [band.upto for band in one.bands]
        turns = {*ends, ends[-1] + (one.every or 10), 2 * ends[-1], ends[-1] + 99}
        for n in sorted({n + by for n in turns for by in (-1, 0, 1)}):
            yield Question(f"charges.toml {one.id}", f"{n} {one.unit}", partial(_charged, own=one.id, n=n))
        yield Question(f"charges.toml {one.id}", "stands on", partial(_stands_on, own=one.id))


def _charged(world: World, own: str, n: int) -> str:
    return str(world.pack.charge[own].of(n))


def _stands_on(world: World, own: str) -> str:
    one = world.pack.charge[own]
    return f"{one.basis} {one.status} {one.unit}"


def reply_questions(world: World) -> Iterator[Question]:
    """Which phrases are no answer by themselves."""
    for phrase in (*world.pack.boilerplate, STRANGE):
        yield Question("replies.toml", phrase, partial(_answers, phrase=phrase))


def _answers(world: World, phrase: str) -> str:
    scene = Scene.of(world.pack, world.pack.lifecycles[0], None, _published(world.pack.lifecycles[0], "x", ()))
    return "empty" if read("boilerplate(reason)").ask({**scene.said, "reason": phrase}) else "an answer"


def mailbox_questions(world: World) -> Iterator[Question]:
    """What citizens write to is called, and how its receipts' numbers begin."""
    for one in world.pack.mailboxes:
        yield Question("mailboxes.toml", one.id, partial(_part, of="mailboxes", own=one.id))


def counter_questions(world: World) -> Iterator[Question]:
    """What each figure counts."""
    for one in world.pack.counters:
        yield Question("counters.toml", one.id, partial(_part, of="counters", own=one.id))


def standing_questions(world: World) -> Iterator[Question]:
    """What each standing duty says of itself; what the calendar makes of it is told by `rules.standing`'s own tests."""
    for one in world.pack.standing:
        yield Question("duties.toml", one.id, partial(_part, of="standing", own=one.id))


def _part(world: World, of: str, own: str) -> str:
    return next(str(one) for one in getattr(world.pack, of) if one.id == own)
