"""Whatever is wrong with a pack is named with file, line and column; all of it at once."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from schemas.city import PackError, Problem, load_pack
from tests.support.small_city import write_small_city


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_city(tmp_path / "city")


def problems(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return caught.value.problems


def replace(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


BASIC, OTHER, KEY = "catalogues/basic.csv", "catalogues/other.csv", "catalogues/key-fields.csv"
TWENTY = "信息形成或者变更之日起20个工作日内"

WRONG: list[tuple[str, str, str, str, str]] = [
    ("CAT-E01", BASIC, "公开依据", "政府信息公开条例第十二条,编制", ",编制"),
    ("CAT-E02", BASIC, "公开时限", "编制或者更新之日起20个工作日内", ""),
    ("CAT-E02", OTHER, "n", "decided,7,WD", "decided,8,WD"),
    ("CAT-E03", BASIC, "公开主体", "市统计局及有关部门", ""),
    ("CAT-E03", OTHER, "depts", "sthj,POL-RT", "nobody,POL-RT"),
    ("CAT-E04", OTHER, "公开渠道和载体", "■政府网站 ■其他 ■政务服务中心", "□政府网站 □其他"),
    ("CAT-E04", OTHER, "公开渠道和载体", "■政府网站 ■其他 ■政务服务中心", ""),
    ("CAT-E05", OTHER, "公开方式", "■依申请", "■主动 ■依申请"),
    ("PACK-VALUE", OTHER, "audience", "■特定群体", "□特定群体"),
    ("CAT-E05", OTHER, "公开方式", "■依申请", "□依申请"),
    ("CAT-E06", BASIC, "公开内容(要素)", "制度名称、正文", ""),
    ("CAT-E07", OTHER, "公开时限", "CLK-03", "CLK-06"),
    ("CAT-E07", OTHER, "公开时限", "POL-RT", "POL-08E"),
    ("CAT-E08", OTHER, "序号", "08-02,", "08-01,"),
    ("CAT-E09", KEY, "公开渠道和载体", "■政府网站 ■两微一端 ■政务服务中心", "■两微一端 ■政务服务中心"),
    ("PACK-REF", OTHER, "公开渠道和载体", "■其他", "■电视台"),
    ("PACK-REF", OTHER, "kinds", "other-key,,penalty", "other-key,,fine"),
    ("PACK-REF", OTHER, "column", "结果,proposals", "结果,nowhere"),
    ("PACK-REF", OTHER, "clock", "POL-RT", "POL-XX"),
    ("PACK-VALUE", OTHER, "five_open", "POL-RT,管理", "POL-RT,管控"),
    ("CAT-E02", OTHER, "n", "obtained,24,H", "obtained,soon,H"),
    ("PACK-COLUMN", OTHER, "公开依据", "公开依据", "依据"),
    ("PACK-USCC", "departments.csv", "uscc", "119999000000000198", "119999000000000199"),
    ("PACK-DOUBLE", "departments.csv", "code", "\nfgw,", "\nzfb,"),
    ("PACK-REF", "departments.csv", "successor", "wlj,\n", "nobody,\n"),
    ("PACK-REF", "departments.csv", "class", ",市,,B,市发改委主任", ",市,,Z,市发改委主任"),
    ("PACK-VALUE", "departments.csv", "level", ",市,,B,市发改委主任", ",省,,B,市发改委主任"),
    ("PACK-VALUE", "departments.csv", "from", "市发改委主任,2010-01-01", "市发改委主任,2010"),
    ("PACK-REF", "city.toml", "lead_office", 'lead_office = "zfb"', 'lead_office = "zzz"'),
    ("PACK-VALUE", "city.toml", "division", 'division = "999900"', 'division = "9999"'),
    ("PACK-VALUE", "city.toml", "colour", 'name = "示例市"', 'name = "示例市"\ncolour = "red"'),
    ("PACK-TOML", "city.toml", "", 'release = "1"', "release ="),
    ("PACK-REF", "outlets.toml", "portal.feed", '"portal-feed"', '"publications"'),
    ("PACK-REF", "outlets.toml", "wechat-mzj.department", 'department = "mzj"', 'department = "zzz"'),
    ("PACK-REF", "kinds", "interpretation.quota_class", 'quota_class = "解读"', 'quota_class = "闲谈"'),
    ("PACK-VALUE", "kinds/documents.toml", "sign_offs", 'docno = "none"', 'docno = "none"\nsign_offs = ["4审"]'),
    ("PACK-VALUE", "calendars", "2026", "work = [2026-01-04", "work = [2026-01-05"),
]  # fmt: skip


WHERE = {"calendars": "calendars/2026-1.toml", "kinds": "kinds/documents.toml"}
"""A file to spoil in each folder whose problems are told of the folder."""


@pytest.mark.parametrize("wrong", WRONG, ids=[f"{n}-{wrong[0]}" for n, wrong in enumerate(WRONG)])
def test_what_is_wrong_is_named_with_its_place(folder: Path, wrong: tuple[str, str, str, str, str]) -> None:
    code, file, column, old, new = wrong
    replace(folder, WHERE.get(file, file), old, new)
    found = [one for one in problems(folder) if (one.code, one.file) == (code, file)]
    assert any(one.column.startswith(column) for one in found), problems(folder)
    if file.endswith(".csv"):
        lines = (folder / file).read_text(encoding="utf-8").splitlines()
        assert all(1 <= one.row <= len(lines) for one in found)


def test_the_line_is_the_one_it_stands_on(folder: Path) -> None:
    replace(folder, OTHER, "CLK-03", "CLK-06")
    lines = (folder / OTHER).read_text(encoding="utf-8").splitlines()
    (found,) = problems(folder)
    assert lines[found.row - 1].startswith("08-01,")
    assert str(found).startswith(f"{OTHER}:{found.row} 公开时限: CAT-E07 ")
    assert "CLK-06" in found.message


def test_all_problems_are_told_at_once(folder: Path) -> None:
    replace(folder, "departments.csv", "119999000000000198", "119999000000000199")
    replace(folder, OTHER, "POL-RT,管理", "POL-XX,管理")
    assert {one.code for one in problems(folder)} == {"PACK-USCC", "PACK-REF"}


def _remove(folder: Path) -> None:
    (folder / "outlets.toml").unlink()


def _not_utf8(folder: Path) -> None:
    (folder / "columns.toml").write_bytes("名".encode("gb18030"))


def _torn(folder: Path) -> None:
    (folder / OTHER).write_text('序号,"', encoding="utf-8")


def _short_line(folder: Path) -> None:
    with (folder / OTHER).open("a", encoding="utf-8") as file:
        file.write("99-01,x\n")


def _no_calendar(folder: Path) -> None:
    shutil.rmtree(folder / "calendars")


def _gap(folder: Path) -> None:
    (folder / "calendars/2022-1.toml").unlink()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_remove, "PACK-FILE"), (_not_utf8, "PACK-FILE"), (_torn, "PACK-CSV"), (_short_line, "PACK-CSV"),
        (_no_calendar, "PACK-FILE"), (_gap, "PACK-VALUE"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_are_problems_and_never_a_crash(
    folder: Path, spoil: Callable[[Path], None], code: str
) -> None:
    spoil(folder)
    assert code in {one.code for one in problems(folder)}


def test_an_empty_folder_is_named_empty(tmp_path: Path) -> None:
    assert {one.file for one in problems(tmp_path)} >= {"city.toml", "departments.csv", "outlets.toml"}


def test_a_later_version_of_a_year_replaces_the_earlier_and_an_override_changes_days(folder: Path) -> None:
    year = next(one for one in load_pack(folder).years if one.year == 2020)
    assert (year.version, date(2020, 2, 1) in year.off) == (2, True)
    (folder / "calendars/2026.override.toml").write_text('2026-03-11 = "holiday"\n2026-03-14 = "workday"\n')
    changed = next(one for one in load_pack(folder).years if one.year == 2026)
    assert (date(2026, 3, 11) in changed.off, date(2026, 3, 14) in changed.work) == (True, True)
    (folder / "calendars/2026.override.toml").write_text('2026-03-11 = "feast"\n2031-01-01 = "holiday"\n')
    assert {one.code for one in problems(folder)} == {"PACK-VALUE", "PACK-REF"}


def test_a_new_key_field_is_a_new_file_and_no_code(folder: Path) -> None:
    with (folder / "fields.toml").open("a", encoding="utf-8") as fields:
        fields.write('\n[business]\nname = "优化营商环境"\nset = "key"\nbasis = "优化营商环境条例"\n')
    lines = (folder / KEY).read_text(encoding="utf-8").splitlines()
    added = lines[1].replace("04-01", "77-01").replace("重大建设项目批准和实施", "优化营商环境")
    (folder / "catalogues/business.csv").write_text(f"{lines[0]}\n{added}\n", encoding="utf-8")
    pack = load_pack(folder)
    assert (pack.row["77-01"].field, pack.row["77-01"].catalogue) == ("优化营商环境", "catalogues/business.csv")
    assert pack.publishers["77-01"] == pack.publishers["04-01"]


def test_an_error_travels_between_processes_with_its_problems(folder: Path) -> None:
    error = PackError(problems_of := [Problem("city.toml", 0, "name", "PACK-VALUE", "x")])
    assert list(pickle.loads(pickle.dumps(error)).problems) == problems_of
