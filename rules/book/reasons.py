"""The codes of findings as rules: all of `schemas.reasons`, with what the pack adds to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rules.book.examples import values_for
from rules.book.rule import Group, Rule
from rules.book.texts import text_facts
from schemas.city import Pack
from schemas.reasons import TEXTS, Reason, Text, finding
from schemas.records import Sentence

_SOURCE = "schemas/reasons"
_ENOUGH = 6
"""Characters of a title that say something."""
_HOLE = re.compile(r"\{\w+\}")


def reason_rules(pack: Pack) -> Iterator[Rule]:
    """One rule a code, in the order of the list."""
    for reason in Reason:
        text = TEXTS[reason]
        values: dict[str, Any] = dict(values_for(reason))
        yield Rule(
            id=reason.value, group=_group(reason, text), title=_title(text.zh), basis=text.basis, source=_SOURCE,
            severity=text.severity, message=Sentence(zh=text.zh, en=text.en),
            remedy=Sentence(zh=text.remedy_zh, en=text.remedy_en), facts=tuple(_facts(pack, reason)),
            example=finding(reason, **values).message.zh,
        )  # fmt: skip


def _group(reason: Reason, text: Text) -> Group:
    return "text" if reason.value.startswith("TX-") else text.where


def _title(sentence: str) -> str:
    """What the sentence says before its first stop that makes sense; what is filled in is left open."""
    said = ""
    for clause in re.split("([：，。；])", _HOLE.sub("…", sentence)):
        if len(said.strip("…")) >= _ENOUGH:
            break
        said += clause
    return said.strip("：，。；…（") or sentence


def _facts(pack: Pack, reason: Reason) -> Iterator[tuple[str, str]]:
    """What the pack holds against texts of that class, and which kinds give the code another severity."""
    yield from ((term, text) for term, text in text_facts(pack.text_checks, reason.value) if text)
    for kind in pack.kind.values():
        if (severity := kind.severity.get(reason.value)) is not None:
            yield f"体裁“{kind.label}”", f"按{severity}处理"
