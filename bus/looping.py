"""A service that does one thing again and again in a thread of its own (`bus.program.Service`).

Fails to `failed`: whatever a turn raises that it does not bear itself; the program ends on it.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod


class Looping(ABC):
    """Takes turns until it is stopped; whoever extends it says what a turn is, and how long it rests in it."""

    name: str
    stop_seconds = 10.0
    """So long `stop` waits for the turn under way."""

    def __init__(self) -> None:
        self.failed: BaseException | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the turn under way."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=self.stop_seconds)

    @abstractmethod
    def _turn(self) -> None:
        """One turn; to rest, it waits on `_stopping`, so that an end is not kept waiting."""

    def _leave(self) -> None:  # noqa: B027 - most have nothing to give back
        """What is given back behind the last turn, in the same thread."""

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn()
        except Exception as error:  # noqa: BLE001 - the program ends on `failed`, whatever it is
            self.failed = error
        finally:
            self._leave()
