"""The year that a seed draws: every event at the door in its order, what is left undone, and what is to be counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from schemas.city import Pack
from tests.year import hot_spots, letters, meetings, papers, requests
from tests.year.course import Sent, Silence, Year
from tests.year.days import Days, instant
from tests.year.load import Load

YEAR = 2026
SCHEDULE = Path("cities/example/calendars/2026-1.toml")
OUTAGES = ((date(2026, 2, 12), 33), (date(2026, 5, 6), 26), (date(2026, 9, 30), 25))
"""Days on which matters stands still from 08:30 on, for so many hours."""


@dataclass(frozen=True)
class Plan:
    """A year, drawn."""

    load: Load
    first: date
    last: date
    sent: tuple[Sent, ...]
    silences: tuple[Silence, ...]
    counts: Mapping[str, int]
    """Figures of the city's reports, as they must come back."""
    outages: tuple[tuple[datetime, datetime], ...]
    days: Days

    @property
    def ends(self) -> datetime:
        """When it is over, and everything is counted."""
        return instant(self.last, 18)

    def up_to(self, last: date) -> Plan:
        """Its first part, without figures."""
        ends = instant(last, 18)
        sent = tuple(one for one in self.sent if one.at < ends)
        silences = tuple(one for one in self.silences if one.told < ends)
        outages = tuple(one for one in self.outages if one[1] < ends)
        return replace(self, last=last, sent=sent, silences=silences, counts={}, outages=outages)


def draw(load: Load, pack: Pack, seed: int) -> Plan:
    """The same year for the same seed."""
    year = Year(Days.of(SCHEDULE), Random(seed), date(YEAR, 1, 1), date(YEAR, 12, 31))
    _matters(year, load)
    units = [one.code for one in pack.departments_on(year.first) if one.level == "市"][: load.units]
    meetings.meetings(year, load)
    meetings.conferences(year, load, units)
    meetings.symposia(year, load)
    papers.annual_reports(year, pack, min(3, load.plants))
    papers.tasks(year, pack)
    papers.columns(year)
    papers.documents(year)
    papers.orders(year, load.orders, load.plants)
    papers.brinks(year, [day for day, _ in OUTAGES])
    papers.consultations(year, load.consultations, 2)
    sent = sorted(year.sent, key=lambda one: one.at)
    ends = instant(year.last, 18)
    silences = tuple(sorted(one for one in year.silences if one.told < ends))
    outages = tuple((instant(day, 8.5), instant(day, 8.5) + timedelta(hours=hours)) for day, hours in OUTAGES)
    return Plan(load, year.first, year.last, tuple(sent), silences, _counts(load, silences), outages, year.days)


def _matters(year: Year, load: Load) -> None:
    of_letters = load.supervised * 2 // 5
    for number in range(load.requests - requests.HANDLED_SILENTLY * load.plants):
        requests.draw(year, number)
    keys = [letters.draw(year, number) for number in range(load.letters)]
    for number in range(of_letters):
        letters.supervised(year, number)
    solved = [year.chance.choice(keys) for _ in range(load.cases)]
    spots = load.responses - hot_spots.RESPONDED_SILENTLY * load.plants
    for number in range(spots):
        some = solved[number * load.cases // spots : (number + 1) * load.cases // spots]
        hot_spots.draw(year, number, some, supervised=number < load.supervised - of_letters)
    for number in range(load.plants):
        requests.silent(year, number)
        letters.silent(year, number)
        hot_spots.silent(year, number)


def _counts(load: Load, silences: tuple[Silence, ...]) -> dict[str, int]:
    """What the numbers of the load are called in the city's reports."""
    unanswered = {"reply", "later-reply", "handle", "mayor", "hotline", "inquiry", "veto"}
    owed = [one for one in silences if one.clock in unanswered]
    return {
        "requests-handled": load.requests, "hot-spots-answered": load.responses, "supervised": load.supervised,
        "cases-solved": load.cases, "press-releases": load.meetings, "topics": load.topics,
        "topic-materials": load.sheets, "press-conferences": load.conferences, "press-units": load.units,
        "symposia": load.symposia, "symposium-requests": load.raised,
        "unanswered": len({one.subject for one in owed if one.ends is None}),
        "answered-late": len({one.subject for one in owed if one.ends is not None}),
    }  # fmt: skip
