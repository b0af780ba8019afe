"""One pass over all fields of a publication for every word that any check looks for, and what looks closer at each.

The pass is the library's automaton over the fields joined; what it meets is rare, so only there does Python look.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter
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
from schemas.records import Severity

MOST = 20
"""Findings of one rule and gravity in one publication; what is wrong more often is one mistake repeated."""
_PADDING = "\x1e\x1e"
"""Stands behind all fields, so that every place in them has two characters behind it."""
_BETWEEN = "\x1e\n"
"""Stands between two fields, so that no word reaches from one into the next."""
_HALVES = re.compile("[\ud800-\udfff]")
_HAN = re.compile("[\u3400-\u9fff]+")

Hit = tuple[int, int, int]
"""Which word, from, to."""


_NOTHING: frozenset[int] = frozenset()
_PIECE, _NAME, _LOOK, _FOLD = 1, 2, 4, 8
"""What a word may be there for: part of a name, a whole one, a look of its own, folding."""


class _Word(NamedTuple):
    """A word of the automaton, and what it is there for."""

    tasks: int
    looks: tuple[Look, ...] = ()
    pieces: tuple[names.PieceLook, ...] = ()


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
        self._tasks = tuple(word.tasks for word in self._words)
        self._folds = frozenset(number for number, task in enumerate(self._tasks) if task & _FOLD)
        self._guards = tuple(names.guard(word.pieces, known) for word in self._words)
        self._held = tuple(self._held_by(word, words) if word in known else _NOTHING for word in words)
        self._automaton = AhoCorasick(list(words)) if words else None

    def faults(self, parts: Sequence[Part], about: About) -> Faults:
        """What is wrong with the parts of one publication."""
        joined = _BETWEEN.join([part.text for part in parts])
        loud, runs = self._loud(self._hits(joined), joined), self._runs(joined)
        found = self._shapes(parts, about)
        if loud or runs:
            found += self._met(parts, _by_part(parts, loud, runs), about)
        return _ordered(found, parts) if found else ()

    def steps(self, parts: Sequence[Part], joined: str) -> dict[str, Callable[[], object]]:
        """What `faults` does with ordinary parts, step by step, for whoever measures it."""
        hits, about = self._hits(joined), About()
        met = _by_part(parts, self._loud(hits, joined), self._runs(joined))
        return {
            "text: the one pass": lambda: self._hits(joined),
            "text: runs of digits": lambda: self._runs(joined),
            "text: names": lambda: self._loud(hits, joined),
            "text: looks": lambda: list(self._met(parts, met, about)),
            "text: shapes": lambda: self._shapes(parts, about),
        }

    def _hits(self, text: str) -> list[Hit]:
        if self._automaton is None:
            return []
        try:
            return self._automaton.find_matches_as_indexes(text, overlapping=True)
        except UnicodeEncodeError:  # half of a surrogate pair, which is no character
            return self._automaton.find_matches_as_indexes(_HALVES.sub("\ufffd", text), overlapping=True)

    def _runs(self, text: str) -> list[int]:
        """Where runs of seven digits begin."""
        return [run.start() for run in numbers.SEVEN.finditer(text)] if self._checks.numbers is not None else []

    def _loud(self, hits: list[Hit], text: str) -> list[Hit]:
        """What somebody looks closer at: of the pieces of names only those beside which something is wrong.

        Hits come by their ends, the longest first; so a name that is rightly written comes before the pieces that end
        with it and after all others that it holds, which are let go then.
        """
        tasks, held_by = self._tasks, self._held
        loud: list[Hit] = []
        waiting: list[Hit] = []
        last, held = -1, _NOTHING
        for hit in hits:
            word, start, end = hit
            task = tasks[word]
            if task & _NAME:
                last, held = end, held_by[word]
                _let_go(waiting, start, held)
            if task >= _LOOK:
                loud.append(hit)
            elif task & _PIECE and (end != last or word not in held):
                waiting.append(hit)
        if waiting:
            padded = text + _PADDING
            loud += [hit for hit in waiting if self._is_near(hit, padded)]
        return loud

    def _held_by(self, name: str, words: Iterable[str]) -> frozenset[int]:
        """The pieces that say nothing where they are part of `name`, rightly written.

        A name that another only goes on from, as 市人民政府 goes on to 办公室, says nothing of what follows it.
        """
        return frozenset(
            number
            for number, (word, guard) in enumerate(zip(words, self._guards, strict=True))
            if guard.looks and word in name and name not in guard.within
        )

    def _is_near(self, hit: Hit, text: str) -> bool:
        """Whether a name stands there with one character off."""
        number, start, end = hit
        before, before_that, behind, behind_that, _, pieces = self._guards[number]
        if (
            (before and (text[start - 1] in before or text[start - 2] in before_that))
            or (behind and (text[end] in behind or text[end + 1] in behind_that))
        ):  # fmt: skip
            for piece in pieces:
                if piece.wrong(text, start, end) is not None:
                    return True
        return False

    def _met(self, parts: Sequence[Part], here: dict[int, _Met], about: About) -> Iterator[Fault]:
        """What the words and runs of digits led to, in each part that has one."""
        folding_parts = {number for number, met in here.items() if not self._folds.isdisjoint(met.words())}
        if folding_parts:
            yield from self._mixed(parts, {number: here[number].loud for number in folding_parts}, about)
        for number in sorted(here):
            yield from self._looked(parts[number], here[number], about, folds=number in folding_parts)

    def _looked(self, part: Part, met: _Met, about: About, *, folds: bool) -> Iterator[Fault]:
        passage = Passage(part, about, part.text)
        if folds:
            passage.text, passage.back = folding.fold(part.text)
            hits = self._hits(passage.text)
            met = _Met(self._loud(hits, passage.text), self._runs(passage.text))
        for word, start, end in sorted(met.loud, key=_BY_PLACE):
            met_here = self._words[word]
            for look in met_here.looks:
                yield from look(passage, start, end)
            for piece in met_here.pieces:
                yield from piece(passage, start, end)
        if met.runs and self._checks.numbers is not None:
            yield from numbers.numbers_in(passage, self._checks.numbers)

    def _mixed(self, parts: Sequence[Part], hits: dict[int, list[Hit]], about: About) -> Iterator[Fault]:
        """Traditional characters beyond their share of all, and pinyin in brackets, in the original (TX-17)."""
        scripts = self._checks.scripts
        if scripts is None:
            return
        found: dict[int, list[int]] = {}
        for number, met in sorted(hits.items()):
            places = [start for word, start, _ in met if word in self._folds]
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

    def _shapes(self, parts: Sequence[Part], about: About) -> list[Fault]:
        """What no word leads to: the shape of a title, and what a body lacks or repeats."""
        checks, found = self._checks, list[Fault]()
        for part in parts:
            if part.kind == "title" and self._titles is not None:
                found += self._titles(Passage(part, about, part.text))
            elif part.kind == "body":
                passage = Passage(part, about, part.text)
                if checks.gaps is not None:
                    found += gaps.gaps_in(passage, checks.gaps)
                if checks.relative:
                    found += dates.signed_later(passage)
                if checks.links is not None:
                    found += links.missing_attachments(passage)
        return found


def _let_go(waiting: list[Hit], start: int, held: frozenset[int]) -> None:
    """Take out what a name that begins at `start` holds: all that end before it began stand before those."""
    at = len(waiting)
    while at and waiting[at - 1][2] > start:
        at -= 1
    waiting[at:] = [hit for hit in waiting[at:] if hit[1] < start or hit[0] not in held]


class _Met(NamedTuple):
    """What was met in one part, counted from its beginning."""

    loud: list[Hit]
    runs: list[int]

    def words(self) -> list[int]:
        """The numbers of its words."""
        return [hit[0] for hit in self.loud]


_BY_PLACE = itemgetter(1, 2)


def _by_part(parts: Sequence[Part], loud: list[Hit], runs: list[int]) -> dict[int, _Met]:
    """What was met in the joined text, to each part its own."""
    starts = list(accumulate([len(part.text) + len(_BETWEEN) for part in parts], initial=0))
    here: dict[int, _Met] = {}
    for word, start, end in loud:
        number = bisect_right(starts, start) - 1
        first = starts[number]
        met = here.get(number) or here.setdefault(number, _Met([], []))
        met.loud.append((word, start - first, end - first))
    for run in runs:
        number = bisect_right(starts, run) - 1
        here.setdefault(number, _Met([], [])).runs.append(run - starts[number])
    return here


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
    made = {}
    for text in sorted({*looks, *pieces, *folds, *known}):
        of_names, own = pieces.get(text, []), looks.get(text, [])
        tasks = (_PIECE if of_names else 0) | (_NAME if text in known else 0) | (_LOOK if own else 0)
        tasks |= _FOLD if text in folds else 0
        made[text] = _Word(tasks, tuple(own), tuple(of_names))
    return made


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
    """Each fault once, by part, place and rule: none inside another of its kind, none more often than `MOST`."""
    order = {part.place: number for number, part in enumerate(parts)}
    once = {(fault.reason, fault.place, fault.span): fault for fault in faults}
    told: Counter[tuple[Reason, Severity | None]] = Counter()
    widest: dict[tuple[Reason, str, Severity | None], int] = {}
    kept: list[Fault] = []
    for fault in sorted(once.values(), key=lambda one: (order[one.place], _from(one), -_to(one), one.reason)):
        same = fault.reason, fault.place, fault.severity
        if _to(fault) <= widest.get(same, 0):
            continue
        widest[same] = _to(fault)
        told[fault.reason, fault.severity] += 1
        if told[fault.reason, fault.severity] <= MOST:
            kept.append(fault)
    return tuple(kept)


def _from(fault: Fault) -> int:
    return fault.span[0] if fault.span else 0


def _to(fault: Fault) -> int:
    return fault.span[1] if fault.span else 0
