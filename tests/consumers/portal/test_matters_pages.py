"""Matters from the door to the pages: the chain with what is missing, the board, the calendar, the archive."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from markupsafe import escape
from msgspec.structs import replace

from consumers.portal import tables as t
from schemas import headers as h
from tests.consumers.portal.feeding import opened, plain
from tests.consumers.portal.moving import Movers, movers
from tests.support.events import NOON, JsonObject, event

DECISION = "fgw/D-2026-1"
HOSTILE = ("javascript:alert(1)", "http://x.example/ onclick=1", '"><img src=x onerror=alert(1)>')
TABLES = (t.matters, t.matter_steps, t.matter_links, t.matter_tags, t.library_terms)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Movers]:
    with movers(tmp_path) as made:
        yield made


def decision(city: Movers, title: str = "示例市城区集中供热专项规划") -> None:
    city.open(
        "decision", DECISION, title, lead_dept="fgw", scope="重要规划", catalogued="是", market="否",
    )  # fmt: skip
    city.step(DECISION, "started", approved_by="市人民政府")


def chain_of(page: str) -> dict[str, str]:
    part = page.split("<h2>必备环节</h2>")[1].split("</section>", maxsplit=1)[0]
    return {m[1]: m[0] for m in re.finditer(r"<li><p><b>(.+?)</b>.*?</li>", part, re.DOTALL)}


@pytest.mark.feature("4-03")
@pytest.mark.feature("2-11")
def test_the_chain_has_every_link_and_says_which_is_missing(city: Movers) -> None:
    decision(city)
    city.step(DECISION, "basis-published")
    city.step(DECISION, "draft-published")
    links = chain_of(city.portal.text(f"/matters/{DECISION}"))
    assert "2026-09-21" in links["公布决策依据"]
    assert "尚未到此环节" in links["公布意见采纳情况"]
    city.follow(DECISION, "decision", "draft-reviewed")
    city.step(DECISION, "legality-sent")
    city.step(DECISION, "legality-passed", opinion_no="7")
    city.step(DECISION, "discussed")
    page = city.portal.text(f"/matters/{DECISION}")
    links = chain_of(page)
    assert list(links)[:4] == ["公布决策依据", "公布决策草案及说明", "开始征求意见", "公布意见采纳情况"]
    assert "缺失" not in links["公布决策草案及说明"]
    assert "缺失" in links["公布意见采纳情况"]
    assert 'href="/rules/CHAIN-GAP-FEEDBACK"' in links["公布意见采纳情况"]
    assert "领导小组审议草案" in page
    assert "{" not in page.split("<main")[1]
    listed = city.portal.text("/matters?kind=decision")
    assert "缺失" in listed


@pytest.mark.feature("0-16")
def test_the_board_counts_down_from_the_finding_and_shows_the_response(city: Movers) -> None:
    key = "zfb/H-1"
    city.open("hot-spot", key, "城东片区停水情况", lead_dept="zfb", source="网络", found_at="2026-09-21T11:00:00+08:00")
    city.portal.now[0] = NOON
    page = city.portal.text("/matters/board")
    assert "政务舆情回应：还剩 47 小时 0 分" in page
    city.step(key, "verified", level="重大", involves="涉及公众切身利益")
    city.portal.now[0] = NOON
    page = city.portal.text("/matters/board")
    assert "发布权威信息：还剩 4 小时 0 分" in page
    assert "召开新闻发布会：还剩 23 小时 0 分" in page
    city.portal.now[0] = NOON + timedelta(hours=5)
    assert "发布权威信息：超过 1 小时 0 分" in city.portal.text("/matters/board")
    city.step(key, "responded", form="权威发布", response="当晚恢复供水。")
    page = city.portal.text("/matters/board")
    assert "当晚恢复供水。" in page
    assert "政务舆情回应：已完成，按期" in page


@pytest.mark.feature("2-07")
@pytest.mark.feature("2-18")
def test_a_meeting_shows_video_topics_and_materials_and_is_found_by_topic_and_day(city: Movers) -> None:
    key = "zfb/M-12"
    city.open(
        "standing-meeting",
        key,
        "第12次常务会议",
        lead_dept="zfb",
        type="常务会议",
        number="第12次",
        held_on="2026-09-21",
    )
    city.step(key, "topic-added", topic="冬季供热保障方案", suitable="是")
    city.step(key, "topic-added", topic="不宜公开的议题", suitable="否", reason="涉及国家秘密")
    city.step(key, "held", video_url="https://video.shilishi.example/12?a=1&b=2")
    city.step(key, "material-published", index_no="11999900/2026-00012")
    page = city.portal.text(f"/matters/{key}")
    assert '<a href="https://video.shilishi.example/12?a=1&amp;b=2" rel="nofollow noopener">' in page
    assert "冬季供热保障方案" in page
    assert "11999900/2026-00012" in page
    assert "不宜公开的议题" not in page
    for found in ("q=供热保障", "since=2026-09-21&until=2026-09-21", "tag_type=常务会议"):
        assert f'href="/matters/{key}"' in city.portal.text(f"/matters?kind=standing-meeting&{found}"), found
    for other in ("q=供水保障", "since=2026-09-22", "until=2026-09-20", "tag_type=全体会议"):
        assert f'href="/matters/{key}"' not in city.portal.text(f"/matters?kind=standing-meeting&{other}"), other


@pytest.mark.feature("2-04")
def test_press_conferences_stand_in_the_calendar_by_day_and_unit(city: Movers) -> None:
    for number, (dept, at) in enumerate([("fgw", "2026-09-30T23:30:00+08:00"), ("mzj", "2026-09-25T09:00:00+08:00")]):
        city.open(
            "press-conference", f"{dept}/P-{number}", f"第{number}场", lead_dept=dept, planned_at=at, topic="供热"
        )
    page = city.portal.text("/matters/calendar?month=2026-09")
    assert page.index("2026-09-25") < page.index("2026-09-30")
    assert "09:00" in page
    assert "23:30" in page
    assert "共 2 个单位 2 场" in page
    assert "共 0 个单位 0 场" in city.portal.text("/matters/calendar?month=2026-10")
    assert "2026年09月" in city.portal.text("/matters/calendar?month=%00")


@pytest.mark.feature("3-15")
def test_a_finding_shows_problem_rectification_and_who_answered_for_it(city: Movers) -> None:
    key = "sjj/A-1"
    city.open("audit-finding", key, "专项资金拨付滞后", lead_dept="mzj", source="审计", problem="资金滞留六个月")
    city.step(key, "rectified", dept="mzj", result="已全部拨付")
    city.step(key, "accounted", accountability="约谈责任人")
    page = city.portal.text(f"/matters/{key}")
    for words in ("资金滞留六个月", "已报告整改", "已全部拨付", "约谈责任人"):
        assert words in page


def test_a_hostile_title_is_text_wherever_it_stands(city: Movers) -> None:
    title = "<script>alert(1)</script>“&\u202e规划"
    city.open("hot-spot", "zfb/H-9", title, lead_dept="zfb", source="网络", found_at="2026-09-21T11:00:00+08:00")
    for path in ("/matters", "/matters/board", "/matters/zfb/H-9", "/matters?q=%3Cscript%3E"):
        assert "<script" not in city.portal.text(path), path


def test_a_hostile_field_is_text_and_no_address(city: Movers) -> None:
    city.open("hot-spot", "zfb/H-9", "标题", lead_dept="zfb", source="网络", found_at="2026-09-21T11:00:00+08:00")
    last = city.records[-1]
    for number, text in enumerate(HOSTILE, 1):
        said = json.loads(last.value or b"")
        said["data"] |= {"version": 1 + number, "title": text, "state_name": text, "step": "none", "step_name": text}
        said["data"] |= {"fields": {"unknown": text, "response": text}, "labels": {"unknown": text}}
        headers = tuple((name, f"n{number}".encode() if name == h.ID else value) for name, value in last.headers)
        value = json.dumps(said).encode()
        city.portal.shelf.apply([replace(last, offset=last.offset + number, value=value, headers=headers)])
        for path in ("/matters", "/matters/board", "/matters/zfb/H-9"):
            page = city.portal.text(path)
            assert "<img" not in page
            assert 'href="javascript' not in page
            assert 'href="http://x' not in page
            assert str(escape(text)) in page


def test_what_is_asked_wrongly_breaks_nothing(city: Movers) -> None:
    for asked in ("after=x", "q=%00", "kind=%00&tag_x=1", "since=9999", f"q={'x' * 200}"):
        assert city.portal.client.get(f"/matters?{asked}").status_code in {200, 400, 422}, asked


def test_matters_nobody_knows_are_not_found(city: Movers) -> None:
    for path in ("/matters/fgw/none", "/matters/fgw", "/matters/%00/%00"):
        assert city.portal.client.get(path).status_code == 404


def test_the_rows_are_the_same_in_any_order(city: Movers, tmp_path: Path) -> None:
    decision(city)
    city.step(DECISION, "basis-published")
    first, *others = city.records
    held = []
    for number, records in enumerate(([first, *others], [*reversed(others), first])):
        moved = [replace(record, offset=at) for at, record in enumerate(records)]
        with opened(plain(tmp_path / f"again{number}"), clock=lambda: NOON) as shelf:
            shelf.apply(moved)
            assert [receipt.kind for receipt in shelf.receipts().values()] == ["noted"] * 3
            with shelf.store.read() as conn:
                held.append([sorted(conn.execute(sa.select(table)).all()) for table in TABLES])
    assert held[0] == held[1]
    assert len(held[0][0]) == 1
    assert len(held[0][1]) == 3


@pytest.mark.feature("3-12")
@pytest.mark.feature("3-13")
def test_a_consultation_shows_modes_draft_basis_and_what_is_open_until_when(city: Movers) -> None:
    key = "fgw/C-1"
    city.send(consultation(key))
    city.portal.now[0] = NOON
    page = city.portal.text(f"/matters/{key}")
    for words in ("网络征集、咨询协商", "供热条例第六条", "草案全文见附件", "征集期", "还剩"):
        assert words in page, words
    assert "网络征集" in city.portal.text("/matters?kind=consultation&q=网络征集")


def test_the_case_library_is_searched_by_outcome_and_suggests_three_like_cases(city: Movers) -> None:
    questions = [
        "申请公开房屋征收补偿方案", "申请公开房屋征收评估报告", "申请公开征收补偿协议", "申请查询供水水质监测数据",
        "申请公开招聘考试成绩",
    ]  # fmt: skip
    for number, question in enumerate(questions):
        archived(city, f"fgw/F-{number}", question, "granted" if number % 2 else "partial")
    page = city.portal.text("/matters?kind=foi-request&q=房屋征收补偿")
    part = page.split("<h2>相似案例</h2>")[1]
    assert re.findall(r'href="/matters/fgw/(F-\d)"', part) == ["F-0", "F-1", "F-2"]
    granted = city.portal.text("/matters?kind=foi-request&tag_case_outcome=granted")
    assert set(re.findall(r'href="/matters/fgw/(F-\d)"', granted)) == {"F-1", "F-3"}
    assert "予以公开 2" in granted
    one = city.portal.text("/matters/fgw/F-0")
    assert "部分公开" in one
    assert re.findall(r'href="/matters/fgw/(F-\d)"', one.split("<h2>相似案例</h2>")[1])[0] == "F-1"


def consultation(key: str) -> JsonObject:
    fields = {
        "type": "其他", "modes": "网络征集 咨询协商", "draft": "草案全文见附件", "basis_text": "供热条例第六条",
    }  # fmt: skip
    data = {
        "title": "供热管理办法（草案）", "explanation": "起草说明", "starts_on": "2026-09-21", "ends_on": "2026-10-31",
        "ways": ["电话", "电子邮件", "网上"], "fields": fields,
    }  # fmt: skip
    return event("consultation", "opened", key.partition("/")[0], "", data, subject=key)


def archived(city: Movers, key: str, question: str, outcome: str) -> None:
    """What the engine says of a request that its department put into the library."""
    data = {
        "lifecycle": "foi-request", "lifecycle_name": "政府信息公开申请", "state": "ARCHIVED", "state_name": "已归档",
        "ended": True, "version": 9, "step": "archived", "step_name": "归档", "step_public": True,
        "at": NOON.isoformat(), "dept": "fgw", "depts": ["fgw"],
        "fields": {"question": question, "case_outcome": outcome, "case_statute": "条例第三十六条"},
        "labels": {"question": "问题类型", "case_outcome": "处理结果", "case_statute": "适用条款"},
    }  # fmt: skip
    city.portal.publish(event("matter", "moved", "", "", data, source="/engine/matters", subject=key))


def test_what_is_missing_is_said_in_whole_sentences_also_after_further_steps(city: Movers) -> None:
    decision(city, "示例市机动车限行方案")
    pages = [city.portal.text(f"/matters/{DECISION}")]
    city.step(DECISION, "basis-published")
    pages.append(city.portal.text(f"/matters/{DECISION}"))
    for page in pages:
        assert re.search("须征求意见：该事项属于公众参与范围中的[^{}…—。]+。", page)
        assert "……" not in page
