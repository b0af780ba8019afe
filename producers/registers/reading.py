"""The rows of a register's file, one at a time: .csv and .ndjson in constant memory, .xlsx within its limits."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import msgspec
from openpyxl import load_workbook

from producers.refusals import Refused
from rules.catalogue.package import checked
from rules.catalogue.refusal import RefusedError
from schemas.city import Pack, Register
from schemas.reasons import Reason

VERSION, EFFECTIVE, KEEPER = "版本", "生效日期", "登记单位"
"""Columns beside the record's code and its fields; the last is in downloads and says nothing here."""
MAX_LINE = 1_000_000
_GUARDED = ("'=", "'+", "'-", "'@")
"""How a download keeps spreadsheets from running a cell."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the file has it: blanks cut off, empty cells left out."""

    number: int
    """Of the line or of the sheet's row, counted from 1."""
    record: str
    version: str
    effective_on: str
    fields: dict[str, str]


def rows_of(path: Path, register: Register, pack: Pack) -> Iterator[Row]:
    """The rows of a file.

    Raises:
        Refused: it is no such file, or its columns are not the register's; what was given before is right.
    """
    suffix = path.suffix.lower()
    if suffix == ".ndjson":
        given = _of_ndjson(path)
    elif suffix in {".csv", ".xlsx"}:
        given = _of_table(path, _csv_lines(path) if suffix == ".csv" else _xlsx_lines(path), register)
    else:
        raise Refused(Reason.FILE_UNKNOWN, path.name, detail=f"{path.name} (.csv .xlsx .ndjson)")
    codes = _Codes(pack, register)
    empty = True
    for row in given:
        empty = False
        yield codes.translated(row)
    if empty:
        raise Refused(Reason.FILE_EMPTY, path.name)


def length(path: Path) -> int | None:
    """About how many rows a file has, where that is cheap to say."""
    if path.suffix.lower() == ".xlsx":
        return None
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


class _Codes:
    """Names of departments as files have them, made the codes that events have."""

    def __init__(self, pack: Pack, register: Register) -> None:
        self._names = tuple(field.name for field in register.fields if field.type == "dept")
        self._known = pack.department
        self._code: dict[str, str] = {}
        for one in pack.departments:
            self._code[one.short_name] = self._code[one.name] = one.code

    def translated(self, row: Row) -> Row:
        for name in self._names:
            value = row.fields.get(name, "")
            if value not in self._known and value in self._code:
                row.fields[name] = self._code[value]
        return row


def _of_table(path: Path, lines: Iterator[tuple[int, list[str]]], register: Register) -> Iterator[Row]:
    headings: list[str] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if not headings:
            headings = _headings(cells, register)
            continue
        if len(cells) > len(headings) and any(cells[len(headings) :]):
            detail = f"{path.name}:{number}: {len(cells)} > {len(headings)}"
            raise Refused(Reason.CSV_FORM, f"row {number}", detail=detail)
        found = {name: value for name, cell in zip(headings, cells, strict=False) if (value := _plain(cell))}
        yield Row(
            number, found.pop(register.key, ""), found.pop(VERSION, ""), found.pop(EFFECTIVE, ""),
            {name: value for name, value in found.items() if name != KEEPER},
        )  # fmt: skip


def _headings(cells: Sequence[str], register: Register) -> list[str]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    known = {register.key, VERSION, EFFECTIVE, KEEPER, *register.field}
    wanted = [register.key, *(field.name for field in register.fields if field.need == "required")]
    problems = {
        "缺少列(missing)": [name for name in wanted if name not in names],
        "无法识别的列(unknown)": [name or "（空）" for name in names if name not in known],
        "重复的列(twice)": sorted({name for name in names if names.count(name) > 1}),
    }
    if detail := "; ".join(f"{word}: {', '.join(found)}" for word, found in problems.items() if found):
        raise Refused(Reason.CSV_COLUMN, "row 1", detail=detail)
    return names


def _plain(cell: str) -> str:
    value = cell.strip()
    return value[1:] if value.startswith(_GUARDED) else value


def _csv_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(MAX_LINE)
    with path.open(encoding=_encoding(path), newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            for cells in reader:
                _no_formula(reader.line_num, cells)
                yield reader.line_num, cells
        except csv.Error as error:
            raise Refused(Reason.CSV_FORM, f"row {reader.line_num}", detail=f"{reader.line_num}: {error}") from error


def _encoding(path: Path) -> str:
    """UTF-8 or GB18030, whichever the whole file is; read through once in pieces."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                for piece in iter(lambda: file.read(1 << 20), b""):
                    if "\x00" in decoder.decode(piece):
                        raise Refused(Reason.CSV_FORM, path.name, detail=f"{path.name}: NUL")
                decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            detail = str(error.reason)
            continue
        return encoding
    raise Refused(Reason.FILE_ENCODING, path.name, detail=detail)


def _no_formula(number: int, cells: Sequence[str]) -> None:
    for at, cell in enumerate(cells, start=1):
        if cell.lstrip().startswith("="):
            raise Refused(Reason.CSV_FORMULA, f"row {number}", line=number, column=str(at))


def _xlsx_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The first sheet's rows; the file is proved harmless and small enough before anything is parsed."""
    try:
        sound = checked(path.name, path.read_bytes())
    except RefusedError as error:
        raise Refused(Reason.CSV_FORM, path.name, detail=error.problems[0].message) from error
    try:
        book = load_workbook(io.BytesIO(sound), read_only=True, data_only=False, keep_links=False)
        with closing(book):
            for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
                made = [_text(cell) for cell in cells]
                _no_formula(number, made)
                yield number, made
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise Refused(Reason.CSV_FORM, path.name, detail=f"{path.name}: {str(error)[:100]}") from error


def _text(cell: object) -> str:
    """A cell's value as text: days without a time of day, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


class _Line(msgspec.Struct):
    """A line of .ndjson: a record as the portal's `…/versions` gives it."""

    record: str
    fields: dict[str, str]
    version: int | None = None
    effective_on: str | None = None


def _of_ndjson(path: Path) -> Iterator[Row]:
    decoder = msgspec.json.Decoder(_Line)
    with path.open("rb") as file:
        for number, raw in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), start=1):
            if not raw.strip():
                continue
            if len(raw) > MAX_LINE:
                raise Refused(Reason.SIZE, f"row {number}", detail=f"{number}: > {MAX_LINE} bytes")
            try:
                line = decoder.decode(raw.removeprefix(b"\xef\xbb\xbf"))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                raise Refused(Reason.JSON, f"row {number}", detail=f"{number}: {str(error)[:100]}") from error
            fields = {name: value.strip() for name, value in line.fields.items() if value.strip()}
            version = "" if line.version is None else str(line.version)
            yield Row(number, line.record.strip(), version, line.effective_on or "", fields)
