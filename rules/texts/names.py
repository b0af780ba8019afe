"""Names that must be spelt so: one character wrong, missing or too much is a grave fault (TX-09).

Each name gives the pass a few of its pieces, so that whatever single character is wrong one piece stays whole; only
where a piece stands outside every right name is the text beside it compared. A name's last character is never in
question: what begins like a department and ends otherwise (示例市教育经费) is ordinary speech.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.case import Fault
from rules.texts.passage import Passage
from schemas.city import Pack
from schemas.reasons import Reason

SHORTEST = 4
"""Characters of the shortest name that is tried."""
_SPECIFIC = 3
"""Characters from which a piece is seldom met by chance."""


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


def pieces(names: frozenset[str], right: frozenset[str], city: str) -> dict[str, list[PieceLook]]:
    """Each piece to what looks closer at it."""
    found: dict[str, dict[tuple[str, bool], PieceLook]] = {}
    for name in sorted(names):
        for wrong in range(len(name) - 1):
            piece, leads = _piece(name, wrong, right, city)
            within = frozenset(other for other in names if other in name and other != name)
            found.setdefault(piece, {})[name, leads] = PieceLook(name, leads=leads, right=right, within=within)
    return {piece: list(looks.values()) for piece, looks in found.items()}


def _piece(name: str, wrong: int, right: frozenset[str], city: str) -> tuple[str, bool]:
    """A piece beside character `wrong`, and whether it leads: a half where that serves, so that a name has few.

    Every piece that is met costs a look, so the city's own name comes last, and what is a word of its own late.
    """
    half = len(name) // 2
    halves = [(name[:half], True)] if wrong >= half else [(name[half:], False)]
    rests = sorted([(name[:wrong], True), (name[wrong + 1 :], False)], key=lambda one: -len(one[0]))

    def met_often(piece: tuple[str, bool]) -> int:
        text = piece[0]
        return 3 if city.startswith(text) else 2 if len(text) < _SPECIFIC else int(text in right)

    return min((*halves, *rests), key=met_often)


class PieceLook:
    """Looks closer where a piece of a name stands, at its beginning (`leads`) or at its end."""

    def __init__(self, name: str, *, leads: bool, right: frozenset[str], within: frozenset[str]) -> None:
        self._name, self._leads, self._right = name, leads, right
        self.within = within

    def __call__(self, passage: Passage, start: int, end: int) -> Iterator[Fault]:
        """The fault, where what stands here is the name but for one character."""
        name, text = self._name, passage.text
        for length in (len(name), len(name) - 1, len(name) + 1):
            first = start if self._leads else end - length
            written = text[first : first + length] if first >= 0 else ""
            if len(written) == length and _one_off(name, written) and not self._is_right(passage, first, written):
                yield passage.fault(Reason.TX_09, first, first + length, suggest=name)
                return

    def _is_right(self, passage: Passage, first: int, written: str) -> bool:
        """Whether it is itself a right word, or part of one."""
        last = first + len(written)
        return written in self._right or any(one <= first and last <= other for one, other in passage.right)


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
