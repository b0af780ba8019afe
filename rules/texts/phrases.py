"""Fixed phrases: lists whose members are whole and in order (TX-10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, permutations

from rules.case import Fault
from rules.texts.passage import Passage
from schemas.city.textual import Phrase
from schemas.reasons import Reason
from schemas.records import Severity

_NEAR = 12
"""Characters before and after a list in which its name counts as beside it."""


class PhraseLook:
    """Looks closer where two members of a phrase stand side by side."""

    def __init__(self, phrase: Phrase) -> None:
        self._phrase = phrase
        self._place = {member: place for place, member in enumerate(phrase.members)}
        members = "|".join(re.escape(member) for member in sorted(phrase.members, key=len, reverse=True))
        between = "|".join(re.escape(word) for word in sorted(phrase.separators, key=len, reverse=True))
        self._list = re.compile(f"(?:{members})(?:”?(?:{between})“?(?:{members}))+")
        self._member = re.compile(members)

    def words(self) -> Iterator[str]:
        """Every two members with what may stand between them: everyday words alone set nothing to work."""
        for one, other in permutations(self._phrase.members, 2):
            for word in self._phrase.separators:
                yield one + word + other
                yield f"{one}”{word}“{other}"

    def __call__(self, passage: Passage, start: int, _end: int) -> Iterator[Fault]:
        """What is wrong with the list that begins here."""
        if passage.past.get(self, (-1, 0))[0] > start:
            return
        found = self._list.match(passage.text, start)
        if found is None:
            return
        passage.past[self] = (found.end(), 0)  # meant or not: what begins within it is a part of it
        if not self._is_meant(passage.text, start, found.end()):
            return
        wrong = self._wrong([self._place[member] for member in self._member.findall(found[0])])
        if wrong is not None:
            why_zh, why_en, severity = wrong
            phrase = self._phrase
            yield passage.fault(
                Reason.TX_10, start, found.end(), severity=severity, name=phrase.name,
                suggest=phrase.separators[0].join(phrase.members), why=(why_zh, why_en),
            )  # fmt: skip

    def _is_meant(self, text: str, start: int, end: int) -> bool:
        before, after = self._phrase.before, self._phrase.after
        if not before and not after:
            return True
        rest = text[end : end + _NEAR]
        return rest.startswith(after) or any(word in text[max(0, start - _NEAR) : start] for word in before)

    def _wrong(self, places: list[int]) -> tuple[str, str, Severity | None] | None:
        whole = len(self._phrase.members)
        ordered = all(one < other for one, other in pairwise(places))
        if ordered and len(places) == whole:
            return None
        if not ordered and len(places) >= min(3, whole):
            return "次序有误", "is out of order", None
        if len(places) >= self._phrase.partial_from:
            return "不完整", "is not whole", "warn"
        return None
