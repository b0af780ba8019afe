"""Which slice was begun and not ended, and how often: written so that it outlives any death of the process.

Keeps `home/router/begun-<n>`: one line of JSON in a mapped page, one file a worker, held by a lock.
A page of a mapped file is the kernel's as soon as it is written, so a crash in C loses nothing and no write costs.
"""

from __future__ import annotations

import fcntl
import json
import mmap
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO

from streams.transport.chain import Link

PAGE = 4096
TRIES = 3
"""A slice begun so often without an end is judged record by record elsewhere."""


@dataclass(slots=True)
class Suspect:
    """Offsets that were being judged when a process died, and how many times that happened."""

    topic: str
    partition: int
    base: int
    end: int
    times: int

    def overlaps(self, link: Link) -> bool:
        """Whether `link` holds any of these offsets."""
        same = (self.topic, self.partition) == link.place
        return same and link.base < self.end and self.base < link.end


class Begun:
    """One worker's page."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = _first_free(folder)
        self._page = mmap.mmap(self._file.fileno(), PAGE)
        self._suspects = self._read()
        self._current: list[Suspect] = []

    def begin(self, link: Link) -> bool:
        """Note that `link` is being judged; True where it must be judged with care."""
        before = [suspect for suspect in self._suspects if suspect.overlaps(link)]
        times = max((suspect.times for suspect in before), default=0)
        self._current.append(Suspect(*link.place, link.base, link.end, times + 1))
        self._write()
        return times >= TRIES

    def end(self, link: Link) -> None:
        """Note that `link` was judged to its end."""
        self._suspects = [suspect for suspect in self._suspects if not suspect.overlaps(link)]
        self._current = [suspect for suspect in self._current if not suspect.overlaps(link)]
        self._write()

    def close(self) -> None:
        """Let another worker have the page."""
        self._page.close()
        self._file.close()

    def _read(self) -> list[Suspect]:
        text = self._page[:].partition(b"\0")[0]
        try:
            return [Suspect(*row) for row in json.loads(text)] if text else []
        except (ValueError, TypeError):
            return []  # torn by a machine that lost its power: the counting starts again

    def _write(self) -> None:
        rows = [*self._suspects, *self._current]
        text = json.dumps([[s.topic, s.partition, s.base, s.end, s.times] for s in rows[-36:]]).encode()
        self._page[: len(text) + 1] = text + b"\0"


def _first_free(folder: Path) -> IO[bytes]:
    for n in count():
        file = (folder / f"begun-{n}").open("a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        file.truncate(PAGE)
        return file
    raise AssertionError("count() ends")
