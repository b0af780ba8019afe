"""The feed for an outside portal: ordered, complete, from zero or from where it stopped, by a cursor it keeps.

The cursor is the last offset read of each partition, and which log they belong to. Offsets are Kafka's own, so a
rebuild of this store, a second sink or another database changes no cursor; one sink at a time writes a partition
and in order, so what is visible of a partition is always its beginning and no cursor can pass a gap. A number
drawn in the transaction would not do: on PostgreSQL a higher one may commit before a lower. The order promised is
that of a partition, and so of an item; across partitions a page is sorted by the time of the records.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import msgspec
import sqlalchemy as sa

from bus.errors import Invalid
from bus.store.tables import PARTITIONS
from consumers.portal.tables import Row, entries
from schemas.topics import PORTAL_FEED

_FORM = re.compile(r"(?P<log>[0-9a-f]{8})(?P<places>(\.\d{1,9}-\d{1,18}){1,10000})", re.ASCII)
_e = entries.c
_EXTENT = (
    sa.select(PARTITIONS.c.topic_id, PARTITIONS.c.partition, PARTITIONS.c.next_offset)
    .where(PARTITIONS.c.topic == PORTAL_FEED.name)
    .order_by(PARTITIONS.c.partition)
)
_BEHIND = (
    sa.select(_e.partition, _e.offset, _e.timestamp)
    .where(_e.partition == sa.bindparam("of"), _e.offset > sa.bindparam("behind"))
    .order_by(_e.offset)
    .limit(sa.bindparam("most"))
)
_VALUES = sa.select(_e.partition, _e.offset, _e.feed_id, _e.routed, _e.value).where(
    _e.partition == sa.bindparam("of"), _e.offset.between(sa.bindparam("first"), sa.bindparam("last"))
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a reader has come."""

    log: str
    """Short name of the log; empty at the very beginning."""
    places: dict[int, int]
    """Partition to the last offset read."""

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The cursor in `text`; an empty one is the beginning.

        Raises:
            Invalid: it is not one of ours.
        """
        if not text:
            return cls("", {})
        found = _FORM.fullmatch(text)
        if found is None:
            raise Invalid("CURSOR", "游标无效,请使用上次返回的游标。", "the cursor is not one of ours", "after")
        pairs = (place.split("-") for place in found["places"].split(".")[1:])
        return cls(found["log"], {int(partition): int(offset) for partition, offset in pairs})

    def __str__(self) -> str:
        places = "".join(f".{partition}-{offset}" for partition, offset in sorted(self.places.items()))
        return f"{self.log}{places}" if places else ""


class FeedItem(msgspec.Struct, frozen=True):
    """One record as an outside portal reads it."""

    feed_id: str
    cursor: str
    """Where to go on behind this record."""
    route: msgspec.Raw
    event: msgspec.Raw
    """The department's event, byte for byte."""


class FeedPage(msgspec.Struct, frozen=True):
    """Some records, and where to go on."""

    records: list[FeedItem]
    cursor: str
    more: bool
    """Whether others wait already."""


def page(conn: sa.Connection, after: Cursor, limit: int) -> FeedPage:
    """What comes behind `after`, at most `limit` records.

    Raises:
        Invalid: the cursor is of another log, whose offsets mean nothing here.
    """
    log, ends = _extent(conn)
    if after.log not in {"", log}:
        raise Invalid(
            "CURSOR-LOG", "游标属于另一份日志,请从头读取。", "the cursor is of another log: begin from zero", "after"
        )
    fresh = [partition for partition, end in ends if end > after.places.get(partition, -1) + 1]
    waiting = [_waiting(conn, partition, after, limit + 1) for partition in fresh]
    keys = list(heapq.merge(*waiting, key=lambda key: key.timestamp))
    return _filled(conn, Cursor(log, dict(after.places)), keys[:limit], more=len(keys) > limit)


def _filled(conn: sa.Connection, at: Cursor, keys: Sequence[Row], *, more: bool) -> FeedPage:
    values = _values(conn, keys)
    records = []
    for key in keys:
        at.places[key.partition] = key.offset
        row = values[key.partition, key.offset]
        records.append(FeedItem(row.feed_id, str(at), msgspec.Raw(row.routed.encode()), msgspec.Raw(row.value)))
    return FeedPage(records, str(at), more)


def _extent(conn: sa.Connection) -> tuple[str, list[tuple[int, int]]]:
    """Short name of the log that this store was filled from, and how far it has each partition."""
    rows = conn.execute(_EXTENT).all()
    topic_id = rows[0].topic_id if rows else ""
    return blake2b(topic_id.encode(), digest_size=4).hexdigest(), [(row.partition, row.next_offset) for row in rows]


def _waiting(conn: sa.Connection, partition: int, after: Cursor, limit: int) -> Sequence[Row]:
    asked = {"of": partition, "behind": after.places.get(partition, -1), "most": limit}
    return conn.execute(_BEHIND, asked).all()


def _values(conn: sa.Connection, keys: Sequence[Row]) -> dict[tuple[int, int], Row]:
    places: dict[int, list[int]] = {}
    for key in keys:
        places.setdefault(key.partition, []).append(key.offset)
    found: dict[tuple[int, int], Row] = {}
    for partition, offsets in places.items():
        asked = {"of": partition, "first": offsets[0], "last": offsets[-1]}
        found |= {(row.partition, row.offset): row for row in conn.execute(_VALUES, asked)}
    return found
