"""A word in every form in which it could lie in a file or a record."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from html import escape
from urllib.parse import quote

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


def forms_of(word: str) -> set[bytes]:
    """In clear, escaped, and in hexadecimal and Base64 of each."""
    return set(_forms(word))


def holds(content: bytes, forms: set[bytes]) -> bool:
    """Whether one of them lies in it."""
    return any(form in content for form in forms)


def _forms(word: str) -> Iterator[bytes]:
    entities = "".join(f"&#{ord(character)};" for character in word)
    escaped = json.dumps(word)[1:-1]
    for text in (word, escaped, escaped.upper().replace("\\U", "\\u"), quote(word), quote(word).lower(), entities,
                 escape(word)):  # fmt: skip
        for encoding in _ENCODINGS:
            raw = text.encode(encoding)
            yield raw
            yield from (raw.hex().encode(), raw.hex().upper().encode())
            yield from _base64(raw)


def _base64(raw: bytes) -> Iterator[bytes]:
    """However the word lies across the groups of three bytes, without the ends that its neighbours share."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + raw + bytes((-before - len(raw)) % 3))
        inner = whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        yield from (inner, inner.replace(b"+", b"-").replace(b"/", b"_"))
