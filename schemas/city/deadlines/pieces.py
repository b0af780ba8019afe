"""The pieces that the grammar finds in a text, made by lark from its tree."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from typing import TypeVar

from lark import Token, Transformer, v_args

from schemas.city.deadlines.errors import Said
from schemas.city.deadlines.numerals import number_of
from schemas.city.models import Unit

MOST = 1_000
"""No period of the law is longer than so many of its units."""


class Wrong(Exception):
    """A part that fits the grammar and means nothing; `position` is of the squeezed text."""

    def __init__(self, position: int, said: Said) -> None:
        super().__init__(said.en)
        self.position, self.said = position, said


@dataclass(frozen=True, slots=True)
class Length:
    """So many of a unit."""

    position: int
    n: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Period:
    """每月 is 1, 每季度 3, 每半年 6, 每年 12 months; 次月 has `which` +, 当月 =."""

    position: int
    months: int
    which: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What a period counts from: an event's phrase, or a day fixed by name."""

    position: int
    phrase: str = ""
    cron: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """For how long at least."""

    length: Length


@dataclass(frozen=True, slots=True)
class Limit:
    """By when."""

    position: int
    origin: Origin | None = None
    length: Length | None = None
    before: bool = False
    word: str = ""
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class Lasting:
    """Without end."""

    position: int
    word: str


@dataclass(frozen=True, slots=True)
class Proviso:
    """法律、法规另有规定的除外: said for people."""


Piece = Limit | Shown | Lasting | Proviso
Given = Origin | Length | Shown | Token
K = TypeVar("K", Origin, Length, Shown, Token)

_UNITS: dict[str, tuple[int, Unit]] = {
    "工作日": (1, "WD"), "工作天": (1, "WD"), "日": (1, "CD"), "天": (1, "CD"), "自然日": (1, "CD"),
    "自然天": (1, "CD"), "日历日": (1, "CD"), "日历天": (1, "CD"), "周": (7, "CD"), "星期": (7, "CD"),
    "小时": (1, "H"), "时": (1, "H"), "月": (1, "M"), "年": (12, "M"),
}  # fmt: skip
_HALVES: dict[str, tuple[int, Unit]] = {"半年": (6, "M"), "半个月": (15, "CD")}
_CRONS = {1: "*", 3: "Q", 6: "H"}
_WHICH = {"次": "+", "翌": "+", "下": "+", "当": "=", "本": "="}


@v_args(inline=True)
class Pieces(Transformer[Token, tuple[Piece, ...]]):
    """One method a rule of the grammar; lark calls them from the leaves up."""

    def start(self, *pieces: Piece) -> tuple[Piece, ...]:
        """The whole text."""
        return pieces

    def after(self, *given: Given) -> Limit:
        """A length behind a day."""
        return _limit(given)

    def before(self, *given: Given) -> Limit:
        """A length ahead of a day."""
        return replace(_limit(given), before=True)

    def at_once(self, *given: Given) -> Limit:
        """The very day."""
        return _limit(given)

    def word(self, *given: Given) -> Limit:
        """A word that stands for a length."""
        word = _pick(given, Token)
        assert word is not None, "the grammar puts a word here"
        return replace(_limit(given), word=str(word))

    def fixed(self, day: Origin | Period, shown: Shown | None = None) -> Limit:
        """A day fixed by name."""
        return Limit(day.position, _ended(day) if isinstance(day, Period) else day, shown=shown)

    def shown(self, length: Length) -> Shown:
        """For how long."""
        return Shown(length)

    def lasting(self, word: Token) -> Lasting:
        """Without end."""
        return Lasting(_at(word), str(word))

    def proviso(self) -> Proviso:
        """A reservation."""
        return Proviso()

    def event(self, phrase: Token) -> Origin:
        """What happened."""
        return Origin(_at(phrase), phrase=str(phrase))

    def since(self, source: Token | Origin | Period) -> Origin:
        """What a period is counted from."""
        if isinstance(source, Period):
            return _ended(source)
        return source if isinstance(source, Origin) else Origin(_at(source), phrase=str(source))

    def period(self, word: Token) -> Period:
        """What comes round."""
        months = next((months for mark, months in (("月", 1), ("季", 3), ("半", 6)) if mark in word), 12)
        return Period(_at(word), months, _WHICH.get(word[0], ""))

    def year_day(self, period: Period, month: Token, day: Token) -> Origin:
        """每年1月31日."""
        _only(period, 12, "几月几日只能写在“每年”后面", "a month and day go with 每年 alone")
        m = _within(month, 12)
        return _named(period, f"{m:02}-{_within(day, monthrange(2024, m)[1]):02}")

    def month_end(self, period: Period, month: Token) -> Origin:
        """每年3月底."""
        _only(period, 12, "几月底只能写在“每年”后面", "a month's end goes with 每年 alone")
        m = _within(month, 12)
        return _named(period, f"{m:02}-{monthrange(2024, m)[1]:02}")

    def nth_day(self, period: Period, nth: Token, day: Token) -> Origin:
        """每季度首月15日."""
        return _nth(period, nth, _within(day, 31))

    def nth_end(self, period: Period, nth: Token) -> Origin:
        """每半年末月底."""
        return _nth(period, nth, 31)

    def month_day(self, period: Period, day: Token) -> Origin:
        """每月15日."""
        _only(period, 1, "要写明是哪个月的这一天", "say which month's day it is")
        return _named(period, f"*-{_within(day, 31):02}")

    def period_end(self, period: Period) -> Origin:
        """每季度末."""
        return _ended(period)

    def length(self, first: Token, unit: Token | None = None) -> Length:
        """So many of a unit."""
        if unit is None:
            return Length(_at(first), *_HALVES[first])
        times, kind = _UNITS[unit.removeprefix("个")]
        return Length(_at(first), _within(first, MOST // times) * times, kind)


def _limit(given: tuple[Given, ...]) -> Limit:
    first = given[0]
    origin, length, shown = _pick(given, Origin), _pick(given, Length), _pick(given, Shown)
    position = first.length.position if isinstance(first, Shown) else _at(first)
    return Limit(position, origin, length, shown=shown)


def _pick(given: tuple[Given, ...], kind: type[K]) -> K | None:
    return next((each for each in given if isinstance(each, kind)), None)


def _at(given: Origin | Length | Token) -> int:
    return given.start_pos or 0 if isinstance(given, Token) else given.position


def _within(token: Token, most: int) -> int:
    n = number_of(token)
    if n is None:
        raise Wrong(_at(token), Said(f"“{token}”不是一个数", f"{token} is no number"))
    if not 1 <= n <= most:
        raise Wrong(_at(token), Said(f"“{token[:9]}”不在1至{most}之间", f"{token[:9]} is not within 1 and {most}"))
    return n


def _only(period: Period, months: int, zh: str, en: str) -> None:
    if period.months != months:
        raise Wrong(period.position, Said(zh, en))


def _named(period: Period, day: str) -> Origin:
    return Origin(period.position, cron=period.which + day)


def _ended(period: Period) -> Origin:
    ends = {1: "*-31", 3: "Q3-31", 6: "H6-31", 12: "12-31"}
    return _named(period, ends[period.months])


def _nth(period: Period, nth: Token, day: int) -> Origin:
    if period.months == 1:
        raise Wrong(_at(nth), Said("一个月里没有第几个月", "a month has no months"))
    month = _month_number(nth, period.months)
    if month > period.months:
        raise Wrong(_at(nth), Said(f"没有{nth}，只有{period.months}个月", f"there are only {period.months} months"))
    if period.months == 12:
        return _named(period, f"{month:02}-{min(day, monthrange(2024, month)[1]):02}")
    return _named(period, f"{_CRONS[period.months]}{month}-{day:02}")


def _month_number(nth: str, months: int) -> int:
    if nth.startswith("首"):
        return 1
    if not nth.startswith("第"):
        return months
    return number_of(nth.strip("第个月")) or months
