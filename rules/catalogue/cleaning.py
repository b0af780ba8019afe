"""From what stands in a cell to what a catalogue file holds: line breaks, bullets, boxes and ticks in one form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from schemas.city.catalogue import OPTIONAL_ELEMENT, boxed, split_elements
from schemas.city.headers import BOXES, squeezed

_BULLET = re.compile(r"^\s*(?:[（(]?[0-9０-９]{1,2}[)）.．、](?![0-9])|[①-⑳●•·◆▪○*－-])\s*")
_BLANKS = re.compile(r"[ \t\u3000\xa0\u200b\ufeff]+")
_TICKED, _UNTICKED = "■☑✔✓√☒▣◼", "□☐◻"
_TICKS = str.maketrans({**dict.fromkeys(_TICKED, "■"), **dict.fromkeys(_UNTICKED, "□")})
_YES = frozenset({*_TICKED, "v", "V", "y", "Y", "是", "1", "●"})
_NO = frozenset({"", *_UNTICKED, "×", "✗", "✘", "否", "/", "-", "—", "0", "无"})
OTHERS = "其他"
"""The last box may say in its own words what it is."""


class Cleaned(NamedTuple):
    """A cell in its one form, words that no box has, and a remark that the form has no room for."""

    text: str
    unknown: tuple[str, ...] = ()
    remark: str = ""


def clean(name: str, text: str, boxes: Mapping[str, Mapping[str, str]]) -> Cleaned:
    """The cell `text` of the column `name`."""
    if name in BOXES:
        return _boxes(text, boxes[name])
    if name == "公开内容(要素)":
        return Cleaned("、".join(_elements(text)))
    if name in {"序号", "公开时限"}:
        return Cleaned(re.sub(r"[\s\u3000\u200b\ufeff]+", "", text))
    lines = [_BLANKS.sub(" ", _BULLET.sub("", line) if name == "公开依据" else line).strip() for line in _lines(text)]
    separator = {"公开依据": "；", "公开主体": "、"}.get(name, "")
    ended = [line.rstrip("；;、，, ") if separator else line for line in lines[:-1]] + lines[-1:]
    return Cleaned(separator.join(line for line in ended if line))


def is_ticked(mark: str) -> bool | None:
    """Whether the mark in a box's own column ticks it; None where it says something else."""
    mark = squeezed(mark) if mark.strip() not in _YES else mark.strip()
    return True if mark in _YES else False if mark in _NO else None


def nearest(word: str, words: Sequence[str]) -> str:
    """The word most like `word`, or nothing."""
    near = get_close_matches(squeezed(word), [squeezed(each) for each in words], 1, 0.4)
    return next((each for each in words if near and squeezed(each) == near[0]), "")


def tick(name: str, ticked: set[str]) -> str:
    """The ticked boxes of a column in its order."""
    return boxed(word for word in BOXES[name] if word in ticked)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip()]


def _elements(text: str) -> list[str]:
    """Elements in order, each once, without numbers and bullets."""
    found: dict[str, None] = {}
    for line in _lines(text):
        for part in re.split(r"[;；]", line):
            for word in split_elements(_BULLET.sub("", part)):
                found.setdefault(_element(word), None)
    return [word for word in found if word]


def _element(word: str) -> str:
    word = _BLANKS.sub(" ", _BULLET.sub("", word)).strip(" 。.;；、")
    return re.sub(r"[（(]可选[)）]$", OPTIONAL_ELEMENT, word)


def _boxes(text: str, words: Mapping[str, str]) -> Cleaned:
    marked = text.translate(_TICKS)
    if "■" in marked or "□" in marked:
        given = [word.strip(" \t\r\n、，,;；。") for word in re.findall("■([^■□]*)", marked)]
    elif (whole := words.get(squeezed(text))) is not None:
        return Cleaned(boxed([whole]))
    else:
        given = re.split(r"[、,，;；\s]+", text)
    found: dict[str, None] = {}
    unknown, remark = [], ""
    for word in filter(None, given):
        if (known := words.get(squeezed(word))) is None and squeezed(word).startswith(OTHERS) and OTHERS in words:
            known, remark = OTHERS, word
        if known is None:
            unknown.append(word)
        else:
            found.setdefault(known, None)
    return Cleaned(boxed(found), tuple(unknown), remark)
