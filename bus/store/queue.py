"""The relay's statements: what to send next, what was sent, whose body may be dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import groupby
from operator import attrgetter

import msgspec
import sqlalchemy as sa

from bus.settings import Settings
from bus.store import bulk
from bus.store._producing import Parcel, Placed
from bus.store.engine import Store
from bus.store.tables import BODIES, LANES, OUTBOX

BATCH_ROWS = 2_000
BATCH_BYTES = 8_000_000
SWEEP_ROWS = 5_000
_WAITING = (
    sa.select(LANES.c.lane, LANES.c.sent, LANES.c.written, LANES.c.priority)
    .where(LANES.c.written > LANES.c.sent)
    .order_by(LANES.c.priority, LANES.c.lane)
)
_NEXT = (
    sa.select(OUTBOX.c.lane, OUTBOX.c.seq, OUTBOX.c.topic, OUTBOX.c.size, BODIES.c.partition, BODIES.c.timestamp,
              BODIES.c.key, BODIES.c.value, BODIES.c.headers)
    .select_from(LANES)
    .join(OUTBOX, sa.and_(OUTBOX.c.lane == LANES.c.lane, OUTBOX.c.seq > LANES.c.sent,
                          OUTBOX.c.seq <= LANES.c.sent + sa.bindparam("share")))
    .join(BODIES, sa.and_(BODIES.c.lane == OUTBOX.c.lane, BODIES.c.seq == OUTBOX.c.seq))
    .where(LANES.c.priority == sa.bindparam("first"), LANES.c.lane > sa.bindparam("after"),
           LANES.c.written > LANES.c.sent)
    .order_by(LANES.c.lane, OUTBOX.c.seq)
)  # fmt: skip
_PASS = LANES.update().where(LANES.c.lane == sa.bindparam("of_lane")).values(sent=sa.bindparam("last"))
_STREAMED = {"stream_results": True, "max_row_buffer": 20}
"""Bodies are read as they are taken, so that a batch cut by its bytes has not brought them all into memory."""
_MARK = (
    OUTBOX.update()
    .where(OUTBOX.c.lane == sa.bindparam("of_lane"), OUTBOX.c.seq == sa.bindparam("of_seq"))
    .values(sent_partition=sa.bindparam("at"), sent_offset=sa.bindparam("offset"), sent_at=sa.bindparam("time"))
)
HEADERS = msgspec.msgpack.Decoder(tuple[tuple[str, bytes], ...])


def batch(conn: sa.Connection, settings: Settings, after: str = "") -> tuple[list[Parcel], bool]:
    """The next rows to send, and whether others wait behind them.

    Of the first priority that waits, a share of every lane, each lane in its order. They begin with the lane behind
    `after`, so that none starves when the bytes of a batch don't suffice for all.
    """
    waiting = conn.execute(_WAITING).all()
    if not waiting:
        return [], False
    first = [row for row in waiting if row.priority == waiting[0].priority]
    lanes = [row for row in first if row.lane > after]
    after, lanes = (after, lanes) if lanes else ("", first)
    share = max(1, BATCH_ROWS // len(lanes))
    asked = {"first": waiting[0].priority, "after": after, "share": share}
    parcels: list[Parcel] = []
    left = BATCH_BYTES
    with closing(conn.execute(_NEXT, asked, execution_options=_STREAMED)) as rows:
        for lane, seq, topic, size, partition, timestamp, key, value, headers in rows:
            if parcels and size > left:
                break
            left -= size
            bare = HEADERS.decode(headers)
            parcels.append(Parcel(lane, seq, settings.topic(topic), partition, timestamp, key, value, bare))
    return parcels, sum(row.written - row.sent for row in waiting) > len(parcels)


def mark(conn: sa.Connection, placed: Sequence[Placed], sent_at: int) -> None:
    """Write down where the broker put rows, and move each lane's mark to the last of them."""
    bulk.run(conn, _MARK, [
        {"of_lane": each.parcel.lane, "of_seq": each.parcel.seq, "at": each.partition, "offset": each.offset,
         "time": sent_at}
        for each in placed
    ])  # fmt: skip
    bulk.run(conn, _PASS, [
        {"of_lane": lane, "last": max(row.parcel.seq for row in rows)} for lane, rows in _by_lane(placed)
    ])  # fmt: skip


def sweep(store: Store, before: datetime) -> int:
    """Drop bodies of rows sent before that time, some at a time; returns how many."""
    limit = int(before.timestamp() * 1000)
    with store.read() as conn:
        found = [
            (row.lane, last)
            for row in conn.execute(sa.select(LANES).where(LANES.c.sent > LANES.c.swept)).all()
            if (last := _swept_to(conn, row.lane, row.swept, row.sent, limit)) is not None
        ]
    dropped = 0
    for lane, last in found:
        with store.begin_lazily() as conn:
            dropped += conn.execute(BODIES.delete().where(BODIES.c.lane == lane, BODIES.c.seq <= last)).rowcount
            conn.execute(LANES.update().where(LANES.c.lane == lane).values(swept=last))
    return dropped


def _swept_to(conn: sa.Connection, lane: str, swept: int, sent: int, limit: int) -> int | None:
    """The last row of the next few whose body is old enough to go, or None."""
    rows = conn.execute(
        sa.select(OUTBOX.c.seq, OUTBOX.c.sent_at)
        .where(OUTBOX.c.lane == lane, OUTBOX.c.seq > swept, OUTBOX.c.seq <= sent)
        .order_by(OUTBOX.c.seq)
        .limit(SWEEP_ROWS)
    ).all()
    old = [row.seq for row in rows if (row.sent_at or 0) < limit]
    return old[-1] if old and old == [row.seq for row in rows[: len(old)]] else None


def _by_lane(placed: Sequence[Placed]) -> Iterator[tuple[str, list[Placed]]]:
    ordered = sorted(placed, key=attrgetter("parcel.lane"))
    for lane, rows in groupby(ordered, key=attrgetter("parcel.lane")):
        yield lane, list(rows)
