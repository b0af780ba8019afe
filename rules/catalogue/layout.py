"""Where a catalogue begins on its sheet, and what each of its columns is: one or two lines of headers, in any words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from rules.catalogue.refusal import RefusedError
from rules.catalogue.sheets import Merge, Sheet
from schemas.city import Pack, Problem
from schemas.city.catalogue import MACHINE, STANDARD
from schemas.city.headers import BOXES, GROUP, names_of, squeezed, words_of

SEARCHED = 40
"""A header stands among the first rows, below a title and whatever else is said there."""
ENOUGH = 5
"""So many known columns make a line of headers."""
CLOSE = 0.5


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of the sheet is: a column of a catalogue, or one box of it."""

    at: int
    name: str
    box: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet understood: the first row below its headers, its columns, and what stands above them."""

    first: int
    columns: tuple[Column, ...]
    title: str = ""

    def where(self, name: str) -> int:
        """The first column that says anything of `name`; 0 where none does."""
        return next((column.at for column in self.columns if column.name == name), 0)


@dataclass(slots=True)
class Words:
    """A pack's words for headers and boxes."""

    pack: Pack
    names: Mapping[str, str | None] = field(init=False)
    boxes: Mapping[str, Mapping[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.names = names_of(self.pack.headers, (*STANDARD, *MACHINE))
        self.boxes = {column: words_of(self.pack.headers, column) for column in BOXES}


def layout_of(sheet: Sheet, words: Words) -> Layout:
    """The layout of `sheet`.

    Raises:
        RefusedError: no header, two, an unknown column or a missing one; the nearest name is suggested.
    """
    grid = _Grid(sheet)
    found = next((at for at in range(1, SEARCHED + 1) if _known(grid, at, words) >= ENOUGH), 0)
    if not found:
        raise sheet.place.refuse(
            "CAT-HEADER", f"前{SEARCHED}行里没有表头（序号、一级事项、公开依据……）。",
            f"no line of headers among the first {SEARCHED}.", 1,
        )  # fmt: skip
    two = _has_second(grid, found, words)
    last = found + two
    columns, problems = [], []
    for at in range(1, grid.width + 1):
        meant = _meant(grid, found, last, at, words)
        if isinstance(meant, Column):
            columns.append(meant)
        elif meant:
            problems.append(_unknown(sheet, found, at, meant))
    problems += [*_missing_or_twice(sheet, found, columns), *_again(sheet, grid, last, words)]
    if problems:
        raise RefusedError(problems)
    return Layout(last + 1, tuple(columns), _title(grid, found))


class _Grid:
    """A sheet's texts, each merged region's in all of its cells."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.width = max((len(row) for row in sheet.rows), default=0)
        self._merged: dict[tuple[int, int], Merge] = {}
        for merge in sheet.merges:
            if merge.top <= SEARCHED + 2:
                for row in range(merge.top, min(merge.bottom, SEARCHED + 2) + 1):
                    for column in range(merge.left, min(merge.right, self.width) + 1):
                        self._merged[row, column] = merge

    def text(self, row: int, column: int) -> str:
        merge = self._merged.get((row, column))
        return squeezed(str(self._cell(merge.top, merge.left) if merge else self._cell(row, column)))

    def raw(self, row: int) -> list[str]:
        return [str(cell) for cell in self.sheet.rows[row - 1]] if row <= len(self.sheet.rows) else []

    def _cell(self, row: int, column: int) -> object:
        cells = self.sheet.rows[row - 1] if row <= len(self.sheet.rows) else ()
        return cells[column - 1] if column <= len(cells) else ""


def _known(grid: _Grid, row: int, words: Words) -> int:
    return len({grid.text(row, at) for at in range(1, grid.width + 1)} & words.names.keys())


def _has_second(grid: _Grid, row: int, words: Words) -> bool:
    """Whether the next line names halves or boxes of the columns above it, and nothing else; data says more."""
    news = [at for at in range(1, grid.width + 1) if grid.text(row + 1, at) not in {"", grid.text(row, at)}]
    return bool(news) and all(_part(grid, row, at, words) is not None for at in news)


def _part(grid: _Grid, row: int, at: int, words: Words) -> Column | None:
    """The half or box that the second line names in this column, under what stands above or left above."""
    below = grid.text(row + 1, at)
    above = next((text for left in range(at, 0, -1) if (text := grid.text(row, left))), "")
    name = words.names.get(above)
    if name == GROUP and words.names.get(below) in {"一级事项", "二级事项"}:
        return Column(at, str(words.names[below]))
    if name in BOXES and below in words.boxes[name]:
        return Column(at, name, words.boxes[name][below])
    return None


def _meant(grid: _Grid, row: int, last: int, at: int, words: Words) -> Column | str | None:
    """What a column is; the header's own text where nobody knows it; None where it says nothing."""
    if last > row and (part := _part(grid, row, at, words)) is not None:
        return part
    texts = [text for text in (grid.text(last, at), grid.text(row, at)) if text]
    for text in texts:
        if text in words.names and words.names[text] != GROUP:
            name = words.names[text]
            return None if name is None else Column(at, name)
    return texts[0] if texts else None


def _unknown(sheet: Sheet, row: int, at: int, text: str) -> Problem:
    known = (*STANDARD, *MACHINE)
    near = get_close_matches(text, [squeezed(name) for name in known], 1, CLOSE)
    meant = next((name for name in known if near and squeezed(name) == near[0]), "")
    zh = f"不认识表头“{text[:40]}”" + (f"，是否应为“{meant}”？" if meant else "；不用的列请删去。")
    en = f"unknown header {text[:40]!r}" + (f"; is it {meant}?" if meant else "; delete a column that is not used.")
    return sheet.place.problem("CAT-HEADER", zh, en, row, at)


def _missing_or_twice(sheet: Sheet, row: int, columns: Sequence[Column]) -> Iterator[Problem]:
    for name in STANDARD:
        if name not in {column.name for column in columns}:
            zh, en = f"缺少“{name}”一列。", f"the column {name} is missing."
            yield sheet.place.problem("CAT-HEADER", zh, en, row, header=name)
    seen: dict[tuple[str, str], int] = {}
    for column in columns:
        first = seen.setdefault((column.name, column.box), column.at)
        if first != column.at:
            zh, en = f"“{column.box or column.name}”出现了两列。", f"{column.box or column.name} stands in two columns."
            yield sheet.place.problem("CAT-HEADER", zh, en, row, column.at)


def _again(sheet: Sheet, grid: _Grid, last: int, words: Words) -> Iterator[Problem]:
    for at in range(last + 1, len(sheet.rows) + 1):
        if len({squeezed(text) for text in grid.raw(at)} & words.names.keys()) >= ENOUGH:
            zh, en = f"第{at}行又是一行表头；一张表只能有一个表头。", f"row {at} is a second line of headers."
            yield sheet.place.problem("CAT-HEADER", zh, en, at)


def _title(grid: _Grid, header: int) -> str:
    """The first text above the headers."""
    return next((text.strip() for row in range(1, header) for text in grid.raw(row) if text.strip()), "")
