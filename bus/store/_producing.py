"""A producer that is dropped whole at its first error, so that nothing can follow a record that failed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kafka.errors import KafkaError

from bus import clients
from bus.errors import Retriable
from bus.settings import Settings
from schemas.headers import Headers


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row of the outbox, ready to be sent; `topic` is the broker's name."""

    lane: str
    seq: int
    topic: str
    partition: int | None
    timestamp: int | None
    key: bytes
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the broker put a parcel."""

    parcel: Parcel
    partition: int
    offset: int


class Producing:
    """Idempotent, acknowledged by all replicas; linger 0, so a lone record goes at once and a backlog in batches.

    Order: records of one partition are appended in the order of `send`, or not at all. The broker refuses a batch
    whose predecessor it has not taken, until the producer takes a new epoch; that never happens here, since the first
    failure closes the producer in the very thread that would go on sending.
    """

    def __init__(self, settings: Settings) -> None:
        self._producer: Any = clients.producer(
            settings, linger_ms=0, max_block_ms=5_000, reconnect_backoff_max_ms=1_000
        )
        self._deadline = settings.infrastructure_deadline
        self._error: BaseException | None = None

    def send(self, parcels: Sequence[Parcel]) -> list[Placed]:
        """Send all, wait until the broker has all, say where it put them.

        Raises:
            Retriable, Fatal: some are perhaps not there; this object is of no more use.
        """
        with clients.kafka_errors("take rows of the outbox"):
            futures = [self._send(parcel) for parcel in parcels]
            return [self._wait(parcel, future) for parcel, future in zip(parcels, futures, strict=True)]

    def drop(self) -> None:
        """End without sending what is buffered."""
        self._producer._sender.force_close()
        with suppress(KafkaError):
            self._producer.close(timeout=5)

    def _send(self, parcel: Parcel) -> Any:
        if self._error is not None:
            raise clients.translate(self._error, f"take rows for {parcel.topic}")
        future = self._producer.send(
            parcel.topic, key=parcel.key, value=parcel.value, headers=list(parcel.headers),
            partition=parcel.partition, timestamp_ms=parcel.timestamp,
        )  # fmt: skip
        future.add_errback(self._fail)
        return future

    def _fail(self, error: BaseException) -> None:
        """Runs in the producer's own thread, before it sends another batch."""
        if self._error is None:
            self._error = error
            self._producer._sender.force_close()

    def _wait(self, parcel: Parcel, future: Any) -> Placed:
        try:
            placed = future.get(timeout=self._deadline)
        except KafkaError as error:
            raise clients.translate(
                self._error or error, f"take row {parcel.seq} of lane {parcel.lane} for {parcel.topic}"
            ) from error
        if placed.offset < 0:
            raise Retriable(f"relay: {parcel.topic} acknowledged without an offset")
        return Placed(parcel, placed.partition, placed.offset)
