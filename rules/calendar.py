"""Working days of Asia/Shanghai (RULES §1.1): which days count, and why a day did or did not.

A year whose official schedule is not loaded is estimated (CAL-04) and everything that touches it says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property, lru_cache

from lunar_python import Lunar

from schemas.city import Pack
from schemas.city.models import CalendarYear

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one zone and no summer time."""

ONE_DAY = timedelta(days=1)

Pause = tuple[date, date]
"""Days from and to, both included, that a clock does not count (CAL-06)."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The last day of a period, and whether every year it touches has its official schedule."""

    due: date
    complete: bool = True


PAUSED = "中止期间"
ESTIMATE = "暂按法定节假日推算"
"""By what a day is known whose year has no official schedule yet (CAL-04)."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a count: its number where it counted, the reason in a word, and by which notice."""

    day: date
    number: int | None
    why: str
    complete: bool = True
    by: str = ""


@dataclass(frozen=True)
class WorkCalendar:
    """The loaded years as one run of days."""

    years: tuple[CalendarYear, ...]

    def is_workday(self, day: date) -> bool:
        """Whether `day` is a working day, by the schedule or by the estimate."""
        if day.year in self._off:
            return day in self._work[day.year] or (day.weekday() < 5 and day not in self._off[day.year])
        return day.weekday() < 5 and day not in statutory_days(day.year)

    def is_loaded(self, day: date) -> bool:
        """Whether the official schedule of `day`'s year is there."""
        return day.year in self._off

    def covers(self, first: date, last: date) -> bool:
        """Whether every year from one day to another has its official schedule."""
        return all(year in self._off for year in range(first.year, last.year + 1))

    def add_workdays(self, trigger: date, n: int, pauses: Sequence[Pause] = ()) -> Counted:
        """Day `n` of the count that begins the day after `trigger` (CAL-02), paused days left out."""
        if n == 0:
            return Counted(trigger, self.is_loaded(trigger))
        days = self._workdays
        place = bisect_right(days, trigger) + n - 1
        if not pauses and self.is_loaded(trigger) and place < len(days):
            return Counted(days[place])
        walked = list(self.count(trigger, n, pauses))
        return Counted(walked[-1].day, self.is_loaded(trigger) and all(day.complete for day in walked))

    def roll(self, day: date) -> Counted:
        """`day`, or the next working day where it is none."""
        complete = self.is_loaded(day)
        while not self.is_workday(day):
            day += ONE_DAY
            complete = complete and self.is_loaded(day)
        return Counted(day, complete)

    def count(self, trigger: date, n: int, pauses: Sequence[Pause] = ()) -> Iterator[Day]:
        """Every day from the trigger (day 0) to working day `n`, counted or not, with the reason."""
        yield self.told(trigger, 0, "起算日")
        day, number = trigger, 0
        while number < n:
            day += ONE_DAY
            paused = is_paused(day, pauses)
            counts = self.is_workday(day) and not paused
            number += counts
            yield self.told(day, number if counts else None, PAUSED if paused else "")

    def told(self, day: date, number: int | None, why: str = "") -> Day:
        """`day` with its reason, the calendar's own where `why` is empty, and by which notice."""
        return Day(day, number, why or self.why(day), self.is_loaded(day), self.by(day))

    def why(self, day: date) -> str:
        """What kind of day it is."""
        if not self.is_loaded(day):
            weekend = day.weekday() >= 5
            holiday = day in statutory_days(day.year)
            return "法定节假日(推算)" if holiday else "周末(推算)" if weekend else "工作日(推算)"
        if day in self._work[day.year]:
            return "调休上班"
        if day in self._off[day.year]:
            return "节假日"
        return "工作日" if day.weekday() < 5 else "周末"

    def by(self, day: date) -> str:
        """By which notice: the year's schedule, the override of that day, or the estimate."""
        year = self._year.get(day.year)
        if year is None:
            return ESTIMATE
        return year.override_basis if day in year.overridden else year.basis

    @cached_property
    def _year(self) -> dict[int, CalendarYear]:
        return {year.year: year for year in self.years}

    @cached_property
    def _off(self) -> dict[int, frozenset[date]]:
        return {year.year: frozenset(year.off) for year in self.years}

    @cached_property
    def _work(self) -> dict[int, frozenset[date]]:
        return {year.year: frozenset(year.work) for year in self.years}

    @cached_property
    def _workdays(self) -> list[date]:
        """Every working day of the loaded years, which have no gap (the pack's check)."""
        if not self.years:
            return []
        first, last = date(self.years[0].year, 1, 1), date(self.years[-1].year, 12, 31)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in days if self.is_workday(day)]


@lru_cache(maxsize=16)
def calendar_of(pack: Pack) -> WorkCalendar:
    """The pack's calendar, made once."""
    return WorkCalendar(pack.years)


def is_paused(day: date, pauses: Sequence[Pause]) -> bool:
    """Whether a pause holds `day`."""
    return any(start <= day <= end for start, end in pauses)


def day_of(instant: datetime) -> date:
    """The day of an instant in Asia/Shanghai; at the ends of the calendar, the day as it is written."""
    try:
        return instant.astimezone(SHANGHAI).date()
    except OverflowError:
        return instant.date()


@lru_cache(maxsize=256)
def statutory_days(year: int) -> frozenset[date]:
    """CAL-01's statutory holidays of a year, 13 since 2025 and 11 before, without 调休."""
    spring = _lunar(year, 1, 1)
    days = [date(year, 1, 1), *(spring + timedelta(days=n) for n in range(3)), _qingming(year), date(year, 5, 1)]
    days += [_lunar(year, 5, 5), _lunar(year, 8, 15), *(date(year, 10, n) for n in (1, 2, 3))]
    if year >= 2025:
        days += [spring - ONE_DAY, date(year, 5, 2)]
    return frozenset(days)


def _lunar(year: int, month: int, day: int) -> date:
    return date.fromisoformat(Lunar.fromYmd(year, month, day).getSolar().toYmd())


def _qingming(year: int) -> date:
    return date.fromisoformat(Lunar.fromYmd(year, 1, 1).getJieQiTable()["清明"].toYmd())
