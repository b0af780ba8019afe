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


class Route(msgspec.Struct, frozen=True):
    """The part of `schemas.records.Routed` that the portal acts on."""

    outlet: str
    action: str


class Head(msgspec.Struct, frozen=True):
    """The envelope as the sender wrote it, times uninterpreted."""

    id: str
    source: str
    type: str
    subject: str
    time: str


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """One event for one outlet."""

    record: Record
    feed_id: str
    head: Head
    event: Envelope
    route: Route
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
        feed_id, routed, origin = (_header(record, name) for name in (h.ID, h.OUTLET, h.ORIGIN))
        event = decode(record.value)
        head = msgspec.json.decode(record.value or b"", type=Head)
        _, partition, offset = origin.split("/")
        route = msgspec.json.decode(routed, type=Route)
        return FeedRecord(record, feed_id, head, event, route, (int(partition), int(offset)))
    except (Unreadable, msgspec.MsgspecError, ValueError) as error:
        raise Fatal(f"{record.origin} is no feed record: {error}") from error


def _header(record: Record, name: str) -> str:
    value = h.get(record.headers, name)
    if value is None:
        raise ValueError(f"header {name} is missing")
    return value
