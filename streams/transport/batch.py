"""A record batch of the Kafka protocol (format 2, uncompressed), put together from parts and copied once.

Reads nothing, writes nothing: `Batches` fills it, aiokafka's producer takes it in the place of its own BatchBuilder,
which would compute the checksum without the processor's help and copy every record twice.
"""

from __future__ import annotations

import struct
import time
from functools import lru_cache

from crc32c import crc32c

from schemas.headers import Headers

HEADER = struct.Struct(">qiibIhiqqqhii")
"""Base offset, length, leader epoch, magic, checksum, attributes, last offset, first and last time, producer, count."""
LENGTH_AT = struct.calcsize(">q")
AFTER_LENGTH = struct.calcsize(">qi")
UINT32 = struct.Struct(">I")
CHECKSUM_AT = struct.calcsize(">qiib")
CHECKED_FROM = CHECKSUM_AT + UINT32.size
MAGIC = 2
NO_HEADERS = b"\0"
NULL = b"\1"
"""The length -1."""

_SMALL = 8_192


def varint(number: int) -> bytes:
    """`number` as the protocol writes it: zigzag, seven bits a byte, the lowest first."""
    left = (number << 1) ^ (number >> 63)
    out = bytearray()
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


_VARINTS = [varint(number) for number in range(_SMALL)]


def _varint(number: int) -> bytes:
    return _VARINTS[number] if 0 <= number < _SMALL else varint(number)


class RecordBatch:
    """What aiokafka asks of a builder, by its own names, and `append`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = [bytes(HEADER.size)]
        self._size = HEADER.size
        self._count = 0
        self._first = self._last = 0
        self._producer = (-1, -1, 0)
        self._built: bytearray | None = None

    def append(self, key: bytes, value: bytes | None, headers: Headers, timestamp: int | None) -> bool:
        """Add a record; False where it does not fit (the first one always does)."""
        at = int(time.time() * 1000) if timestamp is None else timestamp
        count = self._count
        if not count:
            self._first = self._last = at
        small, delta, long = _VARINTS, at - self._first, len(key)
        head = (
            b"\0"
            + (small[delta] if 0 <= delta < _SMALL else varint(delta))
            + (small[count] if count < _SMALL else varint(count))
            + (small[long] if long < _SMALL else varint(long))
            + key
        )
        if value is None:
            head, value = head + NULL, b""
        else:
            long = len(value)
            head += small[long] if long < _SMALL else varint(long)
        tail = written(headers) if headers else NO_HEADERS
        long = len(head) + len(value) + len(tail)
        length = small[long] if long < _SMALL else varint(long)
        size = self._size + len(length) + long
        if size > self._limit and count:
            return False
        self._parts += (length, head, value, tail)
        self._size = size
        self._count = count + 1
        if at > self._last:  # noqa: PLR1730 - a call for each record
            self._last = at
        return True

    def close(self) -> None:
        """Nothing is added to a batch that was handed over."""

    def closed(self) -> bool:
        """Whether it may be sent at once: always."""
        return True

    def record_count(self) -> int:
        """How many records it holds."""
        return self._count

    def size(self) -> int:
        """Its bytes."""
        return self._size

    def _set_producer_state(self, producer_id: int, epoch: int, sequence: int) -> None:
        self._producer = (producer_id, epoch, sequence)

    def _build(self) -> bytearray:
        """The whole batch; the same bytes again when it is sent again."""
        if self._built is None:
            whole = bytearray().join(self._parts)
            self._parts = []
            HEADER.pack_into(
                whole, 0, 0, len(whole) - AFTER_LENGTH, -1, MAGIC, 0, 0, self._count - 1,
                self._first, self._last, *self._producer, self._count,
            )  # fmt: skip
            UINT32.pack_into(whole, CHECKSUM_AT, checksum(memoryview(whole)[CHECKED_FROM:]))
            self._built = whole
        return self._built


def checksum(data: memoryview) -> int:
    """CRC-32C of `data`, by the processor where it can; the interpreter's lock is kept, for it takes microseconds."""
    found: int = crc32c(data, gil_release_mode=0)
    return found


def written(headers: Headers) -> bytes:
    """Headers of a record: their number, then name and value of each."""
    found = _varint(len(headers))
    for name, value in headers:
        if value is None:
            found += _name(name) + NULL
        else:
            long = len(value)
            found += _name(name) + (_VARINTS[long] if long < _SMALL else varint(long)) + value
    return found


@lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    encoded = name.encode()
    return _varint(len(encoded)) + encoded
