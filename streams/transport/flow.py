"""What is under way between the broker and a stage: the chain, its limits, its clock, and the way out when it breaks.

Keeps the chains, the slices in a stage's hands and the time of the last progress, for the consumer, the stage, the
watchdog and the health page, which all look at this one object.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from time import monotonic
from typing import NoReturn

from bus import metrics
from bus.errors import EXIT_INFRASTRUCTURE
from streams.transport.chain import Chains, Link, Place
from streams.transport.slices import Fetched, Limits, Slice

Exit = Callable[[str], None]


def exit_now(reason: str, part: str = "router") -> NoReturn:
    """End the process without a word to the broker: what was not acknowledged is delivered again."""
    sys.stderr.write(f"{part}: {reason}; ending, nothing more is acknowledged\n")
    sys.stderr.flush()
    os._exit(EXIT_INFRASTRUCTURE)


def exit_of(part: str) -> Exit:
    """The end of the process that works as `part`."""
    return partial(exit_now, part=part)


async def _nobody(places: Sequence[Place]) -> None:
    """Nobody need know which partitions are ours."""


class Flow:
    """One worker's slices from fetch to commit."""

    def __init__(
        self,
        bare: Callable[[str], str],
        *,
        limits: Limits | None = None,
        deadline: float = 60.0,
        chains: Chains | None = None,
        fatal: Exit = exit_now,
    ) -> None:
        self.bare = bare
        self.limits = limits or Limits()
        self.deadline = deadline
        self.chains = chains or Chains()
        self.fatal = fatal
        self.assigned: Callable[[Sequence[Place]], Awaitable[None]] = _nobody
        """Told of every assignment, all partitions that are held then, before anything of them is delivered."""
        self.in_hand = 0
        """Slices that the stage has begun and whose outputs are not all acknowledged."""
        self.taken = self.refused = 0
        """Records taken; slices refused because they left a gap."""
        self.end_offsets: dict[Place, int] = {}
        self._changed = asyncio.Event()

    def take(self, fetched: Fetched, generation: int) -> Slice | None:
        """The slice joined to its chain, or None where it leaves a gap and must be fetched again."""
        link = Link(fetched.place, generation, fetched.base, fetched.end, fetched.size, monotonic())
        if not self.chains.add(link):
            self.refused += 1
            return None
        self.taken += len(fetched.records)
        return Slice(link, self.bare(fetched.place.topic), fetched.records)

    def done(self, link: Link) -> None:
        """Every output of a slice is with the broker."""
        if self.chains.acknowledge(link):
            metrics.ROUTER_SLICE_SECONDS.observe(monotonic() - link.since)
        metrics.ROUTER_UNACKNOWLEDGED.set(self.chains.records)
        self._changed.set()

    def room(self) -> bool:
        """Whether one more poll may be taken into memory."""
        chains, limits = self.chains, self.limits
        return chains.slices < limits.unacknowledged_slices and chains.bytes < limits.unacknowledged_bytes

    async def wait_for_room(self) -> None:
        """Return when acknowledgements have made room."""
        while not self.room():
            await self._change()

    async def wait_until_handed_over(self, seconds: float) -> bool:
        """Whether, within `seconds`, everything the stage has begun is acknowledged."""
        until = monotonic() + seconds
        while self.in_hand and monotonic() < until:
            await self._change()
        return not self.in_hand

    def wake(self) -> None:
        """Something that waiters look at has changed."""
        self._changed.set()

    def lag(self) -> int:
        """Records between what is committed and the ends of the logs, as last seen."""
        committed = self.chains.committed_offsets()
        return sum(max(0, end - committed[place]) for place, end in self.end_offsets.items() if place in committed)

    async def _change(self) -> None:
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), 0.25)
        except TimeoutError:
            return
