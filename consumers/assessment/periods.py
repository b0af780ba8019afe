"""Quarters: the period over which the assessment counts (RULES §3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bus.errors import Invalid


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months, named `2026Q3`."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter that `day` lies in."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def parse(cls, name: str) -> Quarter:
        """The quarter called `name`.

        Raises:
            Invalid: it is no quarter's name.
        """
        found = re.fullmatch(r"([12]\d{3})Q([1-4])", name, re.ASCII)
        if found is None:
            raise Invalid("QUARTER", "季度写作2026Q3这样的形式。", "A quarter is written like 2026Q3.", "quarter")
        return cls(int(found[1]), int(found[2]))

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> Quarter:
        """The one after."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def previous(self) -> Quarter:
        """The one before."""
        return Quarter.of(self.first - timedelta(days=1))

    @property
    def label(self) -> str:
        """As the page says it."""
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度"

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"
