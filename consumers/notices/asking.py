"""An operator's wish that deliveries be tried again, written to `deliveries`: it survives restarts and rebuilds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bus import clients
from bus.record import Outgoing
from bus.settings import Settings
from consumers.notices import words
from consumers.notices.views import DeliveryView
from schemas.records import DeliveryRequest


def wishes(chosen: Sequence[DeliveryView], by: str, why: str, at: datetime) -> list[Outgoing]:
    """One record for each; the same wish twice is one."""
    return [
        words.requested(
            DeliveryRequest(
                delivery=each.id, notice=each.notice, target=each.target, round=each.round + 1, by=by, why=why
            ),
            each.subject, each.partition, at,
        )
        for each in chosen
    ]  # fmt: skip


def send(settings: Settings, records: Sequence[Outgoing]) -> None:
    """Return when the broker has them.

    Raises:
        Retriable, Fatal: it has not.
    """
    with clients.kafka_errors("write deliveries"):
        producer = clients.producer(settings)
        try:
            sending = [
                producer.send(
                    settings.topic(each.topic), each.value, key=each.key, headers=list(each.headers),
                    partition=each.partition, timestamp_ms=each.timestamp,
                )
                for each in records
            ]  # fmt: skip
            for sent in sending:
                sent.get(timeout=settings.infrastructure_deadline)
        finally:
            producer.close(timeout=5)
