"""Faust's aiokafka consumer, made to deliver slices and to commit unbroken chains only.

Reads the input topics; writes offsets.
Keeps nothing of Faust's own acknowledgement: `ack` is deaf, and the chain in `Flow` decides alone.
Fails to `Flow.fatal`: an offset that the log no longer has, a refused authorisation.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from time import monotonic
from typing import Any

import aiokafka
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, OffsetOutOfRangeError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.transport.chain import Place
from streams.transport.flow import Flow
from streams.transport.slices import Drain, Fetched, Slice

aiokafka.conn.READER_LIMIT = 1024 * 1024
"""What a connection takes in before it is asked; 64 KiB by default, a dozen turns of the loop for one answer."""

HAND_OVER = 10.0
"""Seconds that a revocation or a stop waits for slices under way."""


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Runs aiokafka's consumer in its own loop, as Faust does."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.flow: Flow = self.app.flow
        self._drain = Drain(self.flow.limits)

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        # Faust gives no setting for these; they are read when the consumer starts.
        consumer._auto_offset_reset = "none"
        consumer._fetch_max_bytes = self.app.conf.consumer_max_fetch_size * 8
        consumer._fetch_max_wait_ms = 200
        return consumer

    async def fetch(self, seconds: float) -> list[Fetched]:
        """Slices that lie ready, called from the main thread."""
        fetched: list[Fetched] = await self.call_thread(self._fetch, seconds)
        return fetched

    async def _fetch(self, seconds: float) -> list[Fetched]:
        consumer = self._ensure_consumer()
        if not self.consumer.flow_active:
            return []
        if consumer._closed or consumer._fetcher._closed:
            raise driver.ConsumerStoppedError
        with consumer._fetcher._subscriptions.fetch_context():
            return await self._drain.take(consumer._fetcher, seconds)

    async def seek_all(self) -> dict[Place, int]:
        """Put every assigned partition at its committed offset, or at its beginning where none was ever committed."""
        positions: dict[Place, int] = await self.call_thread(self._seek_all)
        return positions

    async def _seek_all(self) -> dict[Place, int]:
        consumer = self._ensure_consumer()
        partitions = list(consumer.assignment())
        committed = await consumer._coordinator.fetch_committed_offsets(partitions) if partitions else {}
        known = {tp: committed[tp].offset for tp in partitions if tp in committed and committed[tp].offset >= 0}
        fresh = [tp for tp in partitions if tp not in known]
        known |= await consumer.beginning_offsets(fresh) if fresh else {}
        for tp, offset in known.items():
            consumer.seek(tp, offset)
        return {Place(tp.topic, tp.partition): offset for tp, offset in known.items()}

    async def seek_place(self, place: Place, offset: int) -> None:
        """Fetch `place` again from `offset`."""
        await self.call_thread(self._seek_place, place, offset)

    async def _seek_place(self, place: Place, offset: int) -> None:
        tp = TopicPartition(*place)
        consumer = self._ensure_consumer()
        if tp in consumer.assignment():
            consumer.seek(tp, offset)

    async def ends(self) -> dict[Place, int]:
        """The ends of the assigned partitions' logs, asked of the broker."""
        found: dict[Place, int] = await self.call_thread(self._ends)
        return found

    async def _ends(self) -> dict[Place, int]:
        consumer = self._ensure_consumer()
        partitions = list(consumer.assignment())
        ends = await consumer.end_offsets(partitions) if partitions else {}
        return {Place(tp.topic, tp.partition): offset for tp, offset in ends.items()}

    async def commit_chain(self, generation: int, offsets: Mapping[Place, int]) -> bool:
        """Whether the broker took `offsets`."""
        return bool(await self.call_thread(self._commit_chain, generation, offsets))

    async def _commit_chain(self, generation: int, offsets: Mapping[Place, int]) -> bool:
        if generation != self.flow.chains.generation:
            return False
        wanted = {TopicPartition(*place): OffsetAndMetadata(offset, "") for place, offset in offsets.items()}
        try:
            await asyncio.wait_for(self._ensure_consumer().commit(wanted), self.flow.deadline)
        except (CommitFailedError, IllegalStateError, TimeoutError) as error:
            self.log.warning("commit not taken: %r", error)
            return False
        return True


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Delivers one message for each slice."""

    _thread: ConsumerThread

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def flow(self) -> Flow:
        """What is under way."""
        flow: Flow = self.app.flow
        return flow

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109 - Faust's
        """Fetch, join to the chain, deliver; a slice that does not join is fetched again."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        await self.wait_first(self.flow.wait_for_room(), self.suspend_flow.wait())
        if self.should_stop or not self.flow_active:
            return
        generation = self.flow.chains.generation
        for slice_ in await self._join(await self._fetched(timeout), generation):
            if not self.flow_active or generation != self.flow.chains.generation:
                return
            yield TP(*slice_.link.place), self._message(slice_)

    async def _fetched(self, seconds: float) -> list[Fetched]:
        try:
            return await self._thread.fetch(seconds)
        except OffsetOutOfRangeError as error:
            self.flow.fatal(f"a committed offset is not in the log any more ({error}): run `gongkai topics check`")
        except driver.ConsumerStoppedError:
            raise
        except KafkaError as error:
            self.flow.fatal(f"fetching failed: {error!r}")
        return []

    async def _join(self, fetched: list[Fetched], generation: int) -> list[Slice]:
        """All of `fetched` into the chain before any is delivered, so a lost delivery leaves a gap behind."""
        joined = []
        for one in fetched:
            if slice_ := self.flow.take(one, generation):
                joined.append(slice_)
            elif (expected := self.flow.chains.expected(one.place)) is not None:
                self.log.warning("%s/%s: got %s, expected %s", *one.place, one.base, expected)
                await self._thread.seek_place(one.place, expected)
        return joined

    def _message(self, slice_: Slice) -> ConsumerMessage:
        topic, partition = slice_.link.place
        return ConsumerMessage(
            topic, partition, slice_.link.base, 0.0, 0, None, None, slice_, None, 0, 0, TP(topic, partition),
            generation_id=self.app.consumer_generation_id,
        )  # fmt: skip

    def ack(self, message: Any) -> bool:
        """Faust says so when a stream is done with a message, cancelled or not; the chain knows better."""
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Slices know their own ends; Faust's table of gaps is not used."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Our watchdog looks after stalls."""

    async def perform_seek(self) -> None:
        """After a rebalance: every partition to its committed offset, and a new generation of chains from there."""
        positions = await self._thread.seek_all() if self.assignment() else {}
        self._read_offset.clear()
        await self.flow.assigned(sorted(positions))
        self.flow.chains.begin(positions)
        self.flow.wake()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Hand over what is under way, commit it, and close the generation."""
        await super().on_partitions_revoked(revoked)
        self.flow.chains.end()
        self.flow.wake()

    async def wait_empty(self) -> None:
        """Wait, within bounds, for what the stage has begun, then commit it."""
        until = monotonic() + HAND_OVER
        await self.flow.wait_until_handed_over(HAND_OVER)
        try:
            await asyncio.wait_for(self.commit(), max(1.0, until - monotonic()))
        except TimeoutError:
            self.log.warning("the broker did not take the last commit in time")

    @driver.Service.task  # type: ignore[untyped-decorator]
    async def _commit_handler(self) -> None:
        """Commit every so often. Faust's own timer complains whenever a broker takes its time."""
        while not self.should_stop:
            await self.sleep(self.commit_interval)
            await self.commit()

    @driver.Service.task  # type: ignore[untyped-decorator]
    async def _commit_livelock_detector(self) -> None:
        """Our watchdog looks after stalls, and ends the process instead of logging."""

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: ARG002 - Faust's signature
        """Commit the unbroken runs; forget them only when the broker took them."""
        chains = self.flow.chains
        generation, offsets = chains.generation, chains.committable()
        if not offsets or not await self._thread.commit_chain(generation, offsets):
            return False
        chains.committed(generation, offsets)
        return True
