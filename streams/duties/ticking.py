"""The thread that looks at the clock again and again, beside the stage that reads.

Reads, writes and keeps what `streams.duties.ticker` does; wakes the relay when there is something to send.
Fails to `failed`, where what went wrong is no passing trouble; a partition lost meanwhile is simply not held any more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import structlog

from bus.errors import Fenced, Retriable
from streams.duties.ticker import Ticked, Ticker

EVERY = 1.0
"""Seconds between looks: a rung is told of within about as much."""

log = structlog.get_logger()


class Ticking:
    """Runs a ticker until it is stopped."""

    def __init__(self, ticker: Ticker, wake: Callable[[], None], every: float = EVERY) -> None:
        """`wake`: called when rows wait in the outbox."""
        self.name = "matters.ticker"
        self.failed: BaseException | None = None
        self._ticker = ticker
        self._wake = wake
        self._every = every
        self._last = Ticked()
        self._trouble: str | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the look under way, then end."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=15)

    def health(self) -> dict[str, Any]:
        """Up to when everything is known (ms), and what troubles it."""
        ok = self.failed is None and self._trouble is None
        return {"ok": ok, "watermark": self._last.watermark, "trouble": self._trouble}

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._look()
                self._stopping.wait(self._every)
        except Exception as error:  # noqa: BLE001 - the program ends on `failed`, whatever it is
            self.failed = error

    def _look(self) -> None:
        try:
            self._last = self._ticker.tick()
        except (Fenced, Retriable) as error:
            log.warning("ticker.trouble", error=str(error))
            self._trouble = str(error)
            return
        self._trouble = None
        if self._last.sent:
            self._wake()
