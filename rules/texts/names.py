"""Names that must be spelt so: one character wrong, missing or too much is a grave fault (TX-09).

Each name gives the pass a few of its pieces, so that whatever single character is wrong one piece stays whole; only
where a piece stands outside every right name is the text beside it compared. A name's last character is never in
question: what begins like a department and ends otherwise (示例市教育经费) is ordinary speech.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple

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
            looks = found.setdefault(piece, {})
            look = looks.get((name, leads)) or (Leading if leads else Trailing)(name, piece, right)
            look.beside(wrong)
            looks[name, leads] = look
    return {piece: list(looks.values()) for piece, looks in found.items()}


def _piece(name: str, wrong: int, right: frozenset[str], city: str) -> tuple[str, bool]:
    """A piece beside character `wrong`, and whether it leads: a half where that serves, so that a name has few.

    Every piece that is met costs a look, so the city's own name comes last, and what is a word of its own late.
    """
    half = len(name) // 2
    leading = [(name[:at], True) for at in (*range(half, wrong + 1), wrong)]
    trailing = [(name[at:], False) for at in (*range(half, wrong, -1), wrong + 1)]

    def met_often(piece: tuple[str, bool]) -> tuple[int, int]:
        text = piece[0]
        often = 3 if city.startswith(text) else 2 if len(text) < _SPECIFIC else int(text in right)
        return often, -len(text) if often else 0

    return min((*leading, *trailing) if wrong >= half else (*trailing, *leading), key=met_often)


class PieceLook:
    """Looks closer where a piece of a name stands: whether the rest of the name stands beside it, one character off."""

    def __init__(self, name: str, piece: str, right: frozenset[str]) -> None:
        self.name, self._right = name, right
        self._rest = rest = len(name) - len(piece)
        self._heads = tuple(name[:at] for at in range(rest + 1))
        self._tails = tuple(name[len(piece) + at :] for at in range(rest + 1))
        self.nearer: set[str] = set()
        self.farther: set[str] = set()
        """Of the two characters beside the piece, what the nearer one may be, or the farther, with a character off."""
        self.always = False
        """Whether any character beside it may be wrong: nothing of the name stands behind that one."""

    def wrong(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """Where the name stands with one character wrong; None where a right word stands, or something else."""
        span = self._near(text, start, end)
        return None if span is None or text[span[0] : span[1]] in self._right else span

    def __call__(self, passage: Passage, start: int, end: int) -> Iterator[Fault]:
        """The fault, unless what stands there is part of a right word."""
        span = self.wrong(passage.text, start, end)
        if span is not None and not self._is_part(passage.text, *span):
            yield passage.fault(Reason.TX_09, *span, suggest=self.name)

    def beside(self, wrong: int) -> None:
        """Let the piece serve where character `wrong` of the name is off, or one too much stands behind it."""
        raise NotImplementedError

    def _is_part(self, text: str, first: int, last: int) -> bool:
        around = ((max(0, last - len(word)), first + len(word), word) for word in self._right)
        return any(text.find(word, low, high) >= 0 for low, high, word in around if len(word) >= last - first)

    def _near(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        raise NotImplementedError


class Leading(PieceLook):
    """A piece with which the name begins."""

    def beside(self, wrong: int) -> None:
        """The wrong character is the next one, or the next one is right."""
        first = self._tails[0]
        if wrong == len(self.name) - self._rest:
            self.nearer |= {first[0], *first[1:2]}
            self.farther |= {*first[1:2]}
        else:
            self.nearer.add(first[0])

    def _near(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """Compares what follows, to the first character that differs; the last one of all is right and near."""
        rest, tails = self._rest, self._tails
        last = end + rest
        if self.name[-1] not in text[last - 2 : last + 1] or text.startswith(tails[0], end):
            return None
        same = _same(tails[0], text[end : end + rest])
        at = end + same
        is_han = _is_han(text[at : at + 1])
        if same < rest - 1 and is_han and text.startswith(tails[same + 1], at + 1):
            return start, end + rest
        if same < rest - 1 and text.startswith(tails[same + 1], at):
            return start, end + rest - 1
        if is_han and text.startswith(tails[same], at + 1):
            return start, end + rest + 1
        return None


class Trailing(PieceLook):
    """A piece with which the name ends."""

    def beside(self, wrong: int) -> None:
        """The wrong character is the one before, or the one before is right."""
        last = self._heads[self._rest]
        self.always = self.always or self._rest == 1
        if wrong == self._rest - 1:
            self.farther |= {last[-1], *last[-2:-1]}
            self.nearer |= {*last[-2:-1]}
        else:
            self.nearer.add(last[-1])

    def _near(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """Compares what stands before, backwards to the first character that differs."""
        rest, heads = self._rest, self._heads
        around = text[max(0, start - rest - 1) : max(0, start - rest + 2)]
        if self.name[0] not in around and self.name[1] not in around:
            return None  # of the name's first two characters one is right, and stands no farther off
        if text.startswith(heads[rest], max(0, start - rest)):
            return None
        same = _same(heads[rest][::-1], text[max(0, start - rest) : start][::-1])
        at = start - 1 - same
        shorter = rest - 1 - same
        if at >= 0 and _is_han(text[at]):
            if at >= shorter and text.startswith(heads[shorter], at - shorter):
                return start - rest, end
            if at > shorter and text.startswith(heads[shorter + 1], at - shorter - 1):
                return start - rest - 1, end
        if at + 1 >= shorter and text.startswith(heads[shorter], at + 1 - shorter):
            return start - rest + 1, end
        return None


def _same(one: str, other: str) -> int:
    """How many characters they begin with alike."""
    for at, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if mine != theirs:
            return at
    return min(len(one), len(other))


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


class Guard(NamedTuple):
    """What turns most pieces away before a name is compared: characters that stand beside one if a character is off."""

    before: Container[str]
    before_that: Container[str]
    behind: Container[str]
    behind_that: Container[str]
    within: frozenset[str]
    """Names that are part of the pieces' own names."""
    looks: tuple[PieceLook, ...]


def guard(looks: tuple[PieceLook, ...], known: frozenset[str]) -> Guard:
    """The guard of one piece and all that look closer at it."""
    trailing = [look for look in looks if isinstance(look, Trailing)]
    leading = [look for look in looks if isinstance(look, Leading)]
    own = {look.name for look in looks}
    return Guard(
        _Everything() if any(look.always for look in looks) else frozenset().union(*(one.nearer for one in trailing)),
        frozenset().union(*(one.farther for one in trailing)),
        frozenset().union(*(one.nearer for one in leading)),
        frozenset().union(*(one.farther for one in leading)),
        frozenset(other for name in own for other in known if other in name and other != name),
        looks,
    )


class _Everything:
    """Any character, where none can be told from another."""

    def __contains__(self, character: object) -> bool:
        return True
