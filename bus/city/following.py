"""Follows topic `city` in a thread, so that a part knows every release before it is in force.

Reads:    city, whole, in no consumer group; the folder of GONGKAI_CITY where the topic holds no release yet.
Writes:   the first release, where there is none.
Keeps:    in memory, the releases and when it last looked at the topic's end.
Fails to: Fatal where the topic is missing, or holds no release and none can be written; a broker that is away for a
          while is waited for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from math import inf
from typing import Any

import structlog

from bus.city.reading import CityReader
from bus.city.releasing import release_first
from bus.clock import Clock, now
from bus.errors import Fatal, Retriable
from bus.settings import Settings
from schemas.city.released import Release, milliseconds
from schemas.city.releases import Releases, Span

log = structlog.get_logger()

LOOK_EVERY = 0.5
"""Seconds between looks at the topic's end where nobody asks for one."""

OnFailure = Callable[[BaseException], None]


def log_failure(error: BaseException) -> None:
    """Say it; the program that runs the service ends on its `failed`."""
    log.error("city.failed", error=str(error))


class City:
    """The releases of a city, always up to date; a service of every part."""

    name = "city"

    def __init__(self, settings: Settings, clock: Clock = now, on_failure: OnFailure = log_failure) -> None:
        self.failed: BaseException | None = None
        self._looked_at = 0
        self._looked_from = -inf
        self._settings = settings
        self._clock = clock
        self._on_failure = on_failure
        self._releases = Releases()
        self._reader = CityReader(settings, self._releases)
        self._trouble: str | None = None
        self._waiting: list[Future[None]] = []
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    @classmethod
    def open(cls, settings: Settings, clock: Clock = now, on_failure: OnFailure = log_failure) -> City:
        """One that has read all there is. Where that is nothing, it releases the folder's pack first.

        Raises:
            Retriable, Fatal: the topic can't be read or written, or no release in it is of use.
            PackError: the folder's pack is wrong, and there is no other.
        """
        city = cls(settings, clock, on_failure)
        city.look()
        if not city._releases.all:
            release_first(settings, clock())
            city.look()
        try:
            city.current()
        except LookupError as error:
            raise Fatal(f"no release of the city pack can be used: {'; '.join(city._releases.ignored)}") from error
        return city

    @classmethod
    def as_it_is(cls, settings: Settings, clock: Clock = now) -> City:
        """One that has read all there is and follows no further: for a command that rebuilds something.

        Raises:
            Retriable, Fatal, PackError: as `open`.
        """
        city = cls.open(settings, clock)
        city.stop()
        return city

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End; a look under way is finished."""
        self._stopping.set()
        self._wanted.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=10)
        self._reader.close()

    def health(self) -> dict[str, Any]:
        """Which release is in force, which comes next, what in the topic counts for nothing, and what troubles it."""
        at = milliseconds(self._clock())
        span = self._releases.span(at)
        return {
            "ok": self.failed is None and self._trouble is None,
            "release": span.release.said.release,
            "released_at": span.release.said.released_at.isoformat(),
            "to_come": [each.said.release for each in self._releases.all if each.since > at],
            "ignored": list(self._releases.ignored),
            "trouble": self._trouble,
        }

    def at(self, arrival: int) -> Span:
        """What judges an event that arrived then, in ms since 1970, as far as is known."""
        return self._releases.span(arrival)

    def current(self) -> Span:
        """What is in force now."""
        return self._releases.span(milliseconds(self._clock()))

    @property
    def releases(self) -> tuple[Release, ...]:
        """All that are known."""
        return self._releases.all

    def covers(self, arrival: int, fetched: float) -> bool:
        """Whether the topic was read to its end since an event arrived (in ms since 1970).

        `fetched`: when it came into this process, on the monotonic clock; whatever the clocks of others say, it had
        arrived by then.
        """
        return arrival <= self._looked_at or fetched <= self._looked_from

    def look(self) -> None:
        """Read the topic to its end, in this thread; before `start` alone."""
        began, began_from = milliseconds(self._clock()), time.monotonic()
        self._reader.read_to_end()
        self._looked_at, self._looked_from = max(self._looked_at, began), began_from

    def ask(self) -> Future[None]:
        """A look that begins after this call, at once; done when it is over."""
        future: Future[None] = Future()
        with self._lock:
            self._waiting.append(future)
        self._wanted.set()
        return future

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._wanted.wait(LOOK_EVERY)
                self._wanted.clear()
                self._turn()
        except Exception as error:  # noqa: BLE001 - the program ends on `failed`, whatever it is
            self.failed = error
            self._on_failure(error)

    def _turn(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        try:
            self.look()
        except Retriable as error:
            self._bear(error, waiting)
            return
        self._trouble = None
        for future in waiting:
            if future.set_running_or_notify_cancel():  # whoever asked may have been cancelled meanwhile
                future.set_result(None)

    def _bear(self, error: Retriable, waiting: list[Future[None]]) -> None:
        """Whoever waits goes on waiting: their own deadline tells them when that is too long."""
        with self._lock:
            self._waiting[:0] = waiting
        if self._trouble is None:
            log.warning("city.trouble", error=str(error))
        self._trouble = str(error)
        self._stopping.wait(LOOK_EVERY)
        self._wanted.set()
