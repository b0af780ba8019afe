"""Judges each record by the release of the city pack that was in force when it arrived (DESIGN §2).

Reads:    the releases that `bus.city` follows; a slice waits until `city` was read to its end since its arrival.
Writes:   nothing: it answers with what `judging` of that release answers.
Keeps:    a `Judging` for each of the few releases used last.
Fails to: the flow's own deadline, where Kafka does not say how far `city` goes; the process, where what stands in
          an attachment can't be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from math import inf

from bus.city import City
from bus.record import Outgoing, Record
from rules import judge
from schemas.city.released import Release
from schemas.city.releases import KEPT_PACKS, Releases, Span
from schemas.extracts import Extracts
from streams.judging import Judging
from streams.transport.slices import Slice


class ByRelease:
    """A stage's judge: the release is looked up where the record before was of another."""

    def __init__(self, span_of: Callable[[int], Span], texts: Extracts | None = None) -> None:
        """`texts`: what stands in attachments; without it they are not looked at."""
        self._span_of = span_of
        self._texts = texts
        self._judge = partial(judge, texts=texts)
        self._judgings: dict[int, Judging] = {}
        self.forget()

    def __call__(self, record: Record) -> Sequence[Outgoing]:
        """All outputs of `record`, by the release for its arrival."""
        if not self._since <= record.timestamp < self._until:
            self._turn_to(record.timestamp)
        return self._judging(record)

    def dead(self, record: Record, code: str, detail: str) -> Sequence[Outgoing]:
        """The dead letter of `record`, and its verdict."""
        self._turn_to(record.timestamp)
        return self._judging.dead(record, code, detail)

    def forget(self) -> None:
        """Look the next record's release up, whatever the one before was judged by."""
        self._since, self._until = inf, -inf

    def _turn_to(self, arrival: int) -> None:
        span = self._span_of(arrival)
        number = span.release.number
        judging = self._judgings.pop(number, None) or Judging(span.pack, judge=self._judge)
        self._judgings[number] = judging
        if len(self._judgings) > KEPT_PACKS:
            del self._judgings[next(iter(self._judgings))]
        self._judging, self._since, self._until = judging, span.since, span.until


class CityJudge(ByRelease):
    """The judge of a worker that follows the city, and the wait before each slice."""

    def __init__(self, city: City, texts: Extracts | None = None) -> None:
        super().__init__(city.at, texts)
        self._city = city

    async def ready(self, slice_: Slice) -> None:
        """Return when every release is known that can judge the slice: `city` was read to its end since it arrived.

        One look covers all that arrived or was fetched before it began, so a backlog waits once.
        """
        await known(self._city, slice_)
        self.forget()

    def for_child(self) -> Callable[[], ByRelease]:
        """What makes this judge, as it is now, in the child process that judges with care."""
        return partial(judge_of, self._city.releases, self._texts)


async def known(city: City, slice_: Slice) -> None:
    """Return when every release is known that can judge the slice."""
    newest = max((raw.timestamp for raw in slice_.raw), default=0)
    if not city.covers(newest, slice_.link.since):
        await asyncio.wrap_future(city.ask())


def judge_of(releases: Sequence[Release], texts: Extracts | None = None) -> ByRelease:
    """A judge by these releases and no later one."""
    return ByRelease(Releases.of(releases).span, texts)
