"""What a feed record changes: the rules by name, and any order gives the same item."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.portal.facts import changes
from consumers.portal.merge import Facts, Item, Version, Withdrawal, take_version, take_withdrawal


def facts(title: str = "题") -> Facts:
    return Facts(title=title, dept="d", row="01-01", kind="k", five_open="管理")


def version(number: int, text: str = "a", offset: int | None = None, *, carried: bool = True) -> Version:
    place = (0, number if offset is None else offset)
    return Version(number, carried, text, place, place, facts(text))


def withdrawal(number: int, text: str = "a", offset: int = 100) -> Withdrawal:
    return Withdrawal(number, text, (0, offset), text, "notice", None, at=0)


def test_a_first_version_is_published() -> None:
    item = Item("d/1")
    assert take_version(item, version(1)) == "published"
    assert item.state == "live"


def test_a_later_version_takes_the_place_of_the_earlier() -> None:
    item = Item("d/1")
    take_version(item, version(1))
    assert take_version(item, version(2)) == "published"
    assert item.shown is not None
    assert item.shown.number == 2


def test_a_late_older_version_changes_nothing_that_readers_see() -> None:
    item = Item("d/1")
    take_version(item, version(2))
    assert take_version(item, version(1)) == "superseded"
    assert item.shown is not None
    assert item.shown.number == 2


def test_the_first_of_two_texts_under_one_version_wins() -> None:
    item = Item("d/1")
    take_version(item, version(1, "first", offset=1))
    assert take_version(item, version(1, "second", offset=2)) == "conflict"
    assert item.versions[1].facts.title == "first"


def test_the_same_text_sent_again_is_noted() -> None:
    item = Item("d/1")
    take_version(item, version(1, offset=1))
    assert take_version(item, version(1, offset=2)) == "noted"


def test_a_withdrawal_covers_all_versions_up_to_the_one_it_names() -> None:
    item = Item("d/1")
    take_version(item, version(1))
    take_version(item, version(2))
    assert take_withdrawal(item, withdrawal(2)) == "removed"
    assert item.state == "withdrawn"


def test_a_version_that_comes_after_its_withdrawal_is_superseded() -> None:
    item = Item("d/1")
    assert take_withdrawal(item, withdrawal(1)) == "noted"
    assert take_version(item, version(1)) == "superseded"
    assert item.state == "withdrawn"


def test_a_version_above_the_withdrawn_ones_is_published_again() -> None:
    item = Item("d/1")
    take_version(item, version(1))
    take_withdrawal(item, withdrawal(1))
    assert take_version(item, version(2)) == "published"
    assert item.state == "live"


def test_a_withdrawal_of_an_older_version_leaves_the_newer_up() -> None:
    item = Item("d/1")
    take_version(item, version(2))
    assert take_withdrawal(item, withdrawal(1)) == "superseded"
    assert item.state == "live"


def test_a_version_that_no_longer_names_the_portal_takes_the_item_down() -> None:
    item = Item("d/1")
    take_version(item, version(1, "public"))
    assert take_version(item, version(2, "elsewhere", carried=False)) == "removed"
    assert item.state == "down"
    assert item.shown is not None
    assert item.shown.facts.title == "public"


def test_a_version_that_never_named_the_portal_is_noted_and_shows_nothing() -> None:
    item = Item("d/1")
    assert take_version(item, version(2, carried=False)) == "noted"
    assert take_withdrawal(item, withdrawal(2)) == "noted"
    assert item.state == "absent"


def test_a_change_list_names_what_differs() -> None:
    assert changes({"title": "1", "body": "2", "docno": "3"}, {"title": "1", "body": "x", "docno": "y"}) == [
        "正文",
        "发文字号",
    ]


@dataclass(frozen=True)
class Sent:
    """A record in the log: the place is its number in the list."""

    number: int
    text: str
    withdraws: bool
    carried: bool


SENT = st.builds(Sent, st.integers(1, 4), st.sampled_from("ab"), st.booleans(), st.booleans())


def settled(sent: list[tuple[int, Sent]]) -> tuple[object, ...]:
    """What a reader could tell of the item after `sent`, without times."""
    item = Item("d/1")
    for offset, each in sent:
        if each.withdraws:
            take_withdrawal(item, withdrawal(each.number, each.text, offset))
        else:
            take_version(item, version(each.number, each.text, offset, carried=each.carried))
    versions = {n: replace(v, public_at=None) for n, v in item.versions.items()}
    return versions, item.withdrawals, item.state, item.shown


@given(st.lists(SENT, max_size=8), st.randoms(use_true_random=False))
def test_any_order_with_any_repeats_gives_the_same_item(log: list[Sent], chance: object) -> None:
    placed = list(enumerate(log))
    shuffled = placed + placed[: len(placed) // 2]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert settled(shuffled) == settled(placed)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_a_text_repeated_behind_its_rival_does_not_hide_who_was_first(order: tuple[int, ...]) -> None:
    log = [version(1, "x", 5), version(1, "y", 7), version(1, "x", 9)]
    item = Item("d/1")
    for place in order:
        take_version(item, log[place])
    assert item.versions[1].origin == (0, 5)
