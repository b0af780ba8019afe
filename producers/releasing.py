"""Sends what is held when its minute has come.

Reads:    table `door_held`, by the door's clock.
Writes:   the held events, unchanged, through the outbox, each with its own minute as arrival.
Keeps:    nothing of its own: row, outbox and count change in one transaction, so a kill at any point repeats nothing
          and loses nothing; what came due meanwhile goes out at the next start with the same arrival.
Fails to: a store that does not answer is waited for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import groupby

import sqlalchemy as sa

from bus import log
from bus.clock import Clock
from bus.errors import Retriable
from bus.looping import Looping
from bus.record import Outgoing
from bus.store import Outbox, Store, bulk
from producers.answers import milliseconds
from producers.holding import settle
from producers.tables import HELD

LOOK_SECONDS = 0.5
_MOST = 500
_log = log.get("producers.releasing")
_c = HELD.c


class Releaser(Looping):
    """A service with one thread; copies of the door take each row once, under its lock."""

    name = "releaser"

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._store = store
        self._clock = clock
        self._wake = wake
        self._outbox = Outbox(store)
        self._released = 0
        self._trouble: str | None = None

    def health(self) -> dict[str, object]:
        """How many it has released, and what troubles it."""
        return {"ok": self.failed is None, "released": self._released, "trouble": self._trouble}

    def release(self) -> int:
        """Send what is due by now, all of one minute together; how many."""
        now = milliseconds(self._clock())
        due = sa.select(HELD).where(_c.release_at <= now).order_by(_c.release_at, _c.arrival, _c.event_id)
        with self._store.read() as conn:
            if conn.execute(due.limit(1)).first() is None:
                return 0
        with self._store.begin() as conn:
            rows = conn.execute(due.limit(_MOST).with_for_update(skip_locked=True)).all()
            lanes = defaultdict(list)
            for row in rows:
                lanes[row.lane].append(Outgoing(row.topic, row.subject.encode(), row.value, (), row.release_at))
            self._outbox.append_all(conn, dict(sorted(lanes.items())))
            gone = [{"held_id": row.event_id, "held_source": row.source} for row in rows]
            id_: sa.BindParameter[str] = sa.bindparam("held_id")
            source: sa.BindParameter[str] = sa.bindparam("held_source")
            bulk.run(conn, HELD.delete().where(_c.event_id == id_, _c.source == source), gone)
            settle(conn, gone, "forwarded")
        self._released += len(rows)
        self._wake()
        for minute, some in groupby(rows, lambda row: row.release_at):
            _log.info("released", at=minute, events=len(list(some)))
        return len(rows)

    def _turn(self) -> None:
        if not self._tried():
            self._stopping.wait(LOOK_SECONDS)

    def _tried(self) -> int:
        try:
            released = self.release()
        except Retriable as error:
            self._trouble = str(error)
            return 0
        self._trouble = None
        return released
