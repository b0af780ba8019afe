"""Plain texts and tables of values, in UTF-8 or GB18030; whatever is neither is not read."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from contextlib import suppress
from typing import BinaryIO

from bus.extracting.gathering import Full, Gathering
from schemas.extracts import Extract

MOST_BYTES = 10_000_000
"""Of a text; a longer one is cut there."""
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_COLUMNS = 1_000


def read(file: BinaryIO, gathered: Gathering) -> Extract:
    """The extract of a text, and of anything else that is none."""
    value = file.read(MOST_BYTES + 1)
    text = _decoded(value[:MOST_BYTES], whole=len(value) <= MOST_BYTES)
    if text is None:
        return gathered.extract("other")
    digest = hashlib.sha256(text.encode()).hexdigest()
    gathered.cut = len(value) > MOST_BYTES
    rows = _rows(text)
    with suppress(Full):
        if rows is None:
            gathered.text("全文", text)
        else:
            gathered.table(rows, "表")
    return gathered.extract("text", digest=digest)


def _decoded(value: bytes, *, whole: bool) -> str | None:
    """The text, with plain line ends; None where it is none. One that was cut may end within a character."""
    for encoding in ("utf-8-sig", "gb18030"):
        for cut in range(1 if whole else 4):
            try:
                text = value[: len(value) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            plain = not _CONTROLS.search(text)
            return text.replace("\r\n", "\n").replace("\r", "\n") if plain else None
    return None


def _rows(text: str) -> list[list[str]] | None:
    """The rows of a table of values: every line has as many fields as the first, and more than one."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text)) if row]
    except csv.Error:
        return None
    width = len(rows[0]) if rows else 0
    is_table = len(rows) > 1 and 1 < width <= _MOST_COLUMNS and all(len(row) == width for row in rows)
    return rows if is_table else None
