"""What was planted beside what was found, and what was to be counted beside what was."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from bus.store import Store
from consumers.assessment import matters
from consumers.assessment.rows import micros
from schemas.city import Pack
from tests.year.city import City
from tests.year.course import words
from tests.year.days import CITY
from tests.year.plan import Plan

Place = tuple[str, str]
"""A matter and a clock of it."""


class Found(NamedTuple):
    """What was told of something overdue."""

    at: datetime
    """The instant that it speaks of."""
    told: datetime
    """When it was told."""


@dataclass(frozen=True)
class Report:
    """A year's outcome; it holds where `wrong` is empty."""

    planted: int
    found: int
    wrong: tuple[str, ...]
    counts: Mapping[str, tuple[int, int]]
    """Figures: expected, got."""
    sorts: Mapping[str, int]
    """Silences by sort."""


def report(plan: Plan, city: City, pack: Pack, grace: timedelta) -> Report:
    """Compare; `grace` lies between an instant and the look at the clock that tells of it."""
    found = _found(pack, city.words)
    got = {one["id"]: one["count"] for one in city.pages.get("/api/v1/counters").json()["counters"]}
    counts = {name: (number, got.get(name, -1)) for name, number in plan.counts.items()}
    wrong = [
        *(f"refused: {_said(value)}" for value in city.refused), *_silences(plan, found, grace),
        *_listed(plan, city.ledger.store, city.clock()),
        *(f"{name}: {expected} expected, {number} counted" for name, (expected, number) in counts.items()
          if expected != number),
    ]  # fmt: skip
    sorts = Counter(one.sort for one in plan.silences)
    return Report(len(plan.silences), len(found), tuple(wrong), counts, dict(sorted(sorts.items())))


def _silences(plan: Plan, found: Mapping[Place, Mapping[str, Found]], grace: timedelta) -> Iterable[str]:
    """Planted and not told of, told of otherwise, or told of and not planted."""
    planted = {(one.subject, one.clock): one for one in plan.silences}
    for place, one in planted.items():
        told, name = found.get(place, {}), f"{one.sort}, {' '.join(place)}"
        asked = words(plan.days, one, plan.ends)
        latest = {rung: _latest(plan, at, grace) for rung, at in asked.items()}
        sure = {rung for rung, at in latest.items() if one.ends is None or at < one.ends}
        yield from (f"not found: {name}, {rung} at {asked[rung]:{_AT}}" for rung in sure - told.keys())
        yield from (f"said for nothing: {name}, {rung}" for rung in told.keys() - asked.keys())
        for rung in asked.keys() & told.keys():
            yield from _timely(f"{name}, {rung}", asked[rung], latest[rung], told[rung])
    for place in found.keys() - planted.keys():
        told_at = min(each.told for each in found[place].values()).astimezone(CITY)
        yield f"invented: {' '.join(place)}, {' '.join(sorted(found[place]))} at {told_at:{_AT}}"


_AT = "%Y-%m-%d %H:%M"


def _latest(plan: Plan, at: datetime, grace: timedelta) -> datetime:
    """When what is due to be said at an instant is said at the latest: soon after it, or after an outage."""
    return max([at, *(last for first, last in plan.outages if first - grace <= at <= last)]) + grace


def _timely(name: str, asked: datetime, latest: datetime, told: Found) -> Iterable[str]:
    """Whether it speaks of the right instant, in time."""
    if told.at != asked:
        yield f"another day: {name}, {told.at.astimezone(CITY):{_AT}} for {asked:{_AT}}"
    elif not asked <= told.told <= latest:
        yield f"told of late: {name}, at {told.told.astimezone(CITY):{_AT}}"


def _listed(plan: Plan, store: Store, now: datetime) -> Iterable[str]:
    """The assessment's list of what is overdue at the year's end, beside what was left undone."""
    undone = {(one.subject, one.clock) for one in plan.silences if (one.ends or plan.ends) >= plan.ends}
    with store.read() as conn:
        rows = matters.due_between(conn, 0, micros(now), 10**6)
    listed = {(row.subject, row.id.split("#")[1]) for row in rows}
    yield from (f"not on the list: {' '.join(place)}" for place in sorted(undone - listed))
    yield from (f"on the list for nothing: {' '.join(place)}" for place in sorted(listed - undone))


class _Notice(msgspec.Struct):
    subject: str
    clock: str
    what: str
    at: datetime
    rung: str | None = None


class _Word(msgspec.Struct):
    time: datetime
    data: _Notice


_WORD = msgspec.json.Decoder(_Word)


def _found(pack: Pack, told: Iterable[bytes]) -> dict[Place, dict[str, Found]]:
    """What was first said of each clock that is overdue, by rung; whether it was taken back later does not matter."""
    overdue = {rung.id for ladder in pack.ladders for rung in ladder.rungs if rung.overdue}
    seen: dict[Place, dict[str, Found]] = {}
    for value in told:
        word = _WORD.decode(value)
        if word.data.rung in overdue:
            of_place = seen.setdefault((word.data.subject, word.data.clock), {})
            of_place.setdefault(word.data.rung or "", Found(word.data.at, word.time))
    return seen


def _said(value: bytes) -> str:
    """Whose event was refused, and by which rules."""
    data = json.loads(value)["data"]
    rules = ", ".join(finding["rule"] for finding in data.get("findings", ()))
    return f"{data.get('event', {}).get('subject', '')} by {rules or 'a dead letter'}"
