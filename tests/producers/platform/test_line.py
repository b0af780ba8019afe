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
