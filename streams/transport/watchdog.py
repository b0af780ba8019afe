"""The watchdog: a worker that makes no progress ends itself, because a fresh one would.

Reads the flow and the ends of the logs; writes nothing.
Fails to `Flow.fatal`: a slice unacknowledged beyond the deadline, lag without a commit, a broker that does not answer.
A loop that hangs can't look at itself: the interpreter's own watchdog thread, which needs no lock, ends it.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from streams.transport.chain import Place
from streams.transport.flow import Flow

log = logging.getLogger(__name__)

STDERR = 2
"""File descriptor; Faust puts something else in the place of `sys.stderr`."""

Ends = Callable[[], Awaitable[dict[Place, int]]]


class Watchdog:
    """Looks once a second; asks the broker for the logs' ends every few seconds."""

    def __init__(self, flow: Flow, ends: Ends, *, look: float = 1.0, ask: float = 5.0, hang: float = 60.0) -> None:
        self._flow = flow
        self._ends = ends
        self._look, self._ask, self._hang = look, ask, hang
        self._answered = monotonic()
        self._progress: dict[Place, tuple[int, float]] = {}
        self.beat = monotonic()
        """When the loop last came by."""
        self.idle = False
        """Whether others of the group hold all partitions: the broker answers, and none is ours."""

    async def run(self) -> None:
        """Watch until cancelled. What came before, as waiting for a group to settle, is not the broker's silence."""
        self._answered = monotonic()
        asking = asyncio.create_task(self._ask_always())
        try:
            while True:
                self.beat = monotonic()
                if self._hang:
                    faulthandler.dump_traceback_later(self._hang, exit=True, file=STDERR)
                if reason := self.reason(monotonic()):
                    self._flow.fatal(reason)
                await asyncio.sleep(self._look)
        finally:
            asking.cancel()
            faulthandler.cancel_dump_traceback_later()

    def reason(self, now: float) -> str | None:
        """Why this worker must end, or None."""
        deadline = self._flow.deadline
        oldest = self._flow.chains.oldest()
        if oldest and now - oldest.since > deadline:
            return f"{oldest.place} from {oldest.base} has waited {now - oldest.since:.0f} s for its acknowledgement"
        if now - self._answered > deadline:
            return f"the broker has not answered for {now - self._answered:.0f} s"
        return self._stalled(now)

    def stalled_for(self, now: float) -> float:
        """Seconds since the slowest partition with lag moved; 0 where all is well."""
        waits = [now - since for place, (_, since) in self._progress.items() if self._behind(place)]
        oldest = self._flow.chains.oldest()
        return max([0.0, *waits, now - oldest.since if oldest else 0.0])

    def _stalled(self, now: float) -> str | None:
        """A partition that has lag and whose committed offset stands still. Each is watched by itself."""
        committed = self._flow.chains.committed_offsets()
        self._progress = {place: seen for place, seen in self._progress.items() if place in committed}
        for place, offset in committed.items():
            seen = self._progress.get(place)
            if seen is None or seen[0] != offset or not self._behind(place):
                self._progress[place] = (offset, now)
            elif now - seen[1] > self._flow.deadline:
                return f"{place} stands at {offset} since {now - seen[1]:.0f} s though its log goes on"
        return None

    def _behind(self, place: Place) -> bool:
        committed = self._flow.chains.committed_offsets().get(place)
        return committed is not None and self._flow.end_offsets.get(place, 0) > committed

    async def _ask_always(self) -> None:
        while True:
            try:
                self._flow.end_offsets = await asyncio.wait_for(self._ends(), self._flow.deadline)
                self._answered = monotonic()
                self.idle = not self._flow.end_offsets
            except Exception as error:  # noqa: BLE001 - whatever it is, it is no answer
                log.warning("the broker does not say where its logs end: %r", error)
            await asyncio.sleep(self._ask)
