"""A passage under examination: one field of a publication, or one text, as its checks see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import msgspec

from rules.case import Fault
from schemas.reasons import Reason
from schemas.records import Severity

WIDTH = 200
"""So many characters of its line to either side belong to a place: a line may be as long as the event allows."""


class Part(msgspec.Struct, frozen=True, gc=False):
    """A field: where it stands, what it is called, what it is, and its text; a publication has a dozen."""

    place: str
    label: str
    """Of a cell: the name of its column, which counts as standing on its line."""
    kind: Literal["title", "body", "cell"]
    text: str


class About(msgspec.Struct, frozen=True, gc=False):
    """What is known of the text as a whole."""

    day: date | None = None
    """From which its relative days count."""
    dated: bool = False
    """Whether it is published on that day; a text that lies in a file may be of any."""
    kind: str | None = None
    attribute: str | None = None
    """公开属性; None where nobody said."""
    attachments: int | None = None
    """How many come with it; None where nobody said."""


@dataclass(slots=True)
class Passage:
    """A part as it is examined: `text` may be a folded copy, and `back` leads from it to the original."""

    part: Part
    about: About
    text: str
    back: list[int] | None = None
    past: dict[object, tuple[int, int]] = field(default_factory=dict)
    """What a check remembers of earlier words of the same passage: where it ended, and a number of its own."""

    def fault(
        self, reason: Reason, start: int, end: int,
        *, why: tuple[str, str] = ("", ""), suggest: str = "", name: str = "",
        severity: Severity | None = None, excerpt: str | None = None,
    ) -> Fault:  # fmt: skip
        """A fault from `start` to `end` of this passage, told in the original's code points.

        `why` says in Chinese and in English what is wrong with it, `suggest` what to write instead.
        """
        span = self.span(start, end)
        found = self.part.text[span[0] : span[1]] if excerpt is None else excerpt
        values = {"found": found, "why_zh": why[0], "why_en": why[1], "suggest": suggest, "name": name}
        return Fault(reason, self.part.place, found, None, values, span, severity)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where it stands in the original."""
        if self.back is None:
            return start, end
        return self.back[start], (self.back[end - 1] + 1 if end > start else self.back[start])

    def line(self, start: int, end: int) -> tuple[int, int]:
        """Where the line round `start` and `end` begins and ends, so far as it belongs to the place."""
        low = max(0, start - WIDTH)
        first = self.text.rfind("\n", low, start) + 1 or low
        last = self.text.find("\n", end, end + WIDTH)
        return first, (last if last >= 0 else min(len(self.text), end + WIDTH))

    def sentence(self, start: int, end: int) -> str:
        """The sentence round the place."""
        first, last = self.line(start, end)
        first = max(first, self.text.rfind("。", first, start) + 1)
        stop = self.text.find("。", end, last)
        return self.text[first : stop if stop >= 0 else last]


Look = Callable[[Passage, int, int], Iterator[Fault]]
"""Looks closer where a word of its own was met, from `start` to `end`."""
