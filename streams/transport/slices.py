"""Slices: what one partition gave in one poll, taken from aiokafka's buffers without an object more than needed.

Reads the buffers of aiokafka's fetcher (0.14.0, pinned: its private names are used here and nowhere else).
Keeps the order in which partitions were served last, so that none starves.
Fails to `OffsetOutOfRangeError`: a committed offset that the log no longer has; nobody may guess where to go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol

from aiokafka.consumer import fetcher as aiokafka_fetcher
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.errors import CorruptRecordException, NoOffsetForPartitionError
from aiokafka.record.memory_records import MemoryRecords

from bus.record import Record
from schemas.headers import Headers
from streams.transport.batch import AFTER_LENGTH, CHECKED_FROM, CHECKSUM_AT, LENGTH_AT, MAGIC, UINT32, checksum
from streams.transport.chain import Link, Place

Fetcher = Any
"""aiokafka's; it ships no types."""


class RawRecord(Protocol):
    """aiokafka's record as its C code unpacks it: topic and partition are the slice's."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Limits(NamedTuple):
    """How much is taken and held at once."""

    poll_records: int = 2_000
    slice_records: int = 500
    slice_bytes: int = 4 * 1024 * 1024
    unacknowledged_slices: int = 64
    unacknowledged_bytes: int = 8 * 1024 * 1024


class Fetched(NamedTuple):
    """Offsets `base` up to `end` of a partition, and the records among them (a gap may hold none)."""

    place: Place
    base: int
    end: int
    size: int
    records: list[RawRecord]


@dataclass(slots=True, eq=False)
class Slice:
    """What travels through Faust as one message: a link of the chain and its records."""

    link: Link
    topic: str
    """Bare, without the city's prefix."""
    raw: list[RawRecord]

    def records(self) -> Iterator[Record]:
        """Its records, one by one, as every part sees them."""
        topic, partition = self.topic, self.link.place.partition
        for raw in self.raw:
            yield Record(
                topic, partition, raw.offset, raw.timestamp, raw.key, raw.value,
                tuple(raw.headers) if raw.headers else (),
            )  # fmt: skip


class CheckedRecords(MemoryRecords):  # type: ignore[misc]
    """aiokafka's records of one partition, whose batches' checksums the processor computes."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._data = memoryview(data)
        self._at = 0

    def next_valid(self) -> Any:
        """The next batch.

        Raises:
            CorruptRecordException: its checksum does not agree.
        """
        batch, start = self.next_batch(), self._at
        (length,) = UINT32.unpack_from(self._data, start + LENGTH_AT)
        self._at = end = start + AFTER_LENGTH + length
        (said,) = UINT32.unpack_from(self._data, start + CHECKSUM_AT)
        if self._data[start + CHECKSUM_AT - 1] == MAGIC:
            valid = checksum(self._data[start + CHECKED_FROM : end]) == said
        else:
            valid = batch.validate_crc()
        if not valid:
            raise CorruptRecordException("the broker sent a batch whose checksum does not agree")
        return batch


aiokafka_fetcher.MemoryRecords = CheckedRecords
"""There is no setting for it; the fetcher makes them of each answer."""


class _Lean:
    """Takes the place of aiokafka's PartitionRecords: hands out the C records themselves, many at a time."""

    def __init__(self, slow: Any) -> None:
        self._records = slow._records
        self._batch: Any = None
        self._iterator: Iterator[RawRecord] = iter(())
        self.next_fetch_offset: int = slow.next_fetch_offset
        self.exhausted = False

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        return self.exhausted or (self._batch is None and not self._records.has_next())

    def take(self, count: int, size: int) -> tuple[list[RawRecord], int]:
        """Up to `count` records and (give or take one batch) `size` bytes."""
        taken: list[RawRecord] = []
        total = 0
        while len(taken) < count and total < size and self._open():
            some = self._next(count - len(taken))
            total += sum([len(record.value or b"") for record in some])
            taken += some
        return taken, total

    def _open(self) -> bool:
        """Whether a batch is open, opening the next one where need be."""
        while self._batch is None:
            if not self._records.has_next():
                self.exhausted = True
                return False
            batch = self._records.next_valid()
            if batch.is_control_batch:
                self.next_fetch_offset = batch.next_offset
            else:
                self._batch = batch
                self._iterator = chain(batch)  # the batch itself can be iterated over only once from its start
        return True

    def _next(self, count: int) -> list[RawRecord]:
        some: list[RawRecord] = list(islice(self._iterator, min(count, 100)))
        if not some:
            self.next_fetch_offset = self._batch.next_offset
            self._batch = None
            return some
        if some[0].offset < self.next_fetch_offset:  # the batch began before the offset that was asked for
            some = [record for record in some if record.offset >= self.next_fetch_offset]
        if some:
            self.next_fetch_offset = some[-1].offset + 1
        return some


class Drain:
    """Takes slices out of a fetcher's buffers, the partition served longest ago first."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._served: dict[Any, int] = {}
        self._turn = 0

    async def take(self, fetcher: Fetcher, seconds: float) -> list[Fetched]:
        """What lies ready, or the first to come within `seconds`, or nothing."""
        if fetcher._subscriptions.reassignment_in_progress:
            await asyncio.sleep(0.02)
            return []
        if ready := self._ready(fetcher):
            return ready
        waiter = fetcher._create_fetch_waiter()
        done, _ = await asyncio.wait([waiter], timeout=seconds)
        if not done:
            waiter.cancel()
            return []
        waiter.result()  # raises where the coordinator refused us
        return [] if fetcher._closed else self._ready(fetcher)

    def _ready(self, fetcher: Fetcher) -> list[Fetched]:
        found: list[Fetched] = []
        left = self._limits.poll_records
        for tp in sorted(fetcher._records, key=lambda tp: self._served.get(tp, 0)):
            if left <= 0:
                break
            result = fetcher._records[tp]
            if not isinstance(result, FetchResult):
                if not found:
                    self._raise(fetcher, tp)
                continue
            if fetched := self._one(fetcher, tp, result, min(left, self._limits.slice_records)):
                found.append(fetched)
                left -= max(1, len(fetched.records))
        return found

    def _one(self, fetcher: Fetcher, tp: Any, result: Any, count: int) -> Fetched | None:
        """A slice of one partition; its buffer is dropped when it is empty or no longer ours."""
        if result._partition_records is None or not result.check_assignment(tp):
            self._drop(fetcher, tp)
            return None
        lean = result._partition_records
        if not isinstance(lean, _Lean):
            lean = result._partition_records = _Lean(lean)
        base = lean.next_fetch_offset
        records, size = lean.take(count, self._limits.slice_bytes)
        result._update_position()
        if lean.empty:
            self._drop(fetcher, tp)
        self._turn += 1
        self._served[tp] = self._turn
        end = lean.next_fetch_offset
        return Fetched(Place(tp.topic, tp.partition), base, end, size, records) if end > base else None

    def _drop(self, fetcher: Fetcher, tp: Any) -> None:
        del fetcher._records[tp]
        fetcher._notify(fetcher._wait_consume_future)

    def _raise(self, fetcher: Fetcher, tp: Any) -> None:
        error = fetcher._records[tp]
        self._drop(fetcher, tp)
        try:
            error.check_raise()
        except NoOffsetForPartitionError:
            return  # the first assignment: the seek that follows says where to begin
