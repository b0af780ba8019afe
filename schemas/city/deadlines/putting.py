"""The pieces of a text put together to one time limit; two that contradict are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from schemas.city.deadlines.errors import Said
from schemas.city.deadlines.phrases import Phrases
from schemas.city.deadlines.pieces import Lasting, Length, Limit, Origin, Piece, Shown, Wrong
from schemas.city.models import TimeLimit, Unit
from schemas.events.publications import DateName


def together(pieces: Sequence[Piece], phrases: Phrases, raw: str) -> tuple[TimeLimit, bool]:
    """The time limit, and whether its event was named.

    Raises:
        Wrong: two pieces say different things, or none says by when.
    """
    limit = _one_limit([piece for piece in pieces if isinstance(piece, Limit)])
    least = _one_shown([limit, *pieces] if limit is not None else pieces)
    lasting = any(isinstance(piece, Lasting) for piece in pieces)
    if limit is None and least is None and not lasting:
        raise Wrong(0, _NO_DAY)
    n, unit, vague = _length(limit, phrases)
    origin = limit.origin if limit is not None else None
    made = TimeLimit(
        trigger=_trigger(origin, phrases), cron=(origin.cron or None) if origin is not None else None,
        n=n, unit=unit, min_display=(least.n, least.unit) if least is not None else None, vague=vague,
        way="before" if limit is not None and limit.before else "after", lasting=lasting, raw=raw,
    )  # fmt: skip
    return made, origin is not None


_NO_DAY = Said("没有写明何时公开", "it does not say by when")


def _one_limit(limits: Sequence[Limit]) -> Limit | None:
    """Beside a number, a word such as 及时 is good manners."""
    numbered = [limit for limit in limits if not limit.word] or list(limits)
    if len(numbered) > 1:
        raise Wrong(numbered[1].position, Said("已经写过一个时限", "a time limit stands before already"))
    if not numbered:
        return None
    origins = [limit.origin for limit in limits if limit.origin is not None]
    shown = [limit.shown for limit in limits if limit.shown is not None]
    return replace(numbered[0], origin=origins[0] if origins else None, shown=shown[0] if shown else None)


def _one_shown(pieces: Sequence[Piece]) -> Length | None:
    shown = [piece.shown if isinstance(piece, Limit) else piece for piece in pieces if piece is not None]
    lengths = list(dict.fromkeys(piece.length for piece in shown if isinstance(piece, Shown)))
    if len(lengths) > 1:
        raise Wrong(lengths[1].position, Said("已经写过公示多久", "how long it is shown stands before already"))
    return lengths[0] if lengths else None


def _length(limit: Limit | None, phrases: Phrases) -> tuple[int, Unit, bool]:
    """How much of what, and whether the law says only 及时."""
    if limit is None:
        if phrases.silent is None:
            raise Wrong(0, _NO_DAY)
        return phrases.silent.n, phrases.silent.unit, False
    word = phrases.word_of[limit.word] if limit.word else None
    if limit.length is not None:
        return limit.length.n, limit.length.unit, word is not None and word.vague
    return (word.n, word.unit, word.vague) if word is not None else (0, "WD", False)


def _trigger(origin: Origin | None, phrases: Phrases) -> DateName | Literal["cron"]:
    if origin is None:
        return phrases.default
    return "cron" if origin.cron else phrases.trigger_of[origin.phrase]
