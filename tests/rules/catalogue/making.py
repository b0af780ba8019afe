"""Spreadsheets as offices write them, and as they should not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from rules.catalogue.importing import Outcome, Spreadsheet, Wishes, import_spreadsheets
from rules.catalogue.layout import Words
from schemas.city import Pack, load_pack
from tests.support.small_city import small_city

TOP = (
    "序 号", "公开事项", None, "公开内容\n（要素）", "公开依据", "公开时限", "公开主体", "公开渠道和载体",
    "公开对象", None, "公开方式", None, "公开层级", None, None,
)  # fmt: skip
BOTTOM = (
    None, "一级事项", "二级事项", None, None, None, None, None,
    "全社会", "特定群体", "主动", "依申请公开", "市级", "县级", "乡级",
)  # fmt: skip
"""Two lines of headers, in an office's own words."""

MERGED_HEADERS = ("B2:C2", "I2:J2", "K2:L2", "M2:O2", "A2:A3", "D2:D3", "E2:E3", "F2:F3", "G2:G3", "H2:H3")
BOXES = "■政府网站      □政府公报\n□两微一端      □发布会/听证会\n√公开查阅点\n☑社区/企事业单位/村公示栏（电子屏）"

FIRST = (
    "91-01", "供水保障", "停水公告", "1.停水范围；\n2.停水时间；\n3.恢复时间", "《城市供水条例》第二十二条",
    "信息形成之日起\n5个工作日内", "市住房和城乡建设局", BOXES, "√", None, "√", None, "√", "√", None,
)  # fmt: skip
SECOND = ("91-02", None, "水质公告", "水质指标、检测时间", *FIRST[4:])

DEFAULTS = {
    "kinds": "notice", "depts": "zjj level:区", "clock": "CLK-01", "five_open": "服务", "column": "notices",
    "group": "water",
}  # fmt: skip
"""What the machine needs and the office's sheet does not say."""

Sheetlike = Sequence[Sequence[object]]
Spoil = Callable[[Worksheet], object]


def office_book(*spoils: Spoil, rows: Sheetlike = (FIRST, SECOND), merged: Sequence[str] = ("B4:B5",)) -> bytes:
    """A sheet with a title, two lines of headers and merged cells; each of `spoils` changes something."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "供水领域"
    sheet.append(("示例市供水领域基层政务公开标准目录",))
    for row in (TOP, BOTTOM, *rows):
        sheet.append(tuple(row))
    for cells in ("A1:O1", *MERGED_HEADERS, *merged):
        sheet.merge_cells(cells)
    for spoil in spoils:
        spoil(sheet)
    return saved(book)


def saved(book: Workbook) -> bytes:
    value = io.BytesIO()
    book.save(value)
    return value.getvalue()


def put(cell: str, value: object) -> Spoil:
    """A change of one cell."""
    return lambda sheet: sheet.__setitem__(cell, value)


def zipped(parts: Mapping[str, bytes], like: bytes | None = None) -> bytes:
    """A package with these parts in place of, or beside, those of `like`."""
    value = io.BytesIO()
    with zipfile.ZipFile(value, "w", zipfile.ZIP_DEFLATED) as new:
        if like is not None:
            with zipfile.ZipFile(io.BytesIO(like)) as old:
                for name in old.namelist():
                    if name not in parts:
                        new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return value.getvalue()


@cache
def city() -> Pack:
    return load_pack(small_city())


@cache
def words() -> Words:
    return Words(city())


def imported(
    value: bytes, name: str = "water.xlsx", files: Mapping[str, bytes] | None = None, **wishes: object
) -> Outcome:
    """What an import into the small city comes to."""
    asked = Wishes(**{"defaults": DEFAULTS, **wishes})  # type: ignore[arg-type]
    return import_spreadsheets(files or small_city(), [Spreadsheet(name, value, "water")], asked)
