"""No file does harm: each is refused with its place and a remedy, before it takes time or room."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from rules.catalogue import to_xlsx
from rules.catalogue.layout import layout_of
from rules.catalogue.package import MAX_WHOLE
from rules.catalogue.refusal import RefusedError
from rules.catalogue.sheets import MAX_ROWS, read_sheets
from schemas.city import Problem
from tests.rules.catalogue.making import BOTTOM, MERGED_HEADERS, TOP, city, office_book, put, saved, words, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"
GOOD = office_book()


def refused(value: bytes, name: str = "a.xlsx") -> list[Problem]:
    with pytest.raises(RefusedError) as caught:
        for sheet in read_sheets(name, value):
            layout_of(sheet, words())
    return list(caught.value.problems)


def cells(*rows: bytes) -> bytes:
    return zipped({SHEET: HEAD + b"".join(rows) + END}, GOOD)


def many_rows(n: int) -> bytes:
    return cells(b"".join(b"<row><c><v>%d</v></c></row>" % (at * 7_919) for at in range(n)))


def merged(n: int) -> bytes:
    """Regions that lie over one another."""
    regions = b"".join(b'<mergeCell ref="A%d:A19000"/>' % (at + 2) for at in range(n))
    sheet = HEAD + b"<row><c><v>1</v></c></row></sheetData><mergeCells>" + regions + b"</mergeCells></worksheet>"
    return zipped({SHEET: sheet}, GOOD)


FILES = {
    "empty": (b"", "a.xlsx", "CAT-FILE", "empty"),
    "blank": (b" \n", "a.csv", "CAT-FILE", "empty"),
    "password": (OLE + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "CAT-FILE", "password"),
    "xls named xlsx": (OLE, "a.xlsx", "CAT-FILE", "old .xls"),
    "xls": (OLE, "a.xls", "CAT-FILE", "old .xls"),
    "xlsx named xls": (GOOD, "a.xls", "CAT-FILE", "new-format"),
    "xlsx named csv": (GOOD, "a.csv", "CAT-FILE", "named .csv"),
    "csv named xlsx": (b"a,b", "a.xlsx", "CAT-FILE", "no .xlsx inside"),
    "pdf": (b"%PDF-1.7", "a.pdf", "CAT-FILE", "save it as"),
    "macros": (GOOD, "a.xlsm", "CAT-FILE", "without macros"),
    "torn": (GOOD[: len(GOOD) // 2], "a.xlsx", "CAT-FILE", "torn"),
    "no sheet": (zipped({"xl/workbook.xml": b"<workbook/>"}, GOOD), "a.xlsx", "CAT-FILE", "nothing stands"),
    "no xml": (zipped({SHEET: b"\x00\x01<"}, GOOD), "a.xlsx", "CAT-FILE", "torn"),
    "entities": (zipped({SHEET: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + HEAD + END}, GOOD), "a.xlsx", "CAT-FILE", "DTD"),
    "bomb": (cells(b" " * (MAX_WHOLE + 1)), "a.xlsx", "CAT-SIZE", "unpacks"),
    "NUL": ("序号\n1,\0".encode(), "a.csv", "CAT-TEXT", "NUL"),
    "latin": (b"\xff\xff\xff\xff\n", "a.csv", "CAT-FILE", "neither UTF-8 nor GBK"),
    "quotes": ('序号,"一级\n'.encode(), "a.csv", "CAT-FILE", "no CSV"),
    "long cell": (("x" * 200_000).encode(), "a.csv", "CAT-FILE", "no CSV"),
    "formula": ("序号\n=1+1\n".encode(), "a.csv", "CAT-FORMULA", "A2 is a formula"),
    "columns": (cells(b'<row><c r="CW1"><v>1</v></c></row>'), "a.xlsx", "CAT-SIZE", "more than 100 columns"),
    "columns of csv": (b"a," * 1_000 + b"b", "a.csv", "CAT-SIZE", "more than 100 columns"),
    "rows": (many_rows(MAX_ROWS + 1), "a.xlsx", "CAT-SIZE", "more than 20000 rows"),
    "far corner": (cells(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "a.xlsx", "CAT-SIZE", "rows"),
    "cell of another row": (cells(b'<row r="1"><c r="B30000"><v>1</v></c></row>'), "a.xlsx", "CAT-FILE", "in row 1"),
    "empty far cell": (cells(b'<row r="1"><c r="GA1" t="str"><v></v></c></row>'), "a.xlsx", "CAT-SIZE", "columns"),
    "merges": (merged(2_000), "a.xlsx", "CAT-SIZE", "merged"),
    "no header": (cells(b"<row><c><v>1</v></c></row>"), "a.xlsx", "CAT-HEADER", "no line of headers"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_catalogue_is_refused_and_says_why(name: str) -> None:
    value, file, code, told = FILES[name]
    found = refused(value, file)
    assert [one.code for one in found] == [code]
    assert told in found[0].message
    assert found[0].file.startswith(file)
    assert any("一" <= mark <= "鿿" for mark in found[0].message)


@pytest.mark.full
def test_a_million_rows_are_refused_after_the_first_twenty_thousand() -> None:
    (found,) = refused(many_rows(1_000_000))
    assert (found.code, found.row) == ("CAT-SIZE", MAX_ROWS + 1)


def test_a_package_that_lies_about_its_sizes_is_not_believed() -> None:
    """The directory says ten bytes where nine million lie."""
    value = bytearray(cells(b" " * 9_000_000))
    entry = value.rindex(SHEET.encode()) - 46
    assert value[entry : entry + 4] == b"PK\x01\x02"
    value[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    assert [one.code for one in refused(bytes(value))] == ["CAT-FILE"]


def test_macros_and_links_are_never_looked_at() -> None:
    parts = {"xl/vbaProject.bin": b"\x00" * 100, "xl/externalLinks/externalLink1.xml": b"<!DOCTYPE x>"}
    (sheet,) = read_sheets("a.xlsx", zipped(parts, GOOD))
    assert layout_of(sheet, words()).title == "示例市供水领域基层政务公开标准目录"


def test_hidden_rows_and_columns_are_named_and_empty_ones_do_not_matter() -> None:
    def hide(sheet: Worksheet) -> None:
        for row in (5, 90):
            sheet.row_dimensions[row].hidden = True
        for column in ("E", "Z"):
            sheet.column_dimensions[column].hidden = True

    found = refused(office_book(hide))
    assert {(one.code, one.row, one.column) for one in found} == {("CAT-HIDDEN", 5, ""), ("CAT-HIDDEN", 0, "E")}


def test_a_hidden_sheet_is_not_read() -> None:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(("序号",))
    book.create_sheet("字典").append(("=1+1",))
    book["字典"].sheet_state = "hidden"
    assert [one.place.sheet for one in read_sheets("a.xlsx", saved(book))] == ["Sheet"]


def test_a_formula_is_refused_with_its_cell() -> None:
    (found,) = refused(office_book(put("E5", "=E4")))
    assert (found.code, found.row, found.column) == ("CAT-FORMULA", 5, "E")
    assert "E5" in found.message


HEADERS = [
    (put("E2", "公开根据"), {("E", "是否应为“公开依据”"), ("公开依据", "缺少")}),
    (put("F2", "公开依据"), {("F", "两列"), ("公开时限", "缺少")}),
    (put("P2", "经办人"), {("P", "不认识")}),
]


@pytest.mark.parametrize("case", HEADERS, ids=("renamed", "twice", "unknown"))
def test_a_wrong_header_is_told_with_the_nearest_right_one(case: tuple[object, set[tuple[str, str]]]) -> None:
    spoil, told = case
    found = refused(office_book(spoil))  # type: ignore[arg-type]
    assert {one.code for one in found} == {"CAT-HEADER"}
    for column, words_ in told:
        assert any(one.column == column and words_ in one.message for one in found), found


def test_a_second_header_is_told_with_its_row() -> None:
    single = tuple(bottom if top == "公开事项" else top for top, bottom in zip(TOP, BOTTOM, strict=True))
    found = refused(office_book(rows=((1, *["x"] * 14), single)))
    assert [(one.code, one.row) for one in found] == [("CAT-HEADER", 5)]


def test_a_header_of_one_line_with_a_row_of_data_below_is_of_one_line() -> None:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    names = (
        "序号",
        "一级事项",
        "二级事项",
        "公开内容",
        "依据",
        "时限",
        "主体",
        "渠道",
        "公开对象",
        "公开方式",
        "公开层级",
    )
    sheet.append(tuple("公开渠道" if name == "渠道" else name for name in names))
    sheet.append(("1", "a", "b", "c", "d", "e", "f", "政府网站", "全社会", "主动", "市级"))
    (read,) = read_sheets("a.xlsx", saved(book))
    assert layout_of(read, words()).first == 2


def test_headers_need_no_merged_cells() -> None:
    def unmerge(sheet: Worksheet) -> None:
        for cells_ in MERGED_HEADERS:
            sheet.unmerge_cells(cells_)

    (read,) = read_sheets("a.xlsx", office_book(unmerge))
    boxes = [column.box for column in layout_of(read, words()).columns[8:]]
    assert boxes == ["全社会", "特定群体", "主动", "依申请", "市级", "县级", "乡级"]


@pytest.mark.parametrize("at", range(0, len(GOOD), max(1, len(GOOD) // 40)))
def test_a_spoilt_byte_never_brings_the_program_down(at: int) -> None:
    value = GOOD[:at] + bytes([GOOD[at] ^ 0x5A]) + GOOD[at + 1 :]
    try:
        for sheet in read_sheets("a.xlsx", value):
            layout_of(sheet, words())
    except RefusedError as error:
        assert error.problems


def test_the_export_is_a_sound_package() -> None:
    with zipfile.ZipFile(io.BytesIO(to_xlsx(city().rows))) as package:
        assert package.testzip() is None
        assert {one.date_time for one in package.infolist()} == {(2000, 1, 1, 0, 0, 0)}
