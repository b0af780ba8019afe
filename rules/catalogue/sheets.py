"""The sheets of a spreadsheet as they stand: values, merged regions; nothing hidden, computed or endless gets by."""

from __future__ import annotations

import csv
import io
import posixpath
import zipfile
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from typing import NamedTuple
from xml.etree import ElementTree

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from rules.catalogue.package import checked
from rules.catalogue.refusal import Place, RefusedError
from schemas.city import Problem

MAX_ROWS, MAX_COLUMNS, MAX_CELL = 20_000, 100, 5_000

Value = str | int | float | bool | date | datetime | time | timedelta


class Merge(NamedTuple):
    """A merged region; its value stands in the first cell. Rows and columns count from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet; `rows[0]` is its row 1, and short rows end in nothing."""

    place: Place
    rows: tuple[tuple[Value, ...], ...]
    merges: tuple[Merge, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no cell says anything."""
        return not any(cell != "" for row in self.rows for cell in row)


def read_sheets(name: str, value: bytes) -> tuple[Sheet, ...]:
    """The visible sheets of a file with anything on them.

    Raises:
        RefusedError: every reason why not, with sheet, row and column.
    """
    sound = checked(name, value)
    sheets = (_of_csv(name, sound),) if PurePath(name).suffix.lower() == ".csv" else _of_xlsx(name, sound)
    found = tuple(sheet for sheet in sheets if not sheet.is_empty)
    if not found:
        raise Place(name).refuse("CAT-FILE", "文件里没有内容。", "nothing stands in the file.")
    problems = [problem for sheet in found for problem in _strange(sheet)]
    if problems:
        raise RefusedError(problems)
    return found


def _of_csv(name: str, value: bytes) -> Sheet:
    place = Place(name)
    if b"\0" in value:
        line = value[: value.index(b"\0")].count(b"\n") + 1
        raise place.refuse("CAT-TEXT", "含有NUL字符，不是文本文件。", "has a NUL; this is no text.", line)
    reader = csv.reader(io.StringIO(_text(place, value), newline=""), strict=True)
    rows: list[tuple[Value, ...]] = []
    try:
        for cells in reader:
            rows.append(tuple(cell.strip() for cell in cells))
            _in_bounds(place, len(rows), _length(rows[-1]))
    except csv.Error as error:
        raise place.refuse("CAT-FILE", "不是规范的CSV。", f"is no CSV: {error}.", reader.line_num) from error
    problems = [
        _formula(place, row, column)
        for row, cells in enumerate(rows, 1) for column, cell in enumerate(cells, 1) if str(cell).startswith("=")
    ]  # fmt: skip
    if problems:
        raise RefusedError(problems)
    return Sheet(place, tuple(rows))


def _length(cells: tuple[Value, ...]) -> int:
    return max((at for at, cell in enumerate(cells, 1) if cell != ""), default=0)


def _text(place: Place, value: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return value.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise place.refuse("CAT-FILE", "编码既不是UTF-8也不是GBK。", "is neither UTF-8 nor GBK.")


def _of_xlsx(name: str, value: bytes) -> tuple[Sheet, ...]:
    place = Place(name)
    try:
        scans = _scans(place, value)
        with CalamineWorkbook.from_filelike(io.BytesIO(value)) as book:
            visible = [one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
            sheets = [(one, book.get_sheet_by_name(one)) for one in visible if one in scans]
            problems = [problem for one, _ in sheets for problem in scans[one]]
            if problems:
                raise RefusedError(problems)
            return tuple(_sheet(Place(name, one), sheet) for one, sheet in sheets)
    except (CalamineError, ElementTree.ParseError, zipfile.BadZipFile, KeyError, ValueError, OverflowError) as error:
        raise place.refuse("CAT-FILE", "文件已损坏，打不开。", f"torn: {error}.") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # calamine's own fault, which is no Exception
            raise place.refuse("CAT-FILE", "文件已损坏，打不开。", "torn beyond reading.") from error
        raise


def _sheet(place: Place, sheet: CalamineSheet) -> Sheet:
    rows = tuple(
        tuple(cell.strip() if isinstance(cell, str) else cell for cell in row)
        for row in sheet.to_python(skip_empty_area=False)
    )
    merges = {
        Merge(top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    }
    _check_room(place, merges)
    return Sheet(place, rows, tuple(sorted(merges)))


def _check_room(place: Place, merges: Set[Merge]) -> None:
    """Merged regions that do not overlap have no more cells than the largest sheet."""
    cells = sum((one.bottom - one.top + 1) * (one.right - one.left + 1) for one in merges)
    if cells > MAX_ROWS * MAX_COLUMNS:
        raise place.refuse("CAT-SIZE", "合并单元格过多，不是一份目录。", "too many merged cells.")


def _scans(place: Place, value: bytes) -> dict[str, list[Problem]]:
    """Each sheet's hidden rows and columns and formulas, looked for before anything takes room for its cells."""
    with zipfile.ZipFile(io.BytesIO(value)) as package:
        parts = {name.lower(): name for name in package.namelist()}
        found = {}
        for name, part in _parts_of(package, parts):
            if part.lower() in parts:
                with package.open(parts[part.lower()]) as stream:
                    events = ElementTree.iterparse(stream, ("start", "end"))  # noqa: S314 - no DTD in it
                    found[name] = list(_scan(Place(place.file, name), events))
        return found


def _parts_of(package: zipfile.ZipFile, parts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Name and path of every sheet."""
    relations = ElementTree.fromstring(package.read(parts["xl/_rels/workbook.xml.rels"]))  # noqa: S314 - no DTD in it
    targets = {one.get("Id", ""): posixpath.join("/xl", one.get("Target", "")).lstrip("/") for one in relations}
    book = ElementTree.fromstring(package.read(parts["xl/workbook.xml"]))  # noqa: S314 - no DTD in it
    for element in book.iter():
        if _local(element.tag) == "sheet":
            relation = next((value for key, value in element.attrib.items() if _local(key) == "id"), "")
            yield element.get("name", ""), posixpath.normpath(targets.get(relation, ""))


def _scan(place: Place, events: Iterator[tuple[str, ElementTree.Element]]) -> Iterator[Problem]:
    row = column = 0
    hidden, concealed, filled = False, list[range](), set[int]()
    for event, element in events:
        tag = _local(element.tag)
        if event == "start" and tag == "row":
            row, column, hidden = int(element.get("r") or row + 1), 0, _is_hidden(element)
        elif event == "start" and tag == "c":
            column = _column_of(place, element, row, column)
        elif event == "start" and tag == "col" and _is_hidden(element):
            concealed.append(range(int(element.get("min") or 1), int(element.get("max") or 1) + 1))
        elif event == "end" and tag in {"f", "v", "is"}:
            _in_bounds(place, row, column)  # an empty one, too, takes the room of all before it
            if tag != "f" and not element.text and not len(element):
                continue
            filled.add(column)
            if tag == "f":
                yield _formula(place, row, column)
            if hidden:
                yield _hidden_row(place, row)
                hidden = False
        elif event == "end" and tag == "row":
            element.clear()
    yield from (_hidden_column(place, at) for at in sorted(filled) if any(at in range_ for range_ in concealed))


def _is_hidden(element: ElementTree.Element) -> bool:
    return element.get("hidden") in {"1", "true"}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _column_of(place: Place, element: ElementTree.Element, row: int, last: int) -> int:
    if (reference := element.get("r")) is None:
        return last + 1
    letters, number = coordinate_from_string(reference)
    if number != row:  # whoever reads the cells goes by their own word
        raise place.refuse(
            "CAT-FILE", f"单元格{reference}不在第{row}行里，文件已损坏。", f"torn: {reference} in row {row}."
        )
    return int(column_index_from_string(letters))


def _in_bounds(place: Place, row: int, column: int) -> None:
    if row > MAX_ROWS:
        raise place.refuse("CAT-SIZE", f"超过{MAX_ROWS}行，不是一份目录。", f"more than {MAX_ROWS} rows.", row)
    if column > MAX_COLUMNS:
        raise place.refuse(
            "CAT-SIZE", f"超过{MAX_COLUMNS}列，不是一份目录。", f"more than {MAX_COLUMNS} columns.", row, column
        )


def _formula(place: Place, row: int, column: int) -> Problem:
    at = f"{get_column_letter(column)}{row}"
    return place.problem(
        "CAT-FORMULA", f"单元格{at}是公式，请“选择性粘贴为数值”后重新保存。",
        f"{at} is a formula; paste its value, then save again.", row, column,
    )  # fmt: skip


def _hidden_row(place: Place, row: int) -> Problem:
    return place.problem(
        "CAT-HIDDEN", f"第{row}行被隐藏或被筛选掉，请取消隐藏和筛选，或者删去该行。",
        f"row {row} is hidden or filtered away; show it or delete it.", row,
    )  # fmt: skip


def _hidden_column(place: Place, column: int) -> Problem:
    letter = get_column_letter(column)
    return place.problem(
        "CAT-HIDDEN", f"{letter}列被隐藏，请取消隐藏，或者删去该列。",
        f"column {letter} is hidden; show it or delete it.", 0, column,
    )  # fmt: skip


def _strange(sheet: Sheet) -> Iterator[Problem]:
    """Cells that no person typed."""
    for row, cells in enumerate(sheet.rows, 1):
        for column, cell in enumerate(cells, 1):
            if not isinstance(cell, str):
                continue
            if len(cell) > MAX_CELL:
                zh, en = f"单元格超过{MAX_CELL}字。", f"longer than {MAX_CELL} characters."
                yield sheet.place.problem("CAT-SIZE", zh, en, row, column)
            elif strange := next((mark for mark in cell if _is_strange(mark)), ""):
                zh, en = f"含有控制字符U+{ord(strange):04X}。", f"has the control character U+{ord(strange):04X}."
                yield sheet.place.problem("CAT-TEXT", zh, en, row, column)


def _is_strange(mark: str) -> bool:
    return (mark < " " and mark not in "\t\n\r") or "\x7f" <= mark <= "\x9f" or "\ud800" <= mark <= "\udfff"
