"""Matters: what each step makes of a matter in each state, with everything said, and with each thing missing."""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import combinations, product
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

DEPT, LEAD, OTHER, THIRD = "mzj", "zfb", "gaj", "jtj"
SUBJECT = f"{DEPT}/seen-1"
BEFORE = datetime.fromisoformat("2026-02-05T09:00:00+08:00")
AT = datetime.fromisoformat("2026-02-10T10:00:00+08:00")
DAYS = ("2026-02-10", "2026-02-17", "2026-03-12", "2026-02-05")
VALUES: Mapping[str, tuple[str, ...]] = {
    "text": ("依据《示例市规则》第三条，已经更换井盖并恢复通行，并向来信人作了说明。", "已收悉。"), "date": DAYS,
    "instant": tuple(f"{day}T09:00:00+08:00" for day in DAYS), "number": ("2", "0", "1", "3"), "yes": ("是", "否"),
    "dept": (THIRD, DEPT, OTHER), "depts": (THIRD, DEPT, f"{DEPT} {OTHER}"), "sha256": ("0" * 64,),
}  # fmt: skip
FITTING: Mapping[str, str | None] = {
    "mailbox": "hotline", "remedies": "可以自收到之日起六十日内申请行政复议，或者依法提起行政诉讼。",
    "partly": "0", "refused": "0", "unrelated": "0", "same_requests": "3", "quantity": "11", "amount": "100",
    "paid_amount": "100", "urgent": "否",
    "answer_by": "2026-03-12", **{f"t{n}": None for n in range(1, 9)}, **{f"a{n}": "甲" for n in range(1, 9)},
}  # fmt: skip
"""What fields say, by their names, where no first value of their type would ever do; None: nothing."""
HELD = frozenset({"matter", "facts", "done", "links", "last", "first", "count", "due", "open", "running", "held"})
"""What a matter has, or a step tells beside its fields, that may be left out."""
FEW = 120
"""Combinations of what a guard asks that are all tried; of more, every one of two."""
FACTS = {"identity": "是", "contact": "是", "concrete": "是", "title_length": "12", "body_length": "60"}


Use = tuple[str, str]
Values = tuple[tuple[str, str], ...]


class Case(NamedTuple):
    """How a step is taken."""

    without: tuple[Use, ...] = ()
    """Groups and names of what is missing: `('fields', 'type')`, `('done', 'analysed')`."""
    instead: Values = ()
    """Fields and what they say instead."""
    held: Values = ()
    """Fields of the matter and what they hold instead."""
    facts: Values = ()
    """What the door measured instead."""
    who: str = ""
    reason: str = "情况说明"
    title: str = "关于机动车限行和公开工作的事项"
    bare: bool = False
    """Nothing was done before, and nothing is said."""
    fresh: bool = False
    """Nothing was done before, and nothing is due."""
    idle: bool = False
    """Nothing is due yet, so that a clock may open."""
    soon: bool = False
    """All that happened before happened just now."""
    calm: bool = False
    """No branch is open but one that the step ends, so that the matter may end."""
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
        for n, step in enumerate(lifecycle.steps):
            for name in _weighed(lifecycle, step):
                yield Question(file, f"{step.id} ({n}), {name}", partial(_weighing, own=lifecycle.id, n=n, name=name))
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
    if lifecycle.title is not None:
        yield "with no title", Case(title="")
    yield "with nothing before", Case(fresh=True)
    yield from ((f"with other values {n}", Case(which=n)) for n in (1, 2, 3))
    if any(not field.required for form in forms for field in form.fields):
        yield from ((f"with no more than it must, values {n}", Case(which=n, spare=True)) for n in range(4))
    if any(form.once for form in forms):
        yield "for the first time", Case(without=(("done", forms[0].id),), calm=True)
    ends = any(one.begins for one in lifecycle.steps) and any(_ends(lifecycle, form) for form in forms)
    if ends or any("branches" in guard.holds for form in forms for guard in form.guards):
        yield "with no branch open", Case(calm=True)
    yield "without a reason", Case(reason="")
    for who in dict.fromkeys((*(word for form in forms for word in form.by), "nobody")):
        yield f"by {who}", Case(who=who)
    asked = {use for form in forms for guard in form.guards for text in guard.expressions for use in read(text).used}
    asked |= {use for form in forms if form.when for use in read(form.when).used}
    if any(group in {"last", "first"} for group, _ in asked):
        yield "just after what was before", Case(soon=True)
    for use in sorted(asked):
        if use[0] in HELD:
            yield f"without {use[0]} {use[1]}", Case(without=(use,))
    for role in dict.fromkeys(role for form in forms for role in form.joins):
        yield f"without held {role}", Case(without=(("held", role),))
    for field in {field.id: field for form in forms for field in form.fields}.values():
        yield f"without {field.id}", Case(without=(("fields", field.id),))
        for value in (*_others(field), "x" * (field.max + 1)):
            shown = value if len(value) < 60 else f"{len(value)} characters"
            yield f"{field.id} {shown}", Case(instead=((field.id, value),))


def _ends(lifecycle: Lifecycle, form: Step) -> bool:
    return form.to is not None and lifecycle.state[form.to].end


def _others(field: StepField) -> tuple[str, ...]:
    if field.choices:
        return (*field.choices[1:], STRANGE)
    return (*VALUES[field.type][1:], STRANGE)


def _value(field: StepField, which: int = 0) -> str | None:
    """What a field says; None where it is best left out."""
    if field.pattern is not None:
        return field.example
    if which == 0 and field.id in FITTING:
        return FITTING[field.id] if not field.choices or FITTING[field.id] is None else field.choices[0]
    if field.type == "choices":
        return " ".join(field.choices)
    values = field.choices or VALUES[field.type]
    return values[min(which, len(values) - 1)]


def _values(fields: Iterable[StepField], which: int = 0) -> dict[str, str]:
    found = {field.id: _value(field, which) for field in fields}
    return {name: text for name, text in found.items() if text is not None}


def _matter(pack: Pack, lifecycle: Lifecycle, state: str, case: Case) -> Matter:
    """A matter in `state` to which everything has happened, but for what is left out."""
    without = case.without
    gone = {name for group, name in without if group in {"done", "last", "first", "count"}}
    when = AT if case.soon else BEFORE
    taken = {step: Taken(2, when, when) for step in lifecycle.step if step not in gone}
    fields = _values(one for one in lifecycle.fields.values() if ("matter", one.id) not in without)
    duties = {
        clock.id: Duty(
            id=f"{SUBJECT}#{clock.id}#1", subject=SUBJECT, clock=clock.id, name=clock.name, rule=clock.rule,
            law=clock.limits[0].clock if clock.limits else "", basis=lifecycle.basis, depts=(DEPT,), since=BEFORE,
            due=AT + timedelta(days=9), opened_at=BEFORE, ladder=clock.ladder or None, lapse=clock.lapse,
        )
        for clock in lifecycle.clocks if not {("due", clock.id), ("running", clock.id)} & {*without}
    }  # fmt: skip
    names = {name for _, name in without}
    branches = tuple(dict.fromkeys(one.begins for one in lifecycle.steps if one.begins and one.begins not in names))
    return Matter(
        subject=SUBJECT, lifecycle=lifecycle.id, state=state, version=9, title="关于公开工作的事项", opened_at=BEFORE,
        cause=lifecycle.steps[0].id, since=BEFORE, sender=DEPT,
        roles={MAIN: (DEPT,), **{role: (OTHER,) for role in lifecycle.roles if ("held", role) not in without}},
        fields=fields | dict(case.held), taken=taken, duties=duties, branches=branches,
        links=tuple((rel, f"{DEPT}/other-{rel}") for rel in pack.city.link_rels if ("links", rel) not in without),
    )  # fmt: skip


def _move(pack: Pack, lifecycle: Lifecycle, step: str, forms: tuple[Step, ...], case: Case) -> Move:
    fields = [field for form in reversed(forms) for field in form.fields]
    if case.bare:
        fields = []
    elif case.spare:
        fields = [field for field in fields if field.required]
    said = _values(fields, case.which)
    said = {name: text for name, text in said.items() if ("fields", name) not in case.without} | dict(case.instead)
    by = forms[-1].by if forms else (LEAD_OFFICE,)
    who = case.who or next((word for word in by if word not in {ENGINE, CITIZEN}), by[0])
    actor = {LEAD_OFFICE: LEAD, ISSUER: DEPT, SENDER: DEPT, MAIN: DEPT, "nobody": "tjj", "*": "tjj"}.get(who, OTHER)
    source = {ENGINE: "/engine/matters", CITIZEN: "/portal"}.get(who, f"/departments/{actor}")
    sent = None if who in {ENGINE, CITIZEN} else actor
    facts = {name: value for name, value in (FACTS | dict(case.facts)).items() if ("facts", name) not in case.without}
    return Move(
        subject=SUBJECT, family=lifecycle.family, step=step, source=source, id="m-1", at=AT, arrival=AT,
        lifecycle=lifecycle.id, sender=sent, actor=sent, fields=said, facts={} if case.bare else facts,
        reason="" if case.bare else case.reason, title=case.title, personal=not case.bare,
        links=() if case.bare else tuple(
            Link(rel=rel, target=f"{DEPT}/this-{rel}")
            for rel in pack.city.link_rels if ("links", rel) not in case.without
        ),
    )  # fmt: skip


def _taken(world: World, own: str, state: str | None, step: str, case: Case) -> str:
    lifecycle = world.pack.lifecycle[own]
    found = _after(world.pack, lifecycle, state, step, case)
    rules = " ".join(dict.fromkeys(one.rule for one in found.findings))
    state = found.matter.state if found.matter else ""
    return " ".join(filter(None, (found.outcome, state, rules, _digest(_said(world.pack, lifecycle, found)))))


def _after(pack: Pack, lifecycle: Lifecycle, state: str | None, step: str, case: Case) -> Advance:
    matter = _matter(pack, lifecycle, state, case) if state else None
    if matter is not None and (case.idle or case.calm):
        ended = {form.ends for form in lifecycle.forms(step, state)}
        open_ = tuple(name for name in matter.branches if not case.calm or name in ended)
        matter = replace(matter, duties={} if case.idle else matter.duties, branches=open_)
    if matter is not None and case.bare:
        matter = Matter(
            subject=SUBJECT, lifecycle=lifecycle.id, state=matter.state, opened_at=BEFORE, cause=matter.cause,
            since=BEFORE, sender=DEPT, roles={MAIN: (DEPT,)},
        )  # fmt: skip
    if matter is not None and case.fresh:
        matter = replace(matter, taken={}, duties={}, branches=(), links=())
    return advance(pack, matter, _move(pack, lifecycle, step, lifecycle.forms(step, state), case))


def _weighed(lifecycle: Lifecycle, step: Step) -> dict[str, tuple[str, ...]]:
    """The expressions that a step's outcome hangs on, by what they are of."""
    form = [step.when] if step.when else []
    found = {f"guard {guard.id}": (*guard.expressions, *form) for guard in step.guards}
    for n, effect in enumerate(step.effects):
        found[f"effect {n}"] = (*([effect.when] if effect.when else []), *effect.fields.values(), *form)
    for clock in lifecycle.clocks:
        if step.id in clock.opened_by:
            found[f"clock {clock.id}"] = (*(one.when for one in clock.limits if one.when), *form)
    found["form"] = tuple(form)
    return {name: tuple(texts) for name, texts in found.items() if texts}


def _weighing(world: World, own: str, n: int, name: str) -> str:
    """What follows of each combination of what expressions ask, in the first state in which the step may be taken."""
    pack, lifecycle = world.pack, world.pack.lifecycle[own]
    step = lifecycle.steps[n]
    state = next((one for one in (None, *lifecycle.state) if lifecycle.fits(step, one)), None)
    cases = list(_combined(_asked(pack, lifecycle, step, _weighed(lifecycle, step)[name])))
    if name == "form":
        lacking = [("fields", field.id) for field in step.fields]
        cases += [case._replace(without=(*case.without, one)) for case in cases for one in lacking]
        cases += [case._replace(who="nobody") for case in cases]
    if name.startswith("clock"):
        cases = [case._replace(idle=True) for case in cases]
    found = [_after(pack, lifecycle, state, step.id, case) for case in cases]
    told = Counter(each.rule for one in found for each in one.findings)
    counted = f"{told[name.removeprefix('guard ')]} of " if name.startswith("guard") else ""
    return f"{counted}{len(found)} {_digest(' '.join(_said(pack, lifecycle, one) for one in found))}"


Alternative = tuple[Use, str | None]
REASON, BRANCHES = ("reason", ""), ("open", "")


def _asked(pack: Pack, lifecycle: Lifecycle, step: Step, texts: tuple[str, ...]) -> list[list[Alternative]]:
    """What expressions ask, each with what it may be: absent, there, or one of some values."""
    asked = " ".join(texts)
    words = tuple(dict.fromkeys(text for one in texts for text in _literals(one)))
    words += pack.boilerplate[:1] if "boilerplate(" in asked else ()
    words += (THIRD,) if "department(" in asked else ()
    kinds: list[list[Alternative]] = [
        [(use, value) for value in _alternatives(lifecycle, step, use, words)]
        for use in sorted({use for text in texts for use in read(text).used})
    ]
    for name, use in (("reason", REASON), ("branches", BRANCHES)):
        kinds.append([(use, None), (use, "")] if re.search(rf"\b{name}\b", asked) else [])
    return [one for one in kinds if one]


def _literals(text: str) -> Iterator[str]:
    """The texts that an expression compares with."""
    for node in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _alternatives(lifecycle: Lifecycle, step: Step, use: Use, words: tuple[str, ...]) -> tuple[str | None, ...]:
    group, name = use
    field = (step.field if group == "fields" else lifecycle.fields).get(name)
    if group == "facts":
        return (None, "是", "否", "0", "12", "9999")
    if group not in {"fields", "matter"} or field is None:
        return (None, "") if group in HELD else ()
    if field.type == "text":
        return (None, *VALUES["text"], *words, "、".join(words))
    return (None, *(field.choices or VALUES[field.type]))


def _combined(kinds: list[list[Alternative]]) -> Iterator[Case]:
    """Every combination where they are few; else every one of two."""
    few = math.prod(len(one) for one in kinds) <= FEW
    for some in [kinds] if few else combinations(kinds, 2):
        for chosen in product(*some):
            yield Case(
                without=tuple(use for use, value in chosen if value is None),
                reason="" if (REASON, None) in chosen else Case().reason,
                calm=all(use[0] != "open" or (use, value) == (BRANCHES, None) for use, value in chosen),
                instead=tuple((use[1], value) for use, value in chosen if value and use[0] == "fields"),
                held=tuple((use[1], value) for use, value in chosen if value and use[0] == "matter"),
                facts=tuple((use[1], value) for use, value in chosen if value and use[0] == "facts"),
            )  # fmt: skip


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
    main += f" {one.findings}" if one.findings else ""
    main += f" opened by {' '.join(one.opens)}" if one.opens else ""
    clocks = ", ".join(clock.id for clock in one.clocks)
    first = f"{one.name}【{one.basis}】 {one.family} {one.title} {main}"
    return f"{first} | {', '.join(names)} | {' | '.join(public)} | {clocks}"


def _fields(step: Step) -> str:
    marks = {field.id: f"{'*' if field.public else ''}{'#' if field.counted else ''}" for field in step.fields}
    shown = [f"{field.name}{marks[field.id]} {' '.join(field.labels)}" for field in step.fields]
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
        said: dict[str, Any] = dict(Scene(world.pack, lifecycle, None, _published(lifecycle, one.step, links)).said)
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
    scene = Scene(world.pack, lifecycle, None, _published(lifecycle, "x", ())._replace(title=f"关于{word}的通知"))
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
    scene = Scene(world.pack, world.pack.lifecycles[0], None, _published(world.pack.lifecycles[0], "x", ()))
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
