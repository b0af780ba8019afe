"""An appeal from a platform becomes one letter, both sides hear of each other, and both end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.producers.platform.outside import REPLY, Joined, platform
from tests.support.events import NOON
from tests.town.town import town


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[Joined]:
    with platform(tmp_path) as outside, town(tmp_path, NOON) as city:
        yield Joined(city, outside)


@pytest.mark.feature("3-25")
def test_an_appeal_from_the_platform_is_answered_there_and_closed_on_both_sides_once(joined: Joined) -> None:
    number = joined.outside.appeal()
    joined.go()
    key = joined.letter(number)
    assert joined.town.sees(key)["state_name"] == "待审查"
    joined.replies(key)
    joined.go()
    assert joined.outside.states(number) == ["已受理", "办理中", "已答复"]
    said = joined.outside.shows(number)["words"][-1]
    assert REPLY in said["text"]
    assert said["dept"] == "示例市住房和城乡建设局"
    joined.outside.change(number, status="已评价", rating="非常满意")
    joined.go()
    assert joined.town.sees(key)["state_name"] == "已评价"
    joined.town.does(key, "closed", dept="zfb", family="complaint")
    joined.go()
    assert (joined.outside.shows(number)["status"], joined.town.sees(key)["ended"]) == ("已办结", True)
    joined.go()
    assert list(joined.letters().values()) == [number]
    assert joined.outside.states(number) == ["已受理", "办理中", "已答复", "已办结"]


@pytest.mark.feature("3-25")
def test_an_appeal_closed_on_the_platform_closes_here_with_all_that_was_due(joined: Joined) -> None:
    number = joined.outside.appeal()
    joined.go()
    key = joined.letter(number)
    joined.town.does(key, "accepted", dept="zfb", family="complaint")
    assert joined.town.dues("zfb", key)
    joined.outside.change(number, status="已撤回")
    joined.go()
    view = joined.town.sees(key)
    assert (view["state_name"], view["ended"]) == ("已办结", True)
    assert joined.town.dues("zfb", key) == {}
    assert joined.outside.shows(number)["status"] == "已撤回"


def test_what_is_not_taken_is_told_with_its_ground_and_reason_and_is_over_on_both_sides(joined: Joined) -> None:
    number = joined.outside.appeal()
    joined.go()
    key, ground = joined.letter(number), "已进入诉讼仲裁复议或者信息公开程序"
    joined.town.does(key, "rejected", dept="zfb", family="complaint", reason="本事项正在行政复议", ground=ground)
    joined.go()
    (word,) = joined.outside.shows(number)["words"]
    assert (word["state"], word["text"]) == ("不予受理", f"{ground}\n本事项正在行政复议")
    assert joined.town.sees(key)["ended"]
    joined.outside.change(number, status="已撤回")
    joined.go()
    assert len([said for said in joined.town.told("complaints") if said["subject"] == key]) == 2
