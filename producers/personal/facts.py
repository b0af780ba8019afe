"""What is measured of personal data before they are sealed: lengths and 是/否, nothing that tells who. Pure.

Lifecycles ask for it (`facts.identity`); beside it travel the findings of the pack's own text checks, by rule and
place alone: an excerpt might name somebody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from rules.texts import About, check_passage
from rules.texts.numbers import has_mobile
from schemas.city import Pack
from schemas.events.common import Sealed

MOST = 20
FACTS_OF: Mapping[str, str] = {
    "identity": "identity", "contact": "phone", "concrete": "body", "title_length": "title", "body_length": "body",
}  # fmt: skip
"""The text that each fact is first of all about."""
_YES, _NO = "是", "否"
_DIGITS = re.compile(r"[0-9]")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LEAST_PHONE, _LEAST_PAPER, _LEAST_ADDRESS = 7, 6, 6
_LEAST_WORDS, _LEAST_KINDS = 10, 6


class Measured(NamedTuple):
    """What may be said of personal data openly."""

    facts: dict[str, str]
    findings: tuple[str, ...]

    def sealed(self, key_id: str, text: str) -> Sealed:
        """The field as it travels."""
        return Sealed(key_id=key_id, sealed=text, masked_findings=self.findings, facts=self.facts)


def measure(pack: Pack, texts: Mapping[str, str], day: date) -> Measured:
    """The facts of `texts`, and what the pack's checks find in them on that day."""
    body = texts.get("body", "")
    facts = {
        "identity": _said(_is_identity(texts)), "contact": _said(_is_contact(texts)), "concrete": _said(_is_said(body)),
        "title_length": str(len(texts.get("title", "").strip())), "body_length": str(len(body.strip())),
    }  # fmt: skip
    if reply := texts.get("reply"):
        facts["reply_mobile"] = _said(has_mobile(reply))
    return Measured(facts, tuple(_findings(pack, texts, day))[:MOST])


def _said(fact: bool) -> str:
    return _YES if fact else _NO


def _is_identity(texts: Mapping[str, str]) -> bool:
    """A document's number, or a file that shows it; whether it is genuine, a person looks."""
    papers = (texts.get("id", ""), texts.get("identity", ""))
    return any(sum(map(str.isalnum, paper)) >= _LEAST_PAPER for paper in papers)


def _is_contact(texts: Mapping[str, str]) -> bool:
    return (
        len(_DIGITS.findall(texts.get("phone", ""))) >= _LEAST_PHONE
        or _MAIL.search(texts.get("email", "")) is not None
        or sum(map(str.isalnum, texts.get("address", ""))) >= _LEAST_ADDRESS
    )


def _is_said(body: str) -> bool:
    """Whether it says anything: enough characters, and not the same few again and again."""
    words = [character for character in body if character.isalnum()]
    return len(words) >= _LEAST_WORDS and len(set(words)) >= _LEAST_KINDS


def _findings(pack: Pack, texts: Mapping[str, str], day: date) -> list[str]:
    found = []
    for name in ("title", "body", "reply"):
        if text := texts.get(name):
            faults = check_passage(pack, text, f"/data/personal/{name}", About(day))
            found += [f"{fault.reason.value} {fault.place} {_span(fault.span)}".strip() for fault in faults]
    return found


def _span(span: tuple[int, int] | None) -> str:
    return f"{span[0]}-{span[1]}" if span else ""
