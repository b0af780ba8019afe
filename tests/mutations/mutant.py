"""One change of one rule, and how values change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from tests.cities.observed.strange import STRANGE

Files = Mapping[str, bytes]
Place = tuple[int, str]
"""Row and column of a cell."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule changed."""

    file: str
    subject: str
    """Whose observations it touches first: the file, and the part of it where the file has parts."""
    where: str
    """The rule: `CLK-01.n`, `01-01 公开依据`."""
    what: str
    """The change, in a word: `+1`, `dropped`, `typo`."""
    was: str
    make: Callable[[Files], bytes] | None = None
    """The file with it; None where it is a cell, which others may be changed beside."""
    cell: tuple[Place, str] | None = None
    """The cell and its new text, in a file of cells."""

    def __str__(self) -> str:
        return f"{self.file} {self.where}: {self.what} (was {self.was[:60]})"


class Dropped:
    """Stands for a value that is taken out."""


ENUMS: tuple[tuple[str, ...], ...] = (
    ("WD", "CD", "H", "M"), ("day", "month", "year"), ("block", "error", "warn"), ("required", "allowed", "none"),
    ("required", "expected", "optional"), ("within", "least"), ("after", "before"), ("event", "arrival"),
    ("formed", "changed", "approved", "decided", "obtained", "signed", "effective", "expires"),
    ("主动公开", "依申请公开", "不予公开"), ("subscription", "service"), ("digits", "name", "no"),
    ("title", "body", "anywhere"), ("many", "one"), ("", "M", "D"),
)  # fmt: skip
"""Words of which one stands in a place, and no other may."""


def others_of(value: object, used: list[str], key: str) -> Iterator[tuple[str, object]]:
    """What a value may be mistaken for, each with a word for the change; `used` are the words of that key elsewhere."""
    if isinstance(value, bool):
        yield "flipped", not value
    elif isinstance(value, int):
        yield "+1", value + 1
        yield "-1", value - 1
    elif isinstance(value, float):
        yield "a tenth more", round(value * 1.1, 6)
        yield "a tenth less", round(value * 0.9, 6)
    elif isinstance(value, date):
        yield "a day later", value + timedelta(days=1)
        yield "a day earlier", value - timedelta(days=1)
    elif isinstance(value, str):
        yield from _words(value, used, key)


def _words(value: str, used: list[str], key: str) -> Iterator[tuple[str, object]]:
    enum = next((words for words in ENUMS if value in words and value and len({*used} & {*words}) == len({*used})), ())
    others = [word for word in enum if word != value] or _next(value, used)
    yield from ((f"swapped for {word or 'nothing'}", word) for word in others)
    if not enum:
        yield "typo", typo(value)


def _next(value: str, used: list[str]) -> list[str]:
    ahead = [word for word in used if word > value] + [word for word in used if word < value]
    return ahead[:1]


def typo(text: str) -> str:
    """One character in the middle another."""
    middle = len(text) // 2
    return text[:middle] + STRANGE[0] + text[middle + 1 :] if text else STRANGE


Verdict = Literal["check", "observation", "same", "no rule", "survived"]
"""Refused by the pack's own checks; answered otherwise; reads to the same pack, so that nothing was changed; named in
`no_rules.toml`; noticed by nobody."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a mutant ended, and by what."""

    mutant: Mutant
    verdict: Verdict
    by: str = ""
