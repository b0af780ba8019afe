"""Where a list goes on: a row's place as an opaque word, which a reader brings back for the next page.

Fails to Invalid: a word that is none of ours.
"""

from __future__ import annotations

import base64
import binascii
import re

from bus.errors import Invalid

_PLACE = re.compile(r"(?P<at>-?\d{1,18}) (?P<subject>[!-~]{1,300})", re.ASCII)


def cursor(at: int, subject: str) -> str:
    """The word for a row."""
    return base64.urlsafe_b64encode(f"{at} {subject}".encode()).decode().rstrip("=")


def place(cursor: str) -> tuple[int, str]:
    """The row that a word stands for."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error):
        text = ""
    if (found := _PLACE.fullmatch(text)) is None:
        raise Invalid("CURSOR", "分页标记无效，请从第一页开始。", "the page cursor is not one of ours", "after")
    return int(found["at"]), found["subject"]
