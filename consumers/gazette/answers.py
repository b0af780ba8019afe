"""The one receipt that each feed record ends in, with what the rebuild takes from the one given before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bus.record import Outgoing
from bus.store import Tx
from consumers.gazette.desk import Row, present_issue
from consumers.gazette.merge import Answer
from consumers.gazette.reading import Feed
from schemas import headers as h
from schemas.ids import receipt_id
from schemas.topics import RECEIPTS

SOURCE = "/engine/gazette"

WHY = {
    "older": "该信息已有更新版本或已撤回",
    "not-on-portal": "未在门户网站公开,不予收录",
    "same-content": "同一版本内容相同,已收到",
}
"""Why a document is not in the issue, for its department."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Head(msgspec.Struct, frozen=True):
    """The event spoken of, as its sender wrote it."""

    id: str
    source: str
    type: str
    subject: str
    time: str


@dataclass(frozen=True, slots=True)
class Asker:
    """The feed record that is answered."""

    feed_id: str
    outlet: str
    partition: int
    version: int
    head: Head

    @classmethod
    def of_feed(cls, feed: Feed) -> Asker:
        """The record just read."""
        head = Head(id=feed.event_id, source=feed.source, type=feed.type, subject=feed.subject, time=feed.time)
        return cls(feed.feed_id, feed.outlet, feed.partition, feed.version, head)

    @classmethod
    def of_row(cls, row: Row) -> Asker:
        """A document that waited."""
        names = {"id": row["event_id"], **{name: row[name] for name in ("source", "type", "subject", "time")}}
        return cls(row["feed_id"], row["outlet"], row["partition"], row["version"], Head(**names))


class _Known(msgspec.Struct, frozen=True):
    class Data(msgspec.Struct, frozen=True):
        at: datetime

    data: Data


@dataclass(frozen=True, slots=True)
class Taken:
    """Into which issue a document went, and when (µs)."""

    issue: int
    at: int


def give(tx: Tx, base: str, asker: Asker, answer: Answer) -> Taken | None:
    """Send the receipt; where the document is taken in, say into which issue."""
    gk_id = receipt_id(answer.feed_id)
    before = _known(tx.known(gk_id))
    at = before.at if before else tx.now
    issue = present_issue(tx.conn) if answer.kind == "published" else None
    data: dict[str, Any] = {
        "feed_id": answer.feed_id, "outlet": asker.outlet, "kind": answer.kind, "event": asker.head,
        "version": asker.version, "at": at, "url": _url(base, issue, answer), "detail": _detail(issue, answer),
    }  # fmt: skip
    tx.send(_outgoing(gk_id, asker, at, data))
    return None if issue is None else Taken(issue, micros(at))


def _outgoing(gk_id: str, asker: Asker, at: datetime, data: dict[str, Any]) -> Outgoing:
    """The receipt as a CloudEvent, to the partition its feed record came from."""
    event = {
        "specversion": "1.0", "id": gk_id, "source": SOURCE, "type": "cn.gongkai.receipt.given.v1",
        "subject": asker.head.subject, "time": at.astimezone(UTC), "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    key, headers = asker.head.subject.encode(), ((h.ID, gk_id.encode()),)
    return Outgoing(RECEIPTS.name, key, msgspec.json.encode(event), headers, partition=asker.partition)


def micros(at: datetime) -> int:
    """µs since 1970, exact."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant(at: int) -> datetime:
    """The aware time that `micros` made a number of."""
    return _EPOCH + timedelta(microseconds=at)


def _known(value: bytes | None) -> _Known.Data | None:
    return None if value is None else msgspec.json.decode(value, type=_Known).data


def _detail(issue: int | None, answer: Answer) -> str | None:
    if answer.kind == "published":
        return f"总第{issue}期"
    return WHY.get(answer.why)


def _url(base: str, issue: int | None, answer: Answer) -> str | None:
    return f"{base}/issues/{issue}" if answer.kind == "published" else None
