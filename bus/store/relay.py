"""Sends a store's outbox to Kafka, in the order of its lanes, and marks what the broker has acknowledged.

Reads:    the store's outbox.
Writes:   the topics its rows name.
Keeps:    for each row sent its partition and offset; its body for `retain`, then its identity and digest alone.
Fails to: Fatal where a row can never be sent (too large, refused) or the cluster is another than the store's;
          an unreachable broker is waited for without end, since the outbox holds everything meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog

from bus import failpoints
from bus.clock import Clock, now
from bus.errors import Fenced, GongkaiError, Retriable
from bus.settings import Settings
from bus.store import positions, queue
from bus.store._cluster import resolved
from bus.store._listen import Listener
from bus.store._producing import Parcel, Placed, Producing
from bus.store.engine import Store
from bus.store.lease import Lease
from bus.store.outbox import Outbox

BACKOFF = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts; the last one is repeated."""

FOLLOWING = 0.05
"""Pace of those who only follow: books and boards, that nobody looks at twenty times a second."""
SMALL = 100
"""Records; more of them are worth a transaction of their own, whatever the pace."""

SWEEP_EVERY = 30.0
"""Seconds between looks for bodies to drop."""

log = structlog.get_logger()


class Relay:
    """A thread of its store's process. Among copies on PostgreSQL one alone sends, by a lease with an epoch."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock = now,
        retain: timedelta = timedelta(days=1),
        patience: float = 4.0,
        *,
        pace: float = 0.0,
    ) -> None:
        """`patience`: seconds after which the lease of a silent copy is taken over; `pace`: as a `Sink`'s."""
        self.name = f"{store.part}.relay"
        self.failed: BaseException | None = None
        self._settings = settings
        self._resolved: Settings | None = None
        self._store = store
        self._clock = clock
        self._retain = retain
        self._patience = patience
        self._pace = pace
        self._lease = Lease(store, "relay", patience)
        self._producing: Producing | None = None
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._listener = Listener(store, Outbox(store).channel, self.wake) if store.is_postgres else None
        self._trouble: str | None = None
        self._attempt = 0
        self._after = ""
        self._sweep_at = 0.0
        self._sent = 0

    def start(self) -> None:
        """Begin."""
        if self._listener is not None:
            self._listener.start()
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch under way, then end; what is left waits in the outbox."""
        self._stopping.set()
        self._awake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=15)
        if self._listener is not None:
            self._listener.stop()

    def wake(self) -> None:
        """Say that rows were committed."""
        self._awake.set()

    def health(self) -> dict[str, Any]:
        """Whether this copy sends, how much waits, and what troubles it."""
        try:
            with self._store.read() as conn:
                waiting = sum(lane.rows for lane in Outbox(self._store).waiting(conn))
        except GongkaiError as error:
            return {"ok": False, "trouble": str(error)}
        ok = self.failed is None and self._trouble is None
        leads = self._lease.epoch is not None
        return {"ok": ok, "leads": leads, "waiting": waiting, "sent": self._sent, "trouble": self._trouble}

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._attempt_once()
        except Exception as error:  # noqa: BLE001 - the program ends on `failed`, whatever it is
            self.failed = error
        finally:
            self._drop()
            with suppress(GongkaiError):
                self._lease.release()

    def _attempt_once(self) -> None:
        try:
            self._lead_or_wait()
            self._trouble, self._attempt = None, 0
        except (Fenced, Retriable) as error:
            log.warning("relay.trouble", relay=self.name, error=str(error))
            self._trouble = str(error)
            self._drop()
            self._stopping.wait(BACKOFF[min(self._attempt, len(BACKOFF) - 1)])
            self._attempt += 1

    def _lead_or_wait(self) -> None:
        if self._lease.epoch is None and not self._lease.acquire():
            self._stopping.wait(self._patience / 4)
            return
        self._awake.clear()
        parcels, more = self._read()
        if parcels:
            self._mark(self._send(parcels))
            self._after = parcels[-1].lane if more else ""
            if len(parcels) < SMALL:
                self._stopping.wait(self._pace)
        if more:
            return
        self._lease.keep()
        self._sweep_sometimes()
        self._awake.wait(min(1.0, self._patience / 4))

    def _sweep_sometimes(self) -> None:
        """Drop old bodies when nothing waits; as long as there are some, at every idle moment."""
        if time.monotonic() < self._sweep_at:
            return
        if not queue.sweep(self._store, self._clock() - self._retain):
            self._sweep_at = time.monotonic() + SWEEP_EVERY

    def _read(self) -> tuple[list[Parcel], bool]:
        with self._store.read() as conn:
            return queue.batch(conn, self._settings, self._after)

    def _send(self, parcels: Sequence[Parcel]) -> list[Placed]:
        if self._producing is None:
            self._resolved = self._resolved or resolved(self._settings)
            positions.check_cluster(self._resolved, self._store)
            self._producing = Producing(self._resolved)
        if failpoints.broken("relay-order"):
            parcels = parcels[::-1]
        return self._producing.send(parcels)

    def _mark(self, placed: Sequence[Placed]) -> None:
        failpoints.reach("relay.sent-before-mark")
        with self._store.begin_lazily() as conn:
            self._lease.beat(conn)
            queue.mark(conn, placed, int(self._clock().timestamp() * 1000))
        self._sent += len(placed)

    def _drop(self) -> None:
        """Forget the producer unflushed: the next one starts at the lowest row that is not marked."""
        if self._producing is not None:
            self._producing.drop()
            self._producing = None
