"""Judges of steps: by the release for each arrival, in this process or, with care, in a child of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

from bus.record import Outgoing, Record
from schemas.city.released import Release
from schemas.city.releases import KEPT_PACKS, Releases, Span
from streams.matters.judging import MatterJudging
from streams.matters.room import Room
from streams.transport.output import fitting


class ByRelease:
    """Steps judged by the release for their arrival; the few used last are kept."""

    def __init__(self, span_of: Callable[[int], Span]) -> None:
        self._span_of = span_of
        self._judgings: dict[int, MatterJudging] = {}
        self.forget()

    def at(self, arrival: int) -> MatterJudging:
        """What judges an arrival (ms)."""
        if not self._since <= arrival < self._until:
            self._turn_to(arrival)
        return self._judging

    def __call__(self, room: Room, record: Record) -> tuple[Room, Sequence[Outgoing]]:
        """The room after a record, and its outputs."""
        return room, fitting(self.at(record.timestamp)(room, record))

    def dead(self, record: Record, code: str, detail: str) -> Sequence[Outgoing]:
        """The dead letter of `record`, and its verdict."""
        return self.at(record.timestamp).dead(record, code, detail)

    def forget(self) -> None:
        """Look the next release up, whatever the one before was judged by."""
        self._since, self._until = inf, -inf

    def _turn_to(self, arrival: int) -> None:
        span = self._span_of(arrival)
        number = span.release.number
        judging = self._judgings.pop(number, None) or MatterJudging(span.pack)
        self._judgings[number] = judging
        if len(self._judgings) > KEPT_PACKS:
            del self._judgings[next(iter(self._judgings))]
        self._judging, self._since, self._until = judging, span.since, span.until


class Alone:
    """The judge of the child process: it is handed a room and a record, and hands both answers back."""

    def __init__(self, releases: Sequence[Release]) -> None:
        self._judge = ByRelease(Releases.of(releases).span)

    def __call__(self, asked: tuple[Room, Record]) -> list[tuple[Room, Sequence[Outgoing]]]:
        """The one answer."""
        return [self._judge(*asked)]
