"""An office's spreadsheet becomes a catalogue of the pack, whole; a wrong one becomes a list of places to mend."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook

from rules.catalogue import to_csv, to_xlsx
from rules.catalogue.importing import Outcome, Spreadsheet, Wishes, import_spreadsheets
from rules.catalogue.versions import Described
from schemas.city import CatalogueRow, load_pack
from schemas.city.catalogue import MACHINE
from schemas.city.catalogues import stem_of
from schemas.city.sources import pack_files
from tests.rules.catalogue.making import DEFAULTS, FIRST, imported, office_book, put
from tests.rules.making import ROOT
from tests.support.small_city import small_city


def codes(outcome: Outcome) -> list[tuple[str, int, str]]:
    return [(one.code, one.row, one.column) for one in outcome.problems]


def test_a_sheet_of_an_office_is_read_whole() -> None:
    outcome = imported(office_book())
    assert outcome.problems == []
    first, second = load_pack({**small_city(), **outcome.files}).rows[-2:]
    assert (first.code, first.level1, first.level2) == ("91-01", "供水保障", "停水公告")
    assert first.elements == ("停水范围", "停水时间", "恢复时间")
    assert (first.time_limit.n, first.time_limit.unit, first.time_limit.raw) == (5, "WD", "信息形成之日起5个工作日内")
    assert first.channels == ("政府网站", "公开查阅点", "社区/企事业单位/村公示栏(电子屏)")
    assert (first.audience, first.modes, first.levels) == (("全社会",), ("主动",), ("市", "区"))
    assert second.level1 == "供水保障"
    assert second.elements == ("水质指标", "检测时间")
    (one,) = outcome.catalogues
    assert (one.version, len(one.changes.added)) == (1, 2)
    assert load_pack({**small_city(), **outcome.files}).catalogue["water"].name == "示例市供水领域基层政务公开标准目录"


def test_a_blank_cell_is_filled_by_a_real_merge_alone() -> None:
    assert codes(imported(office_book(merged=()))) == [("PACK-VALUE", 5, "B 一级事项")]


def test_a_changed_file_is_the_next_version_and_tells_what_changed() -> None:
    once = {**small_city(), **imported(office_book()).files}
    again = imported(office_book(), files=once)
    assert (again.files, again.catalogues[0].version) == ({}, 1)
    changed = imported(office_book(put("F4", "信息形成之日起3个工作日内"), put("H5", "■政府网站")), files=once)
    twice = {**once, **changed.files}
    assert load_pack(twice).catalogue["water"].version == changed.catalogues[0].version == 2
    told = [
        (row.new.code, cell.column, cell.new) for row in changed.catalogues[0].changes.changed for cell in row.cells
    ]
    assert told == [
        ("91-01", "公开时限", "信息形成之日起3个工作日内"), ("91-01", "n", "3"),
        ("91-02", "公开渠道和载体", "■政府网站"),
    ]  # fmt: skip


def test_a_line_break_in_a_cell_that_is_kept_from_before_changes_no_place() -> None:
    files = {**small_city(), **imported(office_book()).files}
    table = "catalogues/water.csv"
    rows = list(csv.DictReader(io.StringIO(files[table].decode())))
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "procedure": "先审查\n后公开"} for row in rows)
    broken = {**files, table: text.getvalue().encode()}
    assert imported(office_book(), files=broken).problems == []
    wrong = imported(office_book(put("F5", "看不懂")), files=broken)
    assert {(one.code, one.row) for one in wrong.problems} == {("CAT-E02", 5)}


def test_what_the_office_says_of_the_catalogue_stands_in_its_table_and_comments_stay() -> None:
    files = {
        **small_city(),
        "catalogues.toml": '# 目录清单\n[basic]\nname = "基本目录"\nset = "base"\nbasis = "x"\n'.encode(),
    }
    described = Described(name="供水目录", set="department", dept="zjj", parent="basic", basis="城市供水条例")
    outcome = imported(office_book(), files=files, described=described)
    pack = load_pack({**files, **outcome.files})
    known = pack.catalogue["water"]
    assert (known.name, known.set, known.dept, known.parent, known.basis) == (
        "供水目录", "department", "zjj", "basic", "城市供水条例",
    )  # fmt: skip
    assert outcome.files["catalogues.toml"].decode().startswith("# 目录清单\n[basic]")


def test_every_catalogue_of_the_city_comes_back_from_its_own_export_as_it_was() -> None:
    files = pack_files(ROOT / "cities/example")
    rows = load_pack(files).rows
    stems = {stem_of(row.catalogue): [one for one in rows if one.catalogue == row.catalogue] for row in rows}
    outcome = import_spreadsheets(files, [Spreadsheet(f"{stem}.csv", to_csv(of), stem) for stem, of in stems.items()])
    assert (outcome.problems, outcome.files) == ([], {})
    assert sum(len(one.rows) for one in outcome.catalogues) == len(rows)


def test_an_export_with_the_machines_columns_needs_nothing_else() -> None:
    rows = [row for row in load_pack(small_city()).rows if row.group == "basic"]
    without = {"catalogues/basic.csv", "duties.toml"}  # standing duties name rows of it
    files = {name: value for name, value in small_city().items() if name not in without}
    outcome = import_spreadsheets(files, [Spreadsheet("b.xlsx", to_xlsx(rows, "基本目录", MACHINE), "basic")])
    assert outcome.problems == []
    assert [row for row in load_pack({**files, **outcome.files}).rows if row.group == "basic"] == rows


def test_gbk_csv_with_one_line_of_headers_is_read() -> None:
    header = "编号,一级事项,二级事项,公开内容（要素）,依据,时限,责任主体,公开渠道,对象,方式,层级"
    said = "91-01,供水保障,停水公告,停水范围、停水时间,《城市供水条例》,信息形成之日起5个工作日内"
    line = f"{said},住建局,政府网站、其它,社会公众,主动公开,市级、县（区）级"
    outcome = imported(f"{header}\n{line}\n".encode("gbk"), "water.csv")
    assert outcome.problems == []
    (row,) = outcome.catalogues[0].rows
    assert (row.channels, row.modes, row.levels) == (("政府网站", "其他"), ("主动",), ("市", "区"))


def test_a_mere_number_gets_its_prefix_and_a_caption_is_left_out_with_a_note() -> None:
    rows = (("一、供水",), (7, *FIRST[1:]))
    outcome = imported(office_book(rows=rows, merged=("A4:O4",)), prefix="91-")
    assert [row.code for row in outcome.catalogues[0].rows] == ["91-07"]
    assert [note.split()[0] for note in outcome.notes] == ["water.xlsx[供水领域]:4"]


def test_departments_are_known_by_their_names() -> None:
    wishes = {name: value for name, value in DEFAULTS.items() if name != "depts"}
    outcome = imported(office_book(put("G4", "示例市民政局"), put("G5", "市民政局、市财政局")), defaults=wishes)
    assert [row.depts for row in outcome.catalogues[0].rows] == [("mzj",), ("mzj", "czj")]
    wrong = imported(office_book(put("G4", "市民政据"), put("G5", "市民政局")), defaults=wishes)
    assert codes(wrong) == [("CAT-E03", 4, "G 公开主体")]
    assert "mzj" in wrong.problems[0].message


def test_what_cannot_be_known_is_asked_for() -> None:
    outcome = imported(office_book(), defaults={})
    asked = {(one.row, one.column) for one in outcome.problems if one.code == "CAT-DEFAULT"}
    assert asked == {(row, name) for row in (4, 5) for name in ("kinds", "clock", "five_open", "column")}


BAD_ROWS = [
    ("CAT-E01", "E4", "", "E 公开依据"),
    ("CAT-E02", "F4", "", "F 公开时限"),
    ("CAT-E02", "F4", "尽快", "F 公开时限"),
    ("CAT-E03", "G4", "", "G 公开主体"),
    ("CAT-E04", "H4", "", "H 公开渠道和载体"),
    ("CAT-E04", "H4", "□政府网站", "H 公开渠道和载体"),
    ("CAT-E04", "H4", "■政府网战", "H 公开渠道和载体"),
    ("CAT-E05", "K4", "", "K 公开方式"),
    ("CAT-E05", "L4", "√", "K 公开方式"),
    ("CAT-E05", "K4", "也许", "K 主动"),
    ("CAT-E06", "D4", "", "D 公开内容(要素)"),
    ("CAT-E07", "F4", "信息形成之日起30个工作日内", "F 公开时限"),
    ("CAT-E08", "A5", "91-01", "A 序号"),
    ("CAT-E08", "A5", "01-01", "A 序号"),
    ("PACK-VALUE", "A4", "", "A 序号"),
    ("CAT-DATE", "A4", date(2026, 1, 2), "A 序号"),
    ("CAT-DATE", "F4", 5.5, "F 公开时限"),
    ("CAT-TEXT", "D4", "停水\x9f范围", "D"),
    ("CAT-SIZE", "D4", "停水" * 3_000, "D"),
    ("CAT-FORMULA", "D4", "=HYPERLINK(1)", "D"),
]


@pytest.mark.parametrize("bad", BAD_ROWS, ids=lambda bad: f"{bad[0]}-{bad[1]}")
def test_what_is_wrong_in_a_row_is_told_with_its_row_and_column(bad: tuple[str, str, object, str]) -> None:
    code, cell, value, column = bad
    outcome = imported(office_book(put(cell, value)))
    assert (code, int(cell[1:]), column) in codes(outcome)
    assert outcome.files == {}
    told = next(one for one in outcome.problems if one.code == code)
    assert told.file == "water.xlsx[供水领域]"
    assert any("一" <= mark <= "鿿" for mark in told.message)
    assert any("a" <= mark <= "z" for mark in told.message)


def test_all_that_is_wrong_is_told_at_once_and_each_cell_once() -> None:
    outcome = imported(office_book(put("F4", "尽快"), put("E4", None), put("H5", "■政府网战"), put("K5", "x")))
    assert codes(outcome) == [
        ("CAT-E01", 4, "E 公开依据"), ("CAT-E02", 4, "F 公开时限"), ("CAT-E04", 5, "H 公开渠道和载体"),
        ("CAT-E05", 5, "K 主动"),
    ]  # fmt: skip


def test_an_unreadable_deadline_points_at_the_character() -> None:
    (problem,) = imported(office_book(put("F4", "信息形成之日起某个工作日内"))).problems
    assert (problem.code, problem.row) == ("CAT-E02", 4)
    assert "第8个字" in problem.message
    assert "character 8" in problem.message


def test_a_key_field_without_the_portal_is_refused() -> None:
    outcome = imported(office_book(put("H4", "■公开查阅点")), defaults={**DEFAULTS, "field": "公共资源配置"})
    assert ("CAT-E09", 4, "H 公开渠道和载体") in codes(outcome)


def test_a_department_row_looser_than_base_is_refused() -> None:
    defaults = {**DEFAULTS, "parent": "01-01", "depts": "mzj"}
    first = (
        "mzj-91",
        "机构",
        "职责",
        "职能",
        "条例",
        "信息形成或者变更之日起20个工作日内",
        "市民政局",
        "■政府网站",
        *FIRST[8:],
    )
    outcome = imported(office_book(rows=(first,), merged=()), defaults=defaults)
    assert {(one.code, one.row) for one in outcome.problems} == {("CAT-E07", 4)}
    assert all("01-01" in one.message for one in outcome.problems)
    assert {one.column for one in outcome.problems} >= {"D 公开内容(要素)", "H 公开渠道和载体"}


def test_of_many_files_none_is_taken_where_one_is_wrong() -> None:
    good, bad = office_book(), office_book(put("A4", "92-01"), put("A5", "92-02"), put("E4", None))
    sheets = [Spreadsheet("good.xlsx", good, "good"), Spreadsheet("bad.xlsx", bad, "bad")]
    outcome = import_spreadsheets(small_city(), sheets, Wishes(DEFAULTS))
    assert [(one.file, one.code) for one in outcome.problems] == [("bad.xlsx[供水领域]", "CAT-E01")]
    assert outcome.files == {}


def test_what_begins_like_a_formula_stays_a_text_on_the_way_out_and_back() -> None:
    rows = [row.model_copy(update={"level2": f"{mark}SUM(A1)"}) for row, mark in zip(_basic(), "=+-@", strict=False)]
    book = load_workbook(io.BytesIO(to_xlsx(rows)))
    cells = [book.active[f"C{number}"] for number in range(3, 7)]
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in cells] == [
        (f"{mark}SUM(A1)", "s", True) for mark in "=+-@"
    ]
    lines = list(csv.reader(io.StringIO(to_csv(rows).decode("utf-8-sig"), newline="")))[1:]
    assert [line[2] for line in lines] == [f"'{mark}SUM(A1)" for mark in "=+-@"]
    for value, name in ((to_csv(rows), "b.csv"), (to_xlsx(rows), "b.xlsx")):
        outcome = import_spreadsheets(small_city(), [Spreadsheet(name, value, "basic")])
        assert [row.level2 for row in outcome.catalogues[0].rows] == [f"{mark}SUM(A1)" for mark in "=+-@"]


def test_the_same_rows_are_the_same_bytes() -> None:
    assert to_xlsx(_basic(), "目录") == to_xlsx(_basic(), "目录")


def test_editions_of_one_code_carry_their_days() -> None:
    first = _basic()[0]
    rows = [
        first.model_copy(update={"to": date(2026, 6, 30)}),
        first.model_copy(update={"from_": date(2026, 7, 1), "level2": "机构职责和编制"}),
    ]
    others = [row for row in load_pack(small_city()).rows if row.catalogue == first.catalogue][1:]
    outcome = import_spreadsheets(small_city(), [Spreadsheet("b.xlsx", to_xlsx([*rows, *others]), "basic")])
    assert outcome.problems == []
    assert [(str(row.to), row.level2) for row in outcome.catalogues[0].rows[:2]] == [
        ("2026-06-30", first.level2), ("None", "机构职责和编制"),
    ]  # fmt: skip


def _basic() -> list[CatalogueRow]:
    return [row for row in load_pack(small_city()).rows if row.group == "basic"][:4]
