"""The service that works the accounts off: a thread for each, so that a slow platform holds up no other.

Reads and keeps the tables of `tables`. Writes `receipts` through the outbox. Fails to: a store that does not answer
within `infrastructure_deadline`, or a successor that has taken an account over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Event, Thread

from bus import log
from bus.errors import Retriable
from consumers.newmedia.worker import Worker

LOG = log.get("newmedia")
IDLE = 0.25
"""Seconds between two looks where nothing has rung."""


OBSERVE_EVERY = 5.0
"""Seconds between two counts for the metrics."""


class Sender:
    """Runs every account's worker."""

    name = "sender"

    def __init__(self, workers: Sequence[Worker], deadline: float, after_step: Callable[[], None]) -> None:
        """`after_step` is called when there may be receipts to send."""
        self._workers = workers
        self._deadline = deadline
        self._after_step = after_step
        self._stop = Event()
        self._bells = {worker.outlet.id: Event() for worker in workers}
        self._threads: list[Thread] = []
        self._observed: dict[str, float] = {}
        self.failed: BaseException | None = None

    def start(self) -> None:
        """Begin."""
        for worker in self._workers:
            thread = Thread(target=self._run, args=(worker,), name=f"account {worker.outlet.id}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End after the call under way; what it gave is committed or will be looked up."""
        self._stop.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout=20)

    def wake(self) -> None:
        """There may be something new."""
        for bell in self._bells.values():
            bell.set()

    def health(self) -> dict[str, object]:
        """Which accounts are worked by this process."""
        return {
            "ok": self.failed is None,
            "accounts": {worker.outlet.id: worker.lease.epoch is not None for worker in self._workers},
        }

    def _run(self, worker: Worker) -> None:
        try:
            while not self._stop.is_set():
                self._work(worker)
            worker.lease.release()
            worker.close()
        except BaseException as error:  # noqa: BLE001 - the program looks at `failed` and ends
            LOG.error("account-failed", account=worker.outlet.id, error=repr(error))
            self.failed = error

    def _work(self, worker: Worker) -> None:
        """One step, or a wait; a store that does not answer is tried again until the deadline."""
        began = time.monotonic()
        while not self._stop.is_set():
            try:
                if self._step(worker):
                    self._after_step()
                    return
            except Retriable as error:
                if time.monotonic() - began > self._deadline:
                    raise
                LOG.warning("store-does-not-answer", account=worker.outlet.id, error=str(error))
            else:
                began = time.monotonic()
                self._observe(worker, began)
            bell = self._bells[worker.outlet.id]
            bell.wait(IDLE)
            bell.clear()

    def _observe(self, worker: Worker, now: float) -> None:
        if now - self._observed.get(worker.outlet.id, -OBSERVE_EVERY) >= OBSERVE_EVERY:
            self._observed[worker.outlet.id] = now
            worker.observe()

    @staticmethod
    def _step(worker: Worker) -> bool:
        if worker.lease.epoch is None:
            return worker.lease.acquire()
        worker.lease.keep()
        return worker.step()
