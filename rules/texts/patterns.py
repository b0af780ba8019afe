"""Words and expressions of the pack: typos, marks, placeholders, advertising, and whatever a file adds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rules.case import Fault
from rules.texts.passage import Passage
from schemas.city.textual import Marks, Pattern, TextChecks
from schemas.reasons import Reason

_LETTER = re.compile(r"[^\W_]")
_QUOTES = '“‘「『"'


class Matcher:
    """Looks closer at the words of one pattern."""

    def __init__(self, pattern: Pattern, checks: TextChecks) -> None:
        self._pattern = pattern
        self._reason = Reason(pattern.rule)
        self._regex = re.compile(pattern.regex) if pattern.regex else None
        self._marks = checks.marks or Marks()
        self._contact = checks.numbers.contact if checks.numbers else ()
        self._allow = {
            word: tuple(_inside(word, (*pattern.allow, *checks.allow.get(word, ()))))
            for word in pattern.words
        }  # fmt: skip

    def __call__(self, passage: Passage, start: int, end: int) -> Iterator[Fault]:
        """The fault, where the word is one here."""
        pattern = self._pattern
        if not self._applies(passage) or self._allowed(passage.text, start, end):
            return
        span = self._span(passage, start, end)
        if span is None or passage.past.get(self, (-1, 0))[0] > start:
            return
        graver = self._graver(passage, *span)
        if not graver and pattern.elsewhere is None:
            return
        if pattern.unless and _has(passage.text[slice(*passage.line(*span))], pattern.unless):
            return
        passage.past[self] = (span[1], 0)
        yield passage.fault(
            self._reason, *span, severity=pattern.severity if graver else pattern.elsewhere,
            excerpt=self._hidden(passage.text[slice(*span)]), name=pattern.suggest,
            suggest=pattern.suggest, why=(pattern.why_zh, pattern.why_en),
        )  # fmt: skip

    def _applies(self, passage: Passage) -> bool:
        pattern, about = self._pattern, passage.about
        return (
            pattern.where in {"anywhere", passage.part.kind}
            and about.kind not in pattern.drafts
            and pattern.attribute in {None, about.attribute}
        )

    def _allowed(self, text: str, start: int, end: int) -> bool:
        longer = self._allow.get(text[start:end], ())
        return any(start >= at and text.startswith(word, start - at) for word, at in longer)

    def _span(self, passage: Passage, start: int, end: int) -> tuple[int, int] | None:
        if self._regex is None:
            return start, end
        first, last = passage.line(start, end)
        for found in self._regex.finditer(passage.text, first, max(last, end)):
            if found.start() >= end:
                return None
            if found.end() > start:
                return found.span()
        return None

    def _graver(self, passage: Passage, start: int, end: int) -> bool:
        """Whether it is what the rule is about, and not the milder thing that it may be elsewhere."""
        if self._pattern.contact:
            return not on_contact_line(passage, start, end, self._contact)
        return self._pattern.at == "anywhere" or _is_mark(passage, start, end, self._marks)

    def _hidden(self, found: str) -> str | None:
        hide = self._pattern.hide
        if hide == "no":
            return None
        return re.sub(r"\d", "*", found) if hide == "digits" else found[:1] + "*" * (len(found) - 1)


def on_contact_line(passage: Passage, start: int, end: int, contact: tuple[str, ...]) -> bool:
    """Whether the line, or the name of the cell, has one of the words that make a number an office's."""
    return _has(passage.part.label, contact) or _has(passage.text[slice(*passage.line(start, end))], contact)


def _is_mark(passage: Passage, start: int, end: int, marks: Marks) -> bool:
    text = passage.text
    before = text[max(0, start - 20) : start]
    if before.endswith(marks.before):
        return True
    if text.startswith(marks.after, start) and not before.endswith(_QUOTES) and not _LETTER.match(text[end : end + 1]):
        return True
    first, last = passage.line(start, end)
    line = text[first:last]
    if len(line.strip()) > marks.longest or _LETTER.search(text[first:start] + text[end:last]):
        return False
    head, foot = _edges(text, marks.head, marks.foot)
    return start <= head or end > foot


@lru_cache(maxsize=4)
def _edges(text: str, head: int, foot: int) -> tuple[int, int]:
    """Where so many lines at the head of a text end, and where so many at its foot begin; once for all its marks."""
    first, last = -1, len(text)
    for _ in range(head):
        first = text.find("\n", first + 1)
        if first < 0:
            first = len(text)
            break
    for _ in range(foot):
        last = text.rfind("\n", 0, last)
        if last < 0:
            break
    return first, last


def _has(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)


def _inside(word: str, longer: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Each longer word with every place at which it holds `word`."""
    for one in longer:
        yield from ((one, at) for at in range(len(one)) if one.startswith(word, at))
