"""Meetings: who sat in, what was decided and told, and what became of every request."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.events import JsonObject
from tests.town.town import Town

MEETING = "zfb/M-12"
PHRASES = "您好，来信收悉。感谢您对我们工作的关心和支持，已转相关部门办理，请您耐心等待，祝您生活愉快。"
MEETINGS, REQUESTS = 8, 13
"""104 requests in all."""


@pytest.mark.feature("2-06")
def test_eight_symposia_raise_a_hundred_requests_and_each_has_its_state_and_reply(city: Town) -> None:
    meetings = [f"swj/S-{number}" for number in range(MEETINGS)]
    taken(city, [city.opening("symposium", key, f"第{n + 1}次企业家恳谈会", lead_dept="swj", held_on="2026-09-21",
                              topic="用工和用电") for n, key in enumerate(meetings)])  # fmt: skip
    taken(city, [city.stepping(key, "held", attending="40") for key in meetings])
    raised = {key: [f"{key}-{n}" for n in range(REQUESTS)] for key in meetings}
    taken(city, [
        city.stepping(key, "request-raised", links=[("raises", one)], request=f"企业用电增容第{n}件", responsible="fgw")
        for key, some in raised.items() for n, one in enumerate(some)
    ])  # fmt: skip
    every = [one for some in raised.values() for one in some]
    left = every[-1]
    taken(city, [city.stepping(one, "answered", dept="fgw", answer="已于本月完成增容改造并送电，依据供电营业规则办理。")
                 for one in every])  # fmt: skip
    taken(city, [city.stepping(one, "closed", dept="fgw") for one in every if one != left])

    shown = {one: city.page(f"/matters/{one}") for one in (*every[:3], left)}
    assert all("已于本月完成增容改造并送电" in page for page in shown.values())
    listed = city.page("/matters?kind=request-item&state=CLOSED")
    assert "企业用电增容" in listed
    states = {(one["state_name"], one["ended"]) for one in (city.sees(key, "fgw") for key in every)}
    assert states == {("办结", True), ("已答复", False)}
    for key in meetings[:-1]:
        city.does(key, "closed")
    assert city.refused(meetings[-1], "closed") == ["MTG-02"]
    city.does(left, "closed", dept="fgw")
    city.does(meetings[-1], "closed")
    assert city.page("/matters?kind=symposium").count("诉求已全部办结") >= MEETINGS


@pytest.mark.feature("2-06")
def test_an_answer_that_says_nothing_is_refused_and_a_late_one_is_asked_for(city: Town) -> None:
    taken(city, [city.opening("symposium", "swj/S-1", "恳谈会", lead_dept="swj", held_on="2026-09-21", topic="用电"),
                 city.stepping("swj/S-1", "held", attending="9"),
                 city.stepping("swj/S-1", "request-raised", links=[("raises", "swj/R-1")], request="增容",
                               responsible="fgw")])  # fmt: skip
    assert city.refused("swj/R-1", "answered", dept="fgw", answer=PHRASES) == ["MTG-03A"]
    city.until(city.clock.now + timedelta(days=60))
    assert "answer urged" in city.words("fgw", "swj/R-1")
    assert "在办" in city.page("/matters/swj/R-1")


@pytest.mark.feature("2-10")
def test_a_meeting_lists_who_sat_in_by_category_and_a_record_that_lacks_is_remarked_on(city: Town) -> None:
    called(city)
    assert city.does(MEETING, "held") == ["POL-03"]
    page = city.page(f"/matters/{MEETING}")
    assert "缺失：没有利益相关方、公众代表、专家、媒体列席情况的记录。" in page
    numbers = {"stakeholders": "3", "citizens": "2", "experts": "4", "media": "0"}
    assert city.does(MEETING, "attendance-recorded", reason="会议内容不宜邀请媒体", **numbers) == []
    page = city.page(f"/matters/{MEETING}")
    for category, number in (("利益相关方", 3), ("公众代表", 2), ("专家", 4), ("媒体", 0)):
        assert f"<dt>{category}</dt><dd>{number}</dd>" in page
    assert "缺失" not in page
    assert city.does(MEETING, "attendance-recorded", **numbers) == ["POL-03A"], "nobody of the media, and no reason"
    assert "利益相关方、公众代表、专家、媒体四类列席人员不全。" in city.page(f"/matters/{MEETING}")


@pytest.mark.feature("2-14")
def test_after_a_meeting_its_release_is_a_task_that_closes_with_it(city: Town) -> None:
    called(city)
    city.does(MEETING, "held")
    assert city.dues("zfb", MEETING) == {"press-release": "2026-09-22 23:59"}
    city.publishes("press-release", "zfb/release", "第12次常务会议召开", links=[("reports-on", MEETING)])
    assert city.dues("zfb", MEETING) == {}
    assert "已发布通稿" in city.page(f"/matters/{MEETING}")
    assert "第12次常务会议召开" in city.page(f"/matters/{MEETING}")
    assert figure(city, "press-releases") == 1
    assert figure(city, "releases-late") == 0


@pytest.mark.feature("2-14")
def test_a_release_that_comes_late_is_urged_and_counted_as_late(city: Town) -> None:
    called(city)
    city.does(MEETING, "held")
    city.until(city.clock.now + timedelta(days=2))
    assert "press-release urged" in city.words("zfb", MEETING)
    assert "会后新闻通稿" in city.assessment.get("/overdue").text
    city.publishes("press-release", "zfb/release", "第12次常务会议召开", links=[("reports-on", MEETING)])
    assert figure(city, "releases-late") == 1


@pytest.mark.feature("2-16")
def test_where_no_press_conference_is_held_the_reason_is_on_record(city: Town) -> None:
    called(city)
    city.does(MEETING, "held")
    city.does(MEETING, "press-released")
    assert city.refused(MEETING, "closed") == ["MTG-05"]
    assert city.refused(MEETING, "conference-waived") == ["SM-FIELD"]
    city.does(MEETING, "conference-waived", reason="议题均为例行事项，没有新的政策内容。")
    city.does(MEETING, "closed")
    (waived,) = [one for one in city.sees(MEETING)["steps"] if one["step"] == "conference-waived"]
    assert waived["reason"] == "议题均为例行事项，没有新的政策内容。"


@pytest.mark.feature("2-16")
def test_where_one_is_held_the_task_is_done(city: Town) -> None:
    called(city)
    city.does(MEETING, "held")
    city.does(MEETING, "press-released")
    city.does(MEETING, "conference-held", speaker_post="市政府副秘书长")
    city.does(MEETING, "closed")
    assert "市政府副秘书长" in city.page(f"/matters/{MEETING}")


def called(city: Town) -> None:
    view = city.open("standing-meeting", MEETING, "第12次常务会议", lead_dept="zfb", type="常务会议", number="第12次",
                     held_on="2026-09-21")  # fmt: skip
    assert view["state"] == "accepted", view["findings"]
    city.does(MEETING, "topic-added", topic="冬季供热保障方案", suitable="是")


def taken(city: Town, events: list[JsonObject]) -> None:
    """Events that are all accepted."""
    for view in city.send_all(events):
        assert view["state"] == "accepted", view["findings"]


def figure(city: Town, name: str) -> int:
    """A figure of the assessment's reports."""
    counters = city.assessment.get("/api/v1/counters").json()["counters"]
    return next(int(one["count"]) for one in counters if one["id"] == name)
