"""Dead letters as they lie on their topic, whole; their values are shown to nobody.

Reads:    dead-letters, from its beginning to its end of this moment.
Fails to: Retriable where the broker does not answer.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from kafka import TopicPartition

from bus import clients
from bus.errors import Retriable
from bus.settings import Settings
from schemas import headers as h
from schemas.envelope import issuer_of
from schemas.headers import Headers
from schemas.topics import DEAD_LETTERS


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter; `value` is what the department sent, unless it was cut."""

    id: str
    code: str
    dept: str
    key: bytes
    value: bytes | None
    arrival: int
    """When the event came, in ms: its record's timestamp, kept by every later one."""
    topic: str
    """The input topic it had reached; empty where the door buried it."""
    length: int
    is_whole: bool

    @property
    def sha256(self) -> str:
        """Digest of the value, by which a letter and its redrives are known to be one event."""
        return hashlib.sha256(self.value or b"").hexdigest()


def letters(settings: Settings) -> Iterator[Letter]:
    """Every dead letter, partition by partition, the oldest first."""
    topic = settings.topic(DEAD_LETTERS)
    with (
        clients.kafka_errors(f"read {DEAD_LETTERS.name}"),
        closing(clients.consumer(settings, max_poll_records=200)) as consumer,
    ):
        places = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        ends = consumer.end_offsets(places)
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        yield from _until(settings, consumer, ends)


def _until(settings: Settings, consumer: Any, ends: dict[TopicPartition, int]) -> Iterator[Letter]:
    heard = time.monotonic()
    while any(consumer.position(place) < end for place, end in ends.items()):
        polled = consumer.poll(timeout_ms=500)
        heard = time.monotonic() if polled else heard
        if time.monotonic() - heard > settings.infrastructure_deadline:
            raise Retriable(f"{DEAD_LETTERS.name} does not come to its end")
        for place, found in polled.items():
            for each in found:
                if each.offset < ends[place]:
                    yield letter(each.key or b"", each.value, tuple(each.headers), each.timestamp)


def letter(key: bytes, value: bytes | None, headers: Headers, timestamp: int) -> Letter:
    """One record of the topic as a letter."""
    cut = h.get(headers, h.LENGTH)
    origin = h.get(headers, h.ORIGIN) or ""
    return Letter(
        id=h.get(headers, h.ID) or "", code=h.get(headers, h.ERROR) or "",
        dept=h.get(headers, h.SENDER) or issuer_of(key.decode("utf-8", "replace")),
        key=key, value=value, arrival=timestamp, topic=origin.rpartition("/")[0].rpartition("/")[0],
        length=int(cut) if cut and cut.isdigit() else len(value or b""), is_whole=cut is None and value is not None,
    )  # fmt: skip
