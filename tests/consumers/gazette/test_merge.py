"""What stands in the issue for one subject, whatever the interleaving of the feed with the portal's receipts."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.gazette.merge import (
    Answer,
    EventKey,
    Offer,
    Standing,
    called_off,
    offered,
    settled,
)
from schemas.records import ReceiptKind


def offer(version: int, content: str = "a", event: str | None = None) -> Offer:
    event = event or f"{version}{content}"
    return Offer(version, EventKey("/departments/x", event), content, f"feed-{event}")


def test_waits_until_the_portal_has_made_it_public() -> None:
    standing, answers = offered(Standing(), offer(1), {})
    assert (standing.taken, answers) == (None, [])

    standing, answers = settled(standing, {offer(1).event: "published"})
    assert standing.taken == offer(1)
    assert answers == [Answer("feed-1a", "published")]


def test_is_taken_at_once_where_the_portal_spoke_first() -> None:
    standing, answers = offered(Standing(), offer(1), {offer(1).event: "published"})
    assert standing.taken == offer(1)
    assert [answer.kind for answer in answers] == ["published"]


def test_a_later_version_replaces_it_once_that_one_is_public() -> None:
    said: dict[EventKey, ReceiptKind] = {offer(1).event: "published"}
    standing, _ = offered(Standing(), offer(1), said)
    standing, answers = offered(standing, offer(2), said)
    assert standing.taken == offer(1)
    assert answers == []

    standing, answers = settled(standing, {**said, offer(2).event: "published"})
    assert standing.taken == offer(2)
    assert answers == [Answer("feed-2a", "published")]


def test_a_withdrawal_takes_it_out_and_says_removed() -> None:
    standing, _ = offered(Standing(), offer(1), {offer(1).event: "published"})
    standing, answers = called_off(standing, 1, "feed-w", {})
    assert standing.taken is None
    assert answers == [Answer("feed-w", "removed")]


def test_a_withdrawal_of_what_waits_supersedes_it_and_is_noted_itself() -> None:
    standing, _ = offered(Standing(), offer(1), {})
    standing, answers = called_off(standing, 1, "feed-w", {})
    assert standing.waiting == ()
    assert {answer.feed_id: answer.kind for answer in answers} == {"feed-1a": "superseded", "feed-w": "noted"}


def test_a_late_older_version_changes_nothing() -> None:
    said: dict[EventKey, ReceiptKind] = {offer(2).event: "published"}
    before, _ = offered(Standing(), offer(2), said)
    after, answers = offered(before, offer(1), said)
    assert after == before
    assert [answer.kind for answer in answers] == ["superseded"]


def test_another_text_under_the_same_version_is_a_conflict_and_the_first_holds() -> None:
    before, _ = offered(Standing(), offer(1, "a"), {})
    after, answers = offered(before, offer(1, "b"), {})
    assert after == before
    assert [answer.kind for answer in answers] == ["conflict"]


def test_the_same_text_again_is_noted() -> None:
    before, _ = offered(Standing(), offer(1, "a"), {})
    after, answers = offered(before, offer(1, "a", "again"), {})
    assert after == before
    assert answers == [Answer("feed-again", "noted", "same-content")]


def test_what_the_portal_does_not_show_is_not_gazetted() -> None:
    standing, _ = offered(Standing(), offer(1), {offer(1).event: "published"})
    standing, answers = offered(standing, offer(2), {offer(2).event: "noted"})
    assert standing.taken is None
    assert answers == [Answer("feed-2a", "noted", "not-on-portal")]


@dataclass(frozen=True, slots=True)
class Fact:
    """A record of the feed (`call_off` a withdrawal, else an offer) or a receipt of the portal."""

    offer: Offer
    call_off: bool = False
    said: ReceiptKind | None = None


@dataclass
class Portal:
    """A portal that reads the same log in the same order, as the real one does, and says what it made of it."""

    newest: int = 0
    off_to: int = 0
    held: dict[int, str] = field(default_factory=dict)

    def read(self, fact: Fact) -> ReceiptKind:
        version, content = fact.offer.version, fact.offer.content
        if fact.call_off:
            self.off_to = max(self.off_to, version)
            return "removed"
        if version in self.held:
            return "noted" if self.held[version] == content else "conflict"
        self.held[version] = content
        if version <= max(self.off_to, self.newest):
            return "superseded"
        self.newest = version
        return "published"


def play(facts: list[Fact]) -> tuple[Standing, dict[str, list[ReceiptKind]]]:
    """What stands at the end, and every feed record's answers."""

    standing = Standing()
    said: dict[EventKey, ReceiptKind] = {}
    given_: dict[str, list[ReceiptKind]] = {}
    for fact in facts:
        if fact.said is not None:
            said[fact.offer.event] = fact.said
            standing, answers = settled(standing, said)
        elif fact.call_off:
            standing, answers = called_off(standing, fact.offer.version, fact.offer.feed_id, said)
        else:
            standing, answers = offered(standing, fact.offer, said)
        for answer in answers:
            given_.setdefault(answer.feed_id, []).append(answer.kind)
    return standing, given_


def histories() -> st.SearchStrategy[list[Fact]]:
    """What departments send under one subject: offers and withdrawals of a few versions, each its own event."""
    step = st.tuples(st.integers(1, 4), st.sampled_from("ab"), st.booleans())
    return st.lists(step, max_size=8).map(
        lambda steps: [
            Fact(offer(version, content, f"e{number}"), call_off)
            for number, (version, content, call_off) in enumerate(steps)
        ]
    )


@settings(deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_any_interleaving_of_feed_and_receipts_ends_the_same_with_one_answer_each(history: list[Fact], random) -> None:  # type: ignore[no-untyped-def]
    portal = Portal()
    receipts = [Fact(fact.offer, said=portal.read(fact)) for fact in history]
    expected, _ = play(history + receipts)

    mixed, feed, said = [], list(history), list(receipts)
    while feed or said:
        mixed.append((feed if feed and (not said or random.random() < 0.5) else said).pop(0))
    standing, answers = play(mixed)

    assert standing == expected
    assert {fact.offer.feed_id for fact in history} == set(answers)
    assert all(len(kinds) == 1 for kinds in answers.values())
