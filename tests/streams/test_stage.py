"""The stage with a producer in memory: when a slice is acknowledged, and when never."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder

from bus.errors import Retriable
from bus.record import Outgoing, Record
from streams.stage import Stage
from streams.transport.begun import Begun
from streams.transport.chain import Link, Place
from streams.transport.flow import Flow
from streams.transport.slices import Slice
from tests.streams.judges import Copy

PLACE = Place("p.publications", 0)


class Raw:
    """A record as aiokafka's C code hands it out."""

    def __init__(self, offset: int, value: bytes) -> None:
        self.offset, self.timestamp, self.key, self.value = offset, 1_700_000_000_000, b"D1/k", value
        self.headers: list[tuple[str, bytes]] = []


class MemoryProducer:
    """Hands out futures that the test fulfils; takes batches only while `open`."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.futures: list[asyncio.Future[Any]] = []

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(1024 * 1024, 0)

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> asyncio.Future[Any]:
        await self.open.wait()
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1]


class Bench:
    def __init__(self, home: Path) -> None:
        self.ended: list[str] = []
        self.flow = Flow(lambda name: name.removeprefix("p."), fatal=self.ended.append)
        self.producer = MemoryProducer()
        self.begun = Begun(home)
        self.stage = Stage(
            self.flow, build=Copy, name=lambda topic: f"p.{topic}", producer=lambda: self.producer, begun=self.begun
        )
        self.generation = self.flow.chains.begin({PLACE: 0})

    def slice(self, base: int, *values: bytes) -> Slice:
        link = Link(PLACE, self.generation, base, base + len(values), sum(map(len, values)), 1.0)
        assert self.flow.chains.add(link)
        return Slice(link, "publications", [Raw(base + n, value) for n, value in enumerate(values)])


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[[], Bench]]:
    made: list[Bench] = []

    def make() -> Bench:
        made.append(Bench(tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.stage.close()


def test_a_slice_is_acknowledged_when_its_last_batch_arrived(bench: Callable[[], Bench]) -> None:
    async def scenario() -> None:
        it = bench()
        await it.stage.work(it.slice(0, b"1", b"2"))
        first, second = it.producer.futures
        first.set_result(None)
        await asyncio.sleep(0)
        assert it.flow.chains.committable() == {}
        second.set_result(None)
        await asyncio.sleep(0)
        assert it.flow.chains.committable() == {PLACE: 2}

    asyncio.run(scenario())


def test_a_slice_cancelled_in_the_middle_is_never_acknowledged(bench: Callable[[], Bench]) -> None:
    async def scenario() -> None:
        it = bench()
        it.producer.open.clear()
        task = asyncio.create_task(it.stage.work(it.slice(0, b"1", b"2")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert it.flow.in_hand == 0
        assert it.flow.chains.committable() == {}
        assert it.flow.chains.slices == 1

    asyncio.run(scenario())


def test_the_first_refused_output_ends_the_process(bench: Callable[[], Bench]) -> None:
    async def scenario() -> None:
        it = bench()
        await it.stage.work(it.slice(0, b"1"))
        it.producer.futures[0].set_exception(OSError("refused"))
        await asyncio.sleep(0)
        assert "was not taken" in it.ended[0]
        assert it.flow.chains.committable() == {}

    asyncio.run(scenario())


def test_an_acknowledgement_of_an_old_generation_commits_nothing(bench: Callable[[], Bench]) -> None:
    async def scenario() -> None:
        it = bench()
        await it.stage.work(it.slice(0, b"1"))
        it.flow.chains.begin({PLACE: 0})
        for future in it.producer.futures:
            future.set_result(None)
        await asyncio.sleep(0)
        assert it.flow.chains.committable() == {}

    asyncio.run(scenario())


def test_a_slice_of_an_old_generation_is_not_judged(bench: Callable[[], Bench]) -> None:
    async def scenario() -> None:
        it = bench()
        late = it.slice(0, b"1")
        it.flow.chains.begin({PLACE: 0})
        await it.stage.work(late)
        assert it.producer.futures == []

    asyncio.run(scenario())


def test_a_judge_that_lacks_something_acknowledges_nothing_and_blames_no_record(
    bench: Callable[[], Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(_: Copy, record: Record) -> Sequence[Outgoing]:
        raise Retriable(f"the text of an attachment of {record.origin} is not there")

    async def scenario() -> None:
        it = bench()
        monkeypatch.setattr(Copy, "__call__", lacking)
        for base in range(5):
            with pytest.raises(Retriable):
                await it.stage.work(it.slice(base, b"1"))
        assert (it.producer.futures, it.flow.chains.committable(), it.stage.counts.faults) == ([], {}, 0)
        monkeypatch.undo()
        await it.stage.work(it.slice(5, b"1"))
        assert it.stage.counts.crashes == 0

    asyncio.run(scenario())


def test_what_was_begun_is_remembered_by_the_next_process(tmp_path: Path) -> None:
    link = Link(PLACE, 1, 10, 20)
    for times in range(3):
        begun = Begun(tmp_path)
        assert begun.begin(link) is False, times
        begun.close()
    begun = Begun(tmp_path)
    assert begun.begin(Link(PLACE, 1, 0, 5)) is False
    begun.end(Link(PLACE, 1, 0, 5))
    assert begun.begin(Link(PLACE, 1, 12, 40)) is True, "any slice that holds a suspect offset is judged with care"
    begun.end(Link(PLACE, 1, 12, 40))
    assert begun.begin(link) is False
    begun.close()


def test_two_workers_have_a_page_each(tmp_path: Path) -> None:
    one, two = Begun(tmp_path), Begun(tmp_path)
    one.begin(Link(PLACE, 1, 0, 1))
    two.begin(Link(PLACE, 1, 5, 6))
    one.close()
    two.close()
    assert len(list(tmp_path.iterdir())) == 2
