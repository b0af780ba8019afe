"""Which record of an item stands, whatever order they come in."""

from __future__ import annotations

from itertools import permutations

from consumers.newmedia.merge import Mark, after_portal, rule


def test_the_newest_stands_in_any_order() -> None:
    marks = [Mark(1, 0, "a"), Mark(2, 0, "b"), Mark(2, 1, "w"), Mark(3, 0, "c")]
    for order in permutations(marks):
        held: Mark | None = None
        for mark in order:
            if rule(held, mark) == "take":
                held = mark
        assert held == Mark(3, 0, "c")


def test_a_withdrawal_covers_its_version_and_stays_though_that_comes_later() -> None:
    assert rule(Mark(2, 0, "a"), Mark(2, 1, "w")) == "take"
    assert rule(Mark(2, 1, "w"), Mark(2, 0, "a")) == "superseded"
    assert rule(Mark(2, 1, "w"), Mark(3, 0, "a")) == "take"
    assert rule(Mark(3, 0, "a"), Mark(2, 1, "w")) == "superseded"


def test_one_version_with_two_bodies_is_a_conflict_and_with_one_body_no_news() -> None:
    assert rule(Mark(2, 0, "a"), Mark(2, 0, "b")) == "conflict"
    assert rule(Mark(2, 0, "a"), Mark(2, 0, "a")) == "noted"


def test_only_what_the_portal_published_may_be_said() -> None:
    assert after_portal("published") is None
    assert [after_portal(kind) for kind in ("superseded", "conflict", "noted", "removed")] == [
        "superseded", "conflict", "noted", "noted",
    ]  # fmt: skip
