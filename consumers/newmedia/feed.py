"""A record of `newmedia-feed` taken apart: where it stands among its item's, what its account is to say."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from bus.errors import Fatal
from bus.record import Record
from consumers.newmedia.merge import Mark
from consumers.newmedia.receipts import Head
from consumers.newmedia.texts import Content
from schemas import headers as h
from schemas.city import Pack
from schemas.decode import Unreadable, decode
from schemas.topics import PORTAL_FEED


class Route(msgspec.Struct, frozen=True):
    """The part of `schemas.records.Routed` that an account acts on."""

    outlet: str
    action: str
    title: str
    quota_class: str = "ordinary"


class _Whole(msgspec.Struct, frozen=True):
    data: msgspec.Raw


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """One event for one account."""

    partition: int
    feed_id: str
    head: Head
    route: Route
    mark: Mark
    content: Content | None
    """None for a withdrawal."""
    backfill: bool
    on_portal: bool
    """Whether the portal carries it too."""

    @property
    def carries(self) -> bool:
        """Whether the account is to say it."""
        return self.route.action == "carry" and self.content is not None


def read(record: Record, pack: Pack) -> FeedRecord:
    """What the router wrote.

    Raises:
        Fatal: nobody can read it, and nothing may be skipped.
    """
    try:
        data: Any = decode(record.value).data  # type: ignore[attr-defined]
        head = msgspec.json.decode(record.value or b"", type=Head)
        route = msgspec.json.decode(_header(record, h.OUTLET), type=Route)
        route = msgspec.structs.replace(route, title=route.title.replace("\0", ""))  # PostgreSQL keeps no NUL
        withdrawn = head.type.split(".")[3] == "withdrawn"
        return FeedRecord(
            partition=record.partition,
            feed_id=_header(record, h.ID),
            head=head,
            route=route,
            mark=Mark(data.version, 1 if withdrawn else 0, _fingerprint(record.value or b"")),
            content=None if withdrawn else _content(data, route, pack),
            backfill=not withdrawn and data.backfill,
            on_portal=withdrawn or _on_portal(data.channels, pack),
        )
    except (Unreadable, msgspec.MsgspecError, ValueError) as error:
        raise Fatal(f"{record.origin} is no feed record: {error}") from error


def _content(data: Any, route: Route, pack: Pack) -> Content:
    department = pack.department.get(data.responsible_dept)
    author = department.name if department else data.responsible_dept
    return Content(route.title, data.body, data.summary or "", author, data.docno or "")


def _on_portal(channels: tuple[str, ...], pack: Pack) -> bool:
    named = set(channels)
    return any(outlet.feed == PORTAL_FEED.name and not named.isdisjoint(outlet.channels) for outlet in pack.outlets)


def _fingerprint(value: bytes) -> str:
    """Of the event's data in one form, whatever the order and spacing its sender wrote."""
    data = msgspec.json.decode(msgspec.json.decode(value, type=_Whole).data)
    return sha256(msgspec.json.encode(data, order="sorted")).hexdigest()


def _header(record: Record, name: str) -> str:
    value = h.get(record.headers, name)
    if value is None:
        raise ValueError(f"header {name} is missing")
    return value
