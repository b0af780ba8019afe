"""Matters followed with no broker: one verdict a record, the same bytes again, and the same end in any order."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bus.errors import Fenced, StoreMismatch
from bus.record import Record
from schemas.ids import feed_id
from schemas.records import DutyNoticed, MatterLinked, MatterMoved, RejectionIssued, VerdictGiven
from streams.duties.tables import DUTIES, WATERMARKS
from streams.matters.desk import Slice
from tests.streams.matters.city import NOON, opened, pack, records, stepped
from tests.streams.matters.world import World, world

HOUR = timedelta(hours=1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def here(request: pytest.FixtureRequest) -> Iterator[World]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with world(pack(), url, f"t{uuid.uuid4().hex[:10]}.") as made:
        yield made


def corpus() -> list[Record]:
    """A few cases, with what is wrong, early, late, twice and unreadable among it."""
    events = []
    for number in range(6):
        name, other = f"g{number}", f"fgw/f{number}"
        at = NOON + number * HOUR
        events += [
            opened(name, at, links=[{"rel": "interprets", "target": other}]),
            stepped(name, "ripened", at + HOUR),
            stepped(name, "watered", at + 2 * HOUR),
            stepped(name, "watered", at + 3 * HOUR, number=2),
            stepped(name, "flown", at + 3 * HOUR),
            stepped(f"none{number}", "watered", at),
        ]
    events.insert(9, events[0])
    made = records("matters", events)
    torn = Record("matters", 0, 0, made[0].timestamp, b"fgw/g1", b"{", ())
    return [*made[:4], torn, *made[4:]]


def test_every_record_is_given_one_verdict_and_all_that_is_said_fits_its_model(here: World) -> None:
    here.send(corpus())
    here.run(most=50)
    verdicts = [VerdictGiven.model_validate(one) for one in here.values("verdicts")]
    places = Counter(str(one.data.origin) for one in verdicts)
    judged = {record.origin for place, log in here.log.items() if place[0] in {"matters", "links"} for record in log}
    assert set(places) == judged
    assert set(places.values()) == {1}
    for topic, model in (("rejections", RejectionIssued), ("links", MatterLinked), ("portal-feed", MatterMoved),
                         ("duties", DutyNoticed)):  # fmt: skip
        assert [model.model_validate(one) for one in here.values(topic)], topic
    outcomes = Counter(one.data.outcome for one in verdicts)
    assert outcomes["dead"] == 1
    assert outcomes["rejected"] == len(here.values("rejections")) == 12
    wanted = {feed_id(v.data.event.source, v.data.event.id, o.outlet) for v in verdicts if v.data.event
              for o in v.data.outlets}  # fmt: skip
    assert wanted == {one["id"] for one in here.values("portal-feed")}


def test_a_step_waits_for_what_is_not_there_yet_and_is_taken_when_it_comes(here: World) -> None:
    here.send(records("matters", [opened("a"), stepped("a", "ripened", NOON + HOUR)]))
    here.run()
    (waiting,) = [v for v in map(VerdictGiven.model_validate, here.values("verdicts")) if v.data.matter and
                  v.data.matter.waiting]  # fmt: skip
    assert [one.rule for one in waiting.data.findings] == ["SM-WAITING"]
    assert waiting.data.matter is not None
    assert waiting.data.matter.state == "SOWN"
    here.send(records("matters", [stepped("a", "watered", NOON + 2 * HOUR)]))
    here.run()
    last = VerdictGiven.model_validate(here.values("verdicts")[-1])
    assert last.data.matter is not None
    assert (last.data.matter.state, last.data.matter.version, last.data.matter.gaps) == ("GROWN", 3, ())


def test_a_step_that_waits_is_a_duty_of_a_day_that_ends_with_it(here: World) -> None:
    here.send(records("matters", [opened("a"), stepped("a", "ripened", NOON + HOUR)]))
    here.run()
    (told,) = [
        one.data for one in map(DutyNoticed.model_validate, here.values("duties")) if one.data.clock == "waiting"
    ]
    assert told.since is not None
    assert told.due_at is not None
    assert (told.what, told.dept, told.rule, told.due_at - told.since) == ("opened", "fgw", "SM-WAITING", 24 * HOUR)
    here.send(records("matters", [stepped("a", "watered", NOON + 2 * HOUR)]))
    here.run()
    with here.store.read() as conn:
        rows = conn.execute(sa.select(DUTIES.c.id, DUTIES.c.state).where(DUTIES.c.clock == "waiting")).all()
    assert [(row.id, row.state) for row in rows] == [(told.duty, "closed")]


def test_every_partition_that_is_held_has_its_row_before_anybody_looks(here: World) -> None:
    with here.store.read() as conn:
        rows = {(row.topic, row.partition) for row in conn.execute(sa.select(WATERMARKS))}
    assert rows == here.log.keys()


def test_a_step_that_waited_a_day_is_taken_with_its_gap(here: World) -> None:
    here.send(records("matters", [opened("a"), stepped("a", "ripened", NOON + HOUR)]))
    here.run()
    here.send(records("matters", [opened("c", NOON + 26 * HOUR)]))
    here.run()
    if "GROWN" not in here.digest()["fgw/a"]:  # the other case lies in another partition: the clock looks itself
        here.desk.expire(list(here.log), int((NOON + 26 * HOUR).timestamp() * 1000))
        here.pump()
        here.run()
    assert '"state":"GROWN"' in here.digest()["fgw/a"]
    assert '"gaps":{"T-3":"ripened"}' in here.digest()["fgw/a"]


def test_any_interleaving_of_partitions_ends_alike() -> None:
    ends = []
    for seed in range(8):
        with world(pack()) as made:
            made.send(corpus())
            made.run(seed, most=1 + seed % 4)
            ends.append(made.digest())
    for end in ends[1:]:
        assert end == ends[0]


def test_the_same_log_gives_the_same_bytes() -> None:
    said = []
    for _ in range(2):
        with world(pack()) as made:
            made.send(corpus())
            made.run(3)
            said.append(made.sent)
    assert said[0] == said[1]


def test_a_repeat_is_answered_alike_and_changes_nothing(here: World) -> None:
    events = [opened("a"), stepped("a", "flown", NOON + HOUR)]
    here.send(records("matters", events))
    here.run()
    before = here.digest()
    here.send(records("matters", events))
    here.run()
    after = here.digest()
    assert after == before
    outcomes = [one["data"]["outcome"] for one in here.values("verdicts")]  # type: ignore[index]
    assert outcomes == ["accepted", "rejected", "accepted", "rejected"]
    rules = [one["data"]["findings"][0]["rule"] for one in here.values("rejections")]  # type: ignore[index]
    assert rules == ["SM-ILLEGAL", "SM-ILLEGAL"]


def test_a_process_that_was_taken_over_writes_no_more(here: World) -> None:
    here.send(records("matters", [opened("a")]))
    old = here.desk
    here.desk = here.new_desk()
    place = next(place for place, log in here.log.items() if log)
    with pytest.raises(Fenced):
        old.apply([Slice(*place, 0, 1, here.log[place])], here._judge)
    assert here.digest().get("fgw/a") is None
    here.run()
    assert here.digest()["fgw/a"]


def test_records_below_the_store_s_offset_are_skipped_and_a_log_that_begins_beyond_it_is_refused(here: World) -> None:
    here.send(records("matters", [opened("a")]))
    here.run()
    place = next(place for place, log in here.log.items() if log)
    before = here.digest()
    here.desk.apply([Slice(*place, 0, 1, here.log[place])], here._judge)
    assert here.digest() == before
    with pytest.raises(StoreMismatch, match="gongkai rebuild matters"):
        here.desk.apply([Slice(*place, 5, 6, [])], here._judge)


def test_engine_and_stations_name_no_state_step_or_lifecycle_of_the_example() -> None:
    from schemas.city import load_pack

    root = Path(__file__).parents[3]
    city = load_pack(root / "cities/example")
    names = {state.id for one in city.lifecycles for state in one.states if len(state.id) > 4}
    names |= {step.id for one in city.lifecycles for step in one.steps if "-" in step.id}
    names |= {one.id for one in city.lifecycles if "-" in one.id and one.id != "foi-request"}
    assert len(names) > 50
    for folder in ("rules/lifecycle", "streams"):
        for file in (root / folder).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            assert not [name for name in names if f'"{name}"' in text or f"'{name}'" in text], file
