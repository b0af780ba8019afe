"""Registers from the door to the pages: filters, search, versions, the report, downloads."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.city import Department
from tests.consumers.portal.feeding import SITE
from tests.consumers.portal.registering import Way, load, record, way
from tests.support.events import NOON, event, submitted

POWER = {"事项名称": "城镇燃气经营许可", "事项类型": "行政许可", "实施依据": "条例第十五条", "承办科室": "审批科"}
API = "/api/v1/registers"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Way]:
    with way(tmp_path) as made:
        yield made


def power(code: str, version: int = 1, **fields: str) -> dict[str, object]:
    return record(code, version, **POWER | fields)


@pytest.mark.feature("1-06")
def test_one_code_with_two_names_is_reported_until_it_is_mended(city: Way) -> None:
    city.send(
        load("power-list", power("A1"), power("A2")), load("power-list", power("A1", 事项名称="燃气许可"), dept="cgj")
    )
    [clash] = city.portal.json(f"{API}/power-list/report")["inconsistent"]
    assert (clash["what"], clash["value"]) == ("事项编码：事项名称", "A1")
    assert clash["members"] == [["cgj", "A1", "燃气许可"], ["xzsp", "A1", "城镇燃气经营许可"]]
    page = city.portal.text("/registers/power-list/report")
    assert "不一致" in page
    assert "燃气许可" in page
    city.send(load("power-list", power("A1", 2), dept="cgj"))
    assert city.portal.json(f"{API}/power-list/report")["inconsistent"] == []


@pytest.mark.feature("1-06")
def test_public_services_are_kept_by_version_too(city: Way) -> None:
    service = {"事项名称": "公交卡办理", "服务类别": "其他", "服务对象": "市民", "办理方式": "线下", "收费标准": "免费"}
    city.send(load("public-services", record("S1", **service), dept="jtj"))
    city.send(load("public-services", record("S1", 2, **service | {"办理方式": "线上线下均可"}), dept="jtj"))
    found = city.portal.json(f"{API}/public-services/records/jtj/S1")
    assert [one["version"] for one in found["versions"]] == [2, 1]
    assert found["versions"][0]["changed"] == [{"field": "办理方式", "before": "线下", "now": "线上线下均可"}]


@pytest.mark.feature("2-12")
def test_the_filter_has_ten_types_and_the_door_takes_no_other(city: Way) -> None:
    types = SITE.pack.register["power-list"].field["事项类型"].values
    city.send(load("power-list", *(power(f"P{n}", 事项类型=kind, 事项名称=kind) for n, kind in enumerate(types))))
    city.send(load("power-list", power("P99", 事项类型="行政指导")), status=422)
    page = city.portal.text("/registers/power-list")
    chosen = page.split('<select id="kind"')[1].split("</select>")[0]
    assert [kind for kind in types if f'<option value="{kind}">{kind}（1）' in chosen] == list(types)
    assert chosen.count("<option") == 1 + 10
    assert city.portal.json(f"{API}/power-list?kind=行政强制")["total"] == 1
    assert city.portal.json(f"{API}/power-list")["total"] == 10


@pytest.mark.feature("2-28")
def test_an_empty_performance_target_is_taken_and_flagged(city: Way) -> None:
    project = {"年度": "2026", "预算类型": "一般公共预算", "预算金额万元": "120.50"}
    projects = [
        record(f"X{n:03}", 项目名称=f"项目{n}", 类别="项目支出", 绩效目标="完成率100%", **project) for n in range(84)
    ]
    funds = [
        record(f"Z{n}", 项目名称=f"专项资金{n}", 类别="专项资金", 绩效目标="按期拨付", **project) for n in range(18)
    ]
    empty = record("X999", 项目名称="道路养护", 类别="项目支出", 绩效目标=" ", **project)
    city.send(load("budget-targets", *projects, *funds, empty, dept="czj"))
    assert city.portal.json(f"{API}/budget-targets?kind=专项资金")["total"] == 18
    assert city.portal.json(f"{API}/budget-targets")["total"] == 103
    report = city.portal.json(f"{API}/budget-targets/report")
    assert (report["empty_counts"]["绩效目标"], [gap["record"] for gap in report["empty"]]) == (1, ["X999"])
    assert '<span class="tag warn">缺失</span>' in city.portal.text("/registers/budget-targets/records/czj/X999")


@pytest.mark.feature("2-29")
def test_five_books_are_whole_together_and_not_when_one_is_missing(city: Way) -> None:
    books = SITE.pack.register["budget-targets"].sets[0].values
    assert len(books) == 5

    def book(number: int, version: int = 1, target: str = "全面完成", year: str = "2026") -> dict[str, object]:
        return record(
            f"B{year}-{number}", version, 项目名称=f"{books[number]}绩效目标", 年度=year, 类别="部门整体",
            预算类型=books[number], 预算金额万元="1", 绩效目标=target,
        )  # fmt: skip

    city.send(
        load("budget-targets", *(book(n) for n in range(4)), book(4, target=""), book(0, year="2025"), dept="czj")
    )
    sets = {one["of"]: one for one in city.portal.json(f"{API}/budget-targets/report")["sets"]}
    assert (sets["2026"]["complete"], sets["2026"]["missing"]) == (False, [books[4]])
    assert len(sets["2025"]["missing"]) == 4
    assert "不完整" in city.portal.text("/registers/budget-targets/report")
    city.send(load("budget-targets", book(4, 2), dept="czj"))
    sets = {one["of"]: one for one in city.portal.json(f"{API}/budget-targets/report")["sets"]}
    assert sets["2026"]["complete"] is True


@pytest.mark.feature("3-11")
def test_a_key_step_without_a_published_item_is_a_gap(city: Way) -> None:
    city.send(load("power-list", power("K1", 关键环节="受理=01-06;审查"), dept="fgw"))
    gaps = city.portal.json(f"{API}/power-list/report")["unpublished"]
    assert [(gap["record"], gap["what"]) for gap in gaps] == [("K1", "受理（01-06）"), ("K1", "审查（未指定公开事项）")]
    assert "关键环节未公开" in city.portal.text("/registers/power-list/report")
    city.send(submitted("fgw", "1", item="01-06"))
    gaps = city.portal.json(f"{API}/power-list/report")["unpublished"]
    assert [gap["what"] for gap in gaps] == ["审查（未指定公开事项）"]


FILING = {"备案事项名称": "餐饮备案", "设定依据": "食品安全法", "备案对象": "企业", "备案方式": "事后备案"}
LICENCE = {
    "许可事项名称": "特种设备许可", "设定依据": "特种设备安全法", "设定层级": "法律", "审批部门": "scjg",
    "审批时限": "20日",
}  # fmt: skip


@pytest.mark.feature("4-32")
@pytest.mark.parametrize(
    ("register", "fields", "name"),
    [("filings", FILING, "备案对象"), ("licences", LICENCE, "审批时限"), ("power-list", POWER, "实施依据")],
)
def test_lists_are_versioned_searched_and_compared(city: Way, register: str, fields: dict[str, str], name: str) -> None:
    title = fields[SITE.pack.register[register].title]
    city.send(load(register, record("L1", **fields), record("L2", **fields | {name: "旧的内容"}), dept="scjg"))
    city.send(load(register, record("L1", 2, **fields | {name: "新的内容"}), dept="scjg"))
    assert city.portal.json(f"{API}/{register}?q={title[:2]}")["total"] == 2
    page = city.portal.text(f"/registers/{register}?q={title}")
    assert f"/registers/{register}/records/scjg/L1" in page
    shown = city.portal.text(f"/registers/{register}/L1")
    assert "<del>" in shown
    assert "<ins>新的内容</ins>" in shown
    assert "第 2 版" in shown


@pytest.mark.feature("2-41")
def test_service_items_of_four_levels_are_listed_by_level_and_unit_and_cover_them_all(city: Way) -> None:
    register = SITE.pack.register["service-items"]
    units = [
        one for one in SITE.pack.departments_on(NOON.date()) if register.may_record(one.code, one.class_, one.level)
    ]

    def items(unit: Department, count: int) -> list[dict[str, object]]:
        fields = {
            "事项性质": "公共服务",
            "实施单位": unit.code,
            "办理地点": f"{unit.short_name}便民服务站",
            "承诺时限": "1",
        }
        return [record(f"{unit.code}-{n}", 事项名称=f"事项{n}", **fields) for n in range(count)]

    every = [each for unit in units for each in items(unit, 15)]
    *most, last = [every[at : at + 400] for at in range(0, len(every) - 15, 400)] + [every[-15:]]
    for some in most:
        city.send(load("service-items", *[one for one in some if one not in last]))
    levels = {one["level"]: one for one in city.portal.json(f"{API}/service-items/report")["coverage"]}
    assert list(levels) == ["市", "区", "街镇", "村居"]
    assert (levels["市"]["share"], levels["村居"]["share"] < 100) == (100.0, True)
    assert levels["村居"]["missing"] == [units[-1].code]
    city.send(load("service-items", *last))
    report = city.portal.json(f"{API}/service-items/report")
    assert [one["share"] for one in report["coverage"]] == [100.0] * 4
    assert sum(one["records"] for one in report["coverage"]) == len(every) == report["records"]
    assert city.portal.json(f"{API}/service-items?level=村居&unit={units[-1].code}")["total"] == 15
    assert "100.00%" in city.portal.text("/registers/service-items/report")


def test_values_used_twice_and_names_of_nothing_are_reported(city: Way) -> None:
    city.send(load("power-list", power("A1"), power("A2"), power("A3", 事项名称="别的事项")))
    item = {"事项名称": "燃气许可", "事项性质": "行政许可", "实施单位": "xzsp", "办理地点": "大厅"}
    city.send(load("service-items", record("S1", 对应权责事项="A1", **item), record("S2", 对应权责事项="A9", **item)))
    [double] = city.portal.json(f"{API}/power-list/report")["duplicates"]
    assert (double["what"], double["value"], len(double["members"])) == ("事项名称", "城镇燃气经营许可", 2)
    [dangling] = city.portal.json(f"{API}/service-items/report")["dangling"]
    assert (dangling["record"], dangling["what"]) == ("S2", "对应权责事项：A9")
    [link] = re.findall(r'<a href="(/registers/power-list[?][^"]*)">A1</a>',
                        city.portal.text("/registers/service-items/records/xzsp/S1"))  # fmt: skip
    assert "城镇燃气经营许可" in city.portal.text(link)


def test_a_removed_record_keeps_its_page_and_leaves_the_list(city: Way) -> None:
    city.send(load("power-list", power("A1"), power("A2")))
    data = {"register_name": "power-list", "record": "A1", "version": 1, "reason": "依据已废止。"}
    city.send(event("register", "removed", "xzsp", "", data, subject="xzsp/power-list"))
    assert [one["record"] for one in city.portal.json(f"{API}/power-list")["records"]] == ["A2"]
    assert "依据已废止。" in city.portal.text("/registers/power-list/records/xzsp/A1", 410)
    assert city.portal.json(f"{API}/power-list/records/xzsp/A1", 410)["removal"]["reason"] == "依据已废止。"


def test_what_stands_further_to_the_front_comes_first_and_pages_follow_without_a_gap(city: Way) -> None:
    names = ["关于实施许可的事项", "许可事项", "行政许可事项", "检查事项"]
    city.send(
        load(
            "power-list", *(power(f"A{n}", 事项名称=name, 实施依据="无", 承办科室="一") for n, name in enumerate(names))
        )
    )
    found, after = [], ""
    while True:
        page = city.portal.json(f"{API}/power-list?q=许可&limit=1&after={after}")
        found += [one["title"] for one in page["records"]]
        if (after := page["next"]) is None:
            break
    assert found == ["许可事项", "行政许可事项", "关于实施许可的事项"]
    assert city.portal.json(f"{API}/power-list?after=nothing", 422)["code"] == "CURSOR"


def test_a_download_is_whole_and_no_spreadsheet_runs_it(city: Way) -> None:
    city.send(load("power-list", power("A1", 事项名称="=HYPERLINK(1)"), power("A2", 责任事项="-5"), power("A3")))
    text = city.portal.client.get("/registers/power-list/download.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["事项编码"] for row in rows] == ["A1", "A2", "A3"]
    assert (rows[0]["事项名称"], rows[1]["责任事项"]) == ("'=HYPERLINK(1)", "-5")
    whole = json.loads(city.portal.text("/registers/power-list/download.json"))
    assert whole[0]["fields"]["事项名称"] == "=HYPERLINK(1)"
    assert json.loads(city.portal.text("/registers/power-list/download.json?kind=行政检查")) == []


def test_an_unknown_register_or_record_is_not_found(city: Way) -> None:
    for path in (
        "/registers/nothing",
        "/registers/power-list/records/xzsp/x",
        "/registers/power-list/x",
        f"{API}/nothing",
    ):
        city.portal.text(path, 404)
    assert "权责清单" in city.portal.text("/registers")
    assert city.portal.json(API)["registers"][0]["records"] == 0


@pytest.mark.parametrize("words", ["%", "'", '" OR 1', "\x00", "𠀀", "_power", "a" * 100])
def test_no_words_break_a_search(city: Way, words: str) -> None:
    assert city.portal.client.get(f"{API}/power-list", params={"q": words}).status_code == 200
    assert city.portal.client.get("/registers/power-list", params={"q": words}).status_code == 200


@pytest.mark.parametrize("place", [[2**63, "a", "b"], [-1, "a", "b"], [0, "a\0", "b"]])
def test_a_forged_cursor_is_refused(city: Way, place: list[object]) -> None:
    after = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    assert city.portal.json(f"{API}/power-list?after={after}&q=许可", 422)["code"] == "CURSOR"


def test_marks_alone_find_nothing_and_a_department_asked_for_stays_asked_for(city: Way) -> None:
    city.send(load("power-list", power("A1")))
    assert city.portal.json(f"{API}/power-list?q=许可")["total"] == 1
    assert city.portal.json(f"{API}/power-list?q=。，")["total"] == 0
    assert '<input type="hidden" name="dept" value="xzsp">' in city.portal.text("/registers/power-list?dept=xzsp")
