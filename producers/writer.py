"""Group commit: what comes while one transaction is written shares the next; nobody waits for a batch to fill."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from bus.errors import Fatal, Retriable
from producers.answers import Answer
from producers.cases import Case
from producers.checks import Principal
from producers.forms import Given
from producers.intake import Intake

MAX_EVENTS = 2_000
"""In one transaction, so that the one who came first does not wait for all who came after."""


@dataclass(frozen=True, slots=True)
class _Job:
    who: Principal
    cases: list[Case]
    done: Future[list[Answer]]


class Writer:
    """A service with one thread, which writes whatever waits as soon as it can."""

    name = "writer"

    def __init__(self, intake: Intake) -> None:
        self.failed: BaseException | None = None
        self._intake = intake
        self._jobs: deque[_Job] = deque()
        self._ready = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="door-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        self._thread.join(timeout=10)

    def health(self) -> dict[str, object]:
        """How many requests wait."""
        return {"waiting": len(self._jobs)}

    def submit(self, who: Principal, values: Sequence[Given]) -> Future[list[Answer]]:
        """The answers to `values`, once they are committed. Reading them is the caller's thread's work."""
        done: Future[list[Answer]] = Future()
        job = _Job(who, self._intake.read(who, values), done)
        with self._ready:
            if self._stopping or self.failed:
                done.set_exception(Retriable("the door is closing"))
                return done
            self._jobs.append(job)
            self._ready.notify()
        return done

    def _run(self) -> None:
        while jobs := self._next():
            try:
                answers = self._intake.take_all([(job.who, job.cases) for job in jobs])
            except Exception as error:  # noqa: BLE001 - every caller is told; what can't go on ends the process
                self._fail(jobs, error)
                continue
            for job, group in zip(jobs, answers, strict=True):
                job.done.set_result(group)

    def _next(self) -> list[_Job]:
        """What waits, up to the limit; empty when there is nothing more to come."""
        with self._ready:
            while not self._jobs and not self._stopping:
                self._ready.wait()
            jobs: list[_Job] = []
            size = 0
            while self._jobs and (not jobs or size + len(self._jobs[0].cases) <= MAX_EVENTS):
                size += len(self._jobs[0].cases)
                jobs.append(self._jobs.popleft())
            return jobs

    def _fail(self, jobs: list[_Job], error: Exception) -> None:
        for job in jobs:
            job.done.set_exception(error)
        if isinstance(error, Fatal):
            self.failed = error
            self._refuse_rest(error)

    def _refuse_rest(self, error: Exception) -> None:
        with self._ready:
            while self._jobs:
                self._jobs.popleft().done.set_exception(error)
