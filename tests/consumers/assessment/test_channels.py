"""Green, amber, red: a part is well that has nothing to do or moves on, and red once it was not for too long."""

from __future__ import annotations

from datetime import timedelta

from consumers.assessment.channels import PARTS, Channels, Seen
from tests.consumers.office import NOW


def state(channels: Channels, after: float) -> str:
    return next(each.state for each in channels.board(NOW + timedelta(seconds=after)) if each.part == "portal")


def look(channels: Channels, after: float, committed: int, end: int, members: int = 1) -> None:
    channels.look({"portal": Seen(committed, end, members)}, NOW + timedelta(seconds=after))


def test_a_part_without_lag_is_green_however_long_nothing_comes() -> None:
    channels = Channels(timedelta(seconds=30), NOW)
    look(channels, 100, 5, 5)
    assert state(channels, 101) == "green"


def test_a_part_that_is_behind_but_moves_is_green() -> None:
    channels = Channels(timedelta(seconds=30), NOW)
    for second in range(0, 100, 2):
        look(channels, second, second, 10_000)
    assert state(channels, 99) == "green"


def test_a_part_that_stands_still_behind_is_amber_then_red_then_green_again() -> None:
    channels = Channels(timedelta(seconds=30), NOW)
    look(channels, 0, 5, 5)
    look(channels, 2, 5, 9)
    assert state(channels, 3) == "amber"
    look(channels, 40, 5, 9)
    assert state(channels, 40) == "red"
    look(channels, 42, 9, 9)
    assert state(channels, 42) == "green"


def test_a_part_that_left_its_group_is_red_without_any_lag() -> None:
    channels = Channels(timedelta(seconds=30), NOW)
    look(channels, 0, 5, 5)
    look(channels, 31, 5, 5, members=0)
    assert state(channels, 31) == "red"


def test_where_kafka_does_not_answer_every_channel_turns_red() -> None:
    channels = Channels(timedelta(seconds=30), NOW)
    channels.look({}, NOW + timedelta(seconds=31))
    board = channels.board(NOW + timedelta(seconds=31))
    assert [each.state for each in board] == ["red"] * len(PARTS)
    assert {each.lag for each in board} == {None}
