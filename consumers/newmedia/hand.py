"""What every step of an account needs: its store under its lease, its platform, receipts and alerts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from bus import log
from bus.clock import Clock
from bus.metrics import PLATFORM_ALERTS, PLATFORM_CALLS
from bus.store import Outbox, Store
from bus.store.lease import Lease
from consumers.newmedia import receipts, slots
from consumers.newmedia.platform import Platform, PlatformError
from consumers.newmedia.queue import Queue
from consumers.newmedia.receipts import Ending
from schemas.city import Outlet
from schemas.topics import NEWMEDIA_FEED

LOG = log.get("newmedia")
STUCK = 5
"""Tries after which operators hear of a call that does not end."""
PATIENCE = 40.0
"""Seconds after which a copy takes over an account whose worker is silent; longer than its longest calls."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How patiently an account is worked, in seconds."""

    first: float = 1.0
    """Before the second try; it doubles with each."""
    most: float = 300.0
    confirm: float = 2.0
    """Between two looks at a send that the platform has taken."""


@dataclass(frozen=True, slots=True)
class Hand:
    """One account's worker, as its steps see it."""

    store: Store
    outbox: Outbox
    lease: Lease
    outlet: Outlet
    platform: Platform
    quota_classes: tuple[str, ...]
    clock: Clock
    pace: Pace

    @contextmanager
    def looking(self) -> Iterator[Queue]:
        """The account's rows at one moment."""
        with self.store.read() as conn:
            yield Queue(conn, self.outlet.id)

    @contextmanager
    def writing(self) -> Iterator[Queue]:
        """The account's rows in a transaction that no other copy of this part can make too."""
        with self.store.begin() as conn:
            self.lease.beat(conn)
            yield Queue(conn, self.outlet.id)

    def give(self, queue: Queue, endings: Sequence[Ending]) -> None:
        """Receipts, in the transaction of what they speak of."""
        lane = f"{NEWMEDIA_FEED.name}/{self.outlet.id}"
        self.outbox.append(queue.conn, lane, [receipts.build(each) for each in endings])

    def alert(self, queue: Queue, subject: str, kind: str, detail: str, now: datetime) -> None:
        """Tell operators, once."""
        if queue.alert(subject, kind, detail, now):
            PLATFORM_ALERTS.labels(self.outlet.id, kind).inc()
            LOG.warning("alert", kind=kind, account=self.outlet.id, subject=subject, detail=detail)

    def count(self, step: str, error: PlatformError | None) -> None:
        """Count a call's outcome."""
        PLATFORM_CALLS.labels(self.outlet.platform, "ok" if error is None else type(error).__name__).inc()
        if error is not None:
            LOG.info("call-failed", account=self.outlet.id, step=step, error=str(error))

    def later(self, now: datetime, attempts: int, error: PlatformError) -> datetime:
        """When to try again: twice as late each time, and not before the platform wants to be asked."""
        backoff = min(self.pace.most, self.pace.first * 2.0 ** min(attempts, 20))
        return now + timedelta(seconds=max(backoff, error.retry_after))

    def postpone(self, queue: Queue, now: datetime) -> None:
        """Everything that was to go in this period goes in the next; missed emergencies are told."""
        start, emergency = slots.next_period(self.outlet, now), self.quota_classes[0]
        at_once = slots.slot_without_quota(self.outlet, now, emergency=True)
        at_slot = slots.slot_without_quota(self.outlet, now, emergency=False)
        queue.postpone(start, at_slot, emergency, emergencies=False)
        for subject in queue.postpone(start, at_once, emergency, emergencies=True):
            detail = "应急信息已无当期群发次数 / an emergency found no send left in this period"
            self.alert(queue, subject, "quota-missed", detail, now)
