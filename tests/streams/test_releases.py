"""Each record is judged by the release for its arrival; what was judged before is never judged anew."""

from __future__ import annotations

import asyncio
import json
import pickle
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

import pytest

from bus.record import Outgoing, Record
from schemas import headers as h
from schemas.city.releases import Releases
from schemas.topics import VERDICTS
from streams.releases import ByRelease, CityJudge, judge_of
from streams.transport.chain import Link, Place
from streams.transport.slices import Slice
from tests.rules.making import example
from tests.support.events import to_bytes
from tests.support.releasing import example_files, records

EVENT = example()
SENT = datetime.fromisoformat(EVENT["time"])
BEFORE, CHANGE, AFTER = (SENT + timedelta(minutes=n) for n in (1, 2, 3))


def releases(*more: int) -> Releases:
    """Release 1, and from CHANGE on release 2 with another name of the city."""
    found = Releases()
    made = [records(example_files(1), 1, SENT)]
    made += [records(example_files(n), n, CHANGE, written=SENT) for n in (2, *more)]
    for record in (each for one in made for each in one):
        found.add(record)
    return found


def record(offset: int, arrival: datetime) -> Record:
    return Record("publications", 0, offset, int(arrival.timestamp() * 1000), b"k", to_bytes(EVENT))


def packs(outputs: list[Outgoing]) -> set[str | None]:
    return {h.get(out.headers, h.PACK) for out in outputs}


def test_every_output_names_the_release_for_the_records_own_arrival() -> None:
    judge = ByRelease(releases().span)
    seen = [packs(list(judge(record(n, at)))) for n, at in enumerate((BEFORE, AFTER, BEFORE, CHANGE))]
    assert seen == [{"1"}, {"2"}, {"1"}, {"2"}]


def test_a_dead_letter_names_it_too() -> None:
    judge = ByRelease(releases().span)
    assert packs(list(judge.dead(record(0, AFTER), "ENGINE-FAULT", ""))) == {"2"}
    assert packs(list(judge.dead(record(0, BEFORE), "ENGINE-FAULT", ""))) == {"1"}


def test_the_child_that_judges_with_care_says_the_same_bytes() -> None:
    found = releases()
    here, there = ByRelease(found.span), pickle.loads(pickle.dumps(found.all))
    child = judge_of(there)
    for n, at in enumerate((BEFORE, AFTER)):
        assert list(child(record(n, at))) == list(here(record(n, at)))


def test_another_order_gives_the_same_bytes() -> None:
    given = [record(n, at) for n, at in enumerate((BEFORE, AFTER, CHANGE, BEFORE))]
    one, other = ByRelease(releases().span), ByRelease(releases().span)
    assert {each.offset: list(one(each)) for each in given} == {each.offset: list(other(each)) for each in given[::-1]}


class Following:
    """A city that is asked, and answers when the test says so."""

    def __init__(self) -> None:
        self.releases = ()
        self.found = releases()
        self.looked_at, self.looked_from = int(BEFORE.timestamp() * 1000), 10.0
        self.asked: list[Future[None]] = []

    def at(self, arrival: int) -> Any:
        return self.found.span(arrival)

    def covers(self, arrival: int, fetched: float) -> bool:
        return arrival <= self.looked_at or fetched <= self.looked_from

    def ask(self) -> Future[None]:
        self.asked.append(Future())
        return self.asked[-1]


def slice_of(arrival: datetime, fetched: float) -> Slice:
    raw: Any = record(0, arrival)
    return Slice(Link(Place("publications", 0), 1, 0, 1, 1, fetched), "publications", [raw])


@pytest.mark.parametrize(("arrival", "fetched"), [(BEFORE, 99.0), (AFTER, 9.0)])
def test_what_arrived_or_was_fetched_before_the_last_look_waits_for_nothing(arrival: datetime, fetched: float) -> None:
    city: Any = Following()
    asyncio.run(CityJudge(city).ready(slice_of(arrival, fetched)))
    assert city.asked == []


def test_what_came_since_waits_for_a_look_and_is_judged_by_what_that_brought() -> None:
    city: Any = Following()
    judge = CityJudge(city)
    assert packs(list(judge(record(0, AFTER)))) == {"2"}

    async def wait() -> None:
        waiting = asyncio.ensure_future(judge.ready(slice_of(AFTER, 11.0)))
        await asyncio.sleep(0)
        assert not waiting.done()
        city.found = releases(3)
        city.asked[0].set_result(None)
        await waiting

    asyncio.run(wait())
    assert packs(list(judge(record(0, AFTER)))) == {"3"}


def test_the_verdict_is_the_one_that_offline_judging_gives_for_that_release() -> None:
    from rules import offline

    found = releases()
    judge = ByRelease(found.span)
    for arrival in (BEFORE, AFTER):
        [said] = [out for out in judge(record(0, arrival)) if out.topic == VERDICTS.name]
        line = offline.check(found.span(int(arrival.timestamp() * 1000)).pack, to_bytes(EVENT), arrival)
        data = json.loads(said.value or b"")["data"]
        assert (data["outcome"], [one["outlet"] for one in data["outlets"]]) == (line["verdict"], line["outlets"])
