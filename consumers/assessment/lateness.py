"""How late: working days of the city's own calendar after the due day."""

from __future__ import annotations

from datetime import date, timedelta

from rules.calendar import calendar_of
from schemas.city import Pack

FAR = 3_660
"""Days counted one by one at most: ten years late is late enough."""


class Lateness:
    """Working days between two days, by one pack's calendar."""

    def __init__(self, pack: Pack) -> None:
        self._calendar = calendar_of(pack)

    def __call__(self, due: date, day: date) -> tuple[int, bool]:
        """Working days after `due` up to `day`, and whether the official schedules cover them (CAL-04)."""
        days = [due + timedelta(days=n) for n in range(1, min((day - due).days, FAR) + 1)]
        counted = sum(1 for each in days if self._calendar.is_workday(each))
        return counted, all(self._calendar.is_loaded(each) for each in days)
