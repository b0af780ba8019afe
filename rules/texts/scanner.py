"""One pass over all fields of a publication for every word that any check looks for, and what looks closer at each.

The pass is the library's automaton over the fields joined; what it meets is rare, so only there does Python look.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from rules.case import Fault, Faults
from rules.texts import dates, folding, gaps, links, names, numbers, titles
from rules.texts.passage import About, Look, Part, Passage
from rules.texts.patterns import Matcher
from rules.texts.people import NearLook, RosterLook
from rules.texts.phrases import PhraseLook
from schemas.city import Pack
from schemas.city.textual import Pattern
from schemas.reasons import Reason

MOST = 20
"""Findings of one rule in one publication; what is wrong more often is one mistake repeated."""
_BETWEEN = "\x1e\n"
"""Stands between two fields, so that no word reaches from one into the next."""
_HAN = re.compile("[\u3400-\u9fff]+")

Hit = tuple[int, int, int]
"""Which word, from, to."""


class _Word(NamedTuple):
    """What a word of the automaton is there for."""

    looks: tuple[Look, ...] = ()
    name: bool = False
    right: bool = False
    folds: bool = False
    quiet: bool = True
    """Whether it matters only beside others: a right name."""


@lru_cache(maxsize=8)
def scanner(pack: Pack) -> Scanner:
    """The pack's scanner, made once."""
    return Scanner(pack)


class Scanner:
    """The checks of one pack, ready to run. The same text gives the same faults, in the order of their places."""

    def __init__(self, pack: Pack) -> None:
        self._checks = checks = pack.text_checks
        known, right = names.right_names(pack)
        self._titles = titles.TitleLook(checks.titles, _organs(pack)) if checks.titles else None
        words = _words(pack, right, known)
        self._words = tuple(words.values())
        self._quiet = tuple(word.quiet for word in self._words)
        self._automaton = AhoCorasick(list(words)) if words else None

    def faults(self, parts: Sequence[Part], about: About) -> Faults:
        """What is wrong with the parts of one publication."""
        texts = [part.text for part in parts]
        joined = _BETWEEN.join(texts)
        found = [*self._met(parts, texts, joined, about), *self._shapes(parts, about)]
        return _ordered(found, parts) if found else ()

    def _met(self, parts: Sequence[Part], texts: list[str], joined: str, about: About) -> Iterator[Fault]:
        """What the words led to, in each part that has one."""
        hits = self._hits(joined)
        has_numbers = self._checks.numbers is not None and numbers.RUN.search(joined) is not None
        quiet = self._quiet
        if not has_numbers and all(quiet[word] for word, _, _ in hits):
            return
        starts = list(accumulate((len(text) + len(_BETWEEN) for text in texts), initial=0))
        here: defaultdict[int, list[Hit]] = defaultdict(list)
        for word, start, end in hits:
            part = bisect_right(starts, start) - 1
            here[part].append((word, start - starts[part], end - starts[part]))
        if any(self._words[word].folds for word, _, _ in hits):
            yield from self._mixed(parts, here, about)
        for number in sorted(here) if not has_numbers else range(len(parts)):
            yield from self._looked(parts[number], here.get(number, []), about)

    def _hits(self, text: str) -> list[Hit]:
        return self._automaton.find_matches_as_indexes(text, overlapping=True) if self._automaton else []

    def _looked(self, part: Part, hits: list[Hit], about: About) -> Iterator[Fault]:
        passage = Passage(part, about, part.text)
        if any(self._words[word].folds for word, _, _ in hits):
            passage.text, passage.back = folding.fold(part.text)
            hits = self._hits(passage.text)
        passage.right = [(start, end) for word, start, end in hits if self._words[word].right]
        passage.names = [(start, end) for word, start, end in hits if self._words[word].name]
        for word, start, end in sorted(hits, key=lambda hit: (hit[1], -hit[2])):
            met = self._words[word]
            for look in met.looks:
                yield from look(passage, start, end)
        if self._checks.numbers is not None:
            yield from numbers.numbers_in(passage, self._checks.numbers)

    def _mixed(self, parts: Sequence[Part], hits: dict[int, list[Hit]], about: About) -> Iterator[Fault]:
        """Traditional characters beyond their share of all, and pinyin in brackets, in the original (TX-17)."""
        scripts = self._checks.scripts
        if scripts is None:
            return
        found: dict[int, list[int]] = {}
        for number, met in sorted(hits.items()):
            places = [start for word, start, _ in met if self._words[word].folds]
            found[number] = [at for at in places if parts[number].text[at] in folding.traditional()]
        count = sum(map(len, found.values()))
        if count and count > scripts.traditional * sum(len(run) for part in parts for run in _HAN.findall(part.text)):
            first = next(number for number, places in found.items() if places)
            zh, en = f"繁体字{count}个", f"{count} Traditional characters"
            passage = Passage(parts[first], about, parts[first].text)
            yield passage.fault(Reason.TX_17, found[first][0], found[first][-1] + 1, why=(zh, en))
        for number in found:
            if (span := folding.toned(parts[number].text)) is not None:
                passage = Passage(parts[number], about, parts[number].text)
                yield passage.fault(Reason.TX_17, *span, why=("夹注拼音", "pinyin in brackets"))

    def _shapes(self, parts: Sequence[Part], about: About) -> Iterator[Fault]:
        """What no word leads to: the shape of a title, and what a body lacks or repeats."""
        for part in parts:
            if part.kind == "title" and self._titles is not None:
                yield from self._titles(Passage(part, about, part.text))
            elif part.kind == "body":
                passage = Passage(part, about, part.text)
                if self._checks.gaps is not None:
                    yield from gaps.gaps_in(passage, self._checks.gaps)
                if self._checks.relative:
                    yield from dates.signed_later(passage)
                if self._checks.links is not None:
                    yield from links.missing_attachments(passage)


def _organs(pack: Pack) -> tuple[str, ...]:
    named = {name for department in pack.departments for name in (department.name, department.short_name)}
    return (pack.name, *sorted(named))


def _words(pack: Pack, right: frozenset[str], known: frozenset[str]) -> dict[str, _Word]:
    """Every word to what it is there for."""
    looks: defaultdict[str, list[Look]] = defaultdict(list)
    for text, look in _looks(pack):
        if look not in looks[text]:
            looks[text].append(look)
    pieces = names.pieces(known, right, pack.name)
    folds = folding.triggers() if pack.text_checks.scripts is not None else frozenset()
    return {
        text: _Word(
            (*looks.get(text, ()), *pieces.get(text, ())), text in known, text in right, text in folds,
            quiet=text not in looks and text not in pieces and text not in folds,
        )
        for text in sorted({*looks, *pieces, *right, *folds})
    }  # fmt: skip


def _looks(pack: Pack) -> Iterator[tuple[str, Look]]:
    checks = pack.text_checks
    typos = [(wrong, right) for right, wrongs in checks.typos.items() for wrong in wrongs]
    for pattern in (*checks.patterns, *_as_patterns(typos)):
        matcher = Matcher(pattern, checks)
        yield from ((word, matcher) for word in pattern.words)
    for phrase in checks.phrases:
        list_look = PhraseLook(phrase)
        yield from ((word, list_look) for word in list_look.words())
    if checks.roster:
        roster = RosterLook(checks)
        yield from ((name, roster) for name in roster.words())
        yield from ((title, NearLook(title, checks)) for title in sorted({one.title for one in checks.roster}))
    for relative in checks.relative:
        told = dates.RelativeLook(relative)
        yield from ((word, told) for word in relative.words)
    if checks.relative:
        yield from ((word, dates.weekday) for word in dates.WEEKDAY_WORDS)
    if checks.links is not None:
        link = links.LinkLook(checks.links, pack.domain)
        yield from ((word, link) for word in links.LINK_WORDS)


def _as_patterns(typos: Iterable[tuple[str, str]]) -> Iterator[Pattern]:
    for wrong, right in typos:
        yield Pattern(rule=Reason.TX_08.value, words=(wrong,), suggest=right)


def _ordered(faults: Iterable[Fault], parts: Sequence[Part]) -> Faults:
    """Each fault once, by part, place and rule; no rule more often than `MOST`."""
    order = {part.place: number for number, part in enumerate(parts)}
    once = {(fault.reason, fault.place, fault.span): fault for fault in faults}
    told: Counter[Reason] = Counter()
    kept: list[Fault] = []
    for fault in sorted(once.values(), key=lambda one: (order[one.place], one.span or (0, 0), one.reason)):
        told[fault.reason] += 1
        if told[fault.reason] <= MOST:
            kept.append(fault)
    return tuple(kept)
