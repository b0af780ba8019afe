"""The bars of the chart: one a department, drawn as SVG in its row, so the table is the chart's own text."""

from __future__ import annotations

from dataclasses import dataclass

from consumers.assessment.departments import Figures
from consumers.assessment.duties import LABELS, SCORED, Status

WIDTH = 1_000
"""Of a full bar, in the drawing's own units."""

SHADES = {
    Status.ON_TIME: "on-time",
    Status.LATE: "late",
    Status.OVERDUE: "overdue",
    Status.REJECTED_OVERDUE: "rejected",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a bar."""

    x: int
    width: int
    shade: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A department's scored duties, as shares of a whole bar."""

    pieces: tuple[Piece, ...]
    words: str
    """The same for who can't see it."""


def bar(figures: Figures) -> Bar:
    """The bar of `figures`; without anything scored it is empty and says so."""
    if not figures.scored:
        return Bar((), "本季度暂无到期事项")
    pieces, x, seen = [], 0, 0
    for status in SCORED:
        count = figures.counts.get(status, 0)
        seen += count
        end = round(WIDTH * seen / figures.scored)
        if count:
            pieces.append(Piece(x, end - x, SHADES[status]))
        x = end
    words = "，".join(f"{LABELS[s]}{figures.counts[s]}件" for s in SCORED if figures.counts.get(s))
    return Bar(tuple(pieces), words)


def percent(rate: float | None) -> str:
    """A rate as people read it: `92.31%`, or a dash where nothing was due."""
    return "—" if rate is None else f"{rate:.2%}"
