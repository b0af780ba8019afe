"""What is missing or stands twice: a list's member cut to one character, an unfinished end, a repeated text (TX-13)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rules.case import Fault
from rules.texts.passage import Passage
from schemas.city.textual import Gaps
from schemas.reasons import Reason

_SHINGLE = 5
_ENDS = 12
"""Characters of a paragraph's beginning and end by which a repetition is suspected."""
_FEW = 3
"""Paragraphs below which sentences are compared too: a text may have been pasted twice into one."""
_SINGLE = re.compile("、[^、]、")
_STOP = re.compile(r"[^\u3400-\u9fff]")
_MEMBER = 3
_REPEATED = ("内容重复", "it stands twice")


def gaps_in(passage: Passage, gaps: Gaps) -> Iterator[Fault]:
    """All of them, in a body."""
    text = passage.text
    if _SINGLE.search(text):
        yield from _single_members(passage, gaps)
    if text[-1:] == "、" or text.rstrip().endswith("、"):
        end = len(text.rstrip())
        told = ("以顿号结尾", "it ends with a 、")
        yield passage.fault(Reason.TX_13, end - 1, end, why=told)
    yield from _repetitions(passage, gaps)


def _single_members(passage: Passage, gaps: Gaps) -> Iterator[Fault]:
    """`听民声、汇、解民惑`: one character alone among members of three; 省、市、县 is none."""
    members = passage.text.split("、")
    at = 0
    for number, member in enumerate(members[:-1]):
        if number and len(member) == 1 and member not in gaps.single and not _STOP.match(member):
            before, after = _STOP.split(members[number - 1])[-1], _STOP.split(members[number + 1])[0]
            if len(before) >= _MEMBER and len(after) == _MEMBER:
                told = ("并列成分疑有缺字", "a member of the list seems to be cut")
                yield passage.fault(Reason.TX_13, at, at + 1, severity="warn", why=told)
        at += len(member) + 1


def _repetitions(passage: Passage, gaps: Gaps) -> Iterator[Fault]:
    text = passage.text
    units = [one for one in text.split("\n") if len(one) >= gaps.shortest]
    if len(units) < _FEW:
        units += [one for one in text.replace("\n", "。").split("。") if len(one) >= _ENDS]
    heads, tails = {one[:_ENDS] for one in units}, {one[-_ENDS:] for one in units}
    if len(heads) == len(tails) == len(units):
        return
    whole = _whole(text, units, gaps)
    if whole is not None:
        yield passage.fault(Reason.TX_13, *whole, why=_REPEATED)
        return
    for span in _paragraphs(text, gaps):
        yield passage.fault(Reason.TX_13, *span, why=_REPEATED)


def _whole(text: str, units: list[str], gaps: Gaps) -> tuple[int, int] | None:
    """The second copy of a text that stands there twice: one span, however many paragraphs it has."""
    for unit in units:
        first = text.find(unit[:_ENDS])
        second = text.find(unit[:_ENDS], first + _ENDS)
        if second < 0:
            continue
        for begin, again in ((0, second - first), (first, second)):
            if again - begin >= gaps.shortest and _alike(text[begin:again], text[again:], gaps.share):
                return again, len(text)
        return None
    return None


def _paragraphs(text: str, gaps: Gaps) -> Iterator[tuple[int, int]]:
    """Every paragraph that repeats an earlier one with the same beginning or end."""
    by_end: dict[tuple[str, str], str] = {}
    at = 0
    for line in text.split("\n"):
        if len(line) >= gaps.shortest:
            ends = (("head", line[:_ENDS]), ("tail", line[-_ENDS:]))
            earlier = {by_end[end] for end in ends if end in by_end}
            if any(_alike(one, line, gaps.share) for one in earlier):
                yield at, at + len(line)
            for end in ends:
                by_end.setdefault(end, line)
        at += len(line) + 1


def _alike(one: str, other: str, share: float) -> bool:
    """Whether they have that share of their shingles in common."""
    if one == other:
        return True
    ours, theirs = _shingles(one), _shingles(other)
    both = len(ours & theirs)
    return both >= share * max(1, len(ours) + len(theirs) - both)


@lru_cache(maxsize=4)
def _shingles(text: str) -> frozenset[str]:
    """Kept for the paragraph that many others begin like."""
    plain = "".join(text.split())
    return frozenset(plain[at : at + _SHINGLE] for at in range(len(plain) - _SHINGLE + 1))
