"""A Kafka record as every part sees it, and one to be sent; a client's own classes stay at its border."""

from __future__ import annotations

import msgspec

from schemas import headers as h
from schemas.headers import Headers


class Record(msgspec.Struct, frozen=True, gc=False):
    """A record that was read. `topic` is without the city's prefix; `timestamp` is arrival, in ms since 1970."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def gk_id(self) -> str | None:
        """The derived id that an inbox remembers, on records of ours."""
        return h.get(self.headers, h.ID)

    @property
    def origin(self) -> str:
        """`topic/partition/offset`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """A record to send. Without `partition` Kafka's murmur2 of the key decides; `timestamp` None = when sent."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Headers = ()
    timestamp: int | None = None
    partition: int | None = None
