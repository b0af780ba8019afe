"""aiokafka's producer, made to encode a produce request once instead of once for each level it is nested in.

Writes the output topics.
Fails to nothing of its own: retries, sequence numbers and errors are aiokafka's (0.14.0, pinned: private names).
"""

from __future__ import annotations

import struct
from collections import defaultdict
from typing import Any

import aiokafka
from aiokafka.producer.sender import Sender, SendProduceReqHandler
from aiokafka.protocol.api import Request
from aiokafka.protocol.produce import ProduceRequest_v7

NO_TRANSACTION = struct.pack(">h", -1)
INT32 = struct.Struct(">i")
ACKS_AND_TIMEOUT = struct.Struct(">hi")


class Message:
    """A request with its header, in parts; `size + message`, as the connection says, makes the bytes of the frame."""

    def __init__(self, parts: list[Any]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __radd__(self, size: bytes) -> bytes:
        return b"".join((size, *self._parts))


class Body:
    """A request without its header, in parts; `header + body` gives the message, and nothing is copied."""

    def __init__(self, parts: list[Any]) -> None:
        self._parts = parts

    def __radd__(self, header: bytes) -> Message:
        return Message([header, *self._parts])


Topics = dict[str, list[tuple[int, bytearray]]]


class FlatProduce(ProduceRequest_v7):  # type: ignore[misc]
    """A produce request of version 7 (Kafka 2.1 and later), whose bytes are joined once, where they are sent."""

    def __init__(self, acks: int, timeout: int, topics: Topics) -> None:
        self.required_acks = acks
        self._timeout = timeout
        self._topics = topics

    def encode(self) -> Body:
        """The request as it travels, without its header."""
        parts: list[Any] = [NO_TRANSACTION, ACKS_AND_TIMEOUT.pack(self.required_acks, self._timeout)]
        parts.append(INT32.pack(len(self._topics)))
        for topic, partitions in self._topics.items():
            name = topic.encode()
            parts += (struct.pack(">h", len(name)), name, INT32.pack(len(partitions)))
            for partition, batch in partitions:
                parts += (INT32.pack(partition), INT32.pack(len(batch)), batch)
        return Body(parts)

    def __repr__(self) -> str:
        return f"FlatProduce({', '.join(self._topics)})"


class _Produce(Request[FlatProduce]):  # type: ignore[misc]
    """What the connection turns into a `FlatProduce` when it knows the broker's versions."""

    API_KEY = 0

    def __init__(self, acks: int, timeout: int, topics: Topics) -> None:
        self.required_acks = acks
        self._rest = (timeout, topics)

    def build(self, request_struct_class: type[FlatProduce]) -> FlatProduce:
        return request_struct_class(self.required_acks, *self._rest)


class _Handler(SendProduceReqHandler):  # type: ignore[misc]
    def create_request(self) -> _Produce:
        topics: Topics = defaultdict(list)
        for tp, batch in self._batches.items():
            topics[tp.topic].append((tp.partition, batch.get_data_buffer()))
        return _Produce(self._sender._acks, self._sender._request_timeout_ms, topics)


class _Sender(Sender):  # type: ignore[misc]
    async def _send_produce_req(self, node_id: int, batches: dict[Any, Any]) -> None:
        await _Handler(self, batches).do(node_id)
        self._in_flight.remove(node_id)
        for tp in batches:
            self._muted_partitions.remove(tp)


class SliceProducer(aiokafka.AIOKafkaProducer):  # type: ignore[misc]
    """An idempotent producer of whole batches, without transactions."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        old: Any = self._sender  # type: ignore[has-type]
        self._sender = _Sender(
            old.client, acks=old._acks, txn_manager=old._txn_manager, retry_backoff_ms=old._retry_backoff * 1000,
            message_accumulator=old._message_accumulator, request_timeout_ms=old._request_timeout_ms,
        )  # fmt: skip
