"""The steps of one matter, as those who take them would: each at an hour of work, none before the one before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from tests.year.days import ONE, Days, instant

Links = Sequence[tuple[str, str]]
OPENS, CLOSES = 9.0, 17.0
"""Hours of work."""


class Sent(NamedTuple):
    """An event at the door: when it comes, by whose key, and what it is."""

    at: datetime
    who: str
    """A department, or `/portal` for what citizens hand in there."""
    value: bytes
    subject: str


class Silence(NamedTuple):
    """Something that does not happen though it is due."""

    subject: str
    clock: str
    told: datetime
    """From when on it is overdue, and to be told of."""
    sort: str
    ends: datetime | None = None
    """When it happens after all."""
    ladder: str = "standard"
    """Of `LADDERS`."""


LADDERS: Mapping[str, Mapping[str, tuple[int, str]]] = {
    "standard": {"urged": (0, "H"), "supervised": (0, "H"), "circulated": (5, "WD")},
    "hours": {"urged": (0, "H"), "supervised": (0, "H"), "circulated": (24, "H")},
    "standing": {"supervised": (0, "H"), "circulated": (5, "WD")}, "upkeep": {"stale": (0, "H")},
    "rectification": {"supervised": (0, "H"), "circulated": (3, "WD")},
}  # fmt: skip
"""What is said of something overdue, and how long behind the instant from which it is (RULES §1.8, §2.4)."""


def words(days: Days, one: Silence, ends: datetime) -> dict[str, datetime]:
    """What is to be said of a silence up to its end, or that of the year, and as of when."""
    last = min(ends, one.ends or ends)
    due = one.told.date() - ONE
    at = {
        rung: one.told + timedelta(hours=number) if unit == "H" else overdue(days.after(due, number))
        for rung, (number, unit) in LADDERS[one.ladder].items()
    }  # fmt: skip
    return {rung: instant_ for rung, instant_ in at.items() if instant_ <= last}


def overdue(day: date) -> datetime:
    """When what was due on a day is told of."""
    return instant(day + ONE)


@dataclass
class Year:
    """What a year is drawn with, and what was drawn so far."""

    days: Days
    chance: Random
    first: date
    last: date
    sent: list[Sent] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)

    def any_day(self, first: date | None = None, last: date | None = None) -> date:
        """Some day between two."""
        first, last = first or self.first, last or self.last
        return first + timedelta(days=self.chance.randint(0, (last - first).days))

    def silent(self, subject: str, clock: str, told: datetime, sort: str, **more: Any) -> None:
        """Nothing is done about a clock of a matter."""
        self.silences.append(Silence(subject, clock, told, sort, **more))


@dataclass
class Course:
    """One matter on its way."""

    year: Year
    key: str
    family: str
    at: datetime
    """Of the last step."""
    taken: int = 0

    @property
    def day(self) -> date:
        """Of the last step."""
        return self.at.date()

    def rests(self, number: int, hour: float | None = None) -> date:
        """Let so many working days pass; 0 is the same day where there is time left, else the next."""
        days, day = self.year.days, self.day
        if number or not days.works(day) or self.at >= instant(day, CLOSES - 0.2):
            day = days.after(day, max(number, 1))
        opens = max(instant(day, OPENS), self.at + timedelta(minutes=2))
        span = instant(day, CLOSES) - opens
        self.at = instant(day, hour) if hour else opens + span * self.year.chance.random()
        return day

    def waits(self, hours: float) -> None:
        """Let hours pass, by day or night."""
        self.at += timedelta(hours=hours)

    def step(
        self, step: str, dept: str, /, *, links: Links = (), reason: str = "",
        personal: Mapping[str, str] | None = None, **fields: Any,
    ) -> None:  # fmt: skip
        """A step now."""
        data: dict[str, Any] = {
            "step": step, "actor_dept": dept, "actor_role": "经办", "at": self.at.isoformat(),
            "fields": {name: str(value) for name, value in fields.items()},
            "links": [{"rel": rel, "target": target} for rel, target in links],
        }  # fmt: skip
        data |= ({"reason": reason} if reason else {}) | ({"personal": dict(personal)} if personal else {})
        self.send("stepped", dept, data)

    def open(
        self, lifecycle: str, title: str, dept: str, /, *, lead: str = "", links: Links = (), **fields: Any
    ) -> None:
        """It begins now."""
        lead = lead or dept
        self.send("opened", dept, {
            "lifecycle": lifecycle, "title": title, "lead_dept": lead, "at": self.at.isoformat(),
            "fields": {"lead_dept": lead} | {name: str(value) for name, value in fields.items()},
            "links": [{"rel": rel, "target": target} for rel, target in links],
        })  # fmt: skip

    def send(self, verb: str, dept: str, data: Mapping[str, Any], who: str = "") -> None:
        """An event of this matter, now; it is at the door a few seconds later."""
        self.taken += 1
        whole = {
            "specversion": "1.0", "id": f"{self.key.replace('/', '-')}-{self.taken}",
            "source": who or f"/departments/{dept}", "type": f"cn.gongkai.{self.family}.{verb}.v1",
            "subject": self.key, "time": self.at.isoformat(), "datacontenttype": "application/json", "data": data,
        }  # fmt: skip
        comes = self.at + timedelta(seconds=self.year.chance.randint(1, 40))
        self.year.sent.append(Sent(comes, who or dept, json.dumps(whole, ensure_ascii=False).encode(), self.key))
