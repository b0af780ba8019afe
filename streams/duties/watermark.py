"""How far the log tells of what happened: nothing that arrived by then is still to be read (DESIGN §2).

A partition tells up to the arrival of the last record applied; one that was read to its end tells up to the wall
clock as it was before anybody looked. What is told of duties goes by the least of all: what closes a duty may lie in
any of them, and after an outage they come back in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from bus.store.tables import LANES, OUTBOX, PARTITIONS
from schemas.topics import LINKS
from streams.duties.tables import WATERMARKS, ms

Place = tuple[str, int]
"""Bare topic and partition."""

_UNSENT = (
    sa.select(OUTBOX.c.seq)
    .join(LANES, sa.and_(OUTBOX.c.lane == LANES.c.lane, OUTBOX.c.seq > LANES.c.sent))
    .where(OUTBOX.c.topic == LINKS.name, OUTBOX.c.sent_offset.is_(None), LANES.c.written > LANES.c.sent)
    .limit(1)
)


class Glance(NamedTuple):
    """What the store held at one moment."""

    offsets: Mapping[Place, int]
    arrivals: Mapping[Place, int]
    links_wait: bool
    """Whether steps for other matters are still in the outbox."""

    @classmethod
    def of(cls, conn: sa.Connection) -> Glance:
        """A look at the store."""
        offsets = {(row.topic, row.partition): row.next_offset for row in conn.execute(sa.select(PARTITIONS))}
        marks = conn.execute(sa.select(WATERMARKS).where(WATERMARKS.c.arrival.is_not(None)))
        arrivals = {(row.topic, row.partition): row.arrival for row in marks}
        return cls(offsets, arrivals, conn.execute(_UNSENT).first() is not None)


class Watermark:
    """The least of what all partitions tell; it never falls while this process runs."""

    def __init__(self) -> None:
        self._told: dict[Place, int] = {}

    def advance(self, wall: datetime, glance: Glance, ends: Mapping[Place, int]) -> int | None:
        """Up to when everything is known, in ms; None where a partition was never read.

        In this order: `wall` is taken, then `glance`, then `ends`, the log's end of every partition that is read.
        """
        for place, end in ends.items():
            if idle(place, end, glance):
                self._told[place] = max(self._told.get(place, 0), ms(wall))
            elif (arrival := glance.arrivals.get(place)) is not None:
                self._told[place] = max(self._told.get(place, 0), arrival)
        told = [self._told.get(place) for place in ends]
        known = [one for one in told if one is not None]
        return min(known) if known and len(known) == len(told) else None


def idle(place: Place, end: int, glance: Glance) -> bool:
    """Whether a partition was read to its end, and nothing for it is still on the way within this part."""
    return glance.offsets.get(place, -1) >= end and not (place[0] == LINKS.name and glance.links_wait)
