"""One account's worker: at every step the one thing that comes next, and at most one call that has an effect."""

from __future__ import annotations

from collections.abc import Sequence

from bus.clock import Clock
from bus.metrics import PLATFORM_WAITING
from bus.store import Outbox, Store
from bus.store.lease import Lease
from consumers.newmedia.forming import Forming
from consumers.newmedia.hand import PATIENCE, Hand, Pace
from consumers.newmedia.platform import Platform
from consumers.newmedia.removing import Removing
from consumers.newmedia.sending import Sending
from schemas.city import Outlet


class Worker:
    """Works one account off; one copy of the part alone may, by the account's lease."""

    def __init__(
        self,
        store: Store,
        outlet: Outlet,
        platform: Platform,
        quota_classes: Sequence[str],
        *,
        clock: Clock,
        pace: Pace | None = None,
    ) -> None:
        self.outlet = outlet
        self.lease = Lease(store, f"account {outlet.id}", PATIENCE)
        self._hand = Hand(
            store, Outbox(store), self.lease, outlet, platform, tuple(quota_classes), clock, pace or Pace()
        )
        self._sending, self._removing, self._forming = (
            Sending(self._hand), Removing(self._hand), Forming(self._hand),
        )  # fmt: skip

    def close(self) -> None:
        """Close the connections to the platform."""
        self._hand.platform.close()

    def observe(self) -> None:
        """Say to the metrics how many items wait."""
        with self._hand.looking() as queue:
            PLATFORM_WAITING.labels(self.outlet.id).set(queue.waiting())

    def step(self) -> bool:
        """Do the next thing; False where there is nothing to do now."""
        now = self._hand.clock()
        with self._hand.looking() as queue:
            send, removal = queue.open_send(), queue.due_removal(now)
        if send is not None and send.next_at <= now:
            self._sending.advance(send, now)
        elif removal is not None:
            self._removing.remove(removal, now)
        else:
            return self._removing.settle(now) or (send is None and self._forming.form(now))
        return True
