"""Titles: not too long, not cut, brackets in pairs, and a document's with organ, matter and genre (TX-13, TX-16)."""

from __future__ import annotations

from collections.abc import Iterator

from rules.case import Fault
from rules.papers import without_asides
from rules.texts.passage import Passage
from schemas.city.textual import Titles
from schemas.reasons import Reason


class TitleLook:
    """Looks at a title as a whole."""

    def __init__(self, titles: Titles, organs: tuple[str, ...]) -> None:
        self._titles = titles
        self._organs = organs
        self._opening = {pair[0]: pair[1] for pair in titles.pairs}
        self._closing = frozenset(self._opening.values())
        self._brackets = self._closing | self._opening.keys()

    def __call__(self, passage: Passage) -> Iterator[Fault]:
        """Every fault of the title."""
        text = passage.text
        if not self._brackets.isdisjoint(text):
            yield from self._unpaired(passage)
        if text.endswith(self._titles.unfinished):
            told = ("标题没有写完", "the title is not finished")
            yield passage.fault(Reason.TX_13, len(text) - 1, len(text), why=told)
        if len(text) > self._titles.longest or text.endswith(self._titles.cut):
            yield from self._cut(passage)
        if passage.about.kind in self._titles.kinds:
            yield from self._form(passage)

    def _unpaired(self, passage: Passage) -> Iterator[Fault]:
        """The first bracket or quote without its other half."""
        open_at: list[tuple[int, str]] = []
        for at, character in enumerate(passage.text):
            if character in self._opening:
                open_at.append((at, self._opening[character]))
            elif character in self._closing:
                if not open_at or open_at[-1][1] != character:
                    yield _unpaired(passage, at)
                    return
                open_at.pop()
        if open_at:
            yield _unpaired(passage, open_at[-1][0])

    def _cut(self, passage: Passage) -> Iterator[Fault]:
        text, titles = passage.text, self._titles
        if len(text) > titles.longest:
            zh, en = f"超过{titles.longest}字", f"it has more than {titles.longest} characters"
            yield passage.fault(Reason.TX_16, 0, len(text), severity="warn", why=(zh, en))
        if ending := next((word for word in titles.cut if text.endswith(word)), None):
            told = ("标题被截断", "it is cut")
            yield passage.fault(Reason.TX_16, len(text) - len(ending), len(text), severity="warn", why=told)

    def _form(self, passage: Passage) -> Iterator[Fault]:
        plain = without_asides(passage.text)
        if not plain.endswith(self._titles.genres):
            zh, en = "没有写明文种", "its genre is not named"
        elif not any(organ in plain for organ in self._organs):
            zh, en = "没有写明发文机关", "its organ is not named"
        else:
            return
        yield passage.fault(Reason.TX_16, 0, len(passage.text), severity="warn", why=(zh, en))


def _unpaired(passage: Passage, at: int) -> Fault:
    told = ("标题中的引号或者括号不成对", "a quote or bracket of the title has no other half")
    return passage.fault(Reason.TX_13, at, at + 1, why=told)
