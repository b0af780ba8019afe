"""A year at a hundredth of its size: what is planted is found, nothing is invented, figures come back from events."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from bus.record import Outgoing, Record
from rules.lifecycle import Duty, rungs_of
from rules.lifecycle.rungs import Reached
from schemas.city import Pack, load_pack
from streams.duties import entry
from streams.duties.tables import ms
from streams.duties.watermark import Watermark
from streams.matters.judging import MatterJudging
from streams.matters.room import Room
from tests.support.events import to_bytes
from tests.year.city import City
from tests.year.load import Load
from tests.year.plan import Plan, draw
from tests.year.running import SWIFT
from tests.year.simulating import SEED, Simulated, lived, simulate
from tests.year.station import Judge

HUNDREDTH = Load().part(100)


@cache
def pack() -> Pack:
    return load_pack("cities/example")


@cache
def year() -> Plan:
    return draw(HUNDREDTH, pack(), SEED)


@cache
def whole() -> Simulated:
    return simulate(HUNDREDTH, pack(), pace=SWIFT, plan=year())


def test_every_silence_of_a_year_is_found_on_its_day_and_none_is_invented() -> None:
    said = whole().report
    assert said.wrong == ()
    assert said.planted == said.found == len(year().silences)
    assert len(said.sorts) > 25


@pytest.mark.feature("2-15")
@pytest.mark.feature("2-19")
@pytest.mark.feature("2-33")
def test_the_figures_of_a_year_come_back_from_its_events() -> None:
    counts = {name: got for name, (_, got) in whole().report.counts.items()}
    assert [counts[name] for name in ("press-releases", "topics", "topic-materials")] == [30, 142, 64]
    assert [counts[name] for name in ("press-units", "press-conferences")] == [41, 24]
    assert [counts[name] for name in ("symposia", "symposium-requests")] == [8, 104]
    some = ("requests-handled", "hot-spots-answered", "supervised", "cases-solved")
    assert [counts[name] for name in some] == [96, 24, 7, 35], "a hundredth of 9,532, 2,344, 677 and 3,413, rounded up"


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_a_year_of_its_whole_size() -> None:
    assert simulate(Load(), pack(), partitions=2).report.wrong == ()


def test_one_event_more_makes_a_figure_one_more() -> None:
    plan = beginning()
    with lived(plan, pack(), SWIFT) as city:
        before = figures(city)
        raised = next(one for one in plan.sent if one.subject == "swj/S0" and b'"request-raised"' in one.value)
        more = json.loads(raised.value) | {"id": "one-more", "time": city.clock().isoformat()}
        more["data"] |= {"at": city.clock().isoformat(), "links": [{"rel": "raises", "target": "swj/S0-99"}]}
        city.take([raised._replace(at=city.clock(), value=to_bytes(more))])
        city.settle()
        assert before["symposium-requests"] > 0
        assert figures(city) == before | {"symposium-requests": before["symposium-requests"] + 1}


def test_a_ladder_that_drops_a_rung_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(pack_: Pack, duty: Duty) -> list[Reached]:
        return [one for one in rungs_of(pack_, duty) if one.rung.id != "urged"]

    monkeypatch.setattr(entry, "rungs_of", short)
    wrong = broken()
    assert wrong
    assert [line for line in wrong if not (line.startswith("not found") and ", urged at " in line)] == []


def test_a_closing_that_nobody_is_told_of_is_told() -> None:
    def silent(judging: MatterJudging, room: Room, record: Record) -> Sequence[Outgoing]:
        outs = judging(room, record)
        room.done[:] = [
            one._replace(changes=[each for each in one.changes if each.what != "closed"]) for one in room.done
        ]
        return outs

    assert [line for line in broken(silent) if line.startswith("invented")]


def test_a_clock_that_does_not_wait_for_the_log_is_told_behind_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watermark, "advance", lambda _self, wall, _glance, _ends: ms(wall))
    assert "invented: zfb/B0 fix, supervised at 2026-02-13 17:30" in broken()


def test_a_calendar_without_its_holidays_is_told() -> None:
    years = tuple(one.model_copy(update={"off": ()}) for one in pack().years)
    wrong = broken(pack_=replace(pack(), years=years))
    assert [line for line in wrong if line.startswith("invented")]


@cache
def beginning() -> Plan:
    """January and half of February, with more left undone than a hundredth has."""
    return draw(replace(Load().part(300), plants=3), pack(), SEED).up_to(date(2026, 2, 20))


def broken(judge: Judge | None = None, pack_: Pack | None = None) -> tuple[str, ...]:
    """What the report says of a city in which something is broken; it says nothing of one in which nothing is."""
    return simulate(HUNDREDTH, pack_ or pack(), pace=SWIFT, plan=beginning(), judge=judge).report.wrong


def figures(city: City) -> dict[str, int]:
    return {one["id"]: one["count"] for one in city.pages.get("/api/v1/counters").json()["counters"]}
