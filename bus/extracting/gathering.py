"""Pieces as they are gathered from a file, up to what a file may hold."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Literal

from schemas.extracts import Extract, Form, Piece, Properties, Trouble

MOST_CHARACTERS = 500_000
MOST_PIECES = 50_000
BLOCK = 50_000
"""A running text longer than this is told in several pieces, divided between paragraphs."""
_SHORT = 12
"""Characters up to which the words left of a cell may be its name."""
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Unopenable(Exception):
    """The file can't be opened."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class Full(Exception):
    """No more is taken."""


class Gathering:
    """The pieces of one file in the order in which they stand."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._room = MOST_CHARACTERS
        self.cut = False

    def text(self, place: str, text: str) -> None:
        """A running text."""
        for number, block in enumerate(_blocks(clean(text)), start=1):
            self._add(place if number == 1 else f"{place}（{number}）", block, "", "body")

    def words(self, place: str, text: str, label: str = "") -> None:
        """What stands by itself: a cell, a page's lines, a header, a comment."""
        self._add(place, clean(text), clean(label), "cell")

    def table(self, rows: Sequence[Sequence[str]], name: str) -> None:
        """A table: its heads in one piece, and a piece a cell with the head of its column and what is left of it."""
        head = _head(rows)
        heads = rows[head] if head is not None else ()
        for number, row in enumerate(rows):
            if number == head:
                self.words(f"{name}!{number + 1}:{number + 1}", "\t".join(row))
                continue
            for column, cell in enumerate(row):
                if cell.strip():
                    over = heads[column] if column < len(heads) and head is not None and number > head else ""
                    self.words(f"{name}!{letters(column)}{number + 1}", cell, f"{over} {_left(row, column)}".strip())

    def extract(self, form: Form, properties: Properties = Properties(), digest: str | None = None) -> Extract:  # noqa: B008 - frozen
        """All that was gathered."""
        whole = "\n".join([piece.text for piece in self._pieces])
        if digest is None and whole and not self.cut:
            digest = hashlib.sha256(whole.encode()).hexdigest()
        return Extract(form, "", tuple(self._pieces), properties, self.cut, None if self.cut else digest)

    def _add(self, place: str, text: str, label: str, kind: Literal["body", "cell"]) -> None:
        if not text.strip():
            return
        if len(text) > self._room or len(self._pieces) >= MOST_PIECES:
            self.cut = True
            text = text[: self._room] if len(self._pieces) < MOST_PIECES else ""
        if text:
            self._pieces.append(Piece(place[:200], text, label[:100], kind))
            self._room -= len(text)
        if self.cut:
            raise Full


def clean(text: str) -> str:
    """`text` with plain line ends, and a blank for what no reader sees and no JSON holds."""
    return _CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n"))


def letters(column: int) -> str:
    """The name of a column, counted from 0: A, B … Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _blocks(text: str) -> list[str]:
    blocks = []
    while len(text) > BLOCK:
        at = text.rfind("\n", 1, BLOCK) + 1 or BLOCK
        blocks.append(text[:at])
        text = text[at:]
    return [*blocks, text]


def _head(rows: Sequence[Sequence[str]]) -> int | None:
    """Which of the first ten rows names the columns: two cells or more, and none that begins with a digit."""
    for number, row in enumerate(rows[:10]):
        cells = [cell for cell in row if cell.strip()]
        if len(set(cells)) > 1 and not any(cell.strip()[0].isdigit() for cell in cells):
            return number
    return None


def _left(row: Sequence[str], column: int) -> str:
    """The words left of a cell, where they are few: in a form they are its name."""
    before = next((cell.strip() for cell in reversed(row[:column]) if cell.strip()), "")
    return before if len(before) <= _SHORT and not any(map(str.isdigit, before)) else ""
