"""What a pack says of texts: words, phrases, names, people and thresholds of the checks in RULES §4.

Every file of `checks/` holds any of these tables, and all files count together, so that a word more is a file more.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator

from schemas.base import Code
from schemas.city.models import Dated, Part
from schemas.city.tables import Reader
from schemas.records import Severity

Rule = Annotated[str, Field(pattern=r"^TX-(0[1-9]|1[0-8])$")]
Word = Annotated[str, Field(min_length=1, max_length=60)]
Words = Annotated[tuple[Word, ...], Field(min_length=1)]
Share = Annotated[float, Field(gt=0, le=1)]


class Pattern(Part):
    """Words to be found, each a finding of its own, or where `regex` says so of what stands round them."""

    rule: Rule
    words: Words
    """What the pass looks for; `regex` is tried only where one of them was met."""
    regex: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None
    """Tried in the line of the word; what it matches must cover some of the word, and is the finding's span."""
    allow: tuple[Word, ...] = ()
    """Longer words that hold one of `words`: no finding."""
    where: Literal["anywhere", "title", "body"] = "anywhere"
    at: Literal["anywhere", "mark"] = "anywhere"
    """`mark`: only where it stands like a mark: alone on a short line near the head or foot, or behind such words as
    `marks.after` names."""
    severity: Severity | None = None
    """Where it is not the rule's own."""
    elsewhere: Severity | None = None
    """What a mark is in running text, and what `contact` words make of it; None is no finding."""
    contact: bool = False
    """Whether `elsewhere` holds on a line with a word of `contact`, instead of `severity`."""
    drafts: tuple[Code, ...] = ()
    """Kinds of publication in which it is right: a draft may say that it is one."""
    unless: tuple[Word, ...] = ()
    """Words that make it right where the same line has one of them."""
    attribute: str | None = None
    """The disclosure attribute with which alone it is wrong."""
    suggest: str = ""
    why_zh: str = ""
    why_en: str = ""
    hide: Literal["no", "digits", "name"] = "no"
    """What of the excerpt is masked: digits, or all but a name's first character."""

    @field_validator("regex")
    @classmethod
    def _compiles(cls, regex: str | None) -> str | None:
        try:
            re.compile(regex or "")
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from error
        return regex


class Phrase(Part):
    """A fixed phrase: its members, whole and in this order (TX-10)."""

    name: Word
    members: Annotated[tuple[Word, ...], Field(min_length=2)]
    separators: Annotated[tuple[Annotated[str, Field(max_length=10)], ...], Field(min_length=1)] = (
        "、",
        "，",
        "和",
        "与",
        "及",
        "以及",
    )
    """What may stand between two members."""
    partial_from: Annotated[int, Field(ge=2)] = 2
    """So many members make a list of the phrase; one with fewer than all is a warning."""
    before: tuple[Word, ...] = ()
    after: tuple[Word, ...] = ()
    """Where its members are everyday words: what must stand right before or right after the list."""


class Person(Dated):
    """Somebody of the roster, in the order of precedence, in office between two days (TX-11)."""

    order: Annotated[int, Field(ge=1)]
    name: Annotated[str, Field(min_length=2, max_length=20)]
    title: Word


class Relative(Part):
    """Words for a day, month or year counted from now, which a later reader can't tell (TX-12)."""

    words: Words
    unit: Literal["day", "month", "year"]
    shift: int = 0
    allow: tuple[Word, ...] = ()


class Names(Part):
    """The gazetteer: what must be spelt so, and words that are near it and right (TX-09)."""

    known: tuple[Word, ...] = ()
    """Beside the city and its departments, which stand in their own files."""
    words: tuple[Word, ...] = ()


class Marks(Part):
    """Where a mark stands (TX-01, TX-02)."""

    longest: Annotated[int, Field(ge=1)] = 20
    head: Annotated[int, Field(ge=0)] = 15
    foot: Annotated[int, Field(ge=0)] = 5
    """Lines from the beginning and from the end."""
    after: tuple[Word, ...] = ()
    links: tuple[str, ...] = ("",)
    """What may stand between a word of `after` and the mark."""

    @cached_property
    def before(self) -> tuple[str, ...]:
        """What stands right before a mark: each word of `after` with each link."""
        return tuple(word + link for word in self.after for link in self.links)


class Numbers(Part):
    """What numbers are held against (TX-04, TX-05, TX-06)."""

    contact: tuple[Word, ...] = ()
    """Words on whose line, or in the name of whose cell, a telephone number is an office's."""
    cards: tuple[Annotated[str, Field(pattern=r"^\d+$")], ...] = ()
    """First digits of bank cards."""
    severity: dict[Literal["id", "old-id", "mobile", "contact", "landline", "card"], Severity] = {}


class Titles(Part):
    """What a title is like (TX-16, TX-13)."""

    longest: Annotated[int, Field(ge=1)] = 50
    cut: tuple[Word, ...] = ()
    """What a title that was cut ends with."""
    unfinished: tuple[Word, ...] = ()
    """What no whole title ends with."""
    pairs: tuple[Annotated[str, Field(min_length=2, max_length=2)], ...] = ()
    """Brackets and quotes, opening and closing."""
    genres: tuple[Word, ...] = ()
    kinds: tuple[Code, ...] = ()
    """Kinds whose title names organ, matter and genre."""


class Gaps(Part):
    """What is missing or stands twice (TX-13)."""

    share: Share = 0.9
    """Of their five-character shingles that two passages have in common, from which one repeats the other."""
    shortest: Annotated[int, Field(ge=10)] = 30
    """Characters of the shortest paragraph whose repetition counts."""
    single: str = ""
    """Characters that may be a list's member alone."""


class Links(Part):
    """Where links may lead (TX-14)."""

    suffixes: tuple[Code, ...] = ()
    hosts: tuple[Code, ...] = ()
    """Whitelist: hosts, with all below them."""


class Scripts(Part):
    """When scripts are mixed (TX-17)."""

    traditional: Share = 0.01
    """Share of Traditional characters above which it is a finding."""


class TextChecks(Part):
    """Every file of `checks/` together; what a pack leaves out is not looked for."""

    typos: dict[Word, Words] = {}
    """Right to wrong (TX-08)."""
    allow: dict[Word, Words] = {}
    """Wrong word to longer words that hold it and are right."""
    patterns: tuple[Pattern, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    roster: tuple[Person, ...] = ()
    former: tuple[Word, ...] = ()
    """What stands before somebody's past title: 时任."""
    relative: tuple[Relative, ...] = ()
    names: Names | None = None
    marks: Marks | None = None
    numbers: Numbers | None = None
    titles: Titles | None = None
    gaps: Gaps | None = None
    links: Links | None = None
    scripts: Scripts | None = None


NO_CHECKS = TextChecks()
"""Of a pack without the folder."""

FOLDER = "checks"


def read_text_checks(reader: Reader) -> TextChecks:
    """All of the pack's `checks/*.toml`, as one."""
    whole = NO_CHECKS
    for file in reader.files(FOLDER, ".toml"):
        part = reader.part(file, 0, TextChecks, reader.toml(file))
        if part is not None:
            whole = _together(reader, file, whole, part)
    return whole


def _together(reader: Reader, file: str, whole: TextChecks, part: TextChecks) -> TextChecks:
    """`whole` with `part` added: lists grow, and what there is one of may stand in one file only."""
    changed: dict[str, object] = {}
    for name in sorted(part.model_fields_set):
        old, new = getattr(whole, name), getattr(part, name)
        if isinstance(new, tuple):
            changed[name] = old + new
        elif isinstance(new, dict):
            for key in old.keys() & new.keys():
                reader.note(file, 0, f"{name}.{key}", "PACK-DOUBLE", "stands in another file already")
            changed[name] = old | new
        elif old is not None:
            reader.note(file, 0, name, "PACK-DOUBLE", "stands in another file already; one file has it")
        else:
            changed[name] = new
    return whole.model_copy(update=changed)
