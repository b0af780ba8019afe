"""A record of `portal-feed` taken apart: the event, its head as written, what the outlet is to do, its origin."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bus.errors import Fatal
from bus.record import Record
from consumers.portal.merge import Place
from schemas import headers as h
from schemas.decode import Unreadable, decode
from schemas.envelope import Envelope
from schemas.records import MatterMoved

MOVED = "cn.gongkai.matter.moved.v1"
"""Type of what the engine says itself: a matter's progress."""


class Route(msgspec.Struct, frozen=True, gc=False):
    """The part of `schemas.records.Routed` that the portal acts on."""

    outlet: str
    action: str


class Head(msgspec.Struct, frozen=True, gc=False):
    """The envelope as the sender wrote it, times uninterpreted."""

    id: str
    source: str
    type: str
    subject: str
    time: str


_HEAD, _ROUTE = msgspec.json.Decoder(Head), msgspec.json.Decoder(Route)


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """One event for one outlet."""

    record: Record
    feed_id: str
    head: Head
    event: Envelope
    route: Route
    routed: str
    """The whole of it, as the router wrote it."""
    origin: Place
    """Of the input record: who came first in the log."""

    @property
    def entry(self) -> Place:
        """Of the feed record itself."""
        return self.record.partition, self.record.offset


def read(record: Record) -> FeedRecord:
    """What the router wrote.

    Raises:
        Fatal: nobody can read it, and nothing may be skipped.
    """
    try:
        headers = dict(reversed(record.headers))
        feed_id, origin = headers[h.ID].decode(), headers[h.ORIGIN].decode()
        head = _HEAD.decode(record.value or b"")
        event = MatterMoved.model_validate_json(record.value or b"") if head.type == MOVED else decode(record.value)
        _, partition, offset = origin.split("/")
        route = _ROUTE.decode(headers[h.OUTLET])
        routed = headers[h.OUTLET].decode()
        return FeedRecord(record, feed_id, head, event, route, routed, (int(partition), int(offset)))
    except (Unreadable, msgspec.MsgspecError, KeyError, ValueError) as error:
        raise Fatal(f"{record.origin} is no feed record: {error!r}") from error
