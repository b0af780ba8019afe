"""Every lifecycle walked at random through the real desk, with kills, repeats and any interleaving of topics.

The reference (`mirror`, over the list of `tests.rules.lifecycles.naive`) reads the records that were committed, in
that order; verdicts, rows and everything that was sent must be what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from bus.store import Outbox
from bus.store.tables import PARTITIONS
from schemas.records import Routed
from streams.matters import desk, outputs, shelf
from streams.matters.judging import MatterJudging
from streams.matters.room import Room
from tests.streams.matters.course import Course, whole_city
from tests.streams.matters.test_runner import corpus
from tests.streams.matters.world import world

SEARCH = settings(max_examples=4, stateful_step_count=40, deadline=None, derandomize=True, database=None)
LIFECYCLES = [lifecycle.id for lifecycle in whole_city().lifecycles]
OFTEN, LENGTH = {"send": 8, "turn": 5, "publish": 2}, 60
ACTS = ("send", "turn", "publish", "repeat", "spoil", "lose", "restart", "resend", "sleep")
CHANCES = st.integers(0, 2**32).map(Random)


class Walking(RuleBasedStateMachine):
    """Any order of what senders, relays, processes and the clock do; the end is held against the reference."""

    def __init__(self, focus: str) -> None:
        super().__init__()
        self._open = ExitStack()
        self.course = Course(self._open.enter_context(world(whole_city())), whole_city(), focus)

    @rule(chance=CHANCES)
    def send(self, chance: Random) -> None:
        self.course.send(chance)

    @rule(chance=CHANCES)
    def send_more(self, chance: Random) -> None:
        for _ in range(4):
            self.course.send(chance)

    @rule(chance=CHANCES)
    def turn(self, chance: Random) -> None:
        self.course.turn(chance)

    @rule(chance=CHANCES)
    def publish(self, chance: Random) -> None:
        self.course.publish(chance)

    @rule(chance=CHANCES)
    def repeat(self, chance: Random) -> None:
        self.course.repeat(chance)

    @rule(chance=CHANCES)
    def spoil(self, chance: Random) -> None:
        self.course.spoil(chance)

    @rule(chance=CHANCES)
    def lose(self, chance: Random) -> None:
        self.course.lose(chance)

    @rule(chance=CHANCES)
    def restart(self, chance: Random) -> None:
        self.course.restart(chance)

    @rule(chance=CHANCES)
    def resend(self, chance: Random) -> None:
        self.course.resend(chance)

    @rule(chance=CHANCES)
    def sleep(self, chance: Random) -> None:
        self.course.sleep(chance)

    def teardown(self) -> None:
        with self._open:
            self.course.finish()


@pytest.mark.parametrize("name", LIFECYCLES)
def test_any_order_of_what_happens_ends_as_a_list_of_what_was_read_says(name: str) -> None:
    run_state_machine_as_test(lambda: Walking(name), settings=SEARCH)  # type: ignore[arg-type]


def test_fixed_walks_go_everywhere() -> None:
    """What the broken ones below are caught on: each lifecycle's steps, waiting ones, refusals, last calls."""
    courses = [walk(name, 0) for name in LIFECYCLES]
    assert {name for one in courses for name in one.mirror.taken} == set(LIFECYCLES)
    said = [said for one in courses for said in one.mirror.verdicts.values()]
    assert {one.outcome for one in said} == {"accepted", "rejected", "unreadable"}
    assert len([one for one in said if one.waiting]) > 20
    links: list[Any] = [one for each in courses for one in each.world.values("links")]
    retries = [one["data"].get("retry") for one in links]
    assert {"again", "last"} <= set(retries)


@pytest.mark.postgres
def test_a_fixed_walk_on_postgresql_ends_alike(postgres_url: str) -> None:
    for name in ("consultation", "garden"):
        walk(name, 1, postgres_url)


def walk(focus: str, seed: int, database: str = "") -> Course:
    """A walk that is the same in any process."""
    chance = Random(f"{focus} {seed}")
    acts = [act for act in ACTS for _ in range(OFTEN.get(act, 1))]
    with world(whole_city(), database, f"walk-{focus}." if database else "") as made:
        course = Course(made, whole_city(), focus)
        for _ in range(LENGTH):
            getattr(course, chance.choice(acts))(chance)
        course.finish()
    return course


def story(seed: int) -> None:
    """A few cases whose steps wait, come late, are wrong or come again, in an order of that seed."""
    chance = Random(seed)
    with world(whole_city()) as made:
        course = Course(made, whole_city(), "garden")
        course.bring(corpus())
        for _ in range(30):
            getattr(course, chance.choice(("turn", "turn", "repeat", "restart", "resend", "sleep")))(chance)
        course.finish()


def test_the_story_itself_ends_well() -> None:
    for seed in range(3):
        story(seed)


def _forgets(self: Any, conn: Any, lanes: Any, *given: Any) -> Any:
    kept = {lane: some[:-1] if len(some) > 5 else some for lane, some in lanes.items()}
    return _APPEND(self, conn, kept, *given)


def _skips_none(self: desk.Desk, turn: Sequence[desk.Slice], judge: desk.Judge) -> int:
    with self.store.begin() as conn:  # as if the store stood where the log is read from
        for one in turn:
            held = self.positions[one.topic, one.partition]
            of = (PARTITIONS.c.topic == one.topic, PARTITIONS.c.partition == one.partition)
            conn.execute(PARTITIONS.update().where(*of, PARTITIONS.c.epoch == held.epoch).values(next_offset=one.base))
            self.positions[one.topic, one.partition] = replace(held, next_offset=one.base)
    return _TRANSACT(self, turn, judge)


_ROUTED = (Routed(outlet="portal", feed="portal-feed", action="carry", title="信"),)
_APPEND, _TRANSACT, _EXPIRED = Outbox.append_all, desk.Desk._transact, shelf.expired
BROKEN: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "an outbox that forgets": (Outbox, "append_all", _forgets),
    "a desk that takes what it took": (desk.Desk, "_transact", _skips_none),
    "a waiting step dropped": (Room, "wait", lambda self, waiter: None),
    "a duplicate counted twice": (Room, "note", lambda self, move, known: None),
    "a step that waits for ever": (MatterJudging, "_retries", lambda self, room, case, matter: []),
    "a last call never made": (shelf, "expired", lambda conn, topic, partition, until: []),
    "a last call made early": (shelf, "expired", lambda conn, t, p, until: _EXPIRED(conn, t, p, until + 9**12)),
    "no step for another matter": (outputs, "link", lambda *given: None),
    "a confidential matter shown": (outputs, "shown", lambda lifecycle, matter: _ROUTED),
    "duties forgotten": (desk, "record_duties", lambda conn, partition, steps: [[] for _ in steps]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_station_is_told_from_the_reference(name: str) -> None:
    owner, member, broken = BROKEN[name]
    with patch.object(owner, member, broken), pytest.raises(AssertionError):
        for seed in range(3):
            story(seed)
        for focus in LIFECYCLES:
            walk(focus, 0)
