"""Figures that a city reports of its matters, each from events at a door; and who is silent behind them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from producers.drop_folder import DropFolder
from producers.files import FileDrop
from tests.producers.counter import Citizen
from tests.support.events import JsonObject, to_bytes
from tests.town.town import Town

REPLY = "经现场核查，新桥路北段路灯线路老化，已于本周更换完毕并恢复照明。"
SITE = "https://cms.shilishi.example/news/1"
BLOCKAGES = ("不动产登记排队", "企业开办多次跑", "医保异地备案", "停车泊位审批", "水电气报装", "户籍迁移材料",
             "公积金提取", "施工许可联审", "学区查询", "养老认证", "证照分离衔接", "招投标保证金")  # fmt: skip


@pytest.mark.feature("0-18")
@pytest.mark.feature("4-43")
def test_a_letter_that_nobody_answers_is_listed_by_its_department_until_it_is_answered(city: Town) -> None:
    (citizen, number, code), (_, left, _) = given(city, 2, "mzj")
    answered, left = f"zfb/{number}", f"zfb/{left}"
    taken(city, [reply(city, answered, "mzj")])
    city.does(answered, "called-back", family="complaint", reached="是")
    city.does(answered, "closed", family="complaint", solved_on="2026-09-21")
    assert unanswered(city) == {}

    city.until(city.clock.now + timedelta(days=10))
    assert unanswered(city) == {"示例市民政局": 1}
    page = city.assessment.get("/overdue").text
    assert "未答复 1 件" in page
    assert "示例市民政局 1 件" in page
    assert "热线工单办理" in page
    assert "hotline urged" in city.words("mzj", left)

    taken(city, [reply(city, left, "mzj")])
    page = city.assessment.get("/overdue").text
    assert "未答复 0 件" in page
    assert figure(city, "answered-late") == 1
    assert [one["step"] for one in city.sees(answered)["steps"]][-3:] == ["replied", "called-back", "closed"]
    assert REPLY in citizen.query(number, code).text, "who wrote has the answer"


@pytest.mark.feature("2-15")
def test_topics_papers_and_releases_of_a_meeting_are_counted_from_its_publications(city: Town) -> None:
    for number in range(3):
        meeting(city, f"zfb/M-{number}", topics=4, papers=2)
    assert [figure(city, name) for name in ("press-releases", "topics", "topic-materials")] == [3, 12, 6]
    city.publishes(
        "notice", "zfb/more", "第0次常务会议议题资料（补）", item="01-06", links=[("material-of", "zfb/M-0")]
    )
    assert figure(city, "topic-materials") == 7
    assert "第0次常务会议议题资料（补）" in city.page("/matters/zfb/M-0")


@pytest.mark.feature("2-19")
def test_a_slot_that_passes_without_its_conference_is_reminded_of_and_those_held_count_their_units(city: Town) -> None:
    began = city.clock.now
    for unit, others in (("fgw", "czj jyj"), ("mzj", "czj"), ("rsj", "")):
        planned(city, unit, others)
    city.clock.now = began + timedelta(days=2)
    for unit in ("fgw", "mzj"):
        city.does(f"{unit}/P", "held", place="市政府新闻发布厅", speaker_post="副主任")
    assert (figure(city, "press-conferences"), figure(city, "press-units")) == (2, 4)
    city.until(began + timedelta(days=4))
    assert [word for word in city.words("rsj", "rsj/P") if "slot" in word][-2:] == ["slot urged", "slot supervised"]
    assert not [word for word in city.words("fgw", "fgw/P") if word in {"slot urged", "slot supervised"}]
    assert "第1场新闻发布会" in city.page("/matters?kind=press-conference")


@pytest.mark.feature("2-32")
def test_an_item_of_the_media_monitor_becomes_a_task_with_a_clock_and_is_pressed_for(city: Town) -> None:
    said = city.opening("hot-spot", "zfb/media-7", "网民反映示例路桥面开裂", lead_dept="zfb", source="舆情监测系统",
                        found_at=city.clock().isoformat(), url="https://bbs.example/t/7")  # fmt: skip
    dropped(city, "zfb", said)
    assert figure(city, "media-assigned") == 0
    assert city.dues("zfb", "zfb/media-7") == {"response": "2026-09-23 12:00"}
    city.does("zfb/media-7", "assigned", responsible="jtj")
    assert city.dues("jtj", "zfb/media-7") == {"response": "2026-09-23 12:00"}
    city.until(city.clock.now + timedelta(hours=47))
    city.until(city.clock.now + timedelta(hours=2))
    assert city.words("jtj", "zfb/media-7")[-3:] == [
        "response reminded", "response urged", "response supervised",
    ]  # fmt: skip
    city.does("zfb/media-7", "supervised", dept="zfb", reason="请今日回应。")
    city.does("zfb/media-7", "responded", dept="jtj", form="网上答复", response="桥面已封闭检修。")
    assert city.dues("jtj", "zfb/media-7") == {}
    assert (figure(city, "media-assigned"), figure(city, "supervised")) == (1, 1)


@pytest.mark.feature("2-33")
def test_supervised_matters_and_cases_solved_are_counted_each_case_with_its_letter(city: Town) -> None:
    letters = [f"zfb/{number}" for _, number, _ in given(city, 5, "jtj")]
    keys = [f"zfb/H-{number}" for number in range(7)]
    for key in keys:
        city.open(
            "hot-spot", key, "网民反映路灯不亮", lead_dept="zfb", source="热线", found_at=city.clock().isoformat()
        )
    city.send_all([city.stepping(key, "assigned", responsible="jtj") for key in keys])
    city.send_all([city.stepping(key, "supervised", reason="限期办结。") for key in keys for _ in range(2)])
    solved = [city.stepping(key, "case-solved", dept="jtj", case=letter, links=[("solves", letter)])
              for key in keys for letter in letters]  # fmt: skip
    taken(city, solved)
    city.does(letters[0], "supervised", family="complaint", dept="zfb", demand="限期办结")
    assert (figure(city, "supervised"), figure(city, "cases-solved")) == (8, 35)
    assert city.does(keys[0], "case-solved", dept="jtj", case="无来信") == ["POL-09C"], "a case without its letter"
    assert figure(city, "cases-solved") == 36
    assert {"rel": "solves", "target": letters[0]} in last_links(city, keys[1])


@pytest.mark.feature("3-10")
def test_what_stands_in_the_way_of_business_is_a_list_of_ten_with_its_day(city: Town) -> None:
    days = [(name, f"2026-09-{1 + number:02}") for number, name in enumerate(BLOCKAGES)]
    keys = blocked(city, [*days, ("水电气报装", ""), ("水电气报装", "")])
    page = city.page("/matters?kind=letter")
    most = re.findall(r'<li><a href="[^"]*tag_blockage_name[^"]*">([^<]*)</a> <span class="meta">([^<]*)<', page)
    assert len(most) == 10
    assert most[0] == ("水电气报装", "3 件，已解决 1 件，最近解决日期 ")
    assert "最近解决日期 <time>2026-09-05</time>" in page
    recent = page.partition("最近解决</h2>")[2]
    assert re.findall(r"解决日期 <time>([^<]*)<", recent) == [f"2026-09-{day:02}" for day in range(12, 2, -1)]
    city.does(keys[-1], "published", family="complaint", **shown("水电气报装", "2026-09-20"))
    assert "最近解决日期 <time>2026-09-20</time>" in city.page("/matters?kind=letter")


def given(city: Town, number: int, handler: str) -> list[tuple[Citizen, str, str]]:
    """Letters to the hotline, up to the department that is to answer them: who wrote each, its number and code."""
    written = []
    for each in range(number):
        citizen = Citizen(city.gateway, city.clock, f"203.0.113.{each}")
        receipt = citizen.letter(mailbox="hotline", kind="求助").json()
        written.append((citizen, str(receipt["number"]), str(receipt["code"])))
    city.carry()
    keys = [f"zfb/{number}" for _, number, _ in written]
    taken(city, [city.stepping(key, "accepted", family="complaint") for key in keys])
    assigned = [city.stepping(key, "assigned", family="complaint") for key in keys]
    for one in assigned:
        one["data"]["fields"]["dept"] = handler
    taken(city, assigned)
    taken(city, [city.stepping(key, "taken-up", family="complaint", dept=handler) for key in keys])
    return written


def taken(city: Town, events: Sequence[JsonObject]) -> None:
    """Events that are all accepted, with nothing to be said against them."""
    assert [view["findings"] for view in city.send_all(events)] == [[]] * len(events)


def reply(city: Town, key: str, dept: str) -> JsonObject:
    """The answer to it."""
    return city.stepping(key, "replied", family="complaint", dept=dept, reply=REPLY, result="路灯已更换",
                         personal={"reply": REPLY})  # fmt: skip


def meeting(city: Town, key: str, *, topics: int, papers: int) -> None:
    """A meeting with its topics, its release and papers, each a publication."""
    name = f"第{key[-1]}次"
    city.open("standing-meeting", key, f"{name}常务会议", lead_dept="zfb", type="常务会议", number=name,
              held_on="2026-09-21")  # fmt: skip
    for topic in range(topics):
        city.does(key, "topic-added", topic=f"议题{topic}", suitable="是")
    city.does(key, "held")
    city.publishes("press-release", f"{key}-release", f"{name}常务会议召开", links=[("reports-on", key)])
    for paper in range(papers):
        city.publishes("notice", f"{key}-paper-{paper}", f"{name}常务会议议题资料之{paper}", item="01-06",
                       links=[("material-of", key)])  # fmt: skip


def planned(city: Town, unit: str, others: str) -> None:
    """A slot in a unit's calendar, two days from now."""
    slot = (city.clock.now + timedelta(days=2)).isoformat()
    more: dict[str, Any] = {"co_depts": others} if others else {}
    view = city.open("press-conference", f"{unit}/P", "第1场新闻发布会", lead_dept=unit, planned_at=slot,
                     topic="民生实事", **more)  # fmt: skip
    assert view["state"] == "accepted", view["findings"]


def dropped(city: Town, dept: str, *events: JsonObject) -> None:
    """A file of events in a department's folder, as another system leaves it there."""
    folder = DropFolder(city.gateway.settings.home / "drop" / dept)
    folder.make()
    (folder.path / "items.ndjson").write_bytes(b"\n".join(to_bytes(one) for one in events) + b"\n")
    drop = FileDrop(city.gateway.settings, city.gateway.intake, city.gateway.door.uploads, grace=0, lone=0)
    drop.look(dept)
    drop.look(dept)
    city.carry()


def blocked(city: Town, about: Sequence[tuple[str, str]]) -> list[str]:
    """Letters about what stands in the way, answered and made public; solved on that day, or not yet."""
    keys = [f"zfb/{number}" for _, number, _ in given(city, len(about), "jtj")]
    taken(city, [reply(city, key, "jtj") for key in keys])
    said = [shown(name, day) for name, day in about]
    taken(city, [city.stepping(key, "published", family="complaint", **one)
                 for key, one in zip(keys, said, strict=True)])  # fmt: skip
    return keys


def shown(name: str, day: str) -> dict[str, Any]:
    said = {"headline": f"关于{name}的建议", "question": "办理时间长", "answer": REPLY, "blockage_name": name}
    return said | ({"solved_on": day} if day else {})


def unanswered(city: Town) -> dict[str, int]:
    """Letters without an answer behind their time, by department."""
    told = next(one for one in counters(city) if one["id"] == "unanswered")
    return {one["name"]: one["count"] for one in told["departments"]}


def figure(city: Town, name: str) -> int:
    return int(next(one["count"] for one in counters(city) if one["id"] == name))


def counters(city: Town) -> Sequence[JsonObject]:
    found: Sequence[JsonObject] = city.assessment.get("/api/v1/counters").json()["counters"]
    return found


def last_links(city: Town, key: str) -> Sequence[JsonObject]:
    """What a matter is linked with, by the last word the portal had of it."""
    told = [said["data"] for said in city.told("portal-feed") if said["subject"] == key]
    links: Sequence[JsonObject] = told[-1]["links"]
    return links
