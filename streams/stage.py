"""A stage: one Faust agent that judges records and sends what they give, a slice at a time.

Reads its input topics; writes whatever its judge answers, to the input's partition number.
Keeps the page that says which slice was begun (`transport.begun`); no other state.
Fails to `Flow.fatal`: a broker beyond its deadline, an output refused, judging broken for everybody, or in need of
what is not there (Retriable).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bus import metrics
from bus.errors import Retriable
from bus.record import Outgoing, Record
from schemas.envelope import issuer_of
from schemas.topics import DEAD_LETTERS, REJECTIONS
from streams.transport import careful
from streams.transport.begun import TRIES, Begun
from streams.transport.flow import Flow
from streams.transport.output import Batch, Batches, HandOver, TooLarge, fitting, send
from streams.transport.slices import Slice

log = logging.getLogger(__name__)

FAULTS_IN_A_ROW, FAULTY_DEPARTMENTS = 20, 3


class Judge(Protocol):
    """A pure function of a record, and what is said of a record that it could not judge."""

    def __call__(self, record: Record, /) -> Sequence[Outgoing]:
        """All outputs of `record`."""

    def dead(self, record: Record, code: str, detail: str) -> Sequence[Outgoing]:
        """All outputs of a record that could not be judged."""


@dataclass(slots=True)
class Counts:
    """What a stage has done since it started."""

    records: int = 0
    faults: int = 0
    crashes: int = 0


class Faults:
    """Exceptions of our own in a row: too many, from too many departments, and the code is broken, not the input."""

    def __init__(self) -> None:
        self._row: list[str] = []

    def none(self) -> None:
        """A record was judged."""
        if self._row:
            self._row.clear()

    def one(self, record: Record) -> bool:
        """A record's judging raised; True where that is one too many."""
        self._row.append(issuer_of((record.key or b"").decode("ascii", "replace")))
        return len(self._row) > FAULTS_IN_A_ROW and len(set(self._row)) >= FAULTY_DEPARTMENTS


async def at_once(slice_: Slice) -> None:
    """Nothing need be known before a slice is judged."""


class Stage:
    """Judges slices and hands their outputs over."""

    def __init__(
        self,
        flow: Flow,
        *,
        build: Callable[[], Judge],
        name: Callable[[str], str],
        producer: Callable[[], Any],
        begun: Begun,
        limit: float = careful.LIMIT,
        ready: Callable[[Slice], Awaitable[None]] = at_once,
        for_child: Callable[[], careful.Build] | None = None,
    ) -> None:
        """`ready` returns when a slice may be judged; `for_child` gives what makes the judge in the child process."""
        self.flow = flow
        self.counts = Counts()
        self._judge = build()
        self._ready = ready
        self._child = careful.Child(for_child or (lambda: build), limit)
        self._name = name
        self._producer = producer
        self._begun = begun
        self._faults = Faults()

    async def run(self, slices: AsyncIterator[Slice]) -> None:
        """The agent's body: nothing may escape it, because Faust would acknowledge and go on."""
        async for slice_ in slices:
            try:
                await self.work(slice_)
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                log.exception("slice %s", slice_.link)
                self.flow.fatal(f"a slice of {slice_.link.place} failed: {error!r}")
                raise

    async def work(self, slice_: Slice) -> None:
        """Judge one slice and queue its outputs; they acknowledge it when they arrive."""
        link = slice_.link
        await self._ready(slice_)
        if link.generation != self.flow.chains.generation:
            return
        hand_over = HandOver(self.flow, link)
        try:
            with_care = self._begun.begin(link)
            batches = await self._careful(slice_) if with_care else await self._judged(slice_, hand_over)
            self._count(slice_.topic, len(slice_.raw), batches)
            self._begun.end(link)
            slice_.raw.clear()  # what Faust built around it waits for the garbage collector
            await self._send(batches.rest(), hand_over)
        except Retriable:
            self._begun.end(link)  # nobody's record is the culprit: after a restart it is judged as any other
            hand_over.abandon()
            raise
        except BaseException:
            hand_over.abandon()
            raise
        hand_over.seal()

    def close(self) -> None:
        """End the child process, if there is one, and let go of the page."""
        self._child.stop()
        self._begun.close()

    async def _judged(self, slice_: Slice, hand_over: HandOver) -> Batches:
        batches = Batches()
        judge, add, no_fault = self._judge, batches.add, self._faults.none
        outputs: Sequence[Outgoing]
        for record in slice_.records():
            try:
                outputs = fitting(judge(record))
                no_fault()
            except Retriable:
                raise
            except Exception as error:  # noqa: BLE001 - ours, from the rules: a dead letter, and counted
                outputs = self._fault(record, error)
            for out in outputs:
                add(out)
            if batches.full:
                await self._send(batches.take_full(), hand_over)
        return batches

    def _count(self, topic: str, records: int, batches: Batches) -> None:
        self.counts.records += records
        dead, rejected = batches.count(DEAD_LETTERS.name), batches.count(REJECTIONS.name)
        for outcome, number in (("dead", dead), ("rejected", rejected), ("accepted", records - dead - rejected)):
            metrics.ROUTER_JUDGED.labels(topic, outcome).inc(number)

    async def _careful(self, slice_: Slice) -> Batches:
        """The slice's records one by one in the child; away from the loop, which must go on answering."""
        log.warning("%s was begun %d times without an end: judged record by record", slice_.link, TRIES)
        self._child.stop()  # one that lives from an earlier slice may know less than this process does
        batches = Batches()
        for record, outputs in await asyncio.to_thread(self._judge_with_care, slice_):
            for out in self._sure(record, outputs):
                batches.add(out)
        return batches

    def _sure(self, record: Record, outputs: Sequence[Outgoing] | Exception) -> Sequence[Outgoing]:
        if isinstance(outputs, Retriable):
            raise outputs
        try:
            return self._fault(record, outputs) if isinstance(outputs, Exception) else fitting(outputs)
        except TooLarge as error:
            return self._fault(record, error)

    def _judge_with_care(self, slice_: Slice) -> list[tuple[Record, Sequence[Outgoing] | Exception]]:
        return list(careful.judge_all(self._child, slice_.records(), self._crash))

    def _fault(self, record: Record, error: Exception) -> Sequence[Outgoing]:
        """The dead letter of a record over which our own code raised; too many in a row end the process."""
        self.counts.faults += 1
        log.error("%s: %s: %s", record.origin, type(error).__name__, error, exc_info=error)
        if self._faults.one(record):
            self.flow.fatal(f"{FAULTS_IN_A_ROW} exceptions in a row while judging, the last {error!r}")
        return self._judge.dead(record, "ENGINE-FAULT", type(error).__name__)

    def _crash(self, record: Record, how: str) -> Sequence[Outgoing]:
        self.counts.crashes += 1
        log.error("%s: %s", record.origin, how)
        return self._judge.dead(record, "ENGINE-CRASH", how)

    async def _send(self, batches: list[Batch], hand_over: HandOver) -> None:
        await send(self._producer(), self._name, batches, hand_over)
