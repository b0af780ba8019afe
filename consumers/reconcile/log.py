"""Lays every topic into the books, record by record, up to the ends of the cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from bus.errors import Fatal
from bus.record import Record
from bus.store.ids import id_of
from consumers.reconcile.books import Books
from schemas import headers as h
from schemas.ids import delivery_record_id, feed_id, receipt_id
from schemas.topics import (
    CITY,
    DEAD_LETTERS,
    DUTIES,
    GAZETTE_FEED,
    JUDGED,
    NEWMEDIA_FEED,
    OUTPUTS,
    PORTAL_FEED,
    RECEIPTS,
    REJECTIONS,
    VERDICTS,
)

Take = Callable[[Books, Record], object]


class _Origin(msgspec.Struct, gc=False):
    topic: str
    partition: int
    offset: int


class _Event(msgspec.Struct, gc=False):
    source: str
    id: str


class _Routed(msgspec.Struct, gc=False):
    outlet: str
    feed: str


class _Verdict(msgspec.Struct, gc=False):
    class Data(msgspec.Struct, gc=False):
        origin: _Origin
        outcome: str
        arrival: datetime
        event: _Event | None
        outlets: tuple[_Routed, ...] = ()

    data: Data


class _Word(msgspec.Struct, gc=False):
    class Data(msgspec.Struct, gc=False):
        what: str = ""

    data: Data


class _Receipt(msgspec.Struct, gc=False):
    class Data(msgspec.Struct, gc=False):
        kind: str
        event: _Event

    source: str
    data: Data


def _take_input(books: Books, record: Record) -> None:
    books.add("inputs", record.topic, record.partition, record.offset, _sha(record))


def _take_ours(books: Books, record: Record) -> bytes:
    gk_id = id_of(record.headers)
    if gk_id is None:
        raise Fatal(f"{record.origin} has no {h.ID}: nobody but our own parts may write this topic")
    books.add("ours", record.topic, gk_id, record.partition, record.offset)
    return gk_id


def _take_feed(books: Books, record: Record) -> None:
    gk_id = _take_ours(books, record)
    receipt = UUID(receipt_id(record.gk_id or "")).bytes
    books.add("fed", gk_id, receipt, record.topic, record.partition, record.offset, *_origin(record))


def _take_verdict(books: Books, record: Record) -> None:
    gk_id = _take_ours(books, record)
    verdict = _VERDICT.decode(record.value or b"").data
    place = verdict.origin.topic, verdict.origin.partition, verdict.origin.offset
    event = verdict.event
    names = (event.source, event.id) if event and verdict.outcome != "dead" else (None, None)
    books.add("verdicts", *place, verdict.outcome, *names, verdict.arrival.timestamp())
    books.add("said", record.topic, gk_id, verdict.outcome)
    if event is not None:
        for routed in verdict.outlets:
            wanted = UUID(feed_id(event.source, event.id, routed.outlet)).bytes
            books.add("wanted", wanted, routed.feed, routed.outlet, *place)


def _take_answer(books: Books, record: Record) -> None:
    """A rejection or dead letter: the second thing every record that the router refused must have."""
    _take_ours(books, record)
    if h.get(record.headers, h.ORIGIN) is not None:
        books.add("answered", *_origin(record), record.topic)


def _take_receipt(books: Books, record: Record) -> None:
    gk_id = _take_ours(books, record)
    receipt = _RECEIPT.decode(record.value or b"")
    if receipt.source.startswith("/engine/"):
        event = receipt.data.event
        part = receipt.source.removeprefix("/engine/")
        books.add("said", record.topic, gk_id, receipt.data.kind)
        books.add("receipts", gk_id, part, receipt.data.kind, event.source, event.id)


def _take_word(books: Books, record: Record) -> None:
    """A word about a duty; somebody must have decided who hears of a rung, or that it was taken back."""
    _take_ours(books, record)
    if _WORD.decode(record.value or b"").data.what in _CARRIED:
        plan = UUID(delivery_record_id(record.gk_id or "", "planned")).bytes
        books.add("rungs", plan, record.topic, record.partition, record.offset)


def _origin(record: Record) -> tuple[str, int, int]:
    topic, partition, offset = (h.get(record.headers, h.ORIGIN) or record.origin).rsplit("/", 2)
    return topic, int(partition), int(offset)


def _sha(record: Record) -> bytes | None:
    return None if record.value is None else sha256(record.value).digest()


_CARRIED = frozenset({"rung", "rung-cancelled"})
_WORD = msgspec.json.Decoder(_Word)
_VERDICT = msgspec.json.Decoder(_Verdict)
_RECEIPT = msgspec.json.Decoder(_Receipt)

FEEDS = (PORTAL_FEED, NEWMEDIA_FEED, GAZETTE_FEED)

TAKES: Mapping[str, Take] = {
    **{topic.name: _take_input for topic in JUDGED},
    **{topic.name: _take_ours for topic in (*OUTPUTS, CITY)},
    **{topic.name: _take_feed for topic in FEEDS},
    VERDICTS.name: _take_verdict,
    REJECTIONS.name: _take_answer,
    DEAD_LETTERS.name: _take_answer,
    RECEIPTS.name: _take_receipt,
    DUTIES.name: _take_word,
}
"""Topic to what is written down of its records."""
