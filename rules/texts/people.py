"""Leaders: names spelt right, with the title they hold that day, in the order of precedence (TX-11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rules.case import Fault
from rules.texts.passage import Passage
from schemas.city.textual import Person, TextChecks
from schemas.reasons import Reason

_BETWEEN = "、，, \u3000和"
_LISTED = 20
"""Characters between two names of one list at the most: titles, and a mark."""
SHORTEST = 3
"""Characters of the shortest name of which a misspelling can be told from another person's."""


class RosterLook:
    """Looks closer where a name of the roster stands."""

    def __init__(self, checks: TextChecks) -> None:
        self._roster = checks.roster
        self._former = checks.former
        self._titles = sorted({person.title for person in checks.roster}, key=len, reverse=True)

    def words(self) -> set[str]:
        """The names."""
        return {person.name for person in self._roster}

    def __call__(self, passage: Passage, start: int, end: int) -> Iterator[Fault]:
        """A title that is not the name's, and a name that stands before its turn."""
        name, day = passage.text[start:end], passage.about.day or date.max
        held = [person for person in self._roster if person.name == name and person.in_force(day)]
        yield from self._title(passage, start, end, held)
        if held:
            yield from self._turn(passage, start, end, held[0])

    def _title(self, passage: Passage, start: int, end: int, held: list[Person]) -> Iterator[Fault]:
        text = passage.text
        before = next((title for title in self._titles if text.endswith(title, max(0, start - 20), start)), "")
        after = next((title for title in self._titles if text.startswith(title, end)), "")
        if not before and not after:
            return
        first, last = start - len(before), end + len(after)
        is_former = text[max(0, first - 4) : first].endswith(self._former)
        if is_former or any(person.title in {before, after} for person in held):
            return
        name = text[start:end]
        right = f"{held[0].title}{name}" if held else f"{name}（已不任此职）"
        told = ("职务与名单不符", "the title is not the roster's")
        yield passage.fault(Reason.TX_11, first, last, suggest=right, why=told)

    def _turn(self, passage: Passage, start: int, end: int, person: Person) -> Iterator[Fault]:
        last, order = passage.past.get(self, (-1, 0))
        passage.past[self] = (end, person.order)
        if last < 0 or order <= person.order or not self._listed(passage.text[last:start]):
            return
        told = ("排序有误", "the order is not the roster's")
        yield passage.fault(Reason.TX_11, start, end, suggest=f"按名单次序排列，{person.name}在前", why=told)

    def _listed(self, between: str) -> bool:
        if len(between) > _LISTED:
            return False
        for title in self._titles:
            between = between.replace(title, "")
        return bool(between) and not between.strip(_BETWEEN)


class NearLook:
    """Looks closer where a title stands: whether the name beside it is the holder's but for one character."""

    def __init__(self, title: str, checks: TextChecks) -> None:
        self._holders = [person for person in checks.roster if person.title == title and len(person.name) >= SHORTEST]
        self._names = {person.name for person in checks.roster}

    def __call__(self, passage: Passage, start: int, end: int) -> Iterator[Fault]:
        """A misspelt name before or after the title."""
        for person in self._holders:
            length = len(person.name)
            for first in (end, start - length):
                written = passage.text[first : first + length] if first >= 0 else ""
                if written not in self._names and _near(person.name, written):
                    told = ("姓名写法与名单不符", "the name is not spelt as in the roster")
                    yield passage.fault(Reason.TX_11, first, first + length, suggest=person.name, why=told)
                    return


def _near(name: str, written: str) -> bool:
    """Whether `written` has the same surname and one other character."""
    if len(written) != len(name) or written[0] != name[0]:
        return False
    differing = [other for one, other in zip(name, written, strict=True) if one != other]
    return len(differing) == 1 and "\u3400" <= differing[0] <= "\u9fff"
