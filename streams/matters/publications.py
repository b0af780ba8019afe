"""What the router's verdicts and the portal's receipts tell of publications, and what follows for matters. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from bus.record import Outgoing, Record
from rules import Judgement
from rules.case import Fault, finding_of, why
from rules.standing import Published
from schemas import headers as h
from schemas.city import Pack
from schemas.envelope import issuer_of
from schemas.ids import judged_id
from schemas.reasons import Reason
from streams.matters import outputs
from streams.matters.following import On, Seen, followed
from streams.matters.room import Room
from streams.matters.signing import SignedOff, disagreements
from streams.telling import Ref, Telling, instant

PUBLICATION = "cn.gongkai.publication."
WITHDRAWN = "cn.gongkai.publication.withdrawn.v1"
ROUTER, PORTAL = "/engine/router", "/engine/portal"


class _Event(msgspec.Struct, frozen=True, gc=False):
    id: str
    source: str
    type: str
    subject: str
    time: str


class _Link(msgspec.Struct, frozen=True, gc=False):
    rel: str
    target: str


class _Verdict(msgspec.Struct, frozen=True, gc=False):
    outcome: str
    value_sha256: str
    origin: dict[str, str | int]
    event: _Event | None = None
    dept: str | None = None
    item: str | None = None
    kind: str | None = None
    version: int | None = None
    title: str | None = None
    docno: str | None = None
    links: tuple[_Link, ...] = ()
    five_open: str | None = None
    backfill: bool = False
    sign_offs: tuple[SignedOff, ...] = ()
    dates: dict[str, date] = {}
    content_sha256: str | None = None


class _Given(msgspec.Struct, frozen=True, gc=False):
    source: str
    data: _Verdict


class _Receipt(msgspec.Struct, frozen=True, gc=False):
    kind: str
    event: _Event
    version: int
    at: datetime
    outlet: str = ""
    index_no: str | None = None


class _Received(msgspec.Struct, frozen=True, gc=False):
    source: str
    data: _Receipt


class _Head(msgspec.Struct, frozen=True, gc=False):
    source: str


_HEAD = msgspec.json.Decoder(_Head)
_GIVEN, _RECEIVED = msgspec.json.Decoder(_Given), msgspec.json.Decoder(_Received)


class Publications:
    """One release's answers to what publications did."""

    def __init__(self, pack: Pack, tell: Telling) -> None:
        self._pack = pack
        self._tell = tell

    def accepted(self, room: Room, record: Record) -> Sequence[Outgoing]:
        """What a verdict of the router's brings."""
        value = record.value or b""
        if _HEAD.decode(value).source != ROUTER:
            return ()
        said = _GIVEN.decode(value).data
        event = said.event
        if said.outcome != "accepted" or event is None or not event.type.startswith(PUBLICATION):
            return ()
        if said.version is None or (said.kind is None and event.type != WITHDRAWN):
            return ()
        seen = _judged(room, said, event, _number(event, said.version))
        return [*self._ask(room, record, seen), *self._compared(room, record, said, event)]

    def answered(self, room: Room, record: Record) -> Sequence[Outgoing]:
        """What a receipt brings: the portal's is public time, an account's shows that somebody keeps it up."""
        given = _RECEIVED.decode(record.value or b"")
        said = given.data
        if said.kind not in {"published", "removed"} or not said.event.type.startswith(PUBLICATION):
            return ()
        if given.source != PORTAL:
            if said.kind == "published":
                room.publish(Published(said.event.subject, "", said.at, outlet=said.outlet))
            return ()
        key = said.event.subject, _number(said.event, said.version)
        seen = room.seen.get(key) or Seen(subject=key[0], version=key[1])
        if said.kind == "published":
            seen = msgspec.structs.replace(seen, public_at=said.at, index_no=said.index_no)
        else:
            seen = msgspec.structs.replace(seen, removed_at=said.at)
        return self._ask(room, record, seen)

    def _ask(self, room: Room, record: Record, seen: Seen) -> list[Outgoing]:
        """The steps that follow now: a receipt may have come before its verdict."""
        times: dict[On, datetime | None] = {
            "accepted": instant(record.timestamp) if seen.accepted and not seen.withdrawal else None,
            "published": seen.public_at, "withdrawn": seen.removed_at,
        }  # fmt: skip
        found = []
        for on, at in times.items():
            if at is not None and seen.accepted and on not in seen.told:
                seen = msgspec.structs.replace(seen, told=(*seen.told, on))
                if on == "published" and not seen.backfill:
                    room.publish(self._published(seen, at))
                found += self._followed(record, _facts_of(room, seen), on, at)
        room.see(seen)
        return found

    def _published(self, seen: Seen, at: datetime) -> Published:
        """What became public, in the words of standing duties."""
        row, kind = self._pack.row.get(seen.item or ""), self._pack.kind.get(seen.kind or "")
        column = self._pack.column_of(row, kind) if row and kind else ""
        return Published(
            seen.subject, seen.dept or "", at, seen.item or "", seen.kind or "", column, expires=seen.expires
        )

    def _followed(self, record: Record, seen: Seen, on: On, at: datetime) -> list[Outgoing]:
        cause: Ref = {
            "id": f"{seen.event_id}#{on}"[:200], "source": seen.source, "type": seen.type, "subject": seen.subject,
            "time": seen.time,
        }  # fmt: skip
        made = [
            outputs.link(self._tell, record, told, cause, seen.title or "")
            for _, told in followed(self._pack, seen, on, at)
        ]
        return [one for one in made if one is not None]

    def _compared(self, room: Room, record: Record, said: _Verdict, event: _Event) -> list[Outgoing]:
        """A rejection where the publication was signed off otherwise than its review steps told."""
        kept = room.signatures.get(event.subject, {})
        compared = kept and event.type != WITHDRAWN
        found = list(disagreements(kept, said.version or 0, said.sign_offs)) if compared else []
        if not found:
            return []
        values = why("；".join(zh for zh, _ in found), "; ".join(en for _, en in found), subject=event.subject)
        finding = finding_of(Fault(Reason.SM_REVIEW, "/data/sign_offs", values=values))
        topic, partition, offset = (said.origin[name] for name in ("topic", "partition", "offset"))
        origin = Record(str(topic), int(partition), int(offset), record.timestamp, record.key, None)
        ref: Ref = msgspec.structs.asdict(event)
        dept = said.dept or issuer_of(event.subject)
        out = self._tell.rejection(origin, ref, dept, Judgement("rejected", (finding,), dept=dept), said.value_sha256)
        return [_renamed(out, judged_id(origin.topic, origin.partition, origin.offset, "review"))]


def _number(event: _Event, version: int) -> int:
    """A withdrawal is kept under its version's number with a minus before it, beside the version itself."""
    return -version if event.type == WITHDRAWN else version


def _judged(room: Room, said: _Verdict, event: _Event, version: int) -> Seen:
    """The version as its verdict tells of it; the first event in the log that claims it is the one."""
    seen = room.seen.get((event.subject, version)) or Seen(subject=event.subject, version=version)
    if seen.accepted:
        return seen
    return msgspec.structs.replace(
        seen, accepted=True, withdrawal=event.type == WITHDRAWN, source=event.source, event_id=event.id,
        type=event.type, time=event.time, kind=said.kind, item=said.item, dept=said.dept, title=said.title,
        docno=said.docno, five_open=said.five_open, links=tuple((link.rel, link.target) for link in said.links),
        backfill=said.backfill, expires=said.dates.get("expires"),
    )  # fmt: skip


def _facts_of(room: Room, seen: Seen) -> Seen:
    """A withdrawal says little of what it withdraws: the newest version up to it does."""
    if not seen.withdrawal:
        return seen
    known = [
        one for (subject, version), one in room.seen.items()
        if subject == seen.subject and version <= -seen.version and not one.withdrawal and one.accepted
    ]  # fmt: skip
    if not known:
        return seen
    newest = max(known, key=lambda one: one.version)
    return msgspec.structs.replace(
        seen, kind=newest.kind, docno=newest.docno, five_open=newest.five_open, links=newest.links,
        index_no=newest.index_no, title=newest.title,
    )  # fmt: skip


def _renamed(out: Outgoing, id_: str) -> Outgoing:
    """The same record under another id: its origin's own rejection is the router's to give."""
    old = h.get(out.headers, h.ID) or ""
    headers = tuple((name, id_.encode() if name == h.ID else value) for name, value in out.headers)
    value = (out.value or b"").replace(old.encode(), id_.encode())
    return Outgoing(out.topic, out.key, value, headers, out.timestamp, out.partition)
