"""Nobody is told anything before all is read that lay on the topics at the start."""

from __future__ import annotations

from consumers.notices.catching_up import behind


def test_what_was_read_reaches_the_ends_or_is_behind() -> None:
    ends = {("duties", 0): 3, ("duties", 1): 0, ("deliveries", 0): 5}
    assert behind(ends, {}) == [("deliveries", 0), ("duties", 0)]
    assert behind(ends, {("duties", 0): 3, ("deliveries", 0): 4}) == [("deliveries", 0)]
    assert behind(ends, {("duties", 0): 4, ("deliveries", 0): 5}) == []
