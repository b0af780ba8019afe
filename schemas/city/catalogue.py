"""Catalogue files: the ten standard columns (RULES §1.9), then the machine's, one row a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from schemas.city.deadlines import GENERAL, DeadlineError, Phrases, read
from schemas.city.models import CHANNELS, LEVEL_WORDS, CatalogueRow
from schemas.city.tables import Line, Reader, each

STANDARD = (
    "序号", "一级事项", "二级事项", "公开内容(要素)", "公开依据", "公开时限", "公开主体", "公开渠道和载体",
    "公开对象", "公开方式", "公开层级",
)  # fmt: skip
"""The ten standard columns, the second in its two halves."""

MACHINE = (
    "group", "field", "kinds", "trigger", "n", "unit", "cron", "min_display", "vague", "depts", "clock",
    "five_open", "column", "from", "to", "parent", "standard", "procedure", "principle",
)  # fmt: skip
"""What the machine needs beside them, in the files' order."""

TIME = ("trigger", "n", "unit", "cron", "min_display", "vague")
"""Read from 公开时限 by the deadline language where they are empty."""

_NEEDED = (*STANDARD, "group", "field", "kinds", "depts", "clock", "five_open", "column")

OPTIONAL_ELEMENT = "（可选）"
"""Written behind an element that a publication may lack."""

_BETWEEN = re.compile("[、,，;；](?![^（(]*[）)])")
"""Between two elements; what stands in brackets is one."""

_EMPTY_CELLS = {
    "公开内容(要素)": ("CAT-E06", "names no element"),
    "公开依据": ("CAT-E01", "names no basis; every row says the article it stands on"),
    "公开时限": ("CAT-E02", "names no time limit"),
    "公开主体": ("CAT-E03", "names no publisher"),
    "公开渠道和载体": ("CAT-E04", "names no channel"),
}


def read_catalogue(reader: Reader, file: str, phrases: Phrases = GENERAL) -> list[tuple[int, CatalogueRow]]:
    """The file's rows with the line each stands on; what is wrong is noted in `reader`."""
    lines = reader.csv(file, _NEEDED)
    for name in lines[0].cells if lines else ():
        if name not in (*STANDARD, *MACHINE):
            reader.note(file, 1, name, "PACK-COLUMN", "is no column of a catalogue")
    return each(lines, lambda line: _row(reader, file, line, phrases))


def _row(reader: Reader, file: str, line: Line, phrases: Phrases) -> CatalogueRow | None:
    cells = line.cells
    bad = [column for column in _EMPTY_CELLS if not cells[column]]
    if not bad and not ticked(cells["公开渠道和载体"]):
        bad.append("公开渠道和载体")
    for column in bad:
        code, message = _EMPTY_CELLS[column]
        reader.note(file, line.number, column, code, message)
    if len(ticked(cells["公开方式"])) != 1:
        reader.note(file, line.number, "公开方式", "CAT-E05", "must tick one of 主动 and 依申请, not both or neither")
        bad.append("公开方式")
    limit = _time_limit(reader, file, line, phrases) if cells["公开时限"] else None
    if bad or limit is None:
        return None
    values = {**_standard(cells), **_machine(cells), "time_limit": limit, "catalogue": file}
    row = reader.part(file, line.number, CatalogueRow, values)
    if row is not None and row.to is not None and row.to < row.from_:
        reader.note(file, line.number, "to", "PACK-VALUE", f"{row.to} is before its first day, {row.from_}")
        return None
    return row


def _time_limit(reader: Reader, file: str, line: Line, phrases: Phrases) -> dict[str, object] | None:
    """公开时限 as its text says it, with what the machine's columns say beside it; they must not contradict."""
    given, text = _given_limit(line.cells), line.cells["公开时限"]
    try:
        said = read(text, phrases)
    except DeadlineError as error:
        if {"trigger", "n", "unit"} <= given.keys() or {"trigger", "cron"} <= given.keys():
            return {**given, "raw": text}
        reader.note(file, line.number, "公开时限", "CAT-E02", f"{error.zh} {error.en}")
        return None
    meant = said.limit.model_dump()
    silent = set() if said.says_trigger else {"trigger"}
    against = [name for name in given if name not in silent and str(given[name]) != str(meant[name])]
    for name in against:
        message = f"says {_shown(given[name])}, but 公开时限 says {_shown(meant[name])}: {text}"
        reader.note(file, line.number, name, "CAT-E02", message)
    return None if against else {**meant, **given}


def _given_limit(cells: Mapping[str, str]) -> dict[str, object]:
    """What the machine's columns say of the time limit; empty ones say nothing."""
    given: dict[str, object] = {name: cells[name] for name in TIME if cells.get(name)}
    if "min_display" in given:
        given["min_display"] = _length(cells["min_display"])
    if "vague" in given:
        given["vague"] = {"yes": True, "no": False}.get(cells["vague"], cells["vague"])
    if _is_number(n := cells.get("n", "")):
        given["n"] = int(n)
    return given


def _shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _standard(cells: Mapping[str, str]) -> dict[str, object]:
    elements = split_elements(cells["公开内容(要素)"])
    return {
        "code": cells["序号"],
        "level1": cells["一级事项"],
        "level2": cells["二级事项"],
        "elements": tuple(word for word in elements if not word.endswith(OPTIONAL_ELEMENT)),
        "optional_elements": tuple(
            word.removesuffix(OPTIONAL_ELEMENT) for word in elements if word.endswith(OPTIONAL_ELEMENT)
        ),
        "basis": cells["公开依据"],
        "publisher": cells["公开主体"],
        "channels": _in_order(ticked(cells["公开渠道和载体"]), CHANNELS),
        "audience": _in_order(ticked(cells["公开对象"]), ("全社会", "特定群体")),
        "modes": ticked(cells["公开方式"]),
        "levels": tuple(LEVEL_WORDS.get(word, word) for word in _in_order(ticked(cells["公开层级"]), (*LEVEL_WORDS,))),
    }


def _in_order(words: tuple[str, ...], boxes: tuple[str, ...]) -> tuple[str, ...]:
    """Ticked boxes in the standard's order, each once: the order in which they were written says nothing."""
    known = tuple(box for box in boxes if box in words)
    return known + tuple(dict.fromkeys(word for word in words if word not in boxes))


def _machine(cells: Mapping[str, str]) -> dict[str, object]:
    dated = {name: cells[name] for name in ("from", "to") if cells.get(name)}
    return {
        **{name: cells[name] for name in ("group", "field", "clock", "five_open", "column")},
        "kinds": tuple(cells["kinds"].split()),
        "depts": tuple(cells["depts"].split()),
        "parent": cells.get("parent") or None,
        "standard": cells.get("standard", ""),
        "procedure": cells.get("procedure", ""),
        "principles": tuple(cells.get("principle", "").split()),
        **dated,
    }


def _length(text: str) -> object:
    """`7 WD` as (7, WD); anything else as it is, for the model to refuse."""
    n, _, unit = text.partition(" ")
    return (int(n), unit) if unit and _is_number(n) else text


def _is_number(text: str) -> bool:
    """A number that the model may be asked about; thousands of digits are none."""
    return text.isdecimal() and text.isascii() and len(text) < 10


def ticked(cell: str) -> tuple[str, ...]:
    """The boxes of a cell that are ticked: those after ■, or all words where the cell has no boxes."""
    if "■" in cell or "□" in cell:
        return tuple(re.findall("■([^■□\\s]+)", cell))
    return tuple(cell.split())


def cells_of(row: CatalogueRow) -> dict[str, str]:
    """The cells of a row by column, in the files' order: what `read_catalogue` reads as that row."""
    limit = row.time_limit
    optional = (f"{element}{OPTIONAL_ELEMENT}" for element in row.optional_elements)
    levels = {level: word for word, level in LEVEL_WORDS.items()}
    counted = limit.trigger != "cron" or limit.n > 0
    values = (
        row.code, row.level1, row.level2, "、".join((*row.elements, *optional)), row.basis, limit.raw, row.publisher,
        boxed(row.channels), boxed(row.audience), boxed(row.modes), boxed(levels[level] for level in row.levels),
        row.group, row.field, " ".join(row.kinds), limit.trigger, str(limit.n) if counted else "",
        limit.unit if counted else "", limit.cron or "",
        " ".join(map(str, limit.min_display or ())), "yes" if limit.vague else "",
        " ".join(row.depts), row.clock, row.five_open, row.column,
        "" if row.from_ == date.min else str(row.from_), str(row.to or ""),
        row.parent or "", row.standard, row.procedure, " ".join(row.principles),
    )  # fmt: skip
    return dict(zip((*STANDARD, *MACHINE), values, strict=True))


def split_elements(cell: str) -> list[str]:
    """The elements that a cell of 公开内容(要素) names."""
    return [word for word in _BETWEEN.split(cell) if word]


def boxed(words: Iterable[str]) -> str:
    """Ticked boxes as a cell writes them."""
    return " ".join(f"■{word}" for word in words)
