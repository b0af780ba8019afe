"""Decisions: what must be put to the public, how, and what is said where a link of the chain is missing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.events import JsonObject, event
from tests.town.town import Town, rules

KEY, ROUND = "jtj/D-1", "jtj/C-1"
LIMITS = "示例市城区机动车限行管理办法（草案）"
FIELDS = {"type": "重大行政决策", "modes": "网络征集", "draft": "草案附后", "basis_text": "道路交通安全法第三十九条"}
NOTICE: dict[str, object] = {
    "title": LIMITS, "explanation": "为缓解拥堵起草。", "starts_on": "2026-09-21", "ends_on": "2026-10-31",
    "ways": ["电话", "电子邮件", "网上"],
    "fields": FIELDS,
}  # fmt: skip


@pytest.mark.feature("1-16")
def test_a_draft_about_limits_on_driving_must_be_put_to_the_public_and_why(city: Town) -> None:
    (found,) = decision(city, LIMITS)["findings"]
    assert found["rule"] == "CHAIN-SCOPE"
    assert found["message"]["zh"].startswith("须征求意见：")
    assert "重大行政决策程序暂行条例第三条、第十四条" in found["message"]["zh"]
    assert "须征求意见" in city.page(f"/matters/{KEY}")
    consultation(city, links=[{"rel": "consults", "target": KEY}])
    assert "须征求意见" not in city.page(f"/matters/{KEY}")


@pytest.mark.feature("1-16")
def test_what_must_be_put_to_the_public_is_a_list_with_a_basis_each(city: Town) -> None:
    for number, (title, scoped) in enumerate((
        ("示例市居民自来水价格调整方案", "公用事业价格和行政事业性收费（价格法第二十三条"),
        ("示例市国土空间总体规划", "城乡规划（城乡规划法第二十六条）"), ("示例市档案库房搬迁方案", ""),
    )):  # fmt: skip
        found = decision(city, title, f"jtj/D-{number}")["findings"]
        assert [scoped in one["message"]["zh"] for one in found] == ([True] if scoped else []), title


@pytest.mark.feature("1-17")
def test_a_consultation_offers_telephone_and_mail_by_known_ways_or_does_not_begin(city: Town) -> None:
    for ways, told in (
        (["电子邮件", "网上"], ["DEC-02W"]), (["电话", "网上"], ["DEC-02W"]),
        (["电话", "电子邮件", "托人转告"], ["SM-FIELD"]), (["电话", "电子邮件"], []),
    ):  # fmt: skip
        assert rules(consultation(city, ways=ways)) == told, ways
        assert city.portal.client.get(f"/matters/{ROUND}").status_code == (404 if told else 200)


@pytest.mark.feature("1-17")
def test_a_consultation_says_all_that_the_public_needs_or_does_not_begin(city: Town) -> None:
    for missing in ("explanation", "starts_on", "ends_on", "ways", "draft", "basis_text", "modes", "type"):
        said = {name: value for name, value in NOTICE.items() if name != missing}
        fields = {name: text for name, text in FIELDS.items() if name != missing}
        view = city.send(event("consultation", "opened", "jtj", "", {**said, "fields": fields}, subject=ROUND))
        assert view["state"] == "rejected", missing
        assert view["findings"], missing
    assert city.portal.client.get(f"/matters/{ROUND}").status_code == 404


@pytest.mark.feature("3-14")
def test_a_decision_whose_half_year_passes_without_a_report_is_overdue(city: Town) -> None:
    decision(city, "示例市老旧小区改造实施方案")
    carried_out(city)
    published = city.clock.now
    assert city.dues("jtj", KEY)["execution"] == "2027-03-22 23:59"  # half a year ends on Sunday the 21st
    city.does(KEY, "execution-reported", progress="已完成二十个小区的管网改造")
    page = city.page(f"/matters/{KEY}")
    assert "已完成二十个小区的管网改造" in page
    city.until(published + timedelta(days=190))
    assert "execution urged" in city.words("jtj", KEY)
    assert KEY in [one["subject"] for one in city.duties("jtj", until="2027-03-30")]
    overdue = city.caller("zfb").http.get("/v1/duties/overdue").json()
    assert {one["dept"]: one["count"] for one in overdue["departments"]}["jtj"] >= 1
    assert "执行情况报告" in city.assessment.get("/overdue").text
    city.publishes("work-news", "jtj/news", "老旧小区改造实施进展", links=[("part-of", KEY)])
    assert "老旧小区改造实施进展" in city.page(f"/matters/{KEY}")
    assert "execution closed" in city.words("jtj", KEY)


def decision(city: Town, title: str, key: str = KEY) -> JsonObject:
    view = city.open("decision", key, title, lead_dept="jtj", scope="重大公共政策", catalogued="是")
    assert view["state"] == "accepted", view["findings"]
    return view


def consultation(city: Town, **said: object) -> JsonObject:
    return city.send(event("consultation", "opened", "jtj", "", {**NOTICE, **said}, subject=ROUND))


def carried_out(city: Town) -> None:
    """Everything up to the decision's being public."""
    for step, said in (
        ("started", {"approved_by": "市政府"}), ("basis-published", {}), ("draft-published", {}),
        ("legality-sent", {}), ("legality-passed", {"opinion_no": "1号"}), ("discussed", {}),
        ("decided", {"party_asked": "是"}), ("published", {"kind": "plan"}),
    ):  # fmt: skip
        city.does(KEY, step, **said)
