"""Judges for tests of the stage: they copy, and some values make them misbehave."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Sequence

from bus.record import Outgoing, Record
from schemas.topics import DEAD_LETTERS, PORTAL_FEED, VERDICTS

PAUSE = float(os.environ.get("WORKER_PAUSE", "0"))
"""Seconds for each record, so that a small backlog lasts."""


class Copy:
    """Every record once on portal-feed, and its place on verdicts."""

    def __call__(self, record: Record) -> Sequence[Outgoing]:
        value = record.value or b""
        if PAUSE:
            time.sleep(PAUSE)
        if value.startswith(b"!"):
            return self.misbehave(record, value)
        return self.copies(record)

    def copies(self, record: Record) -> Sequence[Outgoing]:
        key, at, partition = record.key or b"", record.timestamp, record.partition
        return (
            Outgoing(PORTAL_FEED.name, key, record.value, (("gk-origin", record.origin.encode()),), at, partition),
            Outgoing(VERDICTS.name, key, record.origin.encode(), (), at, partition),
        )

    def dead(self, record: Record, code: str, detail: str) -> Sequence[Outgoing]:
        headers = (("gk-error", code.encode()),)
        return (
            Outgoing(DEAD_LETTERS.name, record.key or b"", record.value, headers, record.timestamp, record.partition),
            Outgoing(VERDICTS.name, record.key or b"", record.origin.encode(), (), record.timestamp, record.partition),
        )

    def misbehave(self, record: Record, value: bytes) -> Sequence[Outgoing]:
        if value.startswith(b"!fault"):
            raise ValueError("a fault of our own")
        if value.startswith(b"!crash"):
            os.kill(os.getpid(), signal.SIGKILL)
        if value.startswith(b"!hang"):
            re.match(rb"(a+)+$", b"a" * 60 + b"!")  # holds the interpreter's lock for years
        if value.startswith(b"!large"):
            return (Outgoing(PORTAL_FEED.name, b"k", b"x" * 5_000_000, (), record.timestamp, record.partition),)
        if value.startswith(b"!slow"):
            time.sleep(float(value.split()[1]))
        return self.copies(record)
