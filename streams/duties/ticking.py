"""The thread that looks at the clock again and again, beside the stage that reads.

Reads, writes and keeps what `streams.duties.ticker` does; wakes the relay when there is something to send.
Fails to `failed`, where what went wrong is no passing trouble; a partition lost meanwhile is simply not held any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from bus.errors import Fenced, Retriable
from bus.looping import Looping
from streams.duties.ticker import Ticked, Ticker

EVERY = 1.0
"""Seconds between looks: a rung is told of within about as much."""

log = structlog.get_logger()


class Ticking(Looping):
    """Runs a ticker until it is stopped."""

    name = "matters.ticker"
    stop_seconds = 15.0

    def __init__(self, ticker: Ticker, wake: Callable[[], None], every: float = EVERY) -> None:
        """`wake`: called when rows wait in the outbox."""
        super().__init__()
        self._ticker = ticker
        self._wake = wake
        self._every = every
        self._last = Ticked()
        self._trouble: str | None = None

    def health(self) -> dict[str, Any]:
        """Up to when everything is known (ms), and what troubles it."""
        ok = self.failed is None and self._trouble is None
        return {"ok": ok, "watermark": self._last.watermark, "trouble": self._trouble}

    def _turn(self) -> None:
        self._look()
        self._stopping.wait(self._every)

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
