"""Wakes whoever waits for the feed, from the sink's thread into the web's loop, once a transaction has committed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bus.store import Relay


class Bell:
    """Rung by any thread, heard by any coroutine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def ring(self) -> None:
        """Something new is in the store."""
        with self._lock:
            for loop, event in self._listeners:
                with suppress(RuntimeError):  # a loop that has just been closed hears nothing more
                    loop.call_soon_threadsafe(event.set)

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event that is set by each ring; listen before you look, so that no ring is missed."""
        listener = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._listeners.add(listener)
        try:
            yield listener[1]
        finally:
            with self._lock:
                self._listeners.discard(listener)


class RingingRelay(Relay):
    """The portal's relay: the sink wakes it after each commit, and so wakes readers too."""

    bell: Bell

    def wake(self) -> None:
        """There is something to send, and so something to read."""
        super().wake()
        self.bell.ring()
