"""Carries records from Kafka into a store, each exactly once in effect, and wakes the relay for what it sends on.

Reads:    the projection's topics, in a consumer group; Kafka's own committed offsets are for monitoring alone.
Writes:   nothing to Kafka; the projection's outgoing records go through the store's outbox.
Keeps:    position, inbox, rows and outbox of what one poll brings in one SQL transaction.
Fails to: StoreMismatch where cluster, topic or log is another than the store was filled from; Fenced where a
          successor has taken the partition; Fatal where a record can't be applied, or where Kafka or the database
          did not answer for `infrastructure_deadline` seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import structlog

from bus import failpoints
from bus.clock import Clock, now
from bus.errors import Fatal, Retriable
from bus.settings import Settings
from bus.store import positions
from bus.store._cluster import resolved
from bus.store._consuming import Consuming, Slice
from bus.store.engine import Store
from bus.store.positions import Position
from bus.store.projection import Projection
from bus.store.relay import BACKOFF, SMALL, Relay
from bus.store.slices import Slices

log = structlog.get_logger()

LOOK_EVERY = 5.0
"""Seconds without a record after which the log's end is looked at; what lies there twice running was not fetched."""
COMMIT_EVERY = 1.0
"""Seconds between commits to Kafka."""


class Sink:
    """A thread that applies what its consumer is assigned."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        projection: Projection,
        relay: Relay | None = None,
        clock: Clock = now,
        *,
        pace: float = 0.0,
    ) -> None:
        """`relay` is woken when a slice has put something into the outbox.

        `pace`: the least seconds between two small transactions. What comes alone is applied at once, what comes
        within is applied together, where nobody waits for it.
        """
        self.name = f"{projection.name}.sink"
        self.failed: BaseException | None = None
        self._settings = settings
        self._resolved: Settings | None = None
        self._store = store
        self._projection = projection
        self._relay = relay
        self._slices = Slices(store, projection, clock)
        self._consuming: Consuming | None = None
        self._positions: dict[tuple[str, int], Position] = {}
        self._stopping = threading.Event()
        self._pace = pace
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._committed_at = 0.0
        self._heard_at = time.monotonic()
        self._behind: list[str] = []
        self._troubled_since: float | None = None
        self._attempt = 0
        self._trouble: str | None = None
        self._applied = 0
        self._lags: dict[str, int] = {}

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the slice under way, then leave the group."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=15)

    def health(self) -> dict[str, Any]:
        """Which partitions are held, how far behind they are, and what troubles it."""
        lags = dict(self._lags)
        return {
            "ok": self.failed is None and self._trouble is None,
            "partitions": len(lags),
            "lag": sum(lags.values()),
            "applied": self._applied,
            "trouble": self._trouble,
        }

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._attempt_once()
        except Exception as error:  # noqa: BLE001 - the program ends on `failed`, whatever it is
            self.failed = error
        finally:
            self._leave()

    def _attempt_once(self) -> None:
        try:
            self._turn()
        except Retriable as error:
            self._bear(error)
        else:
            self._troubled_since, self._trouble, self._attempt = None, None, 0

    def _turn(self) -> None:
        """One poll: take over what was newly assigned, apply what came."""
        if self._consuming is None:
            self._resolved = self._resolved or resolved(self._settings)
            self._consuming = Consuming(self._resolved, self._projection, static=not self._store.is_postgres)
        consuming = self._consuming
        slices = consuming.poll()
        for topic, partition in consuming.taken_away():
            self._positions.pop((topic, partition), None)
            self._lags.pop(f"{topic}/{partition}", None)
        self._take_over(consuming)
        applied = self._apply(consuming, slices)
        if time.monotonic() - self._committed_at > COMMIT_EVERY:
            self._commit(consuming)
        if applied:
            self._heard_at, self._behind = time.monotonic(), []
        elif time.monotonic() - self._heard_at > LOOK_EVERY:
            self._look_behind(consuming)
        if 0 < applied < SMALL:
            self._stopping.wait(self._pace)

    def _look_behind(self, consuming: Consuming) -> None:
        """Whether the silence is the log's, or the client's own.

        kafka-python 3.0.12 was seen to fetch nothing more after the broker had been away, without an error.

        Raises:
            Retriable: there is more in the log than it gave.
        """
        self._heard_at = time.monotonic()
        behind, before = consuming.behind(list(self._positions.values())), self._behind
        self._behind = behind
        if stalled := [place for place in behind if place in before]:
            raise Retriable(f"{self.name}: nothing is fetched, yet there is more in {', '.join(stalled)}")

    def _take_over(self, consuming: Consuming) -> None:
        assigned = consuming.newly_assigned()
        if not assigned:
            return
        cluster, extents = consuming.extents(assigned)
        with self._store.begin() as conn:
            positions.claim_cluster(conn, self._store, cluster)
            taken = [
                positions.take_over(conn, self._store, topic, partition, extents[topic, partition])
                for topic, partition in sorted(assigned)
            ]
        for position in taken:
            self._positions[position.topic, position.partition] = position
            consuming.begin_at(position)
        log.info("sink.assigned", sink=self.name, partitions=len(taken))

    def _apply(self, consuming: Consuming, slices: Sequence[Slice]) -> int:
        """Apply what one poll brought, in one transaction; what is not held (any more) is left to who holds it."""
        turn = [
            (position, each.records)
            for each in slices
            if (position := self._positions.get((each.topic, each.partition))) is not None
        ]
        if not turn:
            return 0
        failpoints.reach("sink.before-slice")
        moved, sent = self._slices.apply_all(turn)
        applied = sum(len(records) for _, records in turn)
        self._applied += applied
        for position in moved:
            self._positions[position.topic, position.partition] = position
            self._lags[f"{position.topic}/{position.partition}"] = consuming.lag(position)
        if sent and self._relay is not None:
            self._relay.wake()
        return applied

    def _commit(self, consuming: Consuming) -> None:
        failpoints.reach("sink.before-kafka-commit")
        consuming.commit(list(self._positions.values()))
        self._committed_at = time.monotonic()
        for position in self._positions.values():
            self._lags[f"{position.topic}/{position.partition}"] = consuming.lag(position)

    def _bear(self, error: Retriable) -> None:
        """Begin anew from what is in SQL after a while, for as long as the deadline allows."""
        since = self._troubled_since = self._troubled_since or time.monotonic()
        self._trouble = str(error)
        log.warning("sink.trouble", sink=self.name, error=str(error))
        if time.monotonic() - since > self._settings.infrastructure_deadline:
            raise Fatal(f"{self.name}: no answer for {self._settings.infrastructure_deadline:g} s: {error}") from error
        self._leave()
        self._stopping.wait(BACKOFF[min(self._attempt, len(BACKOFF) - 1)])
        self._attempt += 1

    def _leave(self) -> None:
        """Close the consumer; the next one takes its partitions over again."""
        consuming, self._consuming = self._consuming, None
        if consuming is None:
            return
        if self._trouble is None and self.failed is None:
            consuming.commit(list(self._positions.values()))
        consuming.close()
        self._positions.clear()
        self._lags.clear()
        self._behind = []
