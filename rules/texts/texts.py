"""Texts of publications, of attachments and of bare files, held against what the pack says of texts (RULES §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from rules.case import Case, Faults, finding_of, pointer
from rules.texts.passage import About, Part
from rules.texts.scanner import scanner
from schemas.city import Pack
from schemas.city.textual import NO_CHECKS
from schemas.events.common import Attachment
from schemas.records import Finding

_TITLE_LINES = 5
"""So many lines at the head of a bare text may be its title."""
_TITLE_LONGEST = 80
_SENTENCE_ENDS = ("。", "！", "!", "？", "?", "；", ";", "：", ":")


def texts_right(case: Case) -> Faults:
    """What title, text and elements of a publication are held against: TX-01 to TX-17."""
    if case.pack.text_checks is NO_CHECKS:
        return ()
    data = case.data
    day = data.published_on if data.backfill else case.day
    about = About(
        day or case.day, dated=True, kind=data.kind, attribute=data.disclosure_attr, attachments=len(data.attachments)
    )
    return scanner(case.pack).faults(parts_of(data), about)


class Fields(Protocol):
    """A publication, in its event or as its readers see it."""

    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def body(self) -> str: ...  # noqa: D102
    @property
    def short_title(self) -> str | None: ...  # noqa: D102
    @property
    def summary(self) -> str | None: ...  # noqa: D102
    @property
    def elements(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def attachments(self) -> Sequence[Attachment]: ...  # noqa: D102


def parts_of(data: Fields) -> list[Part]:
    """The fields of a publication that hold text."""
    parts = [Part("/data/title", "", "title", data.title), Part("/data/body", "", "body", data.body)]
    if data.short_title:
        parts.append(Part("/data/short_title", "", "cell", data.short_title))
    if data.summary:
        parts.append(Part("/data/summary", "", "cell", data.summary))
    parts += [Part(f"/data/elements/{pointer(name)}", name, "cell", text) for name, text in data.elements.items()]
    if data.attachments:
        names = enumerate(file.name for file in data.attachments)
        parts += [Part(f"/data/attachments/{number}/name", "", "cell", name) for number, name in names]
    return parts


def check_passage(pack: Pack, text: str, place: str, about: About = About()) -> Faults:  # noqa: B008 - a frozen value
    """The same for a text of another kind, such as an attachment's, that stands at `place`."""
    return scanner(pack).faults([Part(place, "", "body", text)], about)


def check_text(pack: Pack, text: str, day: date | None = None) -> tuple[Finding, ...]:
    """What is wrong with a bare text, of which nothing is known but the day from which its 昨日 counts.

    Spans count from the beginning of `text`, whose place is the empty pointer.
    """
    start, end = title_of(text)
    parts = [Part("title", "", "title", text[start:end]), Part("", "", "body", text)]
    told = [
        fault._replace(place="", span=(fault.span[0] + start, fault.span[1] + start))
        if fault.place and fault.span
        else fault
        for fault in scanner(pack).faults(parts, About(day))
    ]
    once = {(fault.reason, fault.span): fault for fault in told}
    return tuple(finding_of(once[key]) for key in sorted(once, key=lambda key: (key[1] or (0, 0), key[0])))


def title_of(text: str) -> tuple[int, int]:
    """Where the title of a bare text stands: the first short line of its head that is no sentence; empty where none is.

    A line that ends like a sentence, or that is as long as a paragraph, is no title.
    """
    at = 0
    for line in text.split("\n", _TITLE_LINES)[:_TITLE_LINES]:
        title = line.strip()
        if len(title) > _TITLE_LONGEST:
            break
        if title and not title.endswith(_SENTENCE_ENDS) and "\n" in text[at:]:
            first = at + line.index(title)
            return first, first + len(title)
        at += len(line) + 1
    return 0, 0
