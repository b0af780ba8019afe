"""A row is never looser than its parent: each way to be so is refused, and each way to be stricter is taken."""

from __future__ import annotations

import csv
import io

import pytest

from schemas.city import PackError, Problem, TimeLimit, load_pack
from schemas.city.catalogue import MACHINE, STANDARD
from schemas.city.inheritance import looser
from tests.support.small_city import small_city

FILE = "catalogues/child.csv"
PARENT = {
    "序号": "P-01", "一级事项": "财政信息", "二级事项": "预算执行", "公开内容(要素)": "收入、支出",
    "公开依据": "预算法第十四条",
    "公开时限": "信息形成之日起10个工作日内，公示不少于7个工作日", "公开主体": "各部门",
    "公开渠道和载体": "■政府网站 ■公开查阅点",
    "公开对象": "■全社会", "公开方式": "■主动", "公开层级": "■市级 ■县级", "group": "other-key", "kinds": "work-news",
    "depts": "*", "clock": "CLK-01",
    "five_open": "管理", "column": "news", "from": "2020-01-01",
}  # fmt: skip
CHILD = {**PARENT, "序号": "C-01", "depts": "czj", "parent": "P-01", "公开层级": "■市级"}


def problems(*rows: dict[str, str], catalogues: str = "") -> tuple[Problem, ...]:
    columns = (*STANDARD, *MACHINE)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    try:
        load_pack({**small_city(), FILE: text.getvalue().encode(), "catalogues.toml": catalogues.encode()})
    except PackError as error:
        return error.problems
    return ()


STRICTER = [
    {},
    {"公开时限": "信息形成之日起5个工作日内，公示不少于7个工作日"},
    {"公开时限": "信息形成之日起14日内，公示不少于7个工作日"},
    {"公开时限": "信息形成之日起10个工作日内，公示不少于10个工作日"},
    {"公开渠道和载体": "■政府网站 ■公开查阅点 ■两微一端"},
    {"公开内容(要素)": "收入、支出、结余"},
    {"公开层级": "■市级 ■乡级"},
    {"from": "2021-01-01"},
]


@pytest.mark.parametrize("change", STRICTER)
def test_stricter_is_taken(change: dict[str, str]) -> None:
    assert problems(PARENT, CHILD | change) == ()


LOOSER = [
    ({"公开时限": "信息形成之日起15个工作日内，公示不少于7个工作日"}, "公开时限", "15 WD", "10 WD"),
    ({"公开时限": "信息形成之日起20日内，公示不少于7个工作日"}, "公开时限", "20 CD", "10 WD"),
    ({"公开时限": "每年1月31日前", "clock": "CLK-10"}, "公开时限", "01-31", "10 WD"),
    ({"公开时限": "信息形成之日起10个工作日内"}, "公开时限", "no least display", "7 WD on display"),
    ({"公开时限": "信息形成之日起10个工作日内，公示不少于5个工作日"}, "公开时限", "5 WD", "7 WD on display"),
    ({"公开渠道和载体": "■政府网站"}, "公开渠道和载体", "政府网站 is looser", "missing: 公开查阅点"),
    ({"公开内容(要素)": "收入"}, "公开内容(要素)", "收入 is looser", "missing: 支出"),
    ({"公开内容(要素)": "收入、支出（可选）"}, "公开内容(要素)", "收入 is looser", "missing: 支出"),
    ({"depts": "czj level:区"}, "公开层级", "市级 is looser", "missing: 县级"),
    ({"公开对象": "■特定群体"}, "公开对象", "特定群体 is looser", "missing: 全社会"),
    ({"公开方式": "■依申请"}, "公开方式", "依申请 is looser", "missing: 主动"),
]


@pytest.mark.parametrize(("change", "column", "own", "above"), LOOSER)
def test_looser_is_refused_naming_the_parent_and_both_values(
    change: dict[str, str], column: str, own: str, above: str
) -> None:
    found = [one for one in problems(PARENT, CHILD | change) if one.code == "CAT-E07"]
    assert [(one.file, one.row, one.column) for one in found] == [(FILE, 3, column)]
    assert all(word in found[0].message for word in ("P-01", own, above))


@pytest.mark.parametrize(
    ("own", "above", "is_looser"),
    [
        ("Q1-15", "Q3-31", False), ("Q3-31", "Q1-15", True), ("Q1-16", "Q1-15", True), ("Q1-15", "Q1-15", False),
        ("H2-28", "H6-31", False), ("H6-30", "H2-28", True), ("*-10", "*-05", True), ("*-05", "*-10", False),
        ("+02-28", "+03-31", False), ("+04-30", "+03-31", True), ("=12-31", "+01-31", False),
        ("+01-31", "=12-31", True),
        ("01-31", "03-31", False), ("06-30", "03-31", True), ("+Q1-15", "+Q3-31", False),
        ("Q1-15", "*-15", True), ("01-31", "+03-31", True), ("+01-31", "03-31", True), ("H1-15", "Q1-15", True),
    ],
)  # fmt: skip
def test_days_by_name_compare_like_with_like(own: str, above: str, is_looser: bool) -> None:
    limits = [TimeLimit(trigger="cron", cron=cron, raw=cron) for cron in (own, above)]
    assert looser(*limits) is is_looser
    counted = [limit.model_copy(update={"n": 15, "unit": "CD"}) for limit in limits]
    assert looser(*counted) is is_looser


def test_a_parent_must_be_there() -> None:
    (found,) = problems(PARENT, CHILD | {"parent": "P-02"})
    assert (found.code, found.row, found.column) == ("PACK-REF", 3, "parent")


def test_a_row_is_not_in_force_before_its_parent() -> None:
    (found,) = problems(PARENT, CHILD | {"from": "2019-12-31"})
    assert (found.code, found.row, found.column) == ("PACK-REF", 3, "from")
    assert "2019-12-31" in found.message
    assert "2020-01-01" in found.message


def test_a_row_that_inherits_from_itself_by_a_circle_is_refused() -> None:
    found = problems(PARENT | {"parent": "C-01"}, CHILD)
    assert [(one.row, one.column) for one in found] == [(2, "parent"), (3, "parent")]


def test_every_edition_of_the_parent_binds_from_its_day() -> None:
    first = PARENT | {"to": "2025-12-31"}
    second = PARENT | {"from": "2026-01-01", "公开时限": "信息形成之日起8个工作日内，公示不少于7个工作日"}
    (found,) = problems(first, second, CHILD)
    assert (found.code, found.row) == ("CAT-E07", 4)
    later = CHILD | {"from": "2026-01-01", "公开时限": "信息形成之日起5个工作日内，公示不少于7个工作日"}
    assert problems(first, second, CHILD | {"to": "2025-12-31"}, later) == ()


def test_a_row_lies_within_the_days_of_its_catalogue() -> None:
    dated = '[child]\nname = "x"\nset = "other"\nbasis = "x"\nfrom = 2021-01-01\nto = 2030-12-31\n'
    found = problems(PARENT | {"to": "2030-12-31"}, CHILD | {"from": "2021-01-01"}, catalogues=dated)
    assert [(one.code, one.row, one.column) for one in found] == [("PACK-VALUE", 2, "from"), ("PACK-VALUE", 3, "to")]
    within = {"from": "2021-01-01", "to": "2030-12-31"}
    assert problems(PARENT | within, CHILD | within, catalogues=dated) == ()


def test_a_row_does_not_end_before_it_begins() -> None:
    (found,) = problems(PARENT | {"to": "2019-12-31"})
    assert (found.code, found.row, found.column) == ("PACK-VALUE", 2, "to")
