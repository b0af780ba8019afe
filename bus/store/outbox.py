"""The outbox: what a transaction wants sent, in lanes whose sequence numbers rise with the commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus.record import Outgoing
from bus.store import bulk
from bus.store.engine import Store
from bus.store.ids import id_of
from bus.store.tables import BODIES, KNOWN, LANES, LIVE_PRIORITY, OUTBOX

_PENDING = sa.select(LANES.c.written - LANES.c.sent).where(LANES.c.lane == sa.bindparam("of_lane"))
_DRAW = (
    LANES.update()
    .where(LANES.c.lane == sa.bindparam("of_lane"))
    .values(written=LANES.c.written + sa.bindparam("count"))
    .returning(LANES.c.written)
)
HEADERS = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in a lane."""

    lane: str
    priority: int
    rows: int


class Outbox:
    """The outgoing side of a store. Rows appended are sent by a `Relay`, in the order of their lane."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._knows = True

    def append(
        self, conn: sa.Connection, lane: str, outgoings: Sequence[Outgoing], priority: int = LIVE_PRIORITY
    ) -> range:
        """Put `outgoings` at the end of `lane` within the caller's transaction; returns their numbers."""
        return self.append_all(conn, {lane: outgoings}, priority)[lane]

    def append_all(
        self, conn: sa.Connection, lanes: Mapping[str, Sequence[Outgoing]], priority: int = LIVE_PRIORITY
    ) -> dict[str, range]:
        """Put what is for each lane at its end within the caller's transaction; returns their numbers.

        The numbers are drawn from the lane's own row under its lock, held until the commit, so no row can appear
        below one that a relay has already passed. `priority` is taken when a lane is new.
        """
        numbers = {lane: self._draw(conn, lane, len(some), priority) for lane, some in lanes.items()}
        rows = [
            (lane, seq, each)
            for lane, some in lanes.items()
            for seq, each in zip(numbers[lane], some, strict=True)
        ]  # fmt: skip
        bulk.insert(conn, OUTBOX, [_identity(*row) for row in rows])
        bulk.insert(conn, BODIES, [_body(*row) for row in rows])
        if rows and self._store.is_postgres:
            conn.execute(sa.select(sa.func.pg_notify(self.channel, "")))
        return numbers

    def pending(self, conn: sa.Connection, lane: str) -> int:
        """How many rows of `lane` are not sent yet."""
        return conn.execute(_PENDING, {"of_lane": lane}).scalar() or 0

    def waiting(self, conn: sa.Connection) -> tuple[Waiting, ...]:
        """Every lane with rows that are not sent yet."""
        lanes = conn.execute(sa.select(LANES).where(LANES.c.written > LANES.c.sent).order_by(LANES.c.lane)).all()
        return tuple(Waiting(row.lane, row.priority, row.written - row.sent) for row in lanes)

    @property
    def channel(self) -> str:
        """PostgreSQL's channel on which other copies hear of new rows."""
        return f"gk {self._store.schema}"[:63]

    def has_known(self, conn: sa.Connection) -> bool:
        """Whether this store was rebuilt from what it had sent; found out once."""
        if self._knows:
            self._knows = conn.execute(sa.select(KNOWN.c.gk_id).limit(1)).first() is not None
        return self._knows

    def _draw(self, conn: sa.Connection, lane: str, count: int, priority: int) -> range:
        if not count:
            return range(0)
        last = conn.execute(_DRAW, {"of_lane": lane, "count": count}).scalar()
        if last is None:
            insert = postgresql.insert if self._store.is_postgres else sqlite.insert
            new = insert(LANES).values(lane=lane, priority=priority, written=0, sent=0, swept=0)
            conn.execute(new.on_conflict_do_nothing())
            last = conn.execute(_DRAW, {"of_lane": lane, "count": count}).scalar_one()
        return range(int(last) - count + 1, int(last) + 1)


def _identity(lane: str, seq: int, outgoing: Outgoing) -> dict[str, Any]:
    value = outgoing.value
    digest = None if value is None else sha256(value).digest()
    return {
        "lane": lane, "seq": seq, "gk_id": id_of(outgoing.headers), "topic": outgoing.topic,
        "size": len(value or b"") + len(outgoing.key) + 200, "sha256": digest,
    }  # fmt: skip


def _body(lane: str, seq: int, outgoing: Outgoing) -> dict[str, Any]:
    return {
        "lane": lane, "seq": seq, "partition": outgoing.partition, "timestamp": outgoing.timestamp,
        "key": outgoing.key, "value": outgoing.value, "headers": HEADERS.encode(outgoing.headers),
    }  # fmt: skip
