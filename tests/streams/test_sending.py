"""A produce request joined once is the bytes that aiokafka would have made of it level by level."""

from __future__ import annotations

import struct

import pytest
from aiokafka.errors import CorruptRecordException
from aiokafka.protocol.produce import ProduceRequest_v7
from hypothesis import given
from hypothesis import strategies as st

from streams.transport.batch import RecordBatch
from streams.transport.sending import FlatProduce
from streams.transport.slices import CheckedRecords

topics = st.dictionaries(
    st.text("abc.-", min_size=1, max_size=9),
    st.lists(st.tuples(st.integers(0, 11), st.binary(max_size=50).map(bytearray)), min_size=1, max_size=3),
    max_size=3,
)


@given(topics, st.sampled_from([-1, 0, 1]), st.integers(0, 60_000))
def test_the_bytes_are_those_of_aiokafka(
    given_topics: dict[str, list[tuple[int, bytearray]]], acks: int, ms: int
) -> None:
    ours = struct.pack(">i", 0) + (b"" + FlatProduce(acks, ms, given_topics).encode())  # size + (header + body)
    plain = [(name, [(number, bytes(data)) for number, data in some]) for name, some in given_topics.items()]
    assert ours[4:] == ProduceRequest_v7(None, acks, ms, plain).encode()


def fetched(*values: bytes) -> bytes:
    """Batches of one record each, as a fetch brings them."""
    data = b""
    for value in values:
        batch = RecordBatch(1_000_000)
        batch.append(b"k", value, (), 0)
        data += bytes(batch._build())
    return data


def test_a_batch_whose_bytes_changed_on_the_way_is_refused() -> None:
    data = bytearray(fetched(b"first", b"second"))
    records = CheckedRecords(bytes(data))
    assert [record.value for _ in range(2) for record in records.next_valid()] == [b"first", b"second"]
    data[-2] ^= 1
    changed = CheckedRecords(bytes(data))
    changed.next_valid()
    with pytest.raises(CorruptRecordException):
        changed.next_valid()
