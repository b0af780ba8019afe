"""What is public already, held against the checks of a later day: what a list did not know when it was accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from rules.case import Fault
from rules.overriding import Answer, findings_of
from rules.texts.attachments import file_faults
from rules.texts.passage import About, Part
from rules.texts.scanner import scanner
from rules.texts.texts import pointer
from schemas.city import Pack
from schemas.events.common import Attachment
from schemas.extracts import Extracts
from schemas.records import Finding, Severity


class Published(NamedTuple):
    """A publication as its readers see it."""

    title: str
    body: str
    summary: str
    elements: Mapping[str, str]
    attachments: tuple[Attachment, ...]
    kind: str
    attribute: str
    day: date
    """On which it became public; names and titles are held against the roster of that day."""
    overrides: Sequence[Answer] = ()
    """What was answered for when it was sent."""


def check_published(pack: Pack, item: Published, texts: Extracts) -> tuple[Finding, ...]:
    """What is wrong with it by `pack`, answered for or not; `texts` tells what stands in its attachments."""
    about = About(item.day, dated=True, kind=item.kind, attribute=item.attribute, attachments=len(item.attachments))
    faults: list[Fault] = [*scanner(pack).faults(_parts(item), about)]
    for number, file in enumerate(item.attachments):
        extract = texts(file.sha256)
        if extract is not None:
            of_file = about._replace(dated=False, attachments=None)
            faults += file_faults(pack, file, extract, of_file, f"/data/attachments/{number}")
    kind = pack.kind.get(item.kind)
    severities: dict[str, Severity] = dict(kind.severity) if kind else {}
    return findings_of(faults, item.overrides, severities)[0]


def _parts(item: Published) -> list[Part]:
    parts = [Part("/data/title", "", "title", item.title), Part("/data/body", "", "body", item.body)]
    if item.summary:
        parts.append(Part("/data/summary", "", "cell", item.summary))
    parts += [Part(f"/data/elements/{pointer(name)}", name, "cell", text) for name, text in item.elements.items()]
    names = enumerate(file.name for file in item.attachments)
    return [*parts, *(Part(f"/data/attachments/{number}/name", "", "cell", name) for number, name in names)]
