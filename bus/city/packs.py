"""What a part asks of releases: the pack for an arrival, and the one that is in force now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from threading import Lock
from typing import Generic, Protocol, TypeVar

from schemas.city import Pack
from schemas.city.released import Release, manifest
from schemas.city.releases import Span
from schemas.city.sources import pack_files
from schemas.records import PackRelease

T = TypeVar("T")

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Packs(Protocol):
    """The releases of a city, as a part needs them."""

    def at(self, arrival: int) -> Span:
        """What judges an event that arrived then, in ms since 1970, as far as is known."""

    def current(self) -> Span:
        """What is in force now."""


class Fixed:
    """One release, in force for whoever asks: for what must not change under a transaction."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def at(self, arrival: int) -> Span:  # noqa: ARG002 - the same for every arrival
        """The pack."""
        return self._span

    def current(self) -> Span:
        """The pack."""
        return self._span


def fixed(pack: Pack) -> Fixed:
    """A pack that is in memory already, always in force."""
    said = PackRelease(release="1", released_at=_BEGINNING, files={"city.toml": "0" * 64}, by="-")
    return Fixed(Span(Release(said, {}), pack, -inf, inf))


class Standing(Fixed):
    """One pack, always in force: for tests, benchmarks and whoever works without a broker."""

    def __init__(self, files: Mapping[str, bytes] | Path) -> None:
        found = pack_files(files) if isinstance(files, Path) else dict(files)
        said = PackRelease(release="1", released_at=_BEGINNING, files=manifest(found), by="-")
        release = Release(said, found)
        super().__init__(Span(release, release.load(), -inf, inf))


class Kept(Generic[T]):
    """Something made from the pack in force, made anew when another release comes into force."""

    def __init__(self, packs: Packs, make: Callable[[Span], T]) -> None:
        self._packs = packs
        self._make = make
        self._lock = Lock()
        self._made: tuple[int, T] | None = None

    def __call__(self) -> T:
        """What belongs to the release in force now."""
        span = self._packs.current()
        made = self._made
        if made is None or made[0] != span.release.number:
            with self._lock:
                made = self._made
                if made is None or made[0] != span.release.number:
                    made = self._made = (span.release.number, self._make(span))
        return made[1]
