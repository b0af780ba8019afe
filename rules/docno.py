"""发文字号: bring a document number to its form, then read it (RULES §1.10, GB/T 9704-2012)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Fault = Literal["form", "year-two-digits", "year-range", "leading-zero"]

_DOCUMENT = re.compile(r"([\u4e00-\u9fa5]{2,14})〔((?:19|20)[0-9]{2})〕([1-9][0-9]{0,4})号")
_ORDER = re.compile(r"([\u4e00-\u9fa5]{2,20})令(?:〔([0-9]{4})〕)?第([1-9][0-9]{0,4})号")
_OPEN = r"[\[(<\uff08\u3010\ufe5d\u3008\u3014\uff3b\u300a]"
_CLOSE = r"[\])>\uff09\u3011\ufe5e\u3009\u3015\uff3d\u300b]"
_BRACKETED_YEAR = re.compile(_OPEN + "([0-9]{4})" + _CLOSE)
_TWO_DIGITS = re.compile(_OPEN + "[0-9]{2}" + _CLOSE)
_STRAY = re.compile(r"(〔[0-9]{4}〕)第([0-9])")
_LEADING_ZERO = re.compile(r"[〕第]0[0-9]*号")
_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}
_FIRST_YEAR = 1949


@dataclass(frozen=True, slots=True)
class DocNo:
    """A document number taken apart; `text` is its right form."""

    text: str
    form: Literal["document", "order"]
    organ: str
    """机关代字, or of an order the organ's name."""
    year: int | None
    """None for an order without a year."""
    number: int


def normalise(given: str) -> str:
    """`given` with 〔〕 round the year, ASCII digits and no blanks; the 第 of what is no order is removed."""
    text = re.sub(r"\s", "", given).translate(_FULL_WIDTH)
    text = _BRACKETED_YEAR.sub(r"〔\1〕", text)
    return text if _ORDER.fullmatch(text) else _STRAY.sub(r"\1\2", text)


@lru_cache(maxsize=4_096)
def parse(given: str, latest_year: int) -> DocNo | Fault:
    """The number in `given`, or what is wrong with it; a year lies between 1949 and `latest_year`."""
    text = given if _DOCUMENT.fullmatch(given) else normalise(given)
    if order := _ORDER.fullmatch(text):
        form: Literal["document", "order"] = "order"
        organ, year, number = order.groups()
    elif document := _DOCUMENT.fullmatch(text):
        form = "document"
        organ, year, number = document.groups()
    else:
        return _fault(text)
    if year is not None and not _FIRST_YEAR <= int(year) <= latest_year:
        return "year-range"
    return DocNo(text, form, organ, int(year) if year else None, int(number))


def _fault(text: str) -> Fault:
    if _TWO_DIGITS.search(text):
        return "year-two-digits"
    return "leading-zero" if _LEADING_ZERO.search(text) else "form"
