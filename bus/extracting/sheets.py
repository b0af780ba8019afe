"""Spreadsheets: cells with their places and the heads of their columns, comments, text boxes, hidden sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

import python_calamine as calamine

from bus.extracting.archive import MOST_BYTES, Archive, Told, properties
from bus.extracting.gathering import Full, Gathering, Unopenable
from schemas.extracts import Extract

MOST_SHEETS = 500
_WHOLE = 1e15
"""Below it a number of a cell is exact."""
_HEADERS = frozenset({"oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"})
_LARGE = 20_000_000
"""Bytes of a sheet beyond which its header is not looked for."""


def read(file: BinaryIO, whole: Archive, gathered: Gathering) -> Extract:
    """The extract of a spreadsheet."""
    if whole.declared() > MOST_BYTES:
        raise Unopenable("limits")
    file.seek(0)
    try:
        book = calamine.CalamineWorkbook.from_filelike(file)
    except calamine.PasswordError as error:
        raise Unopenable("encrypted") from error
    except (calamine.CalamineError, OSError) as error:
        raise Unopenable("damaged") from error
    comments = _spoken(whole, "xl/comments", frozenset({"comment"}), inner="t")
    comments += _spoken(whole, "xl/threadedcomments", frozenset({"text"}))
    with suppress(Full):
        _tell(book, whole, gathered, comments)
    hidden = sum(one.visible != calamine.SheetVisibleEnum.Visible for one in book.sheets_metadata)
    return gathered.extract("xlsx", properties(whole, whole.parse, comments=len(comments), hidden=hidden))


def _tell(book: calamine.CalamineWorkbook, whole: Archive, gathered: Gathering, comments: Sequence[str]) -> None:
    for one in book.sheets_metadata[:MOST_SHEETS]:
        gathered.words(f"表 {one.name} 的名称", one.name)
        if one.typ == calamine.SheetTypeEnum.WorkSheet:
            gathered.table(list(_rows(book, one.name)), f"表 {one.name}")
    for number, comment in enumerate(comments, start=1):
        gathered.words(f"批注{number}", comment)
    for number, text in enumerate(_spoken(whole, "xl/drawings/", frozenset({"t"})), start=1):
        gathered.words(f"文本框{number}", text)
    for number, text in enumerate(_spoken(whole, "xl/worksheets/", _HEADERS, most=_LARGE), start=1):
        gathered.words(f"页眉页脚{number}", text)


def _rows(book: calamine.CalamineWorkbook, name: str) -> Iterator[list[str]]:
    try:
        sheet = book.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=False)
    except calamine.CalamineError as error:
        raise Unopenable("damaged") from error
    yield from ([_shown(cell) for cell in row] for row in rows)


def _shown(cell: object) -> str:
    """A value as its reader sees it: a number without its point zero, a day without midnight."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE else repr(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return str(cell) if isinstance(cell, (str, int, timedelta)) else ""


def _spoken(
    whole: Archive, folder: str, wanted: frozenset[str], *, inner: str = "", most: int = MOST_BYTES
) -> list[str]:
    """What the elements `wanted` of a folder's members say; with `inner`, what those inside them say together."""
    said: list[str] = []
    for name in whole.members(folder):
        if whole.size(name) <= most:
            told = Inner(wanted, inner) if inner else Told(wanted)
            whole.parse(name, told)
            said += [text for texts in told.found.values() for text in texts if text.strip()]
    return said


class Inner(Told):
    """Listens to what stands in `inner` elements within the wanted ones."""

    def __init__(self, wanted: frozenset[str], inner: str) -> None:
        super().__init__(wanted)
        self._inner = inner
        self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin to listen."""
        self._inside = name == self._inner
        super().start(name, attributes)

    def data(self, text: str) -> None:
        """Words."""
        if self._inside:
            super().data(text)
