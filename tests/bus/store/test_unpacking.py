"""The compiled reader finds what kafka-python's own finds, and refuses what that refuses."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import TopicPartition
from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError, UnsupportedVersionError
from kafka.protocol.consumer.offsets import IsolationLevel
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatchBuilder

from bus.store._unpacking import Unpacked


class AbortedTransaction(NamedTuple):
    """As a fetch names it."""

    producer_id: int
    first_offset: int


PLACE = TopicPartition("publications", 3)

texts = st.text(max_size=8)
nullable = st.none() | st.binary(max_size=40)
records = st.tuples(nullable, nullable, st.lists(st.tuples(texts, nullable), max_size=3))
batches = st.lists(st.lists(records, min_size=1, max_size=4), min_size=1, max_size=4)

Given = list[tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]]


def batch(given_records: Given, base: int, epoch: int = 7, compression: int = 0, producer: int = -1) -> bytes:
    """A batch as a broker stores it; one of a transaction where a producer is named."""
    builder = DefaultRecordBatchBuilder(2, compression, producer >= 0, producer, 0, 0, 1_000_000)
    for number, (key, value, headers) in enumerate(given_records):
        assert builder.append(number, 1_790_000_000_000 + number, key, value, headers)
    made = bytes(builder.build())
    return struct.pack(">q", base) + made[8:12] + struct.pack(">i", epoch) + made[16:]


def read(
    kind: type[Fetcher.PartitionRecords], data: bytes, begin: int = 0, aborted: Sequence[AbortedTransaction] = ()
) -> tuple[list[tuple[Any, ...]], int, int]:
    """What a reader of committed records gives: records, next offset, leader epoch."""
    reader = kind(
        begin, PLACE, MemoryRecords(data), isolation_level=IsolationLevel.READ_COMMITTED, aborted_transactions=aborted
    )
    found = [(r.offset, r.timestamp, r.key, r.value, list(r.headers)) for r in reader.take()]
    return found, reader.next_fetch_offset, reader.leader_epoch


@given(batches, st.integers(0, 10), st.sampled_from([0, 1]))
def test_both_readers_find_the_same(given_batches: list[Given], begin: int, compression: int) -> None:
    data, base = b"", 0
    for number, each in enumerate(given_batches):
        data += batch(each, base, epoch=number, compression=compression)
        base += len(each) + 2  # as where compaction took some away
    assert read(Unpacked, data, begin) == read(Fetcher.PartitionRecords, data, begin)


def test_what_a_transaction_that_was_aborted_wrote_is_not_read() -> None:
    data = batch([(b"k", b"kept", [])], 0) + batch([(b"k", b"aborted", [])], 1, producer=5)
    data += batch([(b"k", b"behind", [])], 2)
    aborted = [AbortedTransaction(5, 1)]
    assert [record[3] for record in read(Unpacked, data, aborted=aborted)[0]] == [b"kept", b"behind"]
    assert read(Unpacked, data, aborted=aborted) == read(Fetcher.PartitionRecords, data, aborted=aborted)


def test_what_a_full_fetch_cut_off_waits_for_the_next() -> None:
    data = batch([(b"k", b"v", [])], 0) + batch([(b"k", b"w", [])], 1)
    found, behind, _ = read(Unpacked, data[:-3])
    assert [record[3] for record in found] == [b"v"]
    assert behind == 1


def test_a_changed_byte_is_refused_and_what_stands_before_it_is_kept() -> None:
    data = bytearray(batch([(b"k", b"v", [])], 0) + batch([(b"k", b"w", [])], 1))
    data[-2] ^= 1
    reader = Unpacked(0, PLACE, MemoryRecords(bytes(data)))
    assert [record.value for record in reader.take()] == [b"v"]
    with pytest.raises(CorruptRecordError, match="publications/3: checksum at offset 1"):
        reader.take()


def test_an_older_format_is_named() -> None:
    data = bytearray(batch([(b"k", b"v", [])], 0))
    data[16] = 1
    with pytest.raises(UnsupportedVersionError, match="record format 1"):
        Unpacked(0, PLACE, MemoryRecords(bytes(data))).take()
