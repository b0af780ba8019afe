"""The stage of `matters`: slices that lie ready are applied together, each acknowledged when SQL has it.

Reads its input topics; writes the store, whose relay sends what is due to others.
Fails to `Flow.fatal`: a log that does not go on where the store stands, a partition taken over by another copy while
this one holds it, a database beyond its deadline, judging broken for everybody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from time import monotonic
from typing import Any, cast

from bus import failpoints, metrics
from bus.clock import Clock
from bus.errors import GongkaiError, Retriable, StoreMismatch
from bus.program import Service
from bus.record import Outgoing, Record
from schemas.city.released import milliseconds
from streams.matters.desk import Desk, Slice
from streams.matters.desk import Place as Bare
from streams.matters.judges import ByRelease
from streams.matters.room import Room
from streams.stage import Stage
from streams.transport import careful
from streams.transport import slices as transport
from streams.transport.chain import Place
from streams.transport.output import HandOver

log = logging.getLogger(__name__)

MOST_RECORDS = 1_000
"""Of one transaction, give or take a slice."""
MOST_SLICES = 24
BACKOFF = (0.05, 0.1, 0.2, 0.5, 1.0)
LOOK = 1.0
"""Seconds of rest after which the clock is looked at."""

Ends = Callable[[], Awaitable[dict[Place, int]]]
TakeOver = Callable[[Sequence[Bare]], None]


class MattersStage(Stage):
    """A stage whose outputs lie in SQL when a slice is done."""

    def __init__(
        self, *given: Any, desk: Desk, judge: ByRelease, take_over: TakeOver, wake: Callable[[], None],
        clock: Clock, **named: Any,
    ) -> None:  # fmt: skip
        """`take_over` raises the epochs of the partitions that were assigned; `wake` tells the relay."""
        super().__init__(*given, **named)
        self._desk = desk
        self._by_release = judge
        self._take_over = take_over
        self._wake = wake
        self._clock = clock
        self._queue: asyncio.Queue[transport.Slice] = asyncio.Queue()
        self.ends: Ends | None = None
        """The ends of the logs, asked of the broker; None where there is none to ask."""
        self.beside: Sequence[Service] = ()
        """What runs in threads of its own, and without which nothing goes on."""

    async def assigned(self, places: Sequence[Place]) -> None:
        """Hold these partitions from now on."""
        bare = [(self.flow.bare(place.topic), place.partition) for place in places]
        try:
            await self._patiently(lambda: self._take_over(bare))
        except GongkaiError as error:
            self.flow.fatal(str(error))

    async def run(self, slices: AsyncIterator[transport.Slice]) -> None:
        """The agent's body: it queues, and one task of its own works the queue off."""
        working = asyncio.create_task(self._work_off())
        try:
            async for slice_ in slices:
                self._queue.put_nowait(slice_)
        finally:
            working.cancel()

    async def _work_off(self) -> None:
        try:
            while True:
                turn = await self._turn()
                self._look_beside()
                await (self.work_all(turn) if turn else self._look())
        except asyncio.CancelledError:
            raise
        except StoreMismatch as error:
            self.flow.fatal(str(error))
            raise
        except BaseException as error:
            log.exception("a slice")
            self.flow.fatal(f"matters could not go on: {error!r}")
            raise

    def _look_beside(self) -> None:
        for service in self.beside:
            if service.failed is not None:
                self.flow.fatal(f"{service.name}: {service.failed}")

    async def work(self, slice_: transport.Slice) -> None:
        """Apply one slice."""
        await self.work_all([slice_])

    async def work_all(self, turn: Sequence[transport.Slice]) -> None:
        """Apply what lies ready, and acknowledge it."""
        for slice_ in turn:
            await self._ready(slice_)
        self._by_release.forget()
        mine = [each for each in turn if each.link.generation == self.flow.chains.generation]
        if not mine:
            return
        hand_overs = [HandOver(self.flow, each.link) for each in mine]
        try:
            with_care = [self._begun.begin(each.link) for each in mine]
            await self._patiently(lambda: self._apply(mine, any(with_care)))
        except Retriable:
            self._forget(mine, hand_overs)
            raise
        except BaseException:
            for each in hand_overs:
                each.abandon()
            raise
        self._forget(mine, ())
        failpoints.reach("matters.before-acknowledgement")
        for each in hand_overs:
            each.seal()

    def _forget(self, turn: Sequence[transport.Slice], hand_overs: Sequence[HandOver]) -> None:
        for slice_ in turn:
            self._begun.end(slice_.link)
        for each in hand_overs:
            each.abandon()

    def _apply(self, turn: Sequence[transport.Slice], careful_: bool) -> None:
        """In a thread: the loop goes on answering."""
        records = sum(len(each.raw) for each in turn)
        before = self._desk.judged.copy()
        slices = [
            Slice(each.topic, each.link.place.partition, each.link.base, each.link.end, list(each.records()))
            for each in turn
        ]
        if careful_:
            log.warning("%d slices were begun %d times without an end", len(turn), 3)
            self._child.stop()
            sent = sum(self._desk.apply([piece], self._with_care) for each in slices for piece in _pieces(each))
        else:
            sent = self._desk.apply(slices, self._judged_by_us)
        self.counts.records += records
        for (topic, outcome), count in (self._desk.judged - before).items():
            metrics.ROUTER_JUDGED.labels(topic, outcome).inc(count)
        if sent:
            self._wake()

    def _judged_by_us(self, room: Room, record: Record) -> tuple[Room, Sequence[Outgoing]]:
        try:
            answer = self._by_release(room, record)
        except GongkaiError:
            raise
        except Exception as error:  # noqa: BLE001 - ours, from the rules: a dead letter, and counted
            return room, self._fault(record, error)
        self._faults.none()
        return answer

    def _with_care(self, room: Room, record: Record) -> tuple[Room, Sequence[Outgoing]]:
        try:
            (answer,) = self._child.judge(cast("Record", (room, record)))
        except careful.Crashed as crashed:
            self._child.stop()
            return room, self._crash(record, str(crashed))
        except Retriable:
            raise
        except Exception as error:  # noqa: BLE001 - ours, from the rules
            return room, self._fault(record, error)
        return cast("tuple[Room, Sequence[Outgoing]]", answer)

    async def _patiently(self, do: Callable[[], None]) -> None:
        """Do it in a thread; what may pass is tried again for as long as the deadline allows.

        Raises:
            Retriable: it did not pass.
        """
        since, attempt = monotonic(), 0
        while True:
            try:
                return await asyncio.to_thread(do)
            except Retriable as error:
                if monotonic() - since > self.flow.deadline:
                    raise
                log.warning("matters: %s", error)
            await asyncio.sleep(BACKOFF[min(attempt, len(BACKOFF) - 1)])
            attempt += 1

    async def _turn(self) -> list[transport.Slice]:
        """What lies ready; nothing after a while of rest."""
        try:
            first = await asyncio.wait_for(self._queue.get(), LOOK)
        except TimeoutError:
            return []
        turn, records = [first], len(first.raw)
        while not self._queue.empty() and records < MOST_RECORDS and len(turn) < MOST_SLICES:
            turn.append(self._queue.get_nowait())
            records += len(turn[-1].raw)
        return turn

    async def _look(self) -> None:
        """At rest: give their last call to steps whose day is over, where the log was read to its end."""
        if self.ends is None or not self._desk.positions:
            return
        at = milliseconds(self._clock())
        ends = await self.ends()
        bare = {(self.flow.bare(place.topic), place.partition): end for place, end in ends.items()}
        idle = [
            place for place, position in self._desk.positions.items()
            if place in bare and position.next_offset >= bare[place]
        ]  # fmt: skip
        await self._patiently(lambda: self._expire(idle, at))

    def _expire(self, places: Sequence[Bare], at: int) -> None:
        held = [place for place in places if place in self._desk.positions]
        if held and self._desk.expire(held, at):
            self._wake()


def _pieces(one: Slice) -> list[Slice]:
    """A slice record by record; the last piece ends where the slice does."""
    if not one.records:
        return [one]
    ends = [record.offset for record in one.records[1:]] + [one.end]
    bases = [one.base, *ends[:-1]]
    return [
        Slice(one.topic, one.partition, base, end, [record])
        for base, end, record in zip(bases, ends, one.records, strict=True)
    ]
