"""A calendar that counts one day after another, from the schedule's own lines: it checks the bus's, and shares no code.

RULES §1.1: the day of the event is day 0; working days are those that are no days off; a period of months or days
that ends on a day off ends on the next working day.
"""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Collection
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

CITY = timezone(timedelta(hours=8))
ONE = timedelta(days=1)
SATURDAY = 5


class Days:
    """One year's days."""

    def __init__(self, off: Collection[date], work: Collection[date]) -> None:
        self._off, self._work = frozenset(off), frozenset(work)

    @classmethod
    def of(cls, file: Path) -> Days:
        """The days of a holiday schedule."""
        said = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls(said["off"], said["work"])

    def works(self, day: date) -> bool:
        """Whether people work on it."""
        return day in self._work or (day.weekday() < SATURDAY and day not in self._off)

    def after(self, day: date, number: int, skipped: Collection[date] = ()) -> date:
        """The working day that is so many after `day`; `skipped` count for nothing."""
        while number:
            day += ONE
            number -= self.works(day) and day not in skipped
        return day

    def since(self, day: date) -> date:
        """The day itself, or the first working day behind it."""
        return day if self.works(day) else self.after(day, 1)

    def months(self, day: date, number: int) -> date:
        """The same day so many months on, or the month's last; a day off gives way to the working day behind it."""
        month = day.month - 1 + number
        year, month = day.year + month // 12, month % 12 + 1
        return self.since(date(year, month, min(day.day, monthrange(year, month)[1])))


def instant(day: date, hour: float = 0) -> datetime:
    """An hour of a day in the city."""
    return datetime.combine(day, time(), CITY) + timedelta(hours=hour)


def spans(first: date, last: date) -> frozenset[date]:
    """Every day from the first to the last."""
    return frozenset(first + n * ONE for n in range((last - first).days + 1))
