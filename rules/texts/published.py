"""What is public already, held against the checks of a later day: what a list did not know when it was accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from rules.case import Fault
from rules.overriding import Answer, findings_of
from rules.texts.attachments import file_faults
from rules.texts.passage import About
from rules.texts.scanner import scanner
from rules.texts.texts import parts_of
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
    short_title: str | None = None
    """Readers of the portal see none."""
    overrides: Sequence[Answer] = ()
    """What was answered for when it was sent."""


def check_published(pack: Pack, item: Published, texts: Extracts) -> tuple[Finding, ...]:
    """What is wrong with it by `pack`, answered for or not; `texts` tells what stands in its attachments."""
    about = About(item.day, dated=True, kind=item.kind, attribute=item.attribute, attachments=len(item.attachments))
    faults: list[Fault] = [*scanner(pack).faults(parts_of(item), about)]
    for number, file in enumerate(item.attachments):
        extract = texts(file.sha256)
        if extract is not None:
            of_file = replace(about, dated=False, attachments=None)
            faults += file_faults(pack, file, extract, of_file, f"/data/attachments/{number}")
    kind = pack.kind.get(item.kind)
    severities: dict[str, Severity] = dict(kind.severity) if kind else {}
    return findings_of(faults, item.overrides, severities)[0]
