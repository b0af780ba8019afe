"""The one receipt that a feed record ends in, as a record for `receipts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from bus.record import Outgoing
from consumers.portal.feed import FeedRecord
from schemas import headers as h
from schemas.records import ReceiptKind
from schemas.topics import RECEIPTS

SOURCE = "/engine/portal"
"""Our portal's own word: it alone is public time."""
TYPE = "cn.gongkai.receipt.given.v1"


class Known(msgspec.Struct, frozen=True):
    """What a rebuild takes from the receipt that was given before."""

    class Data(msgspec.Struct, frozen=True):
        """The part of it that can't be made again."""

        at: datetime
        index_no: str | None = None

    data: Data
    subject: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How a feed record ended."""

    feed: FeedRecord
    gk_id: str
    """Of the receipt."""
    version: int
    kind: ReceiptKind
    at: datetime
    detail: str | None = None


def known(value: bytes | None) -> Known.Data | None:
    """What was said before under this receipt's id."""
    return None if value is None else msgspec.json.decode(value, type=Known).data


def told(value: bytes | None) -> tuple[str, str] | None:
    """The subject and the index number that a receipt named, if it did."""
    receipt = None if value is None else msgspec.json.decode(value, type=Known)
    return (receipt.subject, receipt.data.index_no) if receipt and receipt.data.index_no else None


def build(ending: Ending, url: str | None, index_no: str | None) -> Outgoing:
    """The receipt, to the partition its feed record came from."""
    feed = ending.feed
    data = {
        "feed_id": feed.feed_id, "outlet": feed.route.outlet, "kind": ending.kind, "event": feed.head,
        "version": ending.version, "at": ending.at, "url": url, "index_no": index_no, "detail": ending.detail,
    }  # fmt: skip
    return outgoing(ending.gk_id, SOURCE, ending.at, data, subject=feed.head.subject, partition=feed.record.partition)


def outgoing(
    gk_id: str, source: str, at: datetime, data: dict[str, object], *, subject: str, partition: int
) -> Outgoing:
    """A receipt of anybody's, as a CloudEvent on `receipts`."""
    event = {
        "specversion": "1.0", "id": gk_id, "source": source, "type": TYPE, "subject": subject,
        "time": at.astimezone(UTC), "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    return Outgoing(
        RECEIPTS.name, subject.encode(), msgspec.json.encode(event), ((h.ID, gk_id.encode()),), partition=partition
    )
