"""A day's ordinary government prose: texts written by hand, and as many made of written parts as are asked for.

The same number gives the same text for ever, so a failing one can be read again.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from tests.rules.making import ROOT

FOLDER = ROOT / "tests/data/prose"
DAY = date(2026, 3, 10)
"""The day on which all of them are published."""

_SLOT = re.compile(r"\{(\w+)\}")
_WEEKDAYS = "一二三四五六日"


def written() -> Iterator[tuple[str, str]]:
    """Names and texts of those written by hand."""
    for path in sorted(FOLDER.glob("*.txt")):
        yield path.name, path.read_text(encoding="utf-8")


def made(number: int) -> str:
    """The text of that number: a title, an opening, some paragraphs in their order and an ending."""
    rng = random.Random(number)
    genre = _genres()["genre"][number % len(_genres()["genre"])]
    drawn = sorted(rng.sample(range(len(genre["paragraphs"])), rng.randint(3, len(genre["paragraphs"]))))
    parts = [
        rng.choice(genre["titles"]), rng.choice(genre["openings"]),
        *(genre["paragraphs"][place] for place in drawn), rng.choice(genre["endings"]),
    ]  # fmt: skip
    return "\n\n".join(_filled(part, rng) for part in parts)


def texts(count: int) -> Iterator[tuple[str, str]]:
    """So many texts, those written by hand first."""
    hand = list(written())
    yield from hand
    yield from ((f"made-{number}", made(number)) for number in range(count - len(hand)))


@cache
def _genres() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "genres.toml").read_text(encoding="utf-8"))


def _filled(part: str, rng: random.Random) -> str:
    return _SLOT.sub(lambda slot: _fill(slot[1], rng), part)


def _fill(slot: str, rng: random.Random) -> str:
    words = _genres()["words"]
    if slot in words:
        return str(rng.choice(words[slot]))
    day = DAY - timedelta(days=rng.randint(0, 700))
    written_day = f"{day.year}年{day.month}月{day.day}日"
    return {
        "date": written_day,
        "weekday_date": f"{written_day}（星期{_WEEKDAYS[day.weekday()]}）",
        "month": f"{rng.randint(1, 12)}月",
        "year": str(rng.randint(2022, 2026)),
        "docno": f"示政办发〔{rng.randint(2019, 2025)}〕{rng.randint(1, 99)}号",
        "n": str(rng.randint(100, 999_999)),
        "n2": str(rng.randint(2, 98)),
        "percent": f"{rng.randint(2, 99)}.{rng.randint(0, 9)}",
        "money": str(rng.randint(100, 99_999)),
        "phone": f"0999-8{rng.randint(100_000, 999_999)}",
    }[slot]
