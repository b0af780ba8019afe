"""What a store's outbox holds, for those who stand where the relay would."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from bus.record import Outgoing
from bus.store import Store
from bus.store.tables import BODIES, LANES, OUTBOX
from schemas.headers import Headers

_HEADERS = msgspec.msgpack.Decoder(Headers)
_WAITING = (
    sa.select(OUTBOX.c.topic, BODIES)
    .join(BODIES, (BODIES.c.lane == OUTBOX.c.lane) & (BODIES.c.seq == OUTBOX.c.seq))
    .where(OUTBOX.c.sent_offset.is_(None))
    .order_by(OUTBOX.c.lane, OUTBOX.c.seq)
)


def take(store: Store) -> list[Outgoing]:
    """All that waits, in its order; it is marked as sent, so that nobody takes it again."""
    with store.read() as conn:
        rows = conn.execute(_WAITING).all()
    if rows:
        mark_sent(store)
    return [Outgoing(row.topic, row.key, row.value, _HEADERS.decode(bytes(row.headers)), row.timestamp) for row in rows]


def mark_sent(store: Store) -> None:
    """Somebody else carried all that waits."""
    with store.begin() as conn:
        conn.execute(OUTBOX.update().where(OUTBOX.c.sent_offset.is_(None)).values(sent_offset=0))
        conn.execute(LANES.update().values(sent=LANES.c.written))
