"""The watchdog: progress is what it asks for, of each partition by itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic

from streams.transport.chain import Link, Place
from streams.transport.flow import Flow
from streams.transport.watchdog import Watchdog

ONE, TWO = Place("t", 0), Place("t", 1)


async def _no_ends() -> dict[Place, int]:
    return {}


def _watchdog(ends: dict[Place, int]) -> tuple[Flow, Watchdog]:
    flow = Flow(str, deadline=60.0)
    flow.chains.begin({ONE: 0, TWO: 0})
    flow.end_offsets = ends
    return flow, Watchdog(flow, _no_ends, hang=0)


def test_rest_is_no_stall() -> None:
    _, dog = _watchdog({ONE: 0, TWO: 0})
    dog._answered = 1e9
    assert dog.reason(100.0) is None
    assert dog.reason(1_000.0) is None
    assert dog.stalled_for(1_000.0) == 0.0


def test_one_partition_that_stands_while_another_goes_on_is_a_stall() -> None:
    flow, dog = _watchdog({ONE: 100, TWO: 100})
    dog._answered = 1e9
    assert dog.reason(100.0) is None
    flow.chains.committed(flow.chains.generation, {ONE: 50})
    assert dog.reason(130.0) is None
    assert dog.stalled_for(130.0) == 30.0
    reason = dog.reason(161.0)
    assert reason is not None
    assert "partition=1" in reason


def test_lag_that_appears_after_a_long_rest_is_given_its_time() -> None:
    flow, dog = _watchdog({ONE: 0, TWO: 0})
    dog._answered = 1e9
    dog.reason(0.0)
    dog.reason(1_000.0)
    flow.end_offsets = {ONE: 5, TWO: 0}
    assert dog.reason(1_001.0) is None
    assert dog.reason(1_059.0) is None
    assert dog.reason(1_062.0) is not None


def test_the_oldest_unacknowledged_slice_has_a_deadline() -> None:
    flow, dog = _watchdog({})
    dog._answered = 1e9
    assert flow.chains.add(Link(ONE, flow.chains.generation, 0, 5, since=100.0))
    assert dog.reason(159.0) is None
    assert "acknowledgement" in (dog.reason(161.0) or "")


def test_a_broker_that_does_not_answer_has_a_deadline() -> None:
    _, dog = _watchdog({})
    dog._answered = 100.0
    assert dog.reason(159.0) is None
    assert "not answered" in (dog.reason(161.0) or "")


def test_a_worker_that_waited_long_for_its_partitions_is_given_the_whole_deadline() -> None:
    said: list[str] = []
    dog = Watchdog(Flow(str, deadline=60.0, fatal=said.append), _never, look=0.001, hang=0)
    dog._answered = monotonic() - 1_000.0
    asyncio.run(_watch_for(dog, seconds=0.1))
    assert not said


async def _never() -> dict[Place, int]:
    return await asyncio.Future[dict[Place, int]]()


async def _watch_for(dog: Watchdog, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(dog.run(), seconds)
