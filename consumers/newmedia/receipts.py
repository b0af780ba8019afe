"""The one receipt that a feed record ends in, and what a rebuild takes from one that was given before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from bus.record import Outgoing
from schemas import headers as h
from schemas.ids import receipt_id
from schemas.records import ReceiptKind
from schemas.topics import RECEIPTS

SOURCE = "/engine/newmedia"
TYPE = "cn.gongkai.receipt.given.v1"


class Head(msgspec.Struct, frozen=True):
    """An event's envelope as the sender wrote it, its time uninterpreted."""

    id: str
    source: str
    type: str
    subject: str
    time: str


class Given(msgspec.Struct, frozen=True):
    """The part of a receipt that is read again."""

    outlet: str
    kind: ReceiptKind
    event: Head
    version: int
    at: datetime
    feed_id: str
    url: str | None = None
    index_no: str | None = None
    platform_id: str | None = None
    detail: str | None = None


class _Event(msgspec.Struct, frozen=True):
    data: Given


_GIVEN = msgspec.json.Decoder(_Event)


def read(value: bytes) -> Given:
    """What a receipt says."""
    return _GIVEN.decode(value).data


@dataclass(frozen=True, slots=True)
class Ending:
    """How a feed record ended."""

    feed_id: str
    account: str
    event: Head
    version: int
    partition: int
    kind: ReceiptKind
    at: datetime
    platform_id: str | None = None
    detail: str | None = None
    url: str | None = None


def build(ending: Ending) -> Outgoing:
    """The receipt, to the partition that its feed record came from."""
    gk_id = receipt_id(ending.feed_id)
    data = {
        "feed_id": ending.feed_id, "outlet": ending.account, "kind": ending.kind, "event": ending.event,
        "version": ending.version, "at": ending.at.astimezone(UTC), "platform_id": ending.platform_id,
        "url": ending.url, "detail": ending.detail,
    }  # fmt: skip
    event = {
        "specversion": "1.0", "id": gk_id, "source": SOURCE, "type": TYPE, "subject": ending.event.subject,
        "time": ending.at.astimezone(UTC), "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    return Outgoing(
        RECEIPTS.name, ending.event.subject.encode(), msgspec.json.encode(event),
        ((h.ID, gk_id.encode()),), partition=ending.partition,
    )  # fmt: skip
