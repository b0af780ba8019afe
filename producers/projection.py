"""What the bus said of departments' events, in the order it came, for each department to read.

Reads: `verdicts`, `receipts`, `rejections`, `dead-letters`, `duties`.
Writes: nothing.
Keeps: `door_feed`, a row a record, with the department it concerns; of rejections also what they are asked for by, and
       what corrected them; of matters' steps what they made of them.
Fails to: the sink, which stops the process.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from bus.record import Record
from bus.store import Projection, Tx, bulk
from producers import corrections, matters, worklists
from producers.answers import instant
from producers.tables import FEED, PART, metadata
from schemas import headers as h
from schemas.envelope import department_of, issuer_of
from schemas.topics import DEAD_LETTERS, DUTIES, RECEIPTS, REJECTIONS, VERDICTS

KINDS = {
    VERDICTS.name: "verdict",
    RECEIPTS.name: "receipt",
    REJECTIONS.name: "rejection",
    DEAD_LETTERS.name: "dead-letter",
}

_FEED_LOCK = 0x676B_6665_6564
"""PostgreSQL's advisory lock under which rows are numbered, so that their numbers rise with the commits."""


class DoorProjection(Projection):
    """One row a record; a cursor over `seq` misses nothing, for numbers are given in the order of commits."""

    name = PART
    topics = (VERDICTS, RECEIPTS, REJECTIONS, DEAD_LETTERS, DUTIES)
    metadata = metadata

    def apply(self, tx: Tx, records: Sequence[Record]) -> None:
        """Append what `records` say."""
        if tx.conn.dialect.name == "postgresql":
            tx.conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_FEED_LOCK)))
        if records[0].topic == DUTIES.name:
            worklists.note_words(tx.conn, records)
            return
        row_of = _ROWS[records[0].topic]
        bulk.insert(
            tx.conn, FEED, [{"kind": KINDS[each.topic], "gk_id": each.gk_id or "", **row_of(each)} for each in records]
        )
        if records[0].topic == REJECTIONS.name:
            corrections.note_rejections(tx.conn, records)
        elif records[0].topic == VERDICTS.name:
            corrections.note_corrections(tx.conn, records)
            matters.note_moves(tx.conn, records)


class _Ref(msgspec.Struct):
    id: str
    source: str


class _Data(msgspec.Struct):
    event: _Ref | None = None
    dept: str | None = None


class _Spoken(msgspec.Struct):
    data: _Data


_SPOKEN = msgspec.json.Decoder(_Spoken)


def _spoken(record: Record) -> dict[str, Any]:
    """The row of a verdict, rejection or receipt."""
    value = record.value or b"{}"
    data = _SPOKEN.decode(value).data
    event = data.event
    named = department_of(event.source) if event else None
    dept = data.dept or named or issuer_of((record.key or b"").decode("utf-8", "replace"))
    return {"dept": dept, "source": event and event.source, "event_id": event and event.id, "body": value.decode()}


def _dead(record: Record) -> dict[str, Any]:
    """The row of a dead letter: its code and digest, never its value, which operators alone may see."""
    sender = h.get(record.headers, h.SENDER) or issuer_of((record.key or b"").decode("utf-8", "replace"))
    body = {
        "code": h.get(record.headers, h.ERROR), "origin": h.get(record.headers, h.ORIGIN),
        "sha256": h.get(record.headers, h.SHA256), "length": h.get(record.headers, h.LENGTH),
        "arrival": instant(record.timestamp).isoformat(),
    }  # fmt: skip
    return {"dept": sender, "source": None, "event_id": None, "body": json.dumps(body)}


_ROWS: dict[str, Callable[[Record], dict[str, Any]]] = {
    VERDICTS.name: _spoken, RECEIPTS.name: _spoken, REJECTIONS.name: _spoken, DEAD_LETTERS.name: _dead,
}  # fmt: skip
