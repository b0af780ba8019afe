"""`headers.toml`: how cities write the headers and boxes of their catalogue spreadsheets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from schemas.city.catalogue import STANDARD
from schemas.city.models import CHANNELS, LEVEL_WORDS, Part
from schemas.city.tables import Reader

GROUP = "公开事项"
"""Stands over 一级事项 and 二级事项, and holds nothing itself."""

BOXES: dict[str, tuple[str, ...]] = {
    "公开渠道和载体": CHANNELS,
    "公开对象": ("全社会", "特定群体"),
    "公开方式": ("主动", "依申请"),
    "公开层级": tuple(LEVEL_WORDS),
}
"""Columns whose cells are ticked boxes, and their boxes; a spreadsheet may give each box a column of its own."""

FILE = "headers.toml"
_BLANK = re.compile(r"[\s\u200b\u200c\u200d\ufeff]+")


class Header(Part):
    """A standard column under the names that cities give it."""

    column: str
    """The standard column's own name; any name where it is `ignored`."""
    variants: tuple[str, ...] = ()
    boxes: dict[str, tuple[str, ...]] = {}
    """Of a column of boxes: the standard's word to the words that cities write for it."""
    ignored: bool = False
    """A column that says nothing to the machine, such as 备注."""


def read_headers(reader: Reader) -> tuple[Header, ...]:
    """The tables of `headers.toml`; none where the pack has no such file."""
    headers = tuple(reader.parts(FILE, Header, "column").values()) if reader.has(FILE) else ()
    of_columns = {squeezed(name): name for name in (*STANDARD, GROUP)}
    for header in headers:
        for word in sorted(header.boxes.keys() - set(BOXES.get(header.column, ()))):
            reader.note(FILE, 0, f"{header.column}.boxes", "PACK-REF", f"{word!r} is no box of this column")
        _note_doubles(reader, header.column, (header.column, header.variants), of_columns)
        of_boxes: dict[str, str] = {}
        for word, variants in header.boxes.items():
            _note_doubles(reader, f"{header.column}.boxes", (word, variants), of_boxes)
    return headers


def _note_doubles(reader: Reader, key: str, named: tuple[str, Sequence[str]], meant: dict[str, str]) -> None:
    """Note what means another already, and keep in `meant` what is meant here."""
    name, variants = named
    for variant in (name, *variants):
        other = meant.setdefault(squeezed(variant), name)
        if other != name:
            reader.note(FILE, 0, key, "PACK-DOUBLE", f"{variant!r} stands for {other!r} already")


def squeezed(text: str) -> str:
    """`text` as headers and boxes are compared: without blanks, full-width signs as plain ones."""
    return unicodedata.normalize("NFKC", _BLANK.sub("", text))


def names_of(headers: Sequence[Header], columns: Sequence[str]) -> dict[str, str | None]:
    """Every squeezed header that is known to the column it means; None for one that is ignored."""
    own: dict[str, str | None] = {squeezed(column): column for column in (*columns, GROUP)}
    for header in headers:
        meant = None if header.ignored else header.column
        own |= {squeezed(name): meant for name in (header.column, *header.variants)}
    return own


def words_of(headers: Sequence[Header], column: str) -> Mapping[str, str]:
    """Every squeezed box word of `column` that is known to the standard's own."""
    words = {squeezed(word): word for word in BOXES.get(column, ())}
    for header in headers:
        if header.column == column:
            words |= {squeezed(variant): word for word, variants in header.boxes.items() for variant in variants}
    return words
