"""From a code to a finding: sentences filled in, what is personal masked."""

from __future__ import annotations

import re

from schemas.reasons.codes import Reason, Text
from schemas.reasons.entry import ENTRY_TEXTS
from schemas.reasons.front import FRONT_TEXTS
from schemas.reasons.judging import JUDGING_TEXTS
from schemas.reasons.matters import MATTER_TEXTS
from schemas.reasons.registers import REGISTER_TEXTS
from schemas.reasons.texts import TEXT_TEXTS
from schemas.records import Finding, Sentence, Severity

TEXTS: dict[Reason, Text] = ENTRY_TEXTS | FRONT_TEXTS | JUDGING_TEXTS | REGISTER_TEXTS | MATTER_TEXTS | TEXT_TEXTS


def finding(
    reason: Reason,
    place: str = "",
    *,
    severity: Severity | None = None,
    basis: str | None = None,
    excerpt: str | None = None,
    span: tuple[int, int] | None = None,
    **values: object,
) -> Finding:
    """The finding for `reason` at `place` (a JSON Pointer); `values` fill its sentences, masked and shortened.

    `severity` and `basis` stand in for the code's own where a kind or a catalogue row says otherwise.
    """
    text = TEXTS[reason]
    shown = {name: mask(str(value)) for name, value in values.items()}
    return Finding(
        rule=reason.value,
        severity=severity or text.severity,
        basis=basis or text.basis,
        place=place,
        message=Sentence(zh=text.zh.format_map(_Lenient(shown)), en=text.en.format_map(_Lenient(shown))),
        remedy=Sentence(zh=text.remedy_zh.format_map(_Lenient(shown)), en=text.remedy_en.format_map(_Lenient(shown))),
        span=span,
        excerpt=None if excerpt is None else mask(excerpt),
        page=f"/rules/{reason.value}",
    )


_LONGEST = 200
_NUMBERS = re.compile(r"(?<![0-9])[0-9]{3,}(?:[ -][0-9]{3,})*[Xx]?(?![0-9])")
_PERSONAL = 11
"""Digits from which a number may be somebody's: a mobile telephone's."""


def mask(text: str) -> str:
    """`text` shortened, its long numbers (telephone, identity, account) without their middle (RULES §4.2)."""
    masked = _NUMBERS.sub(_mask_number, text)
    return masked if len(masked) <= _LONGEST else masked[: _LONGEST - 1] + "…"


def _mask_number(found: re.Match[str]) -> str:
    number = found[0]
    return number if len(number) < _PERSONAL else number[:3] + "*" * (len(number) - 7) + number[-4:]


class _Lenient(dict[str, str]):
    """A value the caller did not give is shown as a dash: a refusal must never fail for want of a word."""

    def __missing__(self, key: str) -> str:
        return "—"
