"""The chain of acknowledgement: whatever happens in whatever order, only an unbroken prefix is ever committed."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from streams.transport.chain import BrokenChains, Chains, Link, Place

PLACES = [Place("t", 0), Place("t", 1)]


class Worker(RuleBasedStateMachine):
    """A group's partitions as the broker sees them, and a worker that fetches, loses, acknowledges, rebalances."""

    chains_type = Chains
    links = Bundle("links")

    def __init__(self) -> None:
        super().__init__()
        self.chains = self.chains_type()
        self.committed = dict.fromkeys(PLACES, 0)
        self.position = dict.fromkeys(PLACES, 0)
        self.sent: dict[Place, set[int]] = {place: set() for place in PLACES}
        """Offsets whose outputs are with the broker, in whatever generation they were sent."""

    @initialize()
    def first_assignment(self) -> None:
        self.rebalance(set(PLACES))

    @rule(mine=st.sets(st.sampled_from(PLACES)))
    def rebalance(self, mine: set[Place]) -> None:
        """A new generation: seek every partition of it to its committed offset."""
        self.position = {place: self.committed[place] for place in mine}
        self.chains.begin(self.position)

    @rule()
    def revoke(self) -> None:
        self.chains.end()
        self.position = {}

    @rule(target=links, place=st.sampled_from(PLACES), count=st.integers(1, 5), lose=st.booleans())
    def fetch(self, place: Place, count: int, lose: bool) -> Link | None:
        """The client's position moves; the slice joins the chain, or is lost on its way to it."""
        if place not in self.position:
            return None
        base = self.position[place]
        link = Link(place, self.chains.generation, base, base + count, size=count)
        self.position[place] = base + count
        if lose:
            return None
        if not self.chains.add(link):
            self.position[place] = self.chains.expected(place) or 0  # what the consumer does: fetch again
            return None
        return link

    @rule(link=links)
    def acknowledge(self, link: Link | None) -> None:
        """All outputs are with the broker; also true of a slice whose generation is over."""
        if link is not None:
            self.sent[link.place] |= set(range(link.base, link.end))
            self.chains.acknowledge(link)

    @rule(link=links)
    def acknowledge_again(self, link: Link | None) -> None:
        self.acknowledge(link)

    @rule(taken=st.booleans(), between=st.booleans())
    def commit(self, taken: bool, between: bool) -> None:
        """The broker takes the offsets or not, and a rebalance may come between question and answer."""
        generation, offsets = self.chains.generation, self.chains.committable()
        if taken:
            self.committed.update(offsets)
        if between:
            self.rebalance(set(self.position))
        if taken:
            self.chains.committed(generation, offsets)

    @invariant()
    def nothing_is_skipped(self) -> None:
        for place, offset in {**self.committed, **self.chains.committable()}.items():
            missing = set(range(offset)) - self.sent[place]
            assert not missing, f"{place}: {offset} would be committed without {sorted(missing)}"

    @invariant()
    def memory_is_counted(self) -> None:
        assert self.chains.bytes >= 0
        assert self.chains.records == self.chains.bytes
        assert (self.chains.slices == 0) == (self.chains.oldest() is None)


TestChains = Worker.TestCase
TestChains.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


class BrokenWorker(Worker):
    """The same with the chain taken away."""

    chains_type = BrokenChains


def skipping(worker: Worker) -> None:
    """The later of two slices is acknowledged first: the shortest walk that needs the chain."""
    worker.first_assignment()
    worker.fetch(PLACES[0], 2, lose=False)
    worker.acknowledge(worker.fetch(PLACES[0], 3, lose=False))
    worker.nothing_is_skipped()
    worker.memory_is_counted()


def test_the_chain_holds_back_what_overtook() -> None:
    skipping(Worker())


def test_without_the_chain_records_are_skipped() -> None:
    with pytest.raises(AssertionError, match="would be committed without"):
        skipping(BrokenWorker())


def test_what_the_broker_did_not_take_is_offered_again() -> None:
    chains = Chains()
    generation = chains.begin({PLACES[0]: 0})
    link = Link(PLACES[0], generation, 0, 10)
    assert chains.add(link)
    chains.acknowledge(link)
    assert chains.committable() == {PLACES[0]: 10}
    assert chains.committable() == {PLACES[0]: 10}
    chains.committed(generation, {PLACES[0]: 10})
    assert chains.committable() == {}


def test_a_slice_that_leaves_a_gap_is_refused() -> None:
    chains = Chains()
    generation = chains.begin({PLACES[0]: 5})
    assert not chains.add(Link(PLACES[0], generation, 6, 8))
    assert not chains.add(Link(PLACES[0], generation - 1, 5, 8))
    assert not chains.add(Link(PLACES[1], generation, 5, 8))
    assert chains.expected(PLACES[0]) == 5
