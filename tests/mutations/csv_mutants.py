"""Every cell of departments.csv and of the catalogues, changed in each way that its column allows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, partial

from schemas.city.catalogue import split_elements, ticked
from schemas.city.models import CHANNELS, LEVEL_WORDS
from tests.cities.observed.strange import STRANGE
from tests.mutations.mutant import Files, Mutant, Place, typo

Row = Sequence[str]
_BOXES: dict[str, tuple[str, ...]] = {
    "公开渠道和载体": CHANNELS, "公开对象": ("全社会", "特定群体"), "公开方式": ("主动", "依申请"),
    "公开层级": tuple(LEVEL_WORDS),
}  # fmt: skip
_WORDS: dict[str, tuple[str, ...]] = {
    "unit": ("WD", "CD", "H", "M"),
    "trigger": ("formed", "changed", "approved", "decided", "obtained", "signed"),
    "five_open": ("决策", "执行", "管理", "服务", "结果"), "vague": ("yes", "no"),
    "level": ("市", "区", "街镇", "村居"),
    "principle": ("以公开促落实", "以公开促规范", "以公开促服务", "以公开促廉洁"),
}  # fmt: skip
"""Columns of which a cell is one of these, or several of them."""
_LISTS = ("kinds", "depts", "principle")
_DATES = ("from", "to", "go_live")
_LENGTH = re.compile(r"\d+")
_UNITS = (("个工作日", "日"), ("小时", "个工作日"), ("个月", "日"), ("日内", "个工作日内"))


@cache
def table(value: bytes) -> tuple[tuple[str, ...], ...]:
    """A file's cells, its header first."""
    return tuple(tuple(row) for row in csv.reader(io.StringIO(value.decode("utf-8-sig"))))


def csv_mutants(file: str, files: Files) -> Iterator[Mutant]:
    """All of one file's, row by row."""
    header, *rows = table(files[file])
    used = {name: sorted({word for row in rows for word in row[n].split()}) for n, name in enumerate(header)}
    for number, row in enumerate(rows, start=1):
        subject = f"{file} {row[0]}"
        yield Mutant(file, subject, row[0], "row dropped", "", partial(_without, file, number))
        for n, name in enumerate(header):
            for what, other in _others(name, row[n], used[name], row[0]):
                yield Mutant(file, subject, f"{row[0]} {name}", what, row[n], cell=((number, name), other))


def written(value: bytes, cells: Mapping[Place, str]) -> bytes:
    """The file with these cells."""
    header, *rows = table(value)
    changed = [
        [cells.get((number, name), cell) for name, cell in zip(header, row, strict=True)]
        for number, row in enumerate(rows, start=1)
    ]
    return _bytes([header, *changed])


def _bytes(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _without(file: str, number: int, files: Files) -> bytes:
    rows = table(files[file])
    return _bytes([*rows[:number], *rows[number + 1 :]])


def _others(name: str, cell: str, used: list[str], code: str) -> Iterator[tuple[str, str]]:
    if not cell:
        return
    how = _HOW.get(name)
    if how is not None:
        yield from how(name, cell, used)
    elif name in _WORDS and name not in _LISTS:
        yield from ((f"swapped for {word}", word) for word in _WORDS[name] if word != cell)
    else:
        yield "typo", typo(cell)
        others = [word for word in used if word > cell] + [word for word in used if word < cell]
        if name not in _TEXTS and others:
            yield f"swapped for {others[0]}", others[0]
    yield "removed", ""


_TEXTS = (
    "序号",
    "一级事项",
    "二级事项",
    "公开依据",
    "公开主体",
    "standard",
    "procedure",
    "name",
    "short_name",
    "leader_post",
)


def _boxes(name: str, cell: str, _used: list[str]) -> Iterator[tuple[str, str]]:
    """Each box ticked or not, the other way round."""
    own = ticked(cell)
    for box in _BOXES[name]:
        words = [word for word in _BOXES[name] if (word in own) != (word == box)]
        yield f"{box} {'unticked' if box in own else 'ticked'}", " ".join(f"■{word}" for word in words)
    if name == "公开方式":
        yield "swapped", "■依申请" if "主动" in own else "■主动"
    yield "typo", typo(cell)


def _elements(_name: str, cell: str, _used: list[str]) -> Iterator[tuple[str, str]]:
    elements = split_elements(cell)
    for n, element in enumerate(elements):
        yield f"without {element}", "、".join(elements[:n] + elements[n + 1 :])
    yield "typo", typo(cell)
    yield "one more", "、".join((*elements, STRANGE))


def _limit(_name: str, cell: str, _used: list[str]) -> Iterator[tuple[str, str]]:
    """Every number one more or less, every unit another, a typo."""
    for found in _LENGTH.finditer(cell):
        for step in (1, -1):
            yield f"{found[0]} {step:+}", f"{cell[: found.start()]}{int(found[0]) + step}{cell[found.end() :]}"
    for word, other in _UNITS:
        if word in cell:
            yield f"{word} → {other}", cell.replace(word, other, 1)
    yield "typo", typo(cell)


def _list(name: str, cell: str, used: list[str]) -> Iterator[tuple[str, str]]:
    words = cell.split()
    for n, word in enumerate(words):
        yield f"without {word}", " ".join(words[:n] + words[n + 1 :])
        yield f"{word} with a typo", " ".join([*words[:n], typo(word), *words[n + 1 :]])
    for more in [word for word in (*_WORDS.get(name, ()), *used) if word not in words and "*" not in words][:1]:
        yield f"with {more} more", " ".join((*words, more))


def _number(_name: str, cell: str, _used: list[str]) -> Iterator[tuple[str, str]]:
    for found in _LENGTH.finditer(cell):
        for step in (1, -1):
            yield (
                f"{found[0]} {step:+}",
                f"{cell[: found.start()]}{int(found[0]) + step:0{len(found[0])}d}{cell[found.end() :]}",
            )
    for unit in _WORDS["unit"]:
        if " " in cell and not cell.endswith(unit):
            yield f"in {unit}", f"{cell.partition(' ')[0]} {unit}"


def _date(_name: str, cell: str, _used: list[str]) -> Iterator[tuple[str, str]]:
    for days, word in ((1, "later"), (-1, "earlier")):
        yield f"a day {word}", str(date.fromisoformat(cell) + timedelta(days=days))


_HOW: dict[str, Callable[[str, str, list[str]], Iterator[tuple[str, str]]]] = {
    **dict.fromkeys(_BOXES, _boxes), **dict.fromkeys(_LISTS, _list), **dict.fromkeys(_DATES, _date),
    **dict.fromkeys(("n", "cron", "min_display"), _number), "公开内容(要素)": _elements, "公开时限": _limit,
}  # fmt: skip
