"""What the pack says of official documents: their kinds, 附注, themes, index numbers, gates, validity (RULES §1.10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import Field, field_validator

from schemas.base import Code
from schemas.city.models import Part
from schemas.city.tables import Reader
from schemas.events.common import Disclosure

FILE = "documents.toml"

PLACES = {
    "uscc": r"(?P<uscc>[0-9A-Z]{18})",
    "org": r"(?P<org>[0-9A-Z]{9})",
    "year": r"(?:19|20)[0-9]{2}",
    "serial": r"[0-9]{5,7}",
    "date": r"(?:19|20)[0-9]{6}",
    "group": r"[^\s/-]{1,20}",
}
"""What an index number's form may name in braces; the two codes are checked by their check digits too."""

ASIDES = (")", "）", "〕", "]", "】", " ", "\u3000", "\n")
"""Ends of what may stand behind a title's own last word."""

ANY, KIND_PLACE = ".{1,200}", "文种"
"""What a place of a title's template stands for, and the one place that is a kind of 公文."""


class DocumentKind(Part):
    """One of the fifteen kinds of 公文: how its titles end, and whether it is normally published."""

    words: Annotated[tuple[Code, ...], Field(min_length=1)]
    """What a title of this kind ends with."""
    inward: bool = False
    """Upward or inner (请示, 报告, 议案, 纪要): normally not published whole."""
    basis: Code


class Validity(Part):
    """How long a normative document may be in force: so many years, fewer where its title has one of `trial`."""

    years: Annotated[int, Field(ge=1, le=100)] = 5
    trial_years: Annotated[int, Field(ge=1, le=100)] = 2
    trial: tuple[Code, ...] = ()
    basis: Code


class Documents(Part):
    """`documents.toml`; what a pack leaves out is not asked of anybody."""

    kinds: dict[str, DocumentKind] = {}
    annotations: dict[str, Disclosure] = {}
    """附注, without its brackets, to the attribute it says."""
    themes: dict[str, tuple[Code, ...]] = {}
    """主题分类: first level to its second, which may be empty."""
    index_forms: tuple[Code, ...] = ()
    """Forms of given index numbers, such as `{uscc}/{year}-{serial}`."""
    gates: tuple[Code, Code, Code] | None = None
    """The names of the three levels of review, as gates: 文字关, 政策关, 政治关."""
    validity: Validity | None = None

    @cached_property
    def words(self) -> tuple[tuple[str, str], ...]:
        """Each word that a title may end with, beside the kind of 公文 it means."""
        return tuple((name, word) for name, kind in self.kinds.items() for word in kind.words)

    @cached_property
    def endings(self) -> tuple[str, ...]:
        """What a title may end with that is perhaps of such a kind: a word, or what closes an aside behind it."""
        return (*(word for _, word in self.words), *ASIDES)

    @cached_property
    def index_patterns(self) -> tuple[re.Pattern[str], ...]:
        """The forms of index numbers, to be matched whole."""
        return tuple(_pattern(form, PLACES) for form in self.index_forms)

    def title_pattern(self, template: str) -> re.Pattern[str]:
        """A kind's template, to be matched whole; what stands between its places is taken literally."""
        kinds = "|".join(re.escape(word) for _, word in self.words) or ANY
        return _pattern(template, {KIND_PLACE: f"(?:{kinds})"})

    @field_validator("index_forms")
    @classmethod
    def _known(cls, forms: tuple[str, ...]) -> tuple[str, ...]:
        for form in forms:
            for name in re.findall(r"\{([^{}]*)\}", form):
                if name not in PLACES:
                    raise ValueError(f"{{{name}}} is none of {', '.join(PLACES)}")
        return forms


NOTHING_SAID = Documents()
"""Of a pack without such a file."""


def read_documents(reader: Reader) -> Documents:
    """The pack's documents.toml."""
    if not reader.has(FILE):
        return NOTHING_SAID
    return reader.part(FILE, 0, Documents, reader.toml(FILE)) or NOTHING_SAID


def _pattern(form: str, places: Mapping[str, str]) -> re.Pattern[str]:
    pieces = re.split(r"\{([^{}]*)\}", form)
    return re.compile("".join(
        places.get(piece, ANY) if number % 2 else re.escape(piece) for number, piece in enumerate(pieces)
    ))  # fmt: skip
