"""Hot spots: found, given to somebody, responded to within hours, supervised, settled; or not (RULES §2.6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from tests.year.course import Course, Year, overdue
from tests.year.days import instant
from tests.year.requests import HANDLERS, LEAD

RESPONSE, CONFERENCE, INFORMATION = 48, 24, 5
"""Hours from the finding."""
PUBLICATION = 5
"""Working days after it is settled."""


class HotSpot(Course):
    """One hot spot."""

    grave = False
    found: datetime
    handler = ""

    def opened(self, source: str = "论坛") -> None:
        """Somebody finds it, by day or night."""
        self.found = self.at
        self.open("hot-spot", "网民反映示例路桥面开裂", LEAD, found_at=self.at.isoformat(), source=source)

    def verified(self) -> None:
        """How grave it is."""
        self.waits(0.5)
        level = self.year.chance.choice(["重大", "特别重大"]) if self.grave else "一般"
        self.step("verified", LEAD, level=level, involves="涉及公众切身利益")

    def assigned(self) -> None:
        """Somebody answers for it."""
        self.waits(0.5)
        self.handler = self.year.chance.choice(HANDLERS)
        self.step("assigned", LEAD, responsible=self.handler)

    def responded(self) -> None:
        """Within the hours that it has; now and then in the last of them."""
        most = INFORMATION if self.grave else RESPONSE
        left = most - (self.at - self.found) / timedelta(hours=1) - 0.1
        self.waits(left if self.year.chance.random() < 0.05 else self.year.chance.uniform(0.1, left))
        self.step("responded", self.handler, form="权威发布", response="桥面已封闭检修，车辆请绕行。")

    def conferred(self) -> None:
        """A press conference, or the reason for none, within a day of the finding."""
        self.waits(self.year.chance.uniform(0.5, CONFERENCE - INFORMATION - 1))
        if self.year.chance.random() < 0.5:
            self.step("conference-held", self.handler, conference="市住建局新闻发布人")
        else:
            self.step("conference-waived", LEAD, reason="已在现场向媒体说明。")

    def ended(self) -> None:
        """Settled, and told of to the public, or why not."""
        self.settled()
        self.rests(self.year.chance.randint(1, PUBLICATION))
        self.step("not-published", LEAD, reason="已当面答复反映人。")

    def settled(self) -> None:
        """It is over."""
        self.rests(self.year.chance.randint(1, 10))
        self.step("settled", self.handler, outcome="桥面已经修复")


def draw(year: Year, number: int, solves: Sequence[str], supervised: int) -> None:
    """A hot spot responded to in time; one case for each letter of `solves`, supervised so many times."""
    one = begun(year, f"H{number:05}", date(year.first.year, 12, 1), year.chance.random() < 0.2)
    one.responded()
    if one.grave:
        one.conferred()
    for _ in range(supervised):
        one.waits(1)
        one.step("supervised", LEAD, reason="请每日报告进展。")
    for letter in solves:
        one.waits(0.2)
        one.step("case-solved", one.handler, case=letter, links=[("solves", letter)])
    one.ended()


def begun(year: Year, name: str, last: date, grave: bool) -> HotSpot:
    """A hot spot of some hour up to that day, with somebody who answers for it."""
    one = HotSpot(year, f"{LEAD}/{name}", "matter", instant(year.any_day(last=last), year.chance.uniform(0, 24)))
    one.grave = grave
    one.opened()
    one.verified()
    one.assigned()
    return one


def silent(year: Year, number: int) -> None:
    """One of each silence that a hot spot can end in."""
    for sort, stops in _STOPS.items():
        stops(begun(year, f"HS{number:03}-{sort}", date(year.first.year, 10, 20), sort == "grave"))


def _unanswered(one: HotSpot) -> None:
    one.year.silent(
        one.key, "response", one.found + timedelta(hours=RESPONSE), "hot spot nobody responds to", ladder="hours"
    )


def _grave(one: HotSpot) -> None:
    sort = "grave hot spot nobody responds to"
    for clock, hours in (("information", INFORMATION), ("conference", CONFERENCE), ("response", RESPONSE)):
        one.year.silent(one.key, clock, one.found + timedelta(hours=hours), sort, ladder="hours")


def _late(one: HotSpot) -> None:
    told = one.found + timedelta(hours=RESPONSE)
    one.at = told + timedelta(hours=50)
    one.step("responded", one.handler, form="网上答复", response="桥面已经修复，恢复通行。")
    one.year.silent(one.key, "response", told, "hot spot responded to late", ends=one.at, ladder="hours")
    one.ended()


def _untold(one: HotSpot) -> None:
    one.responded()
    one.settled()
    one.year.silent(
        one.key, "publication", overdue(one.year.days.after(one.day, PUBLICATION)), "hot spot never told of"
    )


_STOPS: dict[str, Callable[[HotSpot], None]] = {
    "unanswered": _unanswered, "grave": _grave, "late": _late, "untold": _untold,
}  # fmt: skip
RESPONDED_SILENTLY = 2
"""Of these sorts, those that are responded to all the same."""
