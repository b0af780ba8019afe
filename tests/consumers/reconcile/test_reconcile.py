"""The conservation law holds for a whole city, and each way of breaking it is found and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from bus.record import Record
from bus.settings import Settings
from bus.store import Store
from bus.store.tables import INBOX
from consumers.reconcile import Balance, reconcile
from consumers.trace import trace
from tests.consumers.reconcile.world import World
from tests.support import events
from tests.support.duties import word

pytestmark = pytest.mark.integration


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    made = World(settings)
    yield made
    made.close()


def laws(found: Balance) -> set[str]:
    return {gap.law for gap in found.gaps}


def test_a_city_in_which_everything_arrived_has_no_gap(world: World) -> None:
    world.publish(events.submitted())
    world.publish(events.submitted(), "rejected")
    world.publish(events.submitted(), "dead")
    again = events.submitted()
    world.publish(again)
    repeated = world.publish(again, without=("feed", "receipt"))
    world.settle()
    found = reconcile(world.settings)
    assert found.gaps == ()
    assert (found.submitted, found.accepted, found.rejected, found.dead, found.repeated) == (5, 2, 1, 1, 1)
    assert (found.in_flight, found.lost, found.waiting) == (0, 0, 0)
    assert found.parts["portal"].receipts == {"published": 2}
    assert repeated.offset == 4


def test_what_the_router_has_not_acknowledged_is_in_flight_and_no_gap(world: World) -> None:
    world.publish(events.submitted())
    world.publish(events.submitted(), without=("verdict", "feed", "receipt"))
    world.settle(behind=1)
    found = reconcile(world.settings)
    assert found.gap == 0
    assert (found.submitted, found.accepted, found.in_flight) == (2, 1, 1)


def test_a_feed_record_that_a_store_has_not_read_waits(world: World) -> None:
    world.publish(events.submitted(), without=("receipt",))
    world.settle(unread=1)
    found = reconcile(world.settings)
    assert found.gap == 0
    assert found.parts["portal"].waiting == 1


@pytest.mark.parametrize(
    ("outcome", "without", "law"),
    [
        ("accepted", ("verdict", "feed", "receipt"), "an input record that the router is past has no verdict"),
        ("accepted", ("feed", "receipt"), "an outlet that a verdict names has no feed record"),
        ("accepted", ("receipt",), "a feed record was applied, and neither has a receipt nor waits for one"),
        ("rejected", ("answer",), "a refused record has no rejection or dead letter"),
        ("dead", ("answer",), "a refused record has no rejection or dead letter"),
    ],
)
def test_each_record_that_is_missing_is_found(world: World, outcome: str, without: tuple[str, ...], law: str) -> None:
    world.publish(events.submitted())
    world.publish(events.submitted(), outcome, without)
    world.settle()
    found = reconcile(world.settings)
    assert laws(found) == {law}
    assert found.gap == 1
    assert "/1" in found.gaps[0].first[0]


def test_a_record_with_two_different_answers_is_found(world: World) -> None:
    event = events.submitted()
    origin = world.publish(event)
    world.verdict(event, origin, "rejected")
    world.receipt(event, "superseded")
    world.settle()
    assert "one record was given two different answers" in laws(reconcile(world.settings))


def test_a_verdict_about_nothing_is_found(world: World) -> None:
    event = events.submitted()
    world.publish(event)
    world.verdict(event, Record("publications", 0, 77, 0, None, None), "accepted")
    world.settle()
    assert laws(reconcile(world.settings)) == {"a verdict is about a record that is not there"}


def test_a_receipt_for_nothing_is_found(world: World) -> None:
    world.receipt(events.submitted())
    world.settle()
    assert laws(reconcile(world.settings)) == {"a receipt answers no feed record"}


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (sa.delete(INBOX), "a store is past a record that it did not apply"),
        (sa.insert(INBOX).values(gk_id=b"0123456789abcdef"), "a store applied a record that is on no topic"),
    ],
)
def test_a_store_that_does_not_agree_is_found(world: World, change: Any, law: str) -> None:
    world.publish(events.submitted())
    world.settle()
    with Store(world.settings, "portal", sa.MetaData()) as store, store.begin() as conn:
        conn.execute(change)
    assert laws(reconcile(world.settings)) == {law}


def test_a_rung_of_which_nobody_is_told_is_found_and_other_words_are_not(world: World) -> None:
    reached = word(2, what="rung", rung="urged", to=["leader"])
    world.hear(word(1), reached, word(2, 5, what="rung-cancelled", rung="urged", cancels=reached["id"]))
    world.settle()
    (gap,) = reconcile(world.settings).gaps
    assert (gap.law, gap.count) == ("a rung was read, and nobody decided who is told of it", 2)
    assert gap.first == ("duties/0/1", "duties/0/2")


def test_the_doors_own_answers_and_what_it_still_holds_are_counted(world: World) -> None:
    origin = world.publish(events.submitted())
    world.settle()
    held = events.submitted()
    world.door(["forwarded", "forwarded", "rejected", "repeated", "dead"], [origin], [held])
    found = reconcile(world.settings)
    assert found.gaps == ()
    assert (found.submitted, found.accepted, found.rejected, found.dead, found.repeated, found.in_flight) == (
        5, 1, 1, 1, 1, 1,
    )  # fmt: skip


def test_a_record_sent_twice_after_a_crash_is_one_submission(world: World) -> None:
    event = events.submitted()
    world.publish(event)
    second = world.publish(event, without=("feed", "receipt"))
    world.settle()
    world.door(["forwarded"], [second])
    found = reconcile(world.settings)
    assert found.gaps == ()
    assert (found.submitted, found.accepted, found.repeated, found.resent) == (1, 1, 0, 1)


def test_a_row_marked_as_sent_that_is_not_on_the_topic_is_found(world: World) -> None:
    origin = world.publish(events.submitted())
    world.settle()
    lost = Record("publications", 0, 9, 0, b"fgw/x", b"{}")
    world.door(["forwarded", "forwarded"], [origin, lost])
    assert laws(reconcile(world.settings)) == {"a row that the door marked as sent is not where the broker put it"}


def test_a_record_that_came_round_the_door_is_found(world: World) -> None:
    origin = world.publish(events.submitted())
    world.publish(events.submitted())
    world.settle()
    world.door(["forwarded"], [origin])
    assert laws(reconcile(world.settings)) == {"an input record did not come through the door"}


def test_a_door_whose_outbox_lacks_what_it_took_is_found(world: World) -> None:
    origin = world.publish(events.submitted())
    world.settle()
    world.door(["forwarded", "forwarded"], [origin])
    assert laws(reconcile(world.settings)) == {"the door's outbox does not hold what it took"}


@pytest.mark.partitions(1)
@pytest.mark.parametrize("key_of", [lambda event: event["subject"], lambda event: event["id"]])
def test_trace_shows_an_items_whole_way_by_subject_or_event(
    world: World, key_of: Callable[[dict[str, Any]], str]
) -> None:
    event = events.submitted(local_id="traced")
    world.publish(events.submitted())
    origin = world.publish(event)
    world.door(["forwarded"], [origin])
    steps = trace(world.settings, key_of(event))
    assert sorted(step.what for step in steps) == sorted(
        ["event", "feed: None", "receipt: published", "sent as publications/0/1", "verdict: accepted"]
    )
    assert trace(world.settings, "no-such/thing") == []
