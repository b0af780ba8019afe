"""Documents in public: each owes its interpretation, and the comments that were asked for before it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.events import JsonObject
from tests.town.papers import paper
from tests.town.town import Town, rules

RULES, PLAN, LIMITS = "zfb/rules", "zfb/plan", "gaj/limits"
TOLD = (("interpreted-by", "zfb/rules-told"),)


@pytest.mark.feature("1-09")
def test_a_normative_document_without_its_interpretation_is_refused(city: Town) -> None:
    view = city.send(paper("normative-document", RULES, city.clock(), title="示例市临时救助办法"))
    assert view["state"] == "rejected"
    assert "REJ-LINK" in rules(view), view["findings"]
    assert city.portal.client.get("/items/zfb/rules").status_code == 404


@pytest.mark.feature("1-09")
def test_a_normative_document_owes_its_interpretation_the_same_day(city: Town) -> None:
    city.publishes("normative-document", RULES, "示例市临时救助办法", links=TOLD)
    assert city.dues("zfb", f"{RULES}.interpretation")["interpretation"] == "2026-09-21 23:59"


@pytest.mark.feature("1-09")
def test_a_plan_owes_its_interpretation_in_three_working_days_and_both_pages_name_the_other(city: Town) -> None:
    city.publishes("plan", PLAN, "示例市养老服务发展规划")
    subject = f"{PLAN}.interpretation"
    assert city.dues("zfb", subject)["interpretation"] == "2026-09-24 23:59"
    assert "待解读" in city.page(f"/matters/{subject}")
    city.clock.pass_(timedelta(days=1))
    city.publishes("interpretation", "zfb/plan-told", "示例市养老服务发展规划解读", links=[("interprets", PLAN)])
    assert "已按期解读" in city.page(f"/matters/{subject}")
    assert city.dues("zfb", subject) == {}
    assert "示例市养老服务发展规划解读" in city.page(item(city, PLAN))
    assert 'href="' + item(city, PLAN) in city.page(item(city, "zfb/plan-told"))


@pytest.mark.feature("1-09")
def test_an_interpretation_that_does_not_come_is_told_of_and_late_when_it_does(city: Town) -> None:
    city.publishes("plan", PLAN, "示例市养老服务发展规划")
    subject = f"{PLAN}.interpretation"
    city.until(city.clock.now + timedelta(days=4))
    assert {"interpretation reminded", "interpretation urged"} <= set(city.words("zfb", subject))
    assert "逾期未解读" in city.page(f"/matters/{subject}")
    city.publishes("interpretation", "zfb/plan-told", "示例市养老服务发展规划解读", links=[("interprets", PLAN)])
    assert "逾期后已解读" in city.page(f"/matters/{subject}")


@pytest.mark.feature("2-09")
@pytest.mark.parametrize(("kind", "key", "more"), [
    ("normative-document", RULES, {"links": TOLD}), ("notice", LIMITS, {"item": "B28-02"}),
])  # fmt: skip
def test_a_document_published_without_the_comments_it_needs_shows_the_gap(
    city: Town, kind: str, key: str, more: JsonObject
) -> None:
    subject = f"{key}.prior-consultation"
    city.publishes(kind, key, "示例市中心城区机动车通行规定", **more)
    page = city.page(f"/matters/{subject}")
    assert "缺失：文件已公布，没有公开征求意见的记录。" in page
    assert city.sees(subject)["steps"][-1]["gaps"] == ["CHAIN-GAP-COMMENT"]
    assert "/rules/CHAIN-GAP-COMMENT" in page
    assert list(city.dues(key.partition("/")[0], subject)) == ["mending"]
    city.does(subject, "linked", links=[("consulted-by", "zfb/C-1")])
    page = city.page(f"/matters/{subject}")
    assert "缺失" not in page
    assert "已关联征集" in page


@pytest.mark.feature("2-09")
def test_where_none_was_needed_the_lead_office_says_why(city: Town) -> None:
    subject = f"{LIMITS}.prior-consultation"
    city.publishes("notice", LIMITS, "关于高考期间临时交通管制的公告", item="B28-02")
    assert city.refused(subject, "exempted", dept="gaj", reason="临时措施") == ["SM-ACTOR"]
    assert city.refused(subject, "exempted", dept="zfb") == ["SM-FIELD"]
    city.does(subject, "exempted", dept="zfb", reason="三日内的临时管制，不属于长期措施。")
    assert "免予征集" in city.page(f"/matters/{subject}")
    assert "缺失" not in city.page(f"/matters/{subject}")
    assert city.sees(subject, "zfb")["steps"][-1]["reason"] == "三日内的临时管制，不属于长期措施。"


@pytest.mark.feature("2-09")
def test_what_was_consulted_or_needs_no_comments_opens_nothing(city: Town) -> None:
    consulted = (*TOLD, ("consulted-by", "zfb/C-1"))
    city.publishes("normative-document", RULES, "示例市临时救助办法", links=consulted)
    city.publishes("notice", "gaj/note", "关于办证大厅调整上班时间的公告", item="01-06")
    for key in (RULES, "gaj/note"):
        assert city.portal.client.get(f"/matters/{key}.prior-consultation").status_code == 404


def item(city: Town, key: str) -> str:
    """Where the portal shows a publication."""
    return str(city.portal.json(f"/api/v1/items/{key}")["url"]).partition(".example")[2]
