"""From spreadsheets to the files of a pack: all of them checked with the whole pack around them, or none taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rules.catalogue.completing import Completing
from rules.catalogue.diff import CatalogueDiff, diff
from rules.catalogue.export import normal_csv
from rules.catalogue.layout import Words
from rules.catalogue.refusal import Place, RefusedError
from rules.catalogue.sentences import in_chinese
from rules.catalogue.sheets import Sheet, read_sheets
from rules.catalogue.table import Line, Table, tables_of
from rules.catalogue.versions import TABLES, Described, with_version
from schemas.city import CatalogueRow, Pack, PackError, Problem, load_pack
from schemas.city.catalogue import MACHINE, STANDARD, read_catalogue
from schemas.city.catalogues import file_of
from schemas.city.tables import Reader

_COLUMNS = {
    "code": "序号", "level1": "一级事项", "level2": "二级事项", "elements": "公开内容(要素)", "basis": "公开依据",
    "publisher": "公开主体", "channels": "公开渠道和载体", "audience": "公开对象", "modes": "公开方式",
    "levels": "公开层级", "time_limit": "公开时限", "principles": "principle",
}  # fmt: skip
"""Field of a row to the column that an office knows."""


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A file to import, and the catalogue that it becomes."""

    name: str
    value: bytes
    stem: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the office says beside its files."""

    defaults: Mapping[str, str] = field(default_factory=dict)
    """Machine column to what stands in it where nothing else does."""
    prefix: str = ""
    """Before a 序号 that is a mere number."""
    sheet: str = ""
    """The one sheet to read; empty reads all."""
    described: Described = field(default_factory=Described)


@dataclass(frozen=True, slots=True)
class Imported:
    """A catalogue as it would stand: its version and rows, and what changed."""

    stem: str
    version: int
    rows: tuple[CatalogueRow, ...]
    changes: CatalogueDiff


@dataclass(slots=True)
class Outcome:
    """What an import comes to. Nothing is to be written where there are problems."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    catalogues: list[Imported] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """Path inside the pack to what it should hold; those that do not change are not among them."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A spreadsheet read by itself."""

    stem: str
    title: str
    rows: tuple[CatalogueRow, ...]
    lines: tuple[Line, ...]
    """One a row: where it came from."""
    notes: tuple[str, ...]


def import_spreadsheets(
    files: Mapping[str, bytes], spreadsheets: Sequence[Spreadsheet], wishes: Wishes | None = None
) -> Outcome:
    """What the pack of `files` becomes with these catalogues in it.

    Raises:
        PackError: the pack is not right as it stands.
    """
    wishes = wishes or Wishes()
    pack, outcome = load_pack(files), Outcome()
    words = Words(pack)
    read = [one for sheet in spreadsheets if (one := _read(outcome, pack, words, sheet, wishes)) is not None]
    if outcome.problems:
        return outcome
    texts = dict(files)
    for one in read:
        _put(outcome, texts, pack, one, wishes)
    try:
        load_pack(texts)
    except PackError as error:
        outcome.problems += [_of_sheet(problem, read) for problem in error.problems]
        return outcome
    outcome.files = {name: value for name, value in texts.items() if files.get(name) != value}
    return outcome


def _read(outcome: Outcome, pack: Pack, words: Words, sheet: Spreadsheet, wishes: Wishes) -> _Read | None:
    try:
        sheets = read_sheets(sheet.name, sheet.value)
        tables = list(tables_of(_chosen(sheet.name, sheets, wishes.sheet), words))
    except RefusedError as error:
        outcome.problems += error.problems
        return None
    read, problems = _rows(pack, sheet.stem, tables, wishes)
    outcome.notes += [*(note for table in tables for note in table.notes), *read.notes]
    problems = _first_of_each_cell([*(problem for table in tables for problem in table.problems), *problems])
    outcome.problems += problems
    return None if problems else read


def _first_of_each_cell(problems: Iterable[Problem]) -> list[Problem]:
    """What follows from a cell that was refused already is not told again; from the top of the sheet to its end."""
    found: dict[tuple[str, int, str], Problem] = {}
    for problem in problems:
        found.setdefault((problem.file, problem.row, problem.column.partition(" ")[0]), problem)
    return sorted(found.values(), key=lambda problem: (problem.file, problem.row))


def _chosen(name: str, sheets: tuple[Sheet, ...], wanted: str) -> tuple[Sheet, ...]:
    found = tuple(sheet for sheet in sheets if wanted in {"", sheet.place.sheet})
    if not found:
        there = "、".join(sheet.place.sheet for sheet in sheets)
        raise Place(name).refuse("CAT-FILE", f"没有工作表“{wanted}”，有：{there}。", f"no sheet {wanted!r}: {there}.")
    return found


def _rows(pack: Pack, stem: str, tables: Sequence[Table], wishes: Wishes) -> tuple[_Read, list[Problem]]:
    """The rows that can be read, and what is wrong with the others."""
    completing = Completing(pack, stem, wishes.defaults, wishes.prefix, wishes.described.dept)
    lines = [line for table in tables for line in table.lines]
    completed = [completing.completed(line) for line in lines]
    file = file_of(stem)
    reader = Reader({file: _as_csv(completed)})
    at = dict(enumerate(lines, 2))
    found = [(row, at[number]) for number, row in read_catalogue(reader, file, pack.phrases)]
    problems = [
        *completing.problems,
        *(_at(problem, at.get(problem.row)) for problem in reader.problems),
        *_doubles(found),
    ]  # fmt: skip
    title = next((table.title for table in tables if table.title), "")
    rows, sources = tuple(row for row, _ in found), tuple(line for _, line in found)
    return _Read(stem, title, rows, sources, tuple(completing.notes)), problems


def _doubles(rows: Iterable[tuple[CatalogueRow, Line]]) -> Iterator[Problem]:
    """Rows of one code whose days overlap, each told with the row it repeats."""
    seen: dict[str, list[tuple[CatalogueRow, Line]]] = {}
    for row, line in rows:
        for other, first in seen.get(row.code, ()):
            if other.overlaps(row):
                zh, en = f"序号{row.code}在第{first.row}行已经有了。", f"{row.code} stands in row {first.row} already."
                yield line.problem("序号", "CAT-E08", zh, en)
        seen.setdefault(row.code, []).append((row, line))


def _as_csv(lines: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, (*STANDARD, *MACHINE), restval="", lineterminator="\n")
    writer.writeheader()
    for line in lines:  # one line a row: problems are told by it
        writer.writerow({name: " ".join(cell.splitlines()) for name, cell in line.items()})
    return text.getvalue().encode()


def _put(outcome: Outcome, texts: dict[str, bytes], pack: Pack, read: _Read, wishes: Wishes) -> None:
    """Put a catalogue into the pack's files, its version counted up where it says something new."""
    before = [row for row in pack.rows if row.catalogue == file_of(read.stem)]
    changes = diff(before, read.rows)
    known = pack.catalogue.get(read.stem)
    version = known.version if known else 1
    if before and not changes.is_empty:
        version += 1
    outcome.catalogues.append(Imported(read.stem, version, read.rows, changes))
    if not changes.is_empty:
        texts[file_of(read.stem)] = normal_csv(read.rows)
    if changes.is_empty and (known or TABLES not in texts) and wishes.described == Described():
        return
    title = read.title or read.stem
    texts[TABLES] = with_version(texts.get(TABLES, b""), read.stem, version, wishes.described, title)


def _of_sheet(problem: Problem, read: Sequence[_Read]) -> Problem:
    """A problem of the pack, at the row of the spreadsheet where it comes from one."""
    one = next((one for one in read if file_of(one.stem) == problem.file), None)
    lines = one.lines if one else ()
    at = problem.row - 2
    return _at(problem, lines[at] if 0 <= at < len(lines) else None)


def _at(problem: Problem, line: Line | None) -> Problem:
    zh, en = in_chinese(problem.code), problem.message
    if line is None:
        return Problem(problem.file, problem.row, problem.column, problem.code, f"{zh} {en}")
    return line.problem(_COLUMNS.get(problem.column.partition(".")[0], problem.column), problem.code, zh, en)
