"""How late: working days of the city's own calendar after the due day."""

from __future__ import annotations

from datetime import date, timedelta

from bus.city import Kept, Packs
from rules.calendar import calendar_of

FAR = 3_660
"""Days counted one by one at most: ten years late is late enough."""


class Lateness:
    """Working days between two days, by the calendar in force."""

    def __init__(self, packs: Packs) -> None:
        self._calendar = Kept(packs, lambda span: calendar_of(span.pack))

    def __call__(self, due: date, day: date) -> tuple[int, bool]:
        """Working days after `due` up to `day`, and whether the official schedules cover them (CAL-04)."""
        days = [due + timedelta(days=n) for n in range(1, min((day - due).days, FAR) + 1)]
        calendar = self._calendar()
        counted = sum(1 for each in days if calendar.is_workday(each))
        return counted, all(calendar.is_loaded(each) for each in days)
