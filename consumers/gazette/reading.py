"""From a feed record to what the gazette does with it, and from a portal's receipt to what it means here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import msgspec

from bus.errors import Fatal
from bus.record import Record
from bus.store import storable
from consumers.gazette.desk import Row
from schemas import headers as h
from schemas.content import content_sha256
from schemas.decode import Unreadable, decode
from schemas.envelope import Envelope, TypeName
from schemas.events.publications import Publication, Withdrawal
from schemas.records import ReceiptKind, Routed

PORTAL = "/engine/portal"
"""Source of the receipts that are public time."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed record: whom to answer, and what it asks for."""

    feed_id: str
    outlet: str
    partition: int
    subject: str
    source: str
    event_id: str
    type: str
    time: str
    version: int
    action: Literal["carry", "take-down", "withdraw"]
    event: Envelope
    title: str
    due: int | None

    @property
    def calls_off(self) -> bool:
        """Whether it takes a document out rather than bringing one."""
        return self.action != "carry"

    def document(self, partition: int) -> Row:
        """The row of `documents` that waits for the portal."""
        data = cast("Publication", self.event.data)  # type: ignore[attr-defined]
        formed = data.dates.get("formed")
        return {
            "subject": self.subject, "version": self.version, "state": "waiting", "issue": None, "taken_at": None,
            "feed_id": self.feed_id, "outlet": self.outlet, "partition": partition, "source": self.source,
            "event_id": self.event_id, "type": self.type, "time": self.time,
            "content": content_sha256(data.title, data.body, [file.sha256 for file in data.attachments]),
            "kind": data.kind, "dept": data.responsible_dept, "title": storable(data.title),
            "docno": storable(data.docno) if data.docno else None, "formed": formed.isoformat() if formed else None,
            "due": self.due, "body": storable(data.body),
        }  # fmt: skip


class PortalWord(msgspec.Struct, frozen=True):
    """What the gazette reads in a receipt."""

    class Data(msgspec.Struct, frozen=True):
        """Its data."""

        class Event(msgspec.Struct, frozen=True):
            """The event spoken of."""

            id: str
            source: str

        event: Event
        kind: ReceiptKind
        url: str | None = None

    source: str
    data: Data


class _Head(msgspec.Struct, frozen=True):
    time: str


def feed(record: Record) -> Feed:
    """The feed record, whole.

    Raises:
        Fatal: it is none of the router's making; the place is named, for nothing may be skipped.
    """
    feed_id, routed = record.gk_id, h.get(record.headers, h.OUTLET)
    try:
        if feed_id is None or routed is None or record.value is None:
            raise Unreadable("HEADERS", f"{h.ID}, {h.OUTLET} and a value are needed")
        event, head = decode(record.value), msgspec.json.decode(record.value, type=_Head)
        return _feed(record, feed_id, Routed.model_validate_json(routed), event, head.time)
    except (Unreadable, ValueError) as error:
        raise Fatal(f"{record.origin} is no feed record: {error}") from error


def _feed(record: Record, feed_id: str, routed: Routed, event: Envelope, time: str) -> Feed:
    data = cast("Publication | Withdrawal", event.data)  # type: ignore[attr-defined]
    name = TypeName.parse(event.type)
    withdraws = name is not None and name.verb == "withdrawn"
    return Feed(
        feed_id=feed_id, outlet=routed.outlet, partition=record.partition, subject=event.subject,
        source=storable(event.source), event_id=storable(event.id), type=event.type, time=time, version=data.version,
        action="withdraw" if withdraws else routed.action, event=event, title=routed.title,
        due=None if routed.due is None else int(routed.due.timestamp() * 1_000_000),
    )  # fmt: skip


def portal_word(record: Record) -> PortalWord | None:
    """The portal's own receipt in this record of `receipts`; None where another part gave it."""
    word = _WORD.decode(record.value or b"")
    return word if word.source == PORTAL else None


_WORD = msgspec.json.Decoder(PortalWord)
