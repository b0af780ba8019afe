"""Works one way out off, a delivery at a time: begun, carried, ended; a slow server holds up no other.

Reads and keeps `delivery`, `gone`. Writes `deliveries`: how each ended.
Fails to: a store that does not answer within `infrastructure_deadline`, or a successor that has taken the way over.

A try is counted and committed before it is made, and what came of it is committed after it: whoever is killed between
the two tries again under the same id, and what was confirmed is never tried again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa

from bus import failpoints, log
from bus.clock import Clock
from bus.errors import Fatal, Retriable
from bus.looping import Looping
from bus.metrics import NOTICES_CARRIED
from bus.store import Outbox, Store
from bus.store.lease import Lease
from consumers.notices import pace, words
from consumers.notices.shelf import Parcel, Shelf
from consumers.notices.ways import Outcome, Way
from schemas.records import DeliveryEnd

LOG = log.get("notices")
IDLE = 1.0
"""Seconds between two looks where nothing is due."""
MOST_DETAIL = 300


class Postman(Looping):
    """One way's worker."""

    stop_seconds = 20.0

    def __init__(
        self, store: Store, way: Way, clock: Clock, deadline: float,
        *, ready: Callable[[], bool] = lambda: True, after_end: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """`ready`: whether all that was told before this process began is read; `after_end`: a record is to be sent."""
        self.name = f"postman {way.name}"
        super().__init__()
        self._store, self._way, self._clock, self._deadline = store, way, clock, deadline
        self._ready, self._after_end = ready, after_end
        self._outbox = Outbox(store)
        self._lease = Lease(store, f"notices {way.name}", way.patience)
        self._began = False
        self._troubled_since: float | None = None

    def health(self) -> dict[str, object]:
        """Whether this process works the way off."""
        return {"ok": self.failed is None and self._troubled_since is None, "held": self._lease.epoch is not None}

    def step(self) -> bool:
        """Make the next delivery; False where none is due."""
        now = self._clock()
        with self._store.read() as conn:
            parcel = Shelf(conn).next_due(self._way.mine, now)
        if parcel is None:
            return False
        with self._writing() as conn:
            shelf = Shelf(conn)
            shut = self._shut(parcel, shelf)
            if shut is not None:
                refused = Outcome("refused", shut)
                self._end(conn, parcel, refused, _end(parcel, refused, parcel.attempts, now))
            elif not shelf.begin(parcel, _without_answer(parcel, now), now):
                return True
        if shut is None:
            self._carry(parcel, now)
        self._after_end()
        return True

    def _carry(self, parcel: Parcel, now: datetime) -> None:
        failpoints.reach("notices.before-call")
        outcome = self._way.carry(parcel, now)
        failpoints.reach("notices.after-call-before-commit")
        NOTICES_CARRIED.labels(self._way.name, outcome.result).inc()
        with self._writing() as conn:
            self._settle(conn, parcel, outcome, self._clock())

    def _shut(self, parcel: Parcel, shelf: Shelf) -> str | None:
        if parcel.attempts >= pace.ATTEMPTS:
            return "every try ended without a word"
        return self._way.shut(parcel, shelf)

    def _settle(self, conn: sa.Connection, parcel: Parcel, outcome: Outcome, now: datetime) -> None:
        """What is to be done about what came of a try."""
        shelf, attempts = Shelf(conn), parcel.attempts + 1
        if not outcome.answered:
            shelf.rest(self._way.mine, now + pace.REST)
        if outcome.result == "later":
            again = pace.next_try(now, attempts, parcel.id, outcome.retry_after)
            if again is not None:
                shelf.later(parcel, again, outcome.detail[:MOST_DETAIL])
                return
        self._end(conn, parcel, outcome, _end(parcel, outcome, attempts, now))

    def _end(self, conn: sa.Connection, parcel: Parcel, outcome: Outcome, end: DeliveryEnd) -> None:
        shelf = Shelf(conn)
        self._way.note(shelf, outcome, end.at)
        if (record := shelf.end(parcel, end)) is not None:
            self._outbox.append(conn, words.lane(parcel.partition), [record])
        if end.state == "dead":
            LOG.warning("delivery-dead", target=parcel.target, delivery=parcel.id, detail=end.detail)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._store.begin() as conn:
            if self._lease.epoch is not None:
                self._lease.beat(conn)
            yield conn

    # in its thread

    def _turn(self) -> None:
        try:
            moved = self._work()
        except Retriable as error:
            self._bear(error)
            moved = False
        else:
            self._troubled_since = None
        if not moved:
            self._stopping.wait(IDLE)

    def _work(self) -> bool:
        if self._lease.epoch is None:
            return self._lease.acquire()
        self._lease.keep()
        self._began = self._began or self._ready()
        return self._began and self.step()

    def _bear(self, error: Retriable) -> None:
        since = self._troubled_since = self._troubled_since or time.monotonic()
        LOG.warning("store-does-not-answer", way=self._way.name, error=str(error))
        if time.monotonic() - since > self._deadline:
            raise Fatal(f"{self.name}: no answer for {self._deadline:g} s: {error}") from error

    def _leave(self) -> None:
        try:
            if self.failed is None:
                self._lease.release()
        finally:
            self._way.close()


def _without_answer(parcel: Parcel, now: datetime) -> datetime:
    return pace.next_try(now, parcel.attempts + 1, parcel.id) or now + pace.LONGEST


def _end(parcel: Parcel, outcome: Outcome, attempts: int, now: datetime) -> DeliveryEnd:
    return DeliveryEnd(
        delivery=parcel.id, notice=parcel.notice, target=parcel.target, round=parcel.round, attempts=attempts,
        state="delivered" if outcome.result == "delivered" else "dead", detail=outcome.detail[:MOST_DETAIL], at=now,
    )  # fmt: skip
