"""Which release of the pack is in force for an arrival, of all that topic `city` holds.

A release counts when it is complete, its number is higher than those before, and it does not come into force before
it was written. Whatever else is written there is passed over, with a reason.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import inf
from threading import RLock
from typing import NamedTuple, Protocol, TypeVar

from schemas.city.errors import PackError
from schemas.city.pack import Pack
from schemas.city.released import CityRecord, Ignored, PackFile, Release, assemble, milliseconds, read
from schemas.records import PackReleased

KEPT_PACKS = 4
"""Releases whose packs are kept loaded; an older one is loaded again where a backlog asks for it."""
MAX_LOOSE_BYTES = 256 * 1024 * 1024
"""Of files that no release has named yet; beyond it the oldest are forgotten."""


class Span(NamedTuple):
    """A release in force, and between which arrivals, in ms since 1970: from `since` to before `until`."""

    release: Release
    pack: Pack
    since: float
    until: float


class Begins(Protocol):
    """A release as far as it says which is in force."""

    @property
    def number(self) -> int:
        """Its number."""

    @property
    def since(self) -> int:
        """The first arrival that it judges, in ms since 1970."""


_B = TypeVar("_B", bound=Begins)
Line = tuple[tuple[float, ...], tuple[_B, ...]]
"""From which arrivals on which releases are in force."""


def line_of(usable: Sequence[_B]) -> Line[_B]:
    """When which of these, by number, begins: the newest whose time has come, and the first before any."""
    starts: list[float] = [-inf] * bool(usable)
    in_force = list(usable[:1])
    for release in sorted(usable[1:], key=lambda each: (each.since, each.number)):
        if release.number > in_force[-1].number:
            starts.append(release.since)
            in_force.append(release)
    return tuple(starts), tuple(in_force)


class Releases:
    """All releases of a city, record by record, and which is in force for an arrival. Safe among threads."""

    def __init__(self) -> None:
        self.all: tuple[Release, ...] = ()
        """Complete ones, by number."""
        self.ignored: tuple[str, ...] = ()
        """Why the last ten records that count for nothing do so."""
        self._files: dict[str, bytes] = {}
        self._loose: dict[str, int] = {}
        self._unusable: frozenset[int] = frozenset()
        self._line: Line[Release] = ((), ())
        self._packs: dict[int, Pack] = {}
        self._lock = RLock()

    @classmethod
    def of(cls, releases: Iterable[Release]) -> Releases:
        """Those that another has told complete."""
        made = cls()
        made.all = tuple(releases)
        made._draw()
        return made

    def add(self, record: CityRecord) -> Release | None:
        """Take the next record of the topic; the release that it ends, where that is complete."""
        found = read(record)
        with self._lock:
            outcome = self._end(found, record.at) if isinstance(found, PackReleased) else found
            if isinstance(outcome, PackFile):
                self._keep(outcome)
            elif isinstance(outcome, Ignored):
                self._ignore(outcome.reason)
            else:
                return outcome
        return None

    def span(self, arrival: int) -> Span:
        """What judges an event that arrived then, in ms since 1970: the newest release whose time had come.

        The first release of all also judges what came before. One whose pack this build can't read is passed over.

        Raises:
            LookupError: there is none yet.
        """
        with self._lock:
            while True:
                starts, in_force = self._line
                if not in_force:
                    raise LookupError("there is no release of the city pack yet")
                place = bisect_right(starts, arrival)
                release = in_force[place - 1]
                if (pack := self._pack(release)) is not None:
                    until = starts[place] if place < len(starts) else inf
                    return Span(release, pack, starts[place - 1], until)

    def _end(self, said: PackReleased, written: int) -> Release | Ignored:
        number, last = said.data.release, self.all[-1].number if self.all else 0
        if int(number) <= last:
            return Ignored(f"release {number} comes after release {last}")
        if self.all and milliseconds(said.data.released_at) < written:
            return Ignored(f"release {number} would be in force from {said.data.released_at}, before it was written")
        release = assemble(said, self._files.get)
        if isinstance(release, Release):
            for digest in said.data.files.values():
                self._loose.pop(digest, None)
            self.all = (*self.all, release)
            self._draw()
        return release

    def _keep(self, file: PackFile) -> None:
        if file.sha256 in self._files:
            return
        self._files[file.sha256] = file.value
        self._loose[file.sha256] = len(file.value)
        while sum(self._loose.values()) > MAX_LOOSE_BYTES:
            oldest = next(iter(self._loose))
            del self._loose[oldest], self._files[oldest]

    def _ignore(self, reason: str) -> None:
        self.ignored = (*self.ignored, reason)[-10:]

    def _pack(self, release: Release) -> Pack | None:
        """The pack of a release, from the few that are kept; None, and never asked for again, where it is of no use."""
        pack = self._packs.pop(release.number, None)
        if pack is None:
            try:
                pack = release.load()
            except PackError as error:
                self._ignore(f"release {release.number} can't be read: {error.brief}")
                self._unusable |= {release.number}
                self._draw()
                return None
        self._packs[release.number] = pack
        if len(self._packs) > KEPT_PACKS:
            del self._packs[next(iter(self._packs))]
        return pack

    def _draw(self) -> None:
        self._line = line_of([release for release in self.all if release.number not in self._unusable])
