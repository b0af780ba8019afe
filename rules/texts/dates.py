"""Days: the weekday that belongs to a date, words that only today's reader understands, a day to come (TX-12)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from rules.case import Fault
from rules.texts.passage import Passage
from schemas.city.textual import Relative
from schemas.reasons import Reason

WEEKDAY_WORDS = tuple(f"日{bracket}{word}" for bracket in ("", "（", "(") for word in ("星期", "周"))
"""Where a weekday stands beside a date."""

_WEEKDAYS = "一二三四五六日"
_WITH_WEEKDAY = re.compile(
    r"(?<!\d)(?:(\d{4})年)?(1[0-2]|0?[1-9])月(3[01]|[12]\d|0?[1-9])日[（(]?(?:星期|周)([一二三四五六日天])(?!期)"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}年")
_DAY = re.compile(r"\d{1,2}月\d{1,2}日")
_LONGEST = 20
_LAST_LINE = re.compile(r"\s*((?:19|20)\d{2})年(1[0-2]|0?[1-9])月(3[01]|[12]\d|0?[1-9])日\s*")


def weekday(passage: Passage, start: int, end: int) -> Iterator[Fault]:
    """The fault of a date whose weekday is another; without a year it is the one nearest to the text's own day."""
    found = next(
        (one for one in _WITH_WEEKDAY.finditer(passage.text, max(0, start - _LONGEST), end + 2) if one.end() >= end),
        None,
    )
    if found is None:
        return
    year, month, day, written = found.groups()
    meant = _meant(passage, found.start(), year, int(month), int(day))
    right = _WEEKDAYS[meant.weekday()] if meant else ""
    if meant and right != written.replace("天", "日"):
        told = ("星期与日期不符", "the weekday is not that day's")
        yield passage.fault(
            Reason.TX_12, *found.span(), suggest=f"{meant:%Y}年{month}月{day}日（星期{right}）", why=told
        )


def _meant(passage: Passage, start: int, year: str | None, month: int, day: int) -> date | None:
    about = passage.about
    if year is None:
        stated = _YEAR.findall(passage.text, max(0, start - 100), start)
        if stated:
            year = stated[-1][:4]
    if year is not None:
        return _date(int(year), month, day)
    if about.day is None or not about.dated:
        return None
    days = [found for shift in (-1, 0, 1) if (found := _date(about.day.year + shift, month, day))]
    return min(days, key=lambda one: abs(one - about.day), default=None)  # type: ignore[operator]


class RelativeLook:
    """Looks closer at words such as 昨日: right only where the day they mean stands beside them."""

    def __init__(self, relative: Relative) -> None:
        self._relative = relative

    def __call__(self, passage: Passage, start: int, end: int) -> Iterator[Fault]:
        """A warning with the day that is meant, once a passage."""
        relative, text = self._relative, passage.text
        if self in passage.past or any(
            text.startswith(word, start - at) for word in relative.allow if (at := word.find(text[start:end])) >= 0
        ):
            return
        day_is_told = _DAY.search(passage.sentence(start, end)) if relative.unit == "day" else _YEAR.search(text)
        if day_is_told:
            if relative.unit != "day":
                passage.past[self] = (end, 0)  # the whole text tells it, so it does for every other such word
            return
        passage.past[self] = (end, 0)
        told = ("没有写明具体日期", "the date itself is not written")
        yield passage.fault(
            Reason.TX_12, start, end, severity="warn", suggest=self._absolute(passage.about.day), why=told
        )

    def _absolute(self, day: date | None) -> str:
        unit, shift = self._relative.unit, self._relative.shift
        if day is None or day.year + shift < 1:
            return {"day": "具体日期", "month": "具体年月", "year": "具体年份"}[unit]
        if unit == "year":
            return f"{day.year + shift}年"
        if unit == "month":
            months = day.year * 12 + day.month - 1 + shift
            return f"{months // 12}年{months % 12 + 1}月"
        meant = day + timedelta(days=shift)
        return f"{meant.year}年{meant.month}月{meant.day}日"


def signed_later(passage: Passage) -> Iterator[Fault]:
    """The day at the foot, on which it was formed, lies behind the day on which it is published."""
    text, about = passage.text.rstrip(), passage.about
    if not text.endswith("日") or about.day is None or not about.dated:
        return
    first = max(text.rfind("\n") + 1, len(text) - _LONGEST * 2)
    found = _LAST_LINE.fullmatch(text, first)
    formed = _date(int(found[1]), int(found[2]), int(found[3])) if found else None
    if found and formed and formed > about.day:
        told = ("成文日期晚于发布日期", "it was formed after it is published")
        span = (found.start(1), found.end(3) + 1)
        yield passage.fault(Reason.TX_12, *span, suggest="实际成文日期", why=told)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
