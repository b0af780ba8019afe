"""Hot spots: five, twenty-four and forty-eight hours from the finding, by day and night."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rules.calendar import SHANGHAI
from tests.town.town import Town

KEY = "zfb/H-1"
FOUND = datetime(2026, 2, 16, 20, 0, tzinfo=SHANGHAI)
"""The eve of Spring Festival."""


@pytest.mark.feature("1-10")
def test_five_hours_a_day_and_two_days_after_the_finding_each_clock_speaks(city: Town) -> None:
    city.clock.now = FOUND
    found(city, KEY, level="重大")
    assert city.dues("zfb", KEY) == {
        "information": "2026-02-17 01:00", "conference": "2026-02-17 20:00", "response": "2026-02-18 20:00",
    }  # fmt: skip
    heard: dict[int, list[str]] = {}
    before = city.words("zfb", KEY)
    for hour in range(1, 74):
        city.until(FOUND + timedelta(hours=hour))
        now = city.words("zfb", KEY)
        if now != before:
            heard[hour], before = sorted(now[len(before) :]), now
    assert heard == {
        5 - 2: ["information reminded"], 5: ["information supervised", "information urged"],
        24 - 2: ["conference reminded"], 24: ["conference supervised", "conference urged"],
        5 + 24: ["information circulated"],
        48 - 2: ["response reminded"], 48: ["conference circulated", "response supervised", "response urged"],
        48 + 24: ["response circulated"],
    }  # fmt: skip


@pytest.mark.feature("1-10")
def test_an_answer_in_time_stops_its_clocks_and_the_board_says_so(city: Town) -> None:
    found(city, KEY, level="特别重大")
    began = city.clock.now
    city.until(began + timedelta(hours=4))
    assert "发布权威信息：还剩 1 小时 0 分" in city.page("/matters/board")
    city.does(KEY, "responded", form="新闻发布会", response="桥面已封闭检修，车辆请绕行。")
    city.does(KEY, "conference-held", conference="2026-09-21 15:00 市住建局")
    city.until(began + timedelta(hours=72))
    assert not {word for word in city.words("zfb", KEY) if word.endswith(("urged", "supervised", "circulated"))}
    board = city.page("/matters/board")
    assert "发布权威信息：已完成，按期" in board
    assert "召开新闻发布会：已完成，按期" in board


@pytest.mark.feature("2-34")
def test_of_what_is_settled_a_part_is_published_and_of_the_rest_it_is_known_why_not(city: Town) -> None:
    for number in range(4):
        settled(city, f"zfb/H-{number}")
    assert city.refused("zfb/H-0", "not-published") == ["SM-FIELD"]
    city.does("zfb/H-0", "not-published", reason="涉及个人隐私，已当面答复反映人。")
    city.does("zfb/H-1", "responded", form="网上答复", response="桥面已经修复，恢复通行。")
    city.publishes("hot-response", "zfb/news", "关于示例路桥面开裂的回应", links=[("responds-to", "zfb/H-2")])
    city.until(city.clock.now + timedelta(days=30))

    ends = {key: city.sees(key)["steps"][-1] for key in (f"zfb/H-{number}" for number in range(4))}
    assert [end["state_name"] for end in ends.values()] == [
        "不公布", "已在热点回应栏目公布", "已在热点回应栏目公布", "已办结",
    ]  # fmt: skip
    assert ends["zfb/H-0"]["reason"] == "涉及个人隐私，已当面答复反映人。"
    page = city.page("/matters/zfb/H-1")
    assert "桥面已经修复，恢复通行。" in page
    owed = [one["subject"] for one in city.duties("zfb") if one["clock"] == "publication"]
    assert owed == ["zfb/H-3"], "neither published nor said why not"
    assert "publication circulated" in city.words("zfb", "zfb/H-3")


def found(city: Town, key: str, level: str) -> None:
    view = city.open("hot-spot", key, "网民反映示例路桥面开裂", lead_dept="zfb", source="论坛",
                     found_at=city.clock().isoformat())  # fmt: skip
    assert view["state"] == "accepted", view
    city.does(key, "verified", level=level, involves="涉及公众切身利益")


def settled(city: Town, key: str) -> None:
    found(city, key, level="一般")
    city.does(key, "responded", form="权威发布", response="正在组织检修。")
    city.does(key, "settled", outcome="桥面已经修复")
