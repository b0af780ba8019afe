"""公开时限 read as a time limit: squeeze, parse with the pack's words, put the pieces together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError
from lark.lexer import PatternRE, TerminalDef

from schemas.city.deadlines.errors import DeadlineError, Said
from schemas.city.deadlines.expected import expected_words, nearest_form
from schemas.city.deadlines.phrases import Phrases
from schemas.city.deadlines.pieces import Piece, Pieces, Wrong
from schemas.city.deadlines.putting import together
from schemas.city.deadlines.squeeze import Squeezed, squeeze
from schemas.city.models import TimeLimit

LONGEST = 200
"""A time limit is a phrase; what is longer is something else."""

_GRAMMAR = files("schemas.city.deadlines").joinpath("deadlines.lark").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Reading:
    """A time limit, and whether the text itself named the event it counts from."""

    limit: TimeLimit
    says_trigger: bool


def parse(text: str, phrases: Phrases) -> TimeLimit:
    """`text` as a time limit, by a city's words.

    Raises:
        DeadlineError: it is none; the error points at the character.
    """
    return read(text, phrases).limit


@lru_cache(maxsize=8_192)
def read(text: str, phrases: Phrases) -> Reading:
    """`parse`, and whether the event was named; catalogues repeat a few texts, so each is read once."""
    if len(text) > LONGEST:
        raise DeadlineError(text, LONGEST, Said(f"超过{LONGEST}个字", f"longer than {LONGEST} characters"))
    squeezed = squeeze(text)
    try:
        pieces = _transform(squeezed.text, phrases)
        limit, says_trigger = together(pieces, phrases, text)
    except Wrong as wrong:
        raise DeadlineError(text, squeezed.place(wrong.position), wrong.said) from wrong
    except UnexpectedInput as error:
        raise _unexpected(text, squeezed, phrases, error) from error
    return Reading(limit, says_trigger)


def _transform(text: str, phrases: Phrases) -> tuple[Piece, ...]:
    tree = _parser(phrases).parse(text)
    try:
        return Pieces().transform(tree)
    except VisitError as error:
        raise error.orig_exc from None


@lru_cache(maxsize=8)
def _parser(phrases: Phrases) -> Lark:
    patterns = {"TRIGGER": _any_of(phrases.trigger_of), "WORD": _any_of(phrases.word_of)}

    def edit(terminal: TerminalDef) -> TerminalDef | None:
        if terminal.name in patterns:
            terminal.pattern = PatternRE(patterns[terminal.name])
        return None

    return Lark(_GRAMMAR, parser="lalr", lexer="contextual", edit_terminals=edit)


def _any_of(phrases: Iterable[str]) -> str:
    """The longest first, so that 信息形成或者变更 is not read as 信息形成; with none, what never matches."""
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(map(re.escape, longest_first)) or r"[^\s\S]"


def _unexpected(text: str, squeezed: Squeezed, phrases: Phrases, error: UnexpectedInput) -> DeadlineError:
    position, names = _place_and_expected(error, len(squeezed.text))
    mark = squeezed.text[position : position + 1]
    said = Said(f"“{mark}”不该在这里", f"“{mark}” can't stand here") if mark else Said("没有写完", "it ends too soon")
    nearest = nearest_form(squeezed.text, phrases)
    return DeadlineError(text, squeezed.place(position), said, expected_words(names), nearest)


def _place_and_expected(error: UnexpectedInput, end: int) -> tuple[int, set[str]]:
    """Where lark stopped, the end where it wanted more, and the terminals that could stand there."""
    if isinstance(error, UnexpectedCharacters):
        return error.pos_in_stream or 0, set(error.allowed or ())
    if isinstance(error, UnexpectedToken):
        return end if error.token.type == "$END" else error.pos_in_stream or 0, set(error.expected)
    return end, set()
