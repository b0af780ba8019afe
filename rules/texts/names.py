"""Names that must be spelt so: one character wrong, missing or too much is a grave fault (TX-09).

Each name gives the pass a few of its pieces, so that whatever single character is wrong one piece stays whole; only
where a piece stands outside every right name is the text beside it compared. A name's last character is never in
question: what begins like a department and ends otherwise (示例市教育经费) is ordinary speech.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rules.case import Fault
from rules.texts.passage import Passage
from schemas.city import Pack
from schemas.reasons import Reason

SHORTEST = 4
"""Characters of the shortest name that is tried."""


def right_names(pack: Pack) -> tuple[frozenset[str], frozenset[str]]:
    """The names that are tried, and every word that is right though it is near one."""
    names = pack.text_checks.names
    if names is None:
        return frozenset(), frozenset()
    full = {department.name for department in pack.departments}
    known = {name for name in (*names.known, *full) if len(name) >= SHORTEST}
    short = {department.short_name for department in pack.departments}
    bare = {name.removeprefix(pack.name) for name in full}
    return frozenset(known), frozenset(known | short | bare | {*names.words, pack.name} - {""})


def pieces(names: Iterable[str], right: frozenset[str]) -> dict[str, list[PieceLook]]:
    """Each piece to what looks closer at it."""
    found: dict[str, dict[tuple[str, bool], PieceLook]] = {}
    for name in sorted(names):
        for wrong in range(len(name) - 1):
            piece = _piece(name, wrong, right)
            if piece is not None:
                text, leads = piece
                found.setdefault(text, {})[name, leads] = PieceLook(name, text, leads, right)
    return {text: list(looks.values()) for text, looks in found.items()}


def _piece(name: str, wrong: int, right: frozenset[str]) -> tuple[str, bool] | None:
    """A piece beside character `wrong`, and whether it leads: a half where that is no right word itself, else the rest.

    Halves serve most characters, so that few pieces serve a name; a right word is met far too often, so it comes last.
    """
    half = len(name) // 2
    halves = [(name[:half], True)] if wrong >= half else [(name[half:], False)]
    rests = sorted([(name[:wrong], True), (name[wrong + 1 :], False)], key=lambda one: -len(one[0]))
    tried = [(text, leads) for text, leads in (*halves, *rests) if len(text) > 1]
    return next((one for one in tried if one[0] not in right), tried[-1] if tried else None)


class PieceLook:
    """Looks closer where a piece of a name stands, at its beginning (`leads`) or at its end."""

    def __init__(self, name: str, piece: str, leads: bool, right: frozenset[str]) -> None:
        self._name, self._piece, self._leads, self._right = name, piece, leads, right

    def __call__(self, passage: Passage, start: int, end: int) -> Iterator[Fault]:
        """The fault, where what stands here is the name but for one character."""
        name, text = self._name, passage.text
        for length in (len(name), len(name) - 1, len(name) + 1):
            first = start if self._leads else end - length
            written = text[first : first + length] if first >= 0 else ""
            if len(written) == length and _one_off(name, written) and not self._is_right(text, first, written):
                yield passage.fault(Reason.TX_09, first, first + length, suggest=name)
                return

    def _is_right(self, text: str, first: int, written: str) -> bool:
        """Whether a right word is written so, or ends only behind it and holds what differs."""
        if written in self._right:
            return True
        return any(
            text.startswith(word, first) and len(word) > _same(self._name, written)
            for word in self._right
            if len(word) >= len(written) - 1
        )


def _same(name: str, written: str) -> int:
    return next((at for at, (one, other) in enumerate(zip(name, written, strict=False)) if one != other), len(written))


def _one_off(name: str, written: str) -> bool:
    """Whether `written` is `name` with one Chinese character other, missing or too much; its last one is right."""
    if written[-1] != name[-1] or written == name:
        return False
    at = _same(name, written)
    if len(written) < len(name):
        return written[at:] == name[at + 1 :]
    if not "\u3400" <= written[at] <= "\u9fff":
        return False
    return written[at + 1 :] == name[at + (len(written) == len(name)) :]
