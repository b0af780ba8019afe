"""The folded copy of a passage, made only where the pass met something to fold.

Traditional characters are written as Simplified and full-width digits as plain; pinyin in brackets is taken out, and so
is what has no width.
"""

from __future__ import annotations

import re
from functools import cache

from opencc import OpenCC

_HAN = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
_TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_BLANKS = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_WIDE = "".join(chr(code) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)))
PINYIN = re.compile(
    f"(?<=[\u3400-\u9fff])[(（](?:[a-zü{_TONES}]{{1,8}}|(?=[^)）]{{0,30}}[{_TONES}])[a-zü {_TONES}]{{9,30}})[)）]"
)
_TONED = re.compile(f"[{_TONES}]")
_OUT = re.compile(f"{PINYIN.pattern}|[{_BLANKS}]+")


@cache
def traditional() -> dict[str, str]:
    """Traditional to Simplified, by the library's table; without those that Simplified texts use as they are.

    What GB/T 2312 holds is in daily use (乾, 於, 徵), so it is nobody's fault.
    """
    folded = OpenCC("t2s").convert("\n".join(_HAN)).split("\n")
    return {one: other for one, other in zip(_HAN, folded, strict=True) if one != other and not _is_simplified(one)}


@cache
def triggers() -> frozenset[str]:
    """The characters for which a copy is made."""
    return frozenset((*traditional(), *_TONES, *_BLANKS, *_WIDE))


def fold(text: str) -> tuple[str, list[int] | None]:
    """The folded copy, and for each of its characters and its end the place in `text`; None where none moved."""
    same_length = text.translate(_table())
    pieces, kept = [], []
    at = 0
    for out in _OUT.finditer(same_length):
        pieces.append(same_length[at : out.start()])
        kept.append((at, out.start()))
        at = out.end()
    if not at:
        return same_length, None
    kept.append((at, len(text)))
    back = [place for first, last in kept for place in range(first, last)]
    return "".join(pieces) + same_length[at:], [*back, len(text)]


def toned(text: str) -> tuple[int, int] | None:
    """Where the first pinyin with a tone stands in brackets behind a character."""
    found = next((found for found in PINYIN.finditer(text) if _TONED.search(found[0])), None)
    return None if found is None else found.span()


@cache
def _table() -> dict[int, str]:
    wide = {ord(one): chr(ord(one) - 0xFEE0) for one in _WIDE}
    return {ord(one): other for one, other in traditional().items()} | wide


def _is_simplified(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
