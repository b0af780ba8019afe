"""A catalogue as the spreadsheet that offices know: the ten standard columns, merged cells, ■□ boxes (RULES §1.9).

The same rows give the same bytes. No cell can become a formula in whatever opens the file.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from schemas.city import CatalogueRow
from schemas.city.catalogue import MACHINE, STANDARD, cells_of, ticked
from schemas.city.headers import BOXES, GROUP

GUARDED = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with: a spreadsheet would take it for a formula."""

SHEET = "目录"


class _Column(NamedTuple):
    top: str
    bottom: str
    width: float
    cell: Callable[[dict[str, str]], str]


def to_xlsx(rows: Iterable[CatalogueRow], title: str = "", columns: Sequence[str] = ()) -> bytes:
    """`rows` as an .xlsx file, under a `title` line where one is given; `columns` of the machine stand at the end.

    Where a code has several editions, their days stand beside them.
    """
    lines = list(rows)
    layout = _layout(_columns(lines, columns))
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = SHEET
    first = _head(sheet, layout, title)
    for number, row in enumerate(lines, first):
        cells = cells_of(row)
        for at, column in enumerate(layout, 1):
            _write(sheet, number, at, column.cell(cells))
    _merge_equal(sheet, lines, first)
    sheet.freeze_panes = sheet.cell(first, 4)
    return _fixed(book)


def to_csv(rows: Iterable[CatalogueRow], columns: Sequence[str] = ()) -> bytes:
    """`rows` as CSV for a spreadsheet: one line of headers, every box written out, UTF-8 with its mark."""
    lines = list(rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    names = (*STANDARD, *_columns(lines, columns))
    writer.writerow(names)
    for row in lines:
        cells = cells_of(row)
        writer.writerow(guarded(_boxes(name, cells[name], " ") if name in BOXES else cells[name]) for name in names)
    return text.getvalue().encode("utf-8-sig")


def normal_csv(rows: Iterable[CatalogueRow]) -> bytes:
    """`rows` as a file of a pack: every column, one row a line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, (*STANDARD, *MACHINE), lineterminator="\n")
    writer.writeheader()
    writer.writerows(cells_of(row) for row in rows)
    return text.getvalue().encode()


def guarded(text: str) -> str:
    """`text` with the usual quote before it where it would begin a formula."""
    return f"'{text}" if text.startswith(GUARDED) else text


def _columns(rows: Sequence[CatalogueRow], asked: Sequence[str]) -> tuple[str, ...]:
    dated = any(n > 1 for n in Counter(row.code for row in rows).values())
    return tuple(name for name in MACHINE if name in asked or (dated and name in {"from", "to"}))


def _layout(further: Sequence[str]) -> list[_Column]:
    widths = {
        "序号": 9,
        "一级事项": 14,
        "二级事项": 18,
        "公开内容(要素)": 34,
        "公开依据": 34,
        "公开时限": 20,
        "公开主体": 18,
    }
    layout = [_Column(GROUP if name.endswith("级事项") else name, name, widths[name], _plain(name)) for name in widths]
    layout.append(
        _Column(
            "公开渠道和载体",
            "公开渠道和载体",
            34,
            lambda cells: _boxes("公开渠道和载体", cells["公开渠道和载体"], "\n"),
        )
    )
    for name in ("公开对象", "公开方式", "公开层级"):
        layout += [_Column(name, box, 8, _tick(name, box)) for box in BOXES[name]]
    return [*layout, *(_Column(name, name, 14, _plain(name)) for name in further)]


def _plain(name: str) -> Callable[[dict[str, str]], str]:
    return lambda cells: cells[name]


def _tick(name: str, box: str) -> Callable[[dict[str, str]], str]:
    return lambda cells: "√" if box in ticked(cells[name]) else ""


def _boxes(name: str, cell: str, between: str) -> str:
    """Every box of the column, ticked or not; one that is not among them stands at the end."""
    words = ticked(cell)
    known = BOXES[name]
    lines = [f"{'■' if word in words else '□'}{word}" for word in known]
    return between.join([*lines, *(f"■{word}" for word in words if word not in known)])


def _head(sheet: Worksheet, layout: Sequence[_Column], title: str) -> int:
    """Write title and headers; the number of the first row below them."""
    top = 1
    if title:
        _write(sheet, 1, 1, title)
        sheet.cell(1, 1).font = Font(bold=True, size=16)
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(layout))
        top = 2
    for at, column in enumerate(layout, 1):
        sheet.column_dimensions[get_column_letter(at)].width = column.width
        _write(sheet, top, at, column.top)
        _write(sheet, top + 1, at, column.bottom)
        for row in (top, top + 1):
            sheet.cell(row, at).font = Font(bold=True)
            sheet.cell(row, at).fill = PatternFill("solid", fgColor="DDE8F0")
    _merge_headers(sheet, layout, top)
    return top + 2


def _merge_headers(sheet: Worksheet, layout: Sequence[_Column], top: int) -> None:
    at = 1
    for name, group in groupby(layout, attrgetter("top")):
        columns = list(group)
        last = at + len(columns) - 1
        rows = top + 1 if columns[0].bottom == name else top
        if (rows, last) != (top, at):
            sheet.merge_cells(start_row=top, start_column=at, end_row=rows, end_column=last)
        at = last + 1


def _merge_equal(sheet: Worksheet, rows: Sequence[CatalogueRow], first: int) -> None:
    """One cell for a 一级事项 that stands over several rows."""
    at = first
    for _, group in groupby(rows, attrgetter("level1")):
        last = at + len(list(group)) - 1
        if last > at:
            sheet.merge_cells(start_row=at, start_column=2, end_row=last, end_column=2)
        at = last + 1


_THIN = Side(style="thin", color="999999")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_ALIGN = Alignment(wrap_text=True, vertical="center")


def _write(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """As a text, whatever it begins with; marked so for programs that look."""
    cell = sheet.cell(row, column)
    cell.border, cell.alignment = _BORDER, _ALIGN
    if text:
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(GUARDED)


_WRITTEN = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MERGES = re.compile(rb"<mergeCell [^>]*/>")


def _fixed(book: Workbook) -> bytes:
    """The file without the time it was made at."""
    made, fixed = io.BytesIO(), io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            value = old.read(name)
            if name == "docProps/core.xml":
                value = _WRITTEN.sub(b"2000-01-01T00:00:00Z", value)
            elif name.startswith("xl/worksheets/"):
                value = _in_one_order(value)
            new.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), value, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def _in_one_order(sheet: bytes) -> bytes:
    """Merged cells are written as a set gives them, which changes from process to process."""
    merges = iter(sorted(_MERGES.findall(sheet)))
    return _MERGES.sub(lambda _: next(merges), sheet)
