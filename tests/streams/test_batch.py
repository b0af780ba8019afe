"""Record batches written by us: aiokafka's own reader gets back what was put in, whatever it is."""

from __future__ import annotations

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from streams.transport.batch import RecordBatch, varint

HEADERS = st.lists(st.tuples(st.text(max_size=20), st.none() | st.binary(max_size=200)), max_size=4).map(tuple)
RECORDS = st.lists(
    st.tuples(
        st.binary(max_size=300),
        st.none() | st.binary(max_size=300) | st.integers(0, 40_000).map(bytes),
        HEADERS,
        st.integers(0, 2**42),
    ),
    min_size=1,
    max_size=30,
)


def _read(batch: RecordBatch) -> list[tuple[bytes, bytes | None, tuple[tuple[str, bytes | None], ...], int, int]]:
    records = MemoryRecords(bytes(batch._build()))
    read = records.next_batch()
    assert read is not None
    assert read.validate_crc()
    assert not records.has_next()
    return [(one.key, one.value, tuple(one.headers), one.timestamp, one.offset) for one in read]


@given(RECORDS)
def test_what_was_put_in_is_read_back(records: list[tuple[bytes, bytes | None, tuple[()], int]]) -> None:
    batch = RecordBatch(10_000_000)
    for record in records:
        assert batch.append(*record)
    assert len(batch._build()) == batch.size()
    assert _read(batch) == [(*record, offset) for offset, record in enumerate(records)]


@given(RECORDS, st.integers(0, 2**40), st.integers(0, 1_000), st.integers(0, 2**31 - 1))
def test_the_bytes_are_those_of_aiokafka(
    records: list[tuple[bytes, bytes | None, tuple[()], int]], producer: int, epoch: int, sequence: int
) -> None:
    ours, theirs = RecordBatch(10_000_000), BatchBuilder(10_000_000, 0)
    for builder in (ours, theirs):
        builder._set_producer_state(producer, epoch, sequence)  # type: ignore[attr-defined]
    for key, value, headers, timestamp in records:
        ours.append(key, value, headers, timestamp)
        theirs.append(key=key, value=value, headers=list(headers), timestamp=timestamp)
    assert bytes(ours._build()) == bytes(theirs._build())


def test_a_full_batch_refuses_and_the_first_record_always_fits() -> None:
    batch = RecordBatch(1_000)
    assert batch.append(b"k", bytes(5_000), (), 0)
    assert not batch.append(b"k", b"v", (), 0)
    assert [value for _, value, *_ in _read(batch)] == [bytes(5_000)]


def test_a_batch_sent_again_is_the_same_bytes() -> None:
    batch = RecordBatch(1_000)
    batch.append(b"k", b"v", (), None)
    batch._set_producer_state(7, 1, 3)
    assert batch._build() is batch._build()


def test_numbers_are_written_zigzag() -> None:
    assert [varint(n) for n in (0, -1, 1, -2, 63, 64, 300)] == [
        b"\0",
        b"\1",
        b"\2",
        b"\3",
        b"\x7e",
        b"\x80\1",
        b"\xd8\4",
    ]
