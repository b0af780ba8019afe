"""The chain of acknowledgement: which offset of each partition may be committed, and nothing else.

Reads nothing, writes nothing: pure bookkeeping, so that every interleaving can be tried.
Keeps, for each partition of the present generation, the slices that were fetched, in order.
Fails to nothing: a slice that does not join on to the one before is refused, and the caller fetches again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """A partition of a topic, by the broker's name."""

    topic: str
    partition: int


@dataclass(slots=True, eq=False)
class Link:
    """One fetched slice of a partition: offsets `base` up to, not including, `end`."""

    place: Place
    generation: int
    base: int
    end: int
    size: int = 0
    """Bytes of the values, held in memory until acknowledged."""
    since: float = 0.0
    """When it was fetched, on the monotonic clock."""
    acknowledged: bool = False


@dataclass(slots=True)
class _Chain:
    committed: int
    """What the broker last took."""
    expected: int
    """Where the next slice must begin."""
    links: deque[Link] = field(default_factory=deque)


class Chains:
    """All partitions' chains of one generation.

    A generation is one assignment of partitions; it ends with their revocation, and what is still under way then
    can never be committed any more: whoever has the partition next begins at the committed offset.
    """

    def __init__(self) -> None:
        self.generation = 0
        self.slices = self.records = self.bytes = 0
        self._chains: dict[Place, _Chain] = {}

    def begin(self, positions: Mapping[Place, int]) -> int:
        """Start a generation: every partition at the offset that was just sought."""
        self.end()
        self._chains = {place: _Chain(offset, offset) for place, offset in positions.items()}
        return self.generation

    def end(self) -> None:
        """Forget everything under way; acknowledgements that still come change nothing."""
        self.generation += 1
        self.slices = self.records = self.bytes = 0
        self._chains = {}

    def expected(self, place: Place) -> int | None:
        """Where the next slice of `place` must begin, or None where it is not ours."""
        chain = self._chains.get(place)
        return chain.expected if chain else None

    def add(self, link: Link) -> bool:
        """Join `link` on; False where it is of another generation or leaves a gap."""
        chain = self._chains.get(link.place)
        if chain is None or link.generation != self.generation or link.base != chain.expected:
            return False
        chain.links.append(link)
        chain.expected = link.end
        self.slices += 1
        self.records += link.end - link.base
        self.bytes += link.size
        return True

    def acknowledge(self, link: Link) -> bool:
        """Every output of `link` is with the broker. False where that no longer matters."""
        if link.generation != self.generation or link.acknowledged:
            return False
        link.acknowledged = True
        self.slices -= 1
        self.records -= link.end - link.base
        self.bytes -= link.size
        return True

    def committable(self) -> dict[Place, int]:
        """For each partition the end of its unbroken run of acknowledged slices, where that is news to the broker."""
        ends = {place: _run_end(chain) for place, chain in self._chains.items()}
        return {place: end for place, end in ends.items() if end > self._chains[place].committed}

    def committed(self, generation: int, offsets: Mapping[Place, int]) -> None:
        """The broker took `offsets`: only now is what lies below them forgotten."""
        if generation != self.generation:
            return
        for place, offset in offsets.items():
            chain = self._chains[place]
            chain.committed = max(chain.committed, offset)
            while chain.links and chain.links[0].acknowledged and chain.links[0].end <= offset:
                chain.links.popleft()

    def oldest(self) -> Link | None:
        """The slice that has waited longest for its acknowledgement."""
        waiting = (link for chain in self._chains.values() for link in chain.links if not link.acknowledged)
        return min(waiting, key=lambda link: link.since, default=None)

    def committed_offsets(self) -> dict[Place, int]:
        """What the broker last took, for every partition that is ours."""
        return {place: chain.committed for place, chain in self._chains.items()}

    def places(self) -> Iterable[Place]:
        """The partitions that are ours."""
        return self._chains.keys()


class BrokenChains(Chains):
    """Commits the highest acknowledged end and so loses records: it proves that the fault tests can fail."""

    def committable(self) -> dict[Place, int]:
        """For each partition the highest acknowledged end, whatever lies before it."""
        ends: dict[Place, int] = {}
        for place, chain in self._chains.items():
            done = [link.end for link in chain.links if link.acknowledged]
            if done and max(done) > chain.committed:
                ends[place] = max(done)
        return ends


def _run_end(chain: _Chain) -> int:
    end = chain.committed
    for link in chain.links:
        if not link.acknowledged:
            break
        end = link.end
    return end
