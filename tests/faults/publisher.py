"""A client that sends a workload through the real door, in waves, and keeps at a line until it is answered 202.

A group is one NDJSON request. Whatever breaks it off (the door was killed, its outbox is full) the whole group is
sent again: what was taken is answered as before, and the order of an item's versions stays.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from itertools import chain

import httpx

from tests.faults.workload import Event, Group
from tests.support.waiting import eventually

PAUSE = 0.2
"""Seconds between attempts while the door is away."""


class Publisher:
    """A thread; `release` lets it send so many events more."""

    def __init__(self, url: str, keys: Mapping[str, str], groups: Iterator[Group]) -> None:
        self.taken: dict[str, Event] = {}
        """By id, every event that was answered 202."""
        self.refused: list[str] = []
        """Answers that can't be: other than 202, 503 or a repeat of it."""
        self.retries = 0
        self.full = 0
        """Answers 503 with OUTBOX-FULL."""
        self._url = url
        self._keys = keys
        self._groups = groups
        self._allowed = 0
        self._sent = 0
        self._may = threading.Condition()
        self._stopping = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        with self._may:
            self._may.notify_all()
        self._thread.join(30)

    def release(self, number: int) -> None:
        """Send so many more than were sent; a wave that is still under way is not counted twice."""
        with self._may:
            self._allowed = max(self._allowed, self._sent + number)
            self._may.notify_all()

    def top_up(self, number: int) -> None:
        """Send on until so many were sent in all."""
        with self._may:
            self._allowed = max(self._allowed, number)
            self._may.notify_all()

    @property
    def resting(self) -> bool:
        """Whether all that was released is answered."""
        if self._failed is not None:
            raise AssertionError(f"the publisher failed: {self._failed!r}") from self._failed
        with self._may:
            return len(self.taken) >= self._allowed

    def finish(self, deadline: float) -> None:
        """Wait until all that was released is answered."""
        eventually(lambda: self.resting, deadline, "everything released was answered 202")

    def _run(self) -> None:
        try:
            with httpx.Client(base_url=self._url, timeout=30, trust_env=False) as client:
                for group in self._groups:
                    if not self._wait_for_leave():
                        return
                    self._sent += len(group.events)
                    self._insist(client, group)
        except BaseException as error:  # noqa: BLE001 - the test's thread says so
            self._failed = error

    def _wait_for_leave(self) -> bool:
        with self._may:
            while self._sent >= self._allowed and not self._stopping.is_set():
                self._may.wait()
        return not self._stopping.is_set()

    def _insist(self, client: httpx.Client, group: Group) -> None:
        while not self._send(client, group) and not self._stopping.wait(PAUSE):
            self.retries += 1

    def _send(self, client: httpx.Client, group: Group) -> bool:
        """Whether every line was answered 202."""
        headers = {"Authorization": f"Bearer {self._keys[group.dept]}", "Content-Type": "application/x-ndjson"}
        body = b"".join(chain.from_iterable((each.value, b"\n") for each in group.events))
        whole = True
        try:
            with client.stream("POST", "/v1/events", content=body, headers=headers) as response:
                if response.status_code != 200:
                    return False
                answered = 0
                for line, event in zip(response.iter_lines(), group.events, strict=False):
                    answered += 1
                    whole = self._note(event, json.loads(line)) and whole
        except (httpx.TransportError, ValueError):
            return False
        return whole and answered == len(group.events)

    def _note(self, event: Event, answer: dict[str, object]) -> bool:
        if answer.get("status") == 202:
            assert answer["id"] == event.id
            self.taken[event.id] = event
            return True
        if answer.get("status") == 503:
            self.full += answer.get("code") == "OUTBOX-FULL"
        else:
            self.refused.append(f"{event.subject} v{event.version}: {answer}")
        return False
