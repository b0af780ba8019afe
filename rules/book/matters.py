"""Guards and clocks of lifecycles as rules: one page an id, whatever lifecycles it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from rules.book.rule import Rule
from schemas.city import Pack
from schemas.city.matters import FOLDER, Clock, Guard, Lifecycle, Step
from schemas.records import Sentence

_ENOUGH = 6
"""Characters of a title that say something."""
_MODES = {"refuse": "不符合的不予办理", "gap": "照常办理，记为缺失并公开显示"}


class _Place(NamedTuple):
    """A guard or a clock where it stands."""

    id: str
    lifecycle: Lifecycle
    steps: tuple[Step, ...]
    guard: Guard | None = None
    clock: Clock | None = None


def with_matters(pack: Pack, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules, those of lifecycles among them: told on the page that an id has already, or on one of their own."""
    places = sorted(_places(pack), key=attrgetter("id"))
    told = {name: list(some) for name, some in groupby(places, key=attrgetter("id"))}
    known = {rule.id for rule in rules}
    grown = (replace(rule, facts=(*rule.facts, *_facts(pack, told.get(rule.id, ())))) for rule in rules)
    return (*grown, *(_rule(pack, name, some) for name, some in told.items() if name not in known))


def _places(pack: Pack) -> Iterator[_Place]:
    for lifecycle in pack.lifecycles:
        for guard, steps in _guards(lifecycle).items():
            yield _Place(guard.id, lifecycle, tuple(steps), guard=guard)
        for clock in lifecycle.clocks:
            steps = [form for name in clock.opened_by for form in lifecycle.step.get(name, ())[:1]]
            yield _Place(clock.rule, lifecycle, tuple(steps), clock=clock)


def _guards(lifecycle: Lifecycle) -> Mapping[Guard, list[Step]]:
    """Each guard once, with the steps that it stands at."""
    found: dict[Guard, list[Step]] = {}
    for step in lifecycle.steps:
        for guard in step.guards:
            found.setdefault(guard, []).append(step)
    return found


def _rule(pack: Pack, name: str, places: Sequence[_Place]) -> Rule:
    first = next((place for place in places if place.guard is not None), places[0])
    files = dict.fromkeys(f"{FOLDER}/{place.lifecycle.id}.toml" for place in places)
    facts = tuple(_facts(pack, places))
    if (guard := first.guard) is not None:
        return Rule(
            id=name, group="matter", title=_short(guard.zh), basis=guard.basis, source="、".join(files),
            severity="error" if guard.mode == "refuse" else "warn", message=Sentence(zh=guard.zh, en=guard.en),
            remedy=Sentence(zh=guard.remedy_zh, en=guard.remedy_en), facts=facts,
        )  # fmt: skip
    title = first.clock.name if first.clock else name
    return Rule(id=name, group="matter", title=title, basis=first.lifecycle.basis, source="、".join(files), facts=facts)


def _facts(pack: Pack, places: Iterable[_Place]) -> Iterator[tuple[str, str]]:
    """A term and a text for each place; terms differ, for they are the keys of an answer to programs."""
    seen: dict[str, int] = {}
    for place in places:
        what = f"期限“{place.clock.name}”" if place.clock else "、".join(dict.fromkeys(one.name for one in place.steps))
        term = f"{place.lifecycle.name}：{what}"
        seen[term] = seen.get(term, 0) + 1
        yield (term if seen[term] == 1 else f"{term}（{seen[term]}）"), _said(pack, place)


def _said(pack: Pack, place: _Place) -> str:
    if (guard := place.guard) is not None:
        waits = "；所依据的信息未到的，先登记等待一天" if guard.waits else ""
        return f"{_MODES[guard.mode]}{waits}：{guard.zh}{guard.remedy_zh}（{guard.basis}；条件：{guard.holds}）"
    return _clock(pack, place.clock, place.steps) if place.clock is not None else ""


def _clock(pack: Pack, clock: Clock, steps: Iterable[Step]) -> str:
    limits = "、".join(f"{one.clock} {pack.clock[one.clock].name}" for one in clock.limits if one.clock in pack.clock)
    begun = "、".join(dict.fromkeys(step.name for step in steps))
    ladder = pack.ladder[clock.ladder].name if clock.ladder in pack.ladder else "不提醒"
    return f"自“{begun}”起：{limits or '按写明的时间'}；提醒：{ladder}"


def _short(sentence: str) -> str:
    """A sentence as a title: without what is filled in, and no longer than a line."""
    whole, _, rest = sentence.partition("{")
    return (whole if rest and len(whole) > _ENOUGH else sentence).rstrip("。，：；")[:60]
