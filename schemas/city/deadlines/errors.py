"""What is wrong with a 公开时限, at which character, and what was meant perhaps."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple


class Said(NamedTuple):
    """The same thing in both languages."""

    zh: str
    en: str


class DeadlineError(ValueError):
    """A text that is no time limit.

    `position` counts code points of `text` from 0; `expected` says in words what could stand there; `nearest` is the
    form that looks most like it, or empty.
    """

    def __init__(self, text: str, position: int, said: Said, expected: Sequence[Said] = (), nearest: str = "") -> None:
        self.text, self.position, self.said = text, position, said
        self.expected, self.nearest = tuple(expected), nearest
        super().__init__(str(self))

    @property
    def zh(self) -> str:
        """The sentence for a clerk."""
        expected = f"，这里可以写{'、'.join(each.zh for each in self.expected)}" if self.expected else ""
        nearest = f"。是否要写“{self.nearest}”？" if self.nearest else "。"
        return f"第{self.position + 1}个字起看不懂：{self.said.zh}{expected}{nearest}"

    @property
    def en(self) -> str:
        """The same in English."""
        expected = f"; expected {', '.join(each.en for each in self.expected)}" if self.expected else ""
        nearest = f"; did you mean “{self.nearest}”?" if self.nearest else ""
        return f"character {self.position + 1}: {self.said.en}{expected}{nearest}"

    @property
    def picture(self) -> str:
        """The text, and under it a caret at the character."""
        shown = "".join(_visible(mark) for mark in self.text[:_SHOWN])
        under = "".join(" " * _width(mark) for mark in shown[: self.position])
        return f"{shown}\n{under}^"

    def __str__(self) -> str:
        return f"{self.zh}\n{self.en}\n{self.picture}"

    def __reduce__(self) -> tuple[type[DeadlineError], tuple[object, ...]]:
        return type(self), (self.text, self.position, self.said, self.expected, self.nearest)


_SHOWN = 240


def _visible(mark: str) -> str:
    return mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}"


def _width(mark: str) -> int:
    return 2 if unicodedata.east_asian_width(mark) in "WF" else 1
