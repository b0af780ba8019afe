"""What the rules look at, and what they say: a case is one publication with everything looked up once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from schemas.city import Pack
from schemas.city.models import CatalogueRow, Kind, Outlet
from schemas.events.publications import Publication
from schemas.extracts import Extracts
from schemas.reasons import Reason, finding
from schemas.records import Due, Finding, Severity


class Fault(NamedTuple):
    """What a rule found, before it is put into words: `excerpt` is the text at fault, unmasked."""

    reason: Reason
    place: str
    excerpt: str = ""
    basis: str | None = None
    values: dict[str, Any] = {}
    span: tuple[int, int] | None = None
    """Code points of the field at `place`, from and to."""
    severity: Severity | None = None
    """Where it is not the code's own."""


Faults = tuple[Fault, ...]

_OWN: Mapping[str, Severity] = {}


def finding_of(fault: Fault, severities: Mapping[str, Severity] = _OWN) -> Finding:
    """The finding that says it; `severities` are those that a kind of publication has instead of the codes' own."""
    return finding(
        fault.reason, fault.place,
        severity=fault.severity or severities.get(fault.reason), basis=fault.basis,
        excerpt=fault.excerpt or None, span=fault.span, **fault.values,
    )  # fmt: skip


class Case(NamedTuple):
    """A publication before the judge."""

    pack: Pack
    data: Publication
    row: CatalogueRow
    kind: Kind
    sender: str
    """Code of the department that sent it."""
    later: bool
    """Whether it came as `updated`."""
    arrival: datetime
    day: date
    """Of the event's time, in Asia/Shanghai."""
    arrived: date
    """Of its arrival."""
    digest: str
    """The content's SHA-256, which sign-offs are given over."""
    outlets: tuple[Outlet, ...]
    """What its channels name."""
    due: Due | None
    texts: Extracts | None = None
    """What stands in its attachments; None where nobody can say."""


def pointer(name: str) -> str:
    """A name as a step of a JSON Pointer (RFC 6901)."""
    return name if name.isalnum() else name.replace("~", "~0").replace("/", "~1")


def why(zh: str, en: str, **values: object) -> dict[str, Any]:
    """The reason in both languages, for sentences that hold `{why_zh}` and `{why_en}`."""
    return {"why_zh": zh, "why_en": en, **values}
