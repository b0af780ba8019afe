"""From a sheet to the cells of its rows: merged cells filled, boxes ticked, each with the row it stands on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from rules.catalogue.cleaning import clean, is_ticked, nearest, tick
from rules.catalogue.export import GUARDED
from rules.catalogue.layout import Column, Layout, Words, layout_of
from rules.catalogue.refusal import Place
from rules.catalogue.sheets import Merge, Sheet, Value
from schemas.city import Problem
from schemas.city.headers import BOXES

DAYS = {"from", "to"}
_CODES = {"公开渠道和载体": "CAT-E04", "公开方式": "CAT-E05"}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a spreadsheet: cells by catalogue column, cleaned; a column that the sheet lacks is not among them."""

    place: Place
    row: int
    cells: dict[str, str]
    layout: Layout

    def problem(self, name: str, code: str, zh: str, en: str) -> Problem:
        """A problem in this row, in the column `name` where the sheet has one."""
        return self.place.problem(code, zh, en, self.row, self.layout.where(name), header=name)


@dataclass(slots=True)
class Table:
    """A sheet read: its lines, what is wrong with them, and what had to be left behind."""

    title: str
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_table(sheet: Sheet, words: Words) -> Table:
    """Every row below the headers.

    Raises:
        RefusedError: the headers can't be understood.
    """
    layout = layout_of(sheet, words)
    reading = _Reading(sheet, words, layout, _Values(sheet, layout), Table(layout.title))
    for row in range(layout.first, len(sheet.rows) + 1):
        reading.read(row)
    table = reading.table
    if not table.lines:
        table.problems.append(sheet.place.problem("CAT-FILE", "表头下面没有任何事项。", "no row below the headers."))
    return table


@dataclass(frozen=True, slots=True)
class _Reading:
    sheet: Sheet
    words: Words
    layout: Layout
    values: _Values
    table: Table

    def read(self, row: int) -> None:
        """Take one row of the sheet into the table; blank ones say nothing."""
        if self.values.is_caption(row):
            self._note(row, "整行合并的标题或说明，未导入。", "a line across the sheet, left out.")
        elif any(self.values.own(row, column.at) != "" for column in self.layout.columns):
            self.table.lines.append(Line(self.sheet.place, row, self._cells(row), self.layout))

    def _cells(self, row: int) -> dict[str, str]:
        cells: dict[str, str] = {}
        ticked: dict[str, set[str]] = {}
        for column in self.layout.columns:
            text = self._text(column, row)
            if not column.box:
                cells[column.name] = self._clean(column, row, text)
            elif self._is_ticked(column, row, text):
                ticked.setdefault(column.name, set()).add(column.box)
            else:
                ticked.setdefault(column.name, set())
        return {**cells, **{name: tick(name, marks) for name, marks in ticked.items()}}

    def _text(self, column: Column, row: int) -> str:
        """The cell as a text. A date belongs in the columns of days alone, and a number never does."""
        value = self.values.filled(row, column.at)
        if isinstance(value, str):
            quoted = not self.sheet.place.sheet and value[:1] == "'" and value[1:].startswith(GUARDED)
            return value[1:] if quoted else value
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, int | float):
            return self._number(column, row, value)
        day = value.date() if isinstance(value, datetime) else value
        if column.name in DAYS and isinstance(day, date):
            return day.isoformat()
        zh, en = f"单元格变成了日期（{value}），请设为文本格式后重新填写。", f"became a date ({value}); make it text."
        self._problem("CAT-DATE", zh, en, row, column)
        return ""

    def _number(self, column: Column, row: int, value: float) -> str:
        if column.name not in DAYS and float(value).is_integer():
            return str(int(value))
        zh, en = f"单元格是数字{value}，应为文本或日期。", f"is the number {value}, not a text or a day."
        self._problem("CAT-DATE", zh, en, row, column)
        return ""

    def _clean(self, column: Column, row: int, text: str) -> str:
        cleaned = clean(column.name, text, self.words.boxes)
        for word in cleaned.unknown:
            near = nearest(word, BOXES[column.name])
            zh = f"“{word[:40]}”不是“{column.name}”的选项" + (f"，是否应为“{near}”？" if near else "。")
            en = f"{word[:40]!r} is no box of {column.name}" + (f"; is it {near}?" if near else ".")
            self._problem(_CODES.get(column.name, "CAT-TICK"), zh, en, row, column)
        if cleaned.remark:
            self._note(row, f"“{cleaned.remark}”按“其他”导入。", "taken as 其他.")
        return cleaned.text

    def _is_ticked(self, column: Column, row: int, text: str) -> bool:
        if (answer := is_ticked(text)) is not None:
            return answer
        if column.box == "特定群体":
            self._note(row, f"“{text[:40]}”按勾选“特定群体”导入。", "taken as 特定群体 ticked.")
            return True
        zh, en = (
            f"“{column.box}”下只能填√或留空，不能填“{text[:20]}”。",
            f"tick it or leave it empty, not {text[:20]!r}.",
        )
        self._problem(_CODES.get(column.name, "CAT-TICK"), zh, en, row, column)
        return False

    def _problem(self, code: str, zh: str, en: str, row: int, column: Column) -> None:
        header = column.box or column.name
        self.table.problems.append(self.sheet.place.problem(code, zh, en, row, column.at, header=header))

    def _note(self, row: int, zh: str, en: str) -> None:
        self.table.notes.append(f"{self.sheet.place}:{row} {zh} {en}")


class _Values:
    """A sheet's values, those of real merges in every row that they span; a blank cell stays blank."""

    def __init__(self, sheet: Sheet, layout: Layout) -> None:
        self._sheet = sheet
        self._down: dict[tuple[int, int], Merge] = {}
        self._captions: set[int] = set()
        for merge in sheet.merges:
            across = sum(merge.left <= column.at <= merge.right for column in layout.columns)
            if merge.top >= layout.first and across * 2 >= len(layout.columns):
                self._captions |= set(range(merge.top, min(merge.bottom, len(sheet.rows)) + 1))
            elif merge.bottom > merge.top >= layout.first:
                for row in range(merge.top, min(merge.bottom, len(sheet.rows)) + 1):
                    self._down[row, merge.left] = merge

    def is_caption(self, row: int) -> bool:
        """Whether one merged cell takes up half of the row or more."""
        return row in self._captions

    def own(self, row: int, column: int) -> Value:
        """What stands in the cell itself."""
        cells = self._sheet.rows[row - 1]
        return cells[column - 1] if column <= len(cells) else ""

    def filled(self, row: int, column: int) -> Value:
        """What the cell shows."""
        merge = self._down.get((row, column))
        return self.own(merge.top, merge.left) if merge else self.own(row, column)


def tables_of(sheets: tuple[Sheet, ...], words: Words) -> Iterator[Table]:
    """Every sheet's table, in order."""
    for sheet in sheets:
        yield read_table(sheet, words)
