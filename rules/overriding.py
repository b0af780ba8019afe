"""Findings that somebody answers for (RULES §4): an override names a rule and the SHA-256 of the words it spoke of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from rules.case import Fault, finding_of
from schemas.records import Finding, Severity


class Answer(Protocol):
    """What of an override decides."""

    @property
    def rule(self) -> str:
        """The rule that spoke."""

    @property
    def excerpt_sha256(self) -> str:
        """The SHA-256 of the words it spoke of."""


_A = TypeVar("_A", bound=Answer)


def findings_of(
    faults: Iterable[Fault], overrides: Sequence[_A], severities: Mapping[str, Severity]
) -> tuple[tuple[Finding, ...], tuple[_A, ...]]:
    """The findings, each error marked that was answered for, and the overrides that did."""
    findings: list[Finding] = []
    used: list[_A] = []
    for fault in faults:
        made = finding_of(fault, severities)
        answer = _override(fault, made, overrides) if made.severity == "error" else None
        if answer is not None:
            made = made.model_copy(update={"overridden": True})
            used.append(answer)
        findings.append(made)
    return tuple(findings), tuple(used)


def _override(fault: Fault, made: Finding, overrides: Sequence[_A]) -> _A | None:
    """The override that names this rule and the SHA-256 of its excerpt, as it stands or as it was shown."""
    if not overrides:
        return None
    digests = {hashlib.sha256(text.encode()).hexdigest() for text in (fault.excerpt, made.excerpt or "")}
    return next((one for one in overrides if one.rule == made.rule and one.excerpt_sha256 in digests), None)
