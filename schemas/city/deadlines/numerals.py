"""Chinese numerals up to 9,999 in numbers: 二十, 一百零五, 两, 〇."""

from __future__ import annotations

_DIGITS = {mark: n for n, mark in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}


def number_of(text: str) -> int | None:
    """The number, or None where the marks don't make one (`十十`, `二三`); a long run of digits is just large."""
    if text.isdecimal():
        return int(text.lstrip("0")[:9] or 0)
    return _written(text)


def _written(text: str) -> int | None:
    total, digit, least = 0, None, 10_000
    for mark in text:
        if (place := _PLACES.get(mark)) is None:
            if digit:
                return None
            digit = _DIGITS[mark]
        elif place >= least or digit == 0 or (digit is None and (place != 10 or total)):
            return None
        else:
            total, digit, least = total + (digit or 1) * place, None, place
    return total + (digit or 0)
