"""Outputs of a slice: whole batches for aiokafka, and the acknowledgement when the broker has them all.

Writes the output topics, to the input's partition number.
Fails to `Flow.fatal` on the first batch that the broker refuses: nothing after it may be acknowledged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import aiokafka
from faust.transport.drivers import aiokafka as driver

from bus import failpoints
from bus.record import Outgoing
from streams.transport.batch import RecordBatch
from streams.transport.chain import Link
from streams.transport.flow import Flow
from streams.transport.sending import SliceProducer

BATCH_BYTES = 2 * 1024 * 1024
"""A batch is sent when the next record would make it longer; a slice of usual records makes one for each topic."""

MAX_RECORD_BYTES = 4 * 1024 * 1024 - 64 * 1024
"""Topics take 4 MiB a batch; aiokafka's `send_batch` skips its size check, so it is made here."""

Batch = tuple[str, RecordBatch]
"""A topic's bare name and what goes there."""


class Producer(driver.Producer):  # type: ignore[misc]
    """Faust's producer, idempotent and acknowledged by all replicas."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}

    @property
    def _producer_type(self) -> type[aiokafka.AIOKafkaProducer]:
        return SliceProducer


class TooLarge(Exception):
    """A record that no topic would take; the judge is to blame, because inputs are limited at the door."""


def fitting(outputs: Sequence[Outgoing]) -> Sequence[Outgoing]:
    """`outputs`, all of which a topic takes.

    Raises:
        TooLarge: one is longer; none of them may be sent then.
    """
    for out in outputs:
        if len(out.value or b"") + len(out.key) > MAX_RECORD_BYTES:
            raise TooLarge(f"{out.topic}: {len(out.value or b'')} bytes of value, {len(out.key)} of key")
    return outputs


class Batches:
    """The batches of one slice, a topic each and one more whenever one is full."""

    def __init__(self) -> None:
        self._open: dict[str, RecordBatch] = {}
        self.full: list[Batch] = []
        self._sent: dict[str, int] = {}

    def add(self, out: Outgoing) -> None:
        """Append one record."""
        batch = self._open.get(out.topic)
        if batch is None or not batch.append(out.key, out.value, out.headers, out.timestamp):
            if batch is not None:
                self.full.append((out.topic, batch))
            batch = self._open[out.topic] = RecordBatch(BATCH_BYTES)
            batch.append(out.key, out.value, out.headers, out.timestamp)

    def take_full(self) -> list[Batch]:
        """The full ones, to be sent while others fill."""
        full, self.full = self.full, []
        for topic, batch in full:
            self._sent[topic] = self._sent.get(topic, 0) + batch.record_count()
        return full

    def count(self, topic: str) -> int:
        """How many records of `topic` were added."""
        held = chain(self.full, self._open.items())
        return self._sent.get(topic, 0) + sum(batch.record_count() for name, batch in held if name == topic)

    def rest(self) -> list[Batch]:
        """All that were not taken yet."""
        batches = [*self.full, *self._open.items()]
        self.full, self._open = [], {}
        return batches


class HandOver:
    """One slice's batches on their way; when the last is with the broker the slice is acknowledged."""

    def __init__(self, flow: Flow, link: Link) -> None:
        self._flow = flow
        self.link = link
        self._waiting = 1  # the slice itself, until `sealed`
        flow.in_hand += 1

    def expect(self, future: asyncio.Future[Any]) -> None:
        """One more batch to wait for."""
        self._waiting += 1
        future.add_done_callback(self._arrived)

    def seal(self) -> None:
        """No more batches will come."""
        self._finish()

    def abandon(self) -> None:
        """The slice was cut short; it is never acknowledged."""
        self._flow.in_hand -= 1
        self._flow.wake()

    def _arrived(self, future: asyncio.Future[Any]) -> None:
        if future.cancelled() or future.exception() is not None:
            reason = "cancelled" if future.cancelled() else repr(future.exception())
            self._flow.fatal(f"an output of {self.link.place} was not taken: {reason}")
            return
        self._finish()

    def _finish(self) -> None:
        self._waiting -= 1
        if not self._waiting:
            failpoints.reach("router.output-before-commit")
            self._flow.in_hand -= 1
            self._flow.done(self.link)


async def send(producer: Any, name: Callable[[str], str], batches: list[Batch], hand_over: HandOver) -> None:
    """Queue `batches` in order; waits while aiokafka still holds an unsent batch of the same partition."""
    partition = hand_over.link.place.partition
    for topic, batch in batches:
        hand_over.expect(await producer.send_batch(batch, name(topic), partition=partition))
    await asyncio.sleep(0)  # the sender starts now, not when the slice is through
