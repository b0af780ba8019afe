"""Kills parts while they have work before them, and writes down at which lag each kill fell.

By a signal: the part is held (SIGSTOP) until work has come up before it, let go until it has begun, held again,
measured, and killed only if something is still before it; else once more. At a failpoint: its next start is given one
(`armed`), and it kills itself where the failpoint stands.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tests.faults.city import City
from tests.faults.gauge import Load
from tests.support.waiting import eventually

DOOR = "gateway"
KILLED, ENDED = "terminated by SIGKILL", "exit status 0"
"""supervisord's words."""
SIGNALS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM}
PATIENCE = 180.0
ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill and what the part had before it in that moment."""

    part: str
    how: str
    """SIGKILL, SIGTERM, or the failpoint at which it killed itself."""
    load: Load
    after: float
    """Seconds since the first event."""
    attempts: int

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "after": round(self.after, 1)}


class Killer:
    """Kills; `wave` events are released whenever a part must have work."""

    def __init__(self, city: City, wave: int) -> None:
        self.kills: list[Kill] = []
        self._city = city
        self._wave = wave
        self._began = time.monotonic()
        self._killed: Counter[str] = Counter()

    def strike(self, part: str, how: str) -> None:
        """Kill `part` by a signal, in the midst of work."""
        for attempt in range(1, ATTEMPTS + 1):
            pid = self._begin_work(part)
            os.kill(pid, signal.SIGSTOP)
            load = self._city.gauge.load(part)
            if load.outbox if part == DOOR else load.behind:
                self._kill(part, pid, how, load, attempt)
                return
            os.kill(pid, signal.SIGCONT)
        raise AssertionError(f"{part} was never found at work")

    def strike_and_arm(self, part: str, how: str, failpoint: str) -> None:
        """Kill it by a signal, and let its next life end at `failpoint`."""
        self.arm(part, failpoint)
        self.strike(part, how)
        self.await_failpoints({part: failpoint})

    def arm(self, part: str, failpoint: str) -> None:
        """Let its next life end at `failpoint`."""
        self._city.arm(part, f"{failpoint}=kill:{1 if failpoint.startswith('newmedia.') else 4}")

    def await_failpoints(self, armed: Mapping[str, str]) -> None:
        """Give armed parts work until each has killed itself; they are then started again, without a failpoint."""
        left = dict(armed)

        def all_died() -> bool:
            for part in [part for part in left if self._has_died(part, self._killed[part])]:
                self._died(part, left.pop(part))
            return not left

        eventually(all_died, PATIENCE, f"all kill themselves at {armed}")
        self._city.await_ready()

    def _died(self, part: str, failpoint: str) -> None:
        load = self._city.gauge.load(part)
        assert load.anything, f"{part} was idle when it killed itself"
        self.kills.append(Kill(part, failpoint, load, time.monotonic() - self._began, 1))
        self._killed[part] += 1

    def _has_died(self, part: str, known: int) -> bool:
        self._city.publisher.release(self._wave)
        return self._city.deaths(part, KILLED) > known

    def _begin_work(self, part: str) -> int:
        """Its pid, when work has come up before it and it has begun on it."""
        self._city.await_ready()
        pid = eventually(lambda: self._city.pid(part), PATIENCE, f"{part} runs")
        self._city.publisher.release(self._wave)
        if part != DOOR:
            self._pile_up(part, pid)
        before = self._city.gauge.progress(part)
        os.kill(pid, signal.SIGCONT)
        eventually(lambda: self._city.gauge.progress(part) > before, PATIENCE, f"{part} goes on")
        return pid

    def _pile_up(self, part: str, pid: int) -> None:
        """Hold it until there is enough before it."""
        os.kill(pid, signal.SIGSTOP)
        least = self._wave // 4
        eventually(lambda: self._city.gauge.load(part).behind >= least, PATIENCE, f"work comes up before {part}")

    def _kill(self, part: str, pid: int, how: str, load: Load, attempt: int) -> None:
        seen = KILLED if how == "SIGKILL" else ENDED
        before = self._city.deaths(part, seen)
        os.kill(pid, SIGNALS[how])
        os.kill(pid, signal.SIGCONT)
        self.kills.append(Kill(part, how, load, time.monotonic() - self._began, attempt))
        eventually(lambda: self._city.deaths(part, seen) > before, PATIENCE, f"{part} ended by {how}, cleanly")
        self._killed[part] += how == "SIGKILL"
