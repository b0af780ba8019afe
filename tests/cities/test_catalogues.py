"""The example city's catalogues: as many rows, classes and fields as a real city's, no two of them alike."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from rules.commands import app
from schemas.city import load_pack
from schemas.city.catalogues import CatalogueSet
from schemas.city.models import CatalogueRow, Principle
from schemas.city.pack import Pack
from tests.rules.making import ROOT, pack

STANDARD_26 = (
    "重大建设项目", "公共资源交易", "财政预决算", "安全生产", "税收管理", "征地补偿", "国有土地上房屋征收与补偿",
    "保障性住房", "农村危房改造", "生态环境", "公共文化服务", "公共法律服务", "扶贫", "救灾", "食品药品监管",
    "城市综合执法", "就业创业", "社会保险", "社会救助", "养老服务", "户籍管理", "涉农补贴", "义务教育", "医疗卫生",
    "市政服务", "新闻出版版权",
)  # fmt: skip
"""The fields of the national standard lists (RULES §1.9)."""

PROJECTS, WELFARE, RESOURCES = "重大建设项目批准和实施", "社会公益事业建设", "公共资源配置"
COUNTS = {PROJECTS: (8, 43), WELFARE: (7, 75), RESOURCES: (6, 23)}
"""Classes and items of each of 三大重点领域 (RULES §1.9)."""

PLACEHOLDER = re.compile("事项[0-9一二三四五六七八九十]|示例事项|待定|待补充|占位|某某|XX|xx|TODO|[？?]")
ARTICLE = re.compile("第[一二三四五六七八九十百]+[条项部]")

FIVE_BOOKS = ("一般公共预算", "政府性基金预算", "国有资本经营预算", "社会保险基金预算", "部门整体预算")


def stems(kind: CatalogueSet) -> list[str]:
    return [one.stem for one in pack().catalogues if one.set == kind]


def rows_of(stem: str) -> list[CatalogueRow]:
    return [row for row in pack().rows if row.catalogue == pack().catalogue[stem].file]


def shown(*options: str) -> list[dict[str, object]]:
    """What a clerk sees of the rows that the options leave."""
    result = CliRunner().invoke(app, ["catalogue", "show", *options, "--pack", str(ROOT / "cities/example"), "--json"])
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def group(name: str, field: str = "") -> list[dict[str, object]]:
    """What a clerk sees of a group, or of the field's rows in it."""
    return shown("--group", name, *(("--field", field) if field else ()))


def twins(words: Iterable[object]) -> list[object]:
    return [word for word, count in Counter(words).items() if count > 1]


def test_every_file_is_a_catalogue_and_every_catalogue_a_file() -> None:
    assert {row.catalogue for row in pack().rows} == {one.file for one in pack().catalogues}


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(PROJECTS, marks=pytest.mark.feature("2-22"), id="2-22"),
        pytest.param(WELFARE, marks=pytest.mark.feature("2-23"), id="2-23"),
        pytest.param(RESOURCES, marks=pytest.mark.feature("2-24"), id="2-24"),
    ],
)
def test_a_key_field_has_as_many_items_in_as_many_classes(field: str) -> None:
    own = group("key-items", field)
    assert (len({one["level1"] for one in own}), len(own)) == COUNTS[field]


def test_the_key_items_are_141_in_all() -> None:
    assert len(group("key-items")) == sum(count for _, count in COUNTS.values()) == 141


@pytest.mark.feature("0-09")
def test_the_25_key_rows_are_of_three_fields() -> None:
    rows = group("key-fields")
    assert len(rows) == 25
    assert {row["field"] for row in rows} == set(COUNTS)


@pytest.mark.feature("3-07")
def test_a_key_row_says_who_what_by_which_standard_how_and_by_which_steps() -> None:
    for row in group("key-fields"):
        assert all(row[name] for name in ("publisher", "elements", "standard", "channels", "procedure")), row["code"]
    assert twins(chain.from_iterable((row["standard"], row["procedure"]) for row in group("key-fields"))) == []


@pytest.mark.feature("0-11")
def test_other_key_areas_have_rows() -> None:
    rows = group("other-key")
    assert {"社会组织", "安全生产", "放管服改革"} <= {row["field"] for row in rows}
    assert {"社会团体登记", "安全检查与事故调查", "改革举措"} <= {row["level2"] for row in rows}


@pytest.mark.feature("4-19")
def test_21_areas_have_rows_the_named_six_among_them() -> None:
    fields = {row["field"] for row in group("area")}
    assert fields == {field.name for field in pack().fields if field.set == "area"}
    assert len(fields) == 21
    assert {"义务教育", "医疗卫生", "住房保障", "稳岗就业", "招考录用", "食品药品安全"} <= fields


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(("金融债务风险防范", "扶贫项目资金", "生态环境"), marks=pytest.mark.feature("3-17"), id="3-17"),
        pytest.param(
            ("减税降费", "证照分离", "工程建设项目审批改革", "放管服改革"), marks=pytest.mark.feature("3-18"), id="3-18"
        ),
        pytest.param(
            ("稳岗就业", "义务教育", "医疗卫生", "养老服务", "公共文化"), marks=pytest.mark.feature("3-21"), id="3-21"
        ),
    ],
)
def test_each_area_named_has_rows_with_its_own_elements_and_bases(fields: tuple[str, ...]) -> None:
    for field in fields:
        own = group("area", field)
        assert len(own) >= 2, field
        assert not twins(row["basis"] for row in own), field


def test_the_26_fields_of_the_national_lists_are_there_and_every_field_has_somebody_responsible() -> None:
    assert tuple(field.name for field in pack().fields if field.set == "standard26") == STANDARD_26
    assert sum(field.set == "key" for field in pack().fields) == 3
    assert [field.id for field in pack().fields if not field.responsible or not field.basis] == []
    assert not twins((field.set, field.name) for field in pack().fields)


@pytest.mark.feature("2-20")
def test_a_key_field_names_who_answers_and_its_rows_their_clocks() -> None:
    for field in (field for field in pack().fields if field.set == "key"):
        rows = group("key-fields", field.name)
        assert {pack().clock[str(row["clock"])].basis for row in rows}, field.name
        assert len({row["clock"] for row in rows}) >= 3, field.name
        publishers = set().union(*(pack().publishers[row.code] for row in pack().rows if row.field == field.name))
        assert set(field.responsible) <= publishers, field.name


@pytest.mark.feature("4-20")
def test_32_standard_lists_cover_the_26_fields_and_six_of_the_citys_own() -> None:
    lists = stems("standard")
    assert len(lists) == 32
    subjects = [{row.level1 for row in rows_of(stem)} for stem in lists]
    assert all(len(subject) == 1 for subject in subjects)
    named = set().union(*subjects)
    assert len(named) == 32
    assert {*STANDARD_26, "国土空间规划"} <= named
    assert {row["catalogue"] for row in group("standard")} == {f"catalogues/{stem}.csv" for stem in lists}


@pytest.mark.feature("4-20")
def test_32_lists_are_imported_into_a_city_that_has_none_and_check_clean(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "cities/example", tmp_path / "city"))
    lists = shutil.move(folder / "catalogues/standard", tmp_path / "lists")
    told = (folder / "catalogues.toml").read_text(encoding="utf-8")
    without = re.sub(r'\["standard/[^]]+\]\n(?:.+\n)+\n?', "", told)
    (folder / "catalogues.toml").write_text(without, encoding="utf-8")
    assert _checked(folder)["rows"] == len(pack().rows) - len(group("standard"))
    options = ["--into", str(folder), "--as", "standard", "--set", "standard", "--basis", "国办发〔2019〕54号"]
    assert CliRunner().invoke(app, ["catalogue", "import", str(lists), *options]).exit_code == 0
    assert _checked(folder)["rows"] == len(pack().rows)
    again = load_pack(folder)
    assert sum(one.set == "standard" for one in again.catalogues) == 32
    assert {row.code: row for row in again.rows} == {row.code: row for row in pack().rows}


def _checked(folder: Path) -> dict[str, int]:
    result = CliRunner().invoke(app, ["city", "check", str(folder), "--json"])
    assert result.exit_code == 0, result.stdout
    return dict(json.loads(result.stdout))


def test_five_rows_of_each_standard_list_differ_in_elements_basis_and_deadline() -> None:
    for stem in stems("standard"):
        rows = rows_of(stem)
        assert len(rows) >= 5, stem
        assert not twins(row.elements for row in rows), stem
        assert not twins(row.basis for row in rows), stem
        assert len({row.time_limit.model_dump_json(exclude={"raw"}) for row in rows}) >= 5, stem


@pytest.mark.feature("0-02")
def test_five_departments_inherit_the_base_catalogue_some_rows_stricter() -> None:
    own = [one for one in pack().catalogues if one.set == "department"]
    assert {one.dept for one in own} == {"czj", "sthj", "zjj", "jtj", "mzj"}
    assert {one.parent for one in own} == {"basic"}
    listed = group("department")
    for catalogue in own:
        rows = [pack().row[str(row["code"])] for row in listed if row["catalogue"] == catalogue.file]
        above = [pack().row[row.parent or ""] for row in rows]
        assert {row.group for row in above} == {"basic"}
        assert all(pack().publishers[row.code] == {catalogue.dept} for row in rows)
        assert any(row.time_limit.n < parent.time_limit.n for row, parent in zip(rows, above, strict=True))
        assert any(len(row.elements) > len(parent.elements) for row, parent in zip(rows, above, strict=True))


@pytest.mark.feature("0-02")
def test_a_department_row_looser_than_the_base_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "cities/example", tmp_path / "city"))
    file = folder / "catalogues/departments/czj.csv"
    text = file.read_text(encoding="utf-8")
    assert "信息形成或者变更之日起3个工作日内" in text
    file.write_text(
        text.replace("信息形成或者变更之日起3个工作日内", "信息形成或者变更之日起10个工作日内"), encoding="utf-8"
    )
    result = CliRunner().invoke(app, ["city", "check", str(folder)])
    assert result.exit_code == 1
    assert re.search("catalogues/departments/czj.csv:[0-9]+ 公开时限: CAT-E07 .*01-06", result.stdout)


def test_fiscal_rows_run_on_the_clock_of_the_budget_law() -> None:
    rows = {row["level2"]: row for row in group("fiscal")}
    named = ("政府预算", "政府决算", "三公经费", "会议费", "PPP项目", "减税降费", "财政收支", "部门支出项目绩效目标")
    books = tuple(f"{book}绩效目标" for book in FIVE_BOOKS)
    for name in (*named, *books):
        assert rows[name]["clock"] == "CLK-05", name
        assert _length(rows[name]) == ("approved", 20, "CD"), name


def test_no_row_is_slower_than_the_law_of_its_kind() -> None:
    """The kinds whose length of time RULES §1.6 fixes, whatever field they are published in."""
    laws = {
        ("permit", "penalty"): 7, ("procurement-result", "contract"): 2, ("relief-guide", "relief-list"): 10,
        ("emergency-notice",): 5, ("interpretation",): 3,
    }  # fmt: skip
    for kinds, most in laws.items():
        rows = [row for row in pack().rows if row.kinds[0] in kinds]
        assert [row.code for row in rows if row.time_limit.n > most or row.time_limit.unit not in {"WD", "H"}] == []


def _length(row: dict[str, object]) -> tuple[object, object, object]:
    limit = row["time_limit"]
    assert isinstance(limit, dict)
    return limit["trigger"], limit["n"], limit["unit"]


def test_every_level_and_every_part_of_openness_is_in_several_catalogues() -> None:
    levels, opens = defaultdict(set), defaultdict(set)
    for row in pack().rows:
        opens[row.five_open].add(row.catalogue)
        for level in row.levels:
            levels[level].add(row.catalogue)
    assert min(len(levels[level]) for level in ("市", "区", "街镇", "村居")) >= 8
    assert min(len(opens[one]) for one in ("决策", "执行", "管理", "服务", "结果")) >= 8


@pytest.mark.feature("1-02")
def test_a_filter_by_principle_gives_counts() -> None:
    counts = {}
    for principle in get_args(Principle):
        rows = shown("--principle", principle)
        assert all(principle in str(row["principles"]) for row in rows)
        counts[principle] = len(rows)
    assert counts == Counter(principle for row in pack().rows for principle in row.principles)


def test_the_four_principles_are_all_used_and_on_a_fair_share_of_rows() -> None:
    used = Counter(principle for row in pack().rows for principle in row.principles)
    assert set(used) == {"以公开促落实", "以公开促规范", "以公开促服务", "以公开促廉洁"}
    assert min(used.values()) * 20 >= len(pack().rows)


def test_no_row_is_a_placeholder_and_no_two_ask_for_the_same() -> None:
    assert [row.code for row in pack().rows if any(PLACEHOLDER.search(word) for word in _words(row))] == []
    assert twins(row.elements for row in pack().rows) == []
    for catalogue in pack().catalogues:
        assert not twins((row.level1, row.level2) for row in rows_of(catalogue.stem)), catalogue.stem
    for row in pack().rows:
        assert not twins(row.elements), row.code
        assert 2 <= len(row.level2) <= 20 and all(2 <= len(word) <= 20 for word in row.elements), row.code
        assert len(row.elements) + len(row.optional_elements) >= 2, row.code


def test_every_basis_is_a_document_by_number_or_a_law_by_name() -> None:
    kind = re.compile(
        "(条例|法|典|办法|规定|规程|规则|意见|细则|宪法|规范|目录)(（[^）]+）)?$|^.*[〔][0-9]{4}[〕][0-9]+号$"
    )
    for row in pack().rows:
        for basis in row.basis.split("；"):
            name = re.split(ARTICLE, basis)[0].rstrip("第、")
            assert kind.search(name), (row.code, basis)


def test_every_kind_and_column_is_used() -> None:
    city: Pack = pack()
    assert {kind.name for kind in city.kinds} == {kind for row in city.rows for kind in row.kinds}
    used = {row.column for row in city.rows} | {kind.column for kind in city.kinds if kind.column}
    assert set(city.column) == used


def _words(row: CatalogueRow) -> tuple[str, ...]:
    return row.level1, row.level2, *row.elements, row.basis, row.standard, row.procedure
