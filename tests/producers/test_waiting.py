"""A step that waited, in the gateway's view: taken under the name that it came by, refused, or still waiting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bus.record import Record
from bus.store import Outbox, Store, Tx
from producers.http.views import event_view
from producers.matters import MatterView, matter_view
from producers.projection import DoorProjection
from producers.tables import PART, metadata
from tests.streams.matters.city import NOON, opened, pack, records, stepped
from tests.streams.matters.world import World, world
from tests.support.servers import plain_settings

HOUR = timedelta(hours=1)
KEY, MINE = "fgw/a", "/departments/fgw"


@pytest.fixture
def here() -> Iterator[World]:
    with world(pack()) as made:
        yield made


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Store]:
    with Store(plain_settings(tmp_path, fsync=False), PART, metadata) as store:
        store.migrate()
        yield store


def carried(here: World, door: Store, topics: Sequence[str] = ("verdicts", "rejections")) -> MatterView:
    """All that the desk said, topic after topic, as the gateway has it then."""
    here.run()
    for topic in topics:
        for offset, out in enumerate(one for one in here.sent if one.topic == topic):
            with door.begin() as conn:
                record = Record(topic, 0, offset, out.timestamp or 0, out.key, out.value, out.headers)
                DoorProjection().apply(Tx(conn, NOON, Outbox(door)), [record])
    here.sent.clear()
    with door.read() as conn:
        view = matter_view(conn, KEY)
    assert view is not None
    return view


def test_a_step_waits_in_view_until_it_is_taken_and_then_no_more(here: World, door: Store) -> None:
    here.send(records("matters", [opened("a"), stepped("a", "ripened", NOON + HOUR)]))
    assert [(step.step, step.waiting) for step in carried(here, door).steps] == [("opened", False), ("ripened", True)]
    here.send(records("matters", [stepped("a", "watered", NOON + 2 * HOUR)]))
    view = carried(here, door)
    assert [(step.step, step.waiting, step.dept) for step in view.steps] == [
        ("opened", False, "fgw"), ("watered", False, "fgw"), ("ripened", False, "fgw"),
    ]  # fmt: skip
    assert (view.state, view.version) == ("GROWN", 3)


@pytest.mark.parametrize("topics", [("verdicts", "rejections"), ("rejections", "verdicts")])
def test_a_step_that_waited_in_vain_is_refused_in_view(here: World, door: Store, topics: tuple[str, str]) -> None:
    early = [stepped("a", "ripened", NOON + HOUR), stepped("a", "ripened", NOON + HOUR, number=2)]
    here.send(records("matters", [opened("a"), *early]))
    assert [step.waiting for step in carried(here, door).steps] == [False, True, True]
    here.send(records("matters", [stepped("a", "watered", NOON + 2 * HOUR)]))
    view = carried(here, door, topics)
    assert [(step.step, step.waiting) for step in view.steps] == [
        ("opened", False), ("watered", False), ("ripened", False),
    ]  # fmt: skip
    states = {}
    for one in early:
        seen = event_view(door, MINE, one["id"])
        assert seen is not None
        states[seen.state] = [found.rule for found in seen.findings]
    assert set(states) == {"accepted", "rejected"}
    assert states["rejected"] == ["SM-ILLEGAL"]


def test_a_step_that_is_tried_again_and_waits_on_waits_once(here: World, door: Store) -> None:
    here.send(records("matters", [opened("a"), stepped("a", "ripened", NOON + HOUR)]))
    carried(here, door)
    here.send(records("matters", [stepped("a", "flown", NOON + 2 * HOUR)]))
    assert [step.waiting for step in carried(here, door).steps] == [False, True]
