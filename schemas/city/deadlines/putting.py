"""The pieces of a text put together to one time limit; two that contradict are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemas.city.deadlines.errors import Said
from schemas.city.deadlines.phrases import Phrases, Word
from schemas.city.deadlines.pieces import Lasting, Length, Limit, Origin, Piece, Shown, Wrong
from schemas.city.models import TimeLimit


def together(pieces: Sequence[Piece], phrases: Phrases, raw: str) -> tuple[TimeLimit, bool]:
    """The time limit, and whether its event was named.

    Raises:
        Wrong: two pieces say different things, or none says by when.
    """
    lasting = [piece for piece in pieces if isinstance(piece, Lasting)]
    limit = _one_limit([piece for piece in pieces if isinstance(piece, Limit)], lasting)
    shown = [piece.length for piece in pieces if isinstance(piece, Shown)]
    least = _one_shown([*([limit.shown.length] if limit.shown else []), *shown])
    word = _meaning(limit, phrases) if limit.word else None
    made = TimeLimit(
        trigger=_trigger(limit.origin, phrases),
        cron=limit.origin.cron or None if limit.origin else None,
        **_length(limit, word),
        min_display=(least.n, least.unit) if least else None,
        vague=word is not None and word.vague,
        way="before" if limit.before else "after",
        lasting=bool(lasting) or (word is not None and word.lasting),
        raw=raw,
    )
    return made, limit.origin is not None


def _one_limit(limits: Sequence[Limit], lasting: Sequence[Lasting]) -> Limit:
    """Beside a number, a word such as 及时 is good manners."""
    numbered = [limit for limit in limits if not limit.word] or list(limits)
    if len(numbered) > 1:
        raise Wrong(numbered[1].position, Said("已经写过一个时限", "a time limit stands before already"))
    if numbered:
        origins = [limit.origin for limit in limits if limit.origin]
        return replace(numbered[0], origin=numbered[0].origin or (origins[0] if origins else None))
    if lasting:
        return Limit(lasting[0].position, word=lasting[0].word)
    raise Wrong(0, Said("没有写明何时公开", "it does not say by when"))


def _one_shown(lengths: Sequence[Length]) -> Length | None:
    if len(lengths) > 1:
        raise Wrong(lengths[1].position, Said("已经写过公示多久", "how long it is shown stands before already"))
    return lengths[0] if lengths else None


def _meaning(limit: Limit, phrases: Phrases) -> Word:
    word = phrases.word_of.get(limit.word)
    if word is None:
        zh, en = f"“{limit.word}”没有写明何时公开", f"{limit.word} alone does not say by when"
        raise Wrong(limit.position, Said(zh, f"{en}; deadlines.toml may give it a number"))
    return word


def _length(limit: Limit, word: Word | None) -> dict[str, object]:
    if limit.length is not None:
        return {"n": limit.length.n, "unit": limit.length.unit}
    return {"n": word.n, "unit": word.unit} if word is not None else {"n": 0, "unit": "WD"}


def _trigger(origin: Origin | None, phrases: Phrases) -> str:
    if origin is None:
        return phrases.default
    return "cron" if origin.cron else phrases.trigger_of[origin.phrase]
