"""Letters to the mayor, the hotline and departments: accepted, handed on, answered, rated; or not (RULES §1.7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from tests.year.course import Course, Year, overdue
from tests.year.days import instant
from tests.year.requests import HANDLERS, LEAD

ANSWER = "经现场核查，新桥路北段路灯线路老化，已于本周更换完毕并恢复照明，依据《城市照明管理规定》第二十一条办理。"
HANDLE = {"咨询": 3, "求助": 5, "建议": 5, "投诉": 10}
"""Working days a department's own mailbox has from the day it is given to somebody."""
MAYOR, HOTLINE, ACCEPT, SIGN, DISPATCH, CLOSE, VETO = 3, 5, 2, 1, 1, 10, 3
BLOCKAGES = ("不动产登记排队", "企业开办多次跑", "医保异地备案", "停车泊位审批", "水电气报装", "户籍迁移材料",
             "公积金提取", "施工许可联审", "学区查询", "养老认证", "证照分离衔接", "招投标保证金")  # fmt: skip


class Letter(Course):
    """One letter."""

    mailbox = ""
    kind = ""
    handler = ""
    submitted_at: datetime
    accepted_on: date
    assigned_on: date

    @property
    def main(self) -> str:
        """Who receives it."""
        return LEAD if self.mailbox in {"mayor", "hotline"} else self.mailbox

    def submitted(self) -> None:
        """Somebody writes, at any hour."""
        self.submitted_at = self.at
        self.send("submitted", LEAD, {
            "mailbox": self.mailbox, "kind": self.kind, "urgent": False, "submitted_at": self.at.isoformat(),
            "channel": "portal", "personal": {
                "name": "欧阳试样", "phone": "13900001111", "title": "新桥路北段路灯长期不亮",
                "body": "新桥路北段路灯自上周三晚起连续三晚不亮，影响出行安全，请尽快维修。"},
        }, "/portal")  # fmt: skip

    def accepted(self, days: int = 1, **said: Any) -> None:
        """It is theirs to handle."""
        self.accepted_on = self.rests(days)
        self.step("accepted", self.main, **said)

    def assigned(self) -> None:
        """Somebody has it, on the same or the next day."""
        self.assigned_on = self.rests(0)
        self.handler = self.year.chance.choice(HANDLERS)
        self.step("assigned", self.main, dept=self.handler)

    def taken_up(self) -> None:
        """Who has it says so."""
        self.rests(0)
        self.step("taken-up", self.handler)

    def replied(self, **said: Any) -> None:
        """An answer that says something."""
        self.step("replied", self.handler, reply=ANSWER, result="路灯已更换", **said)

    def rated(self, close: int) -> None:
        """By telephone; then closed within so many days."""
        self.rests(self.year.chance.randint(1, 8))
        if self.mailbox == "hotline":
            self.step("called-back", self.main, reached="是")
            self.rests(0)
        self.step("rated", self.main, rating="满意")
        if close:
            self.rests(close)
            self.step("closed", self.main)

    def due(self) -> date:
        """The last day for an answer, by the mailbox and what is asked."""
        days = self.year.days
        inquiry = [days.after(self.submitted_at.date(), 5)] if self.kind == "咨询" else []
        if self.mailbox == "mayor":
            return min(days.after(self.accepted_on, MAYOR), *inquiry, date.max)
        number = HOTLINE if self.mailbox == "hotline" else HANDLE[self.kind]
        return min(days.after(self.assigned_on, number), *inquiry, date.max)


def draw(year: Year, number: int) -> str:
    """A letter that is answered in time; its key."""
    one = begun(year, f"L{number:05}", date(year.first.year, 11, 25))
    blocked = year.chance.random() < 0.1
    one.accepted(1, **({"blockage": "是", "blockage_name": year.chance.choice(BLOCKAGES)} if blocked else {}))
    one.assigned()
    one.taken_up()
    _by(one, one.due())
    one.replied(**({"solved_on": str(one.day)} if blocked else {}))
    if year.chance.random() < 0.7:
        one.rated(year.chance.randint(1, CLOSE))
    return one.key


def _by(one: Letter, due: date) -> None:
    """Some day up to the due day; now and then that day itself."""
    left = [n for n in range(1, 11) if one.year.days.after(one.day, n) <= due]
    one.rests(left[-1] if left and one.year.chance.random() < 0.1 else one.year.chance.choice([0, *left[:-1]]))


def begun(year: Year, name: str, last: date, mailbox: str = "") -> Letter:
    """A letter that came on some day up to `last`."""
    one = Letter(year, f"{LEAD}/{name}", "complaint", instant(year.any_day(last=last), year.chance.uniform(0, 24)))
    one.mailbox = mailbox or year.chance.choices(["mayor", "hotline", *HANDLERS[:4]], [5, 5, 1, 1, 1, 1])[0]
    one.kind = year.chance.choice(sorted(HANDLE))
    one.submitted()
    return one


def supervised(year: Year, number: int) -> None:
    """A letter that the lead office supervises, and that is answered in time."""
    one = begun(year, f"LV{number:04}", date(year.first.year, 11, 20))
    one.accepted()
    one.assigned()
    one.taken_up()
    one.waits(0.1)
    one.step("supervised", LEAD, demand="限期办结")
    _by(one, one.due())
    one.replied()


def silent(year: Year, number: int) -> int:
    """One of each silence that a letter can end in; how many were planted."""
    for sort, stops in _STOPS.items():
        one = begun(year, f"LS{number:03}-{sort}", date(year.first.year, 8, 20))
        stops(one)
    return len(_STOPS)


def _waits(one: Letter, sort: str, ends: datetime | None = None) -> None:
    """What is owed of every letter until it is answered."""
    days, came = one.year.days, one.submitted_at.date()
    told = {"veto": overdue(days.months(came, VETO))}
    if one.kind == "咨询":
        told["inquiry"] = overdue(days.after(came, 5))
    if hasattr(one, "accepted_on") and one.mailbox == "mayor":
        told["mayor"] = overdue(days.after(one.accepted_on, MAYOR))
    if hasattr(one, "assigned_on") and one.mailbox != "mayor":
        clock = "hotline" if one.mailbox == "hotline" else "handle"
        number = HOTLINE if one.mailbox == "hotline" else HANDLE[one.kind]
        told[clock] = overdue(days.after(one.assigned_on, number))
    for clock, at in told.items():
        if ends is None or at <= ends:
            one.year.silent(one.key, clock, at, sort, ends=ends)


def _unaccepted(one: Letter) -> None:
    sort = "letter nobody accepts"
    one.year.silent(one.key, "accept", overdue(one.year.days.after(one.day, ACCEPT)), sort)
    _waits(one, sort)


def _undispatched(one: Letter) -> None:
    one.accepted()
    sort = "letter nobody is given"
    one.year.silent(one.key, "dispatch", overdue(one.year.days.after(one.day, DISPATCH)), sort)
    _waits(one, sort)


def _unsigned(one: Letter) -> None:
    one.accepted()
    one.assigned()
    sort = "letter nobody takes up"
    one.year.silent(one.key, "sign", overdue(one.year.days.after(one.day, SIGN)), sort)
    _waits(one, sort)


def _unanswered(one: Letter) -> None:
    one.accepted()
    one.assigned()
    one.taken_up()
    _waits(one, "letter never answered")


def _late(one: Letter) -> None:
    one.accepted()
    one.assigned()
    one.taken_up()
    one.rests(10 + one.year.chance.randint(2, 15))
    one.replied()
    _waits(one, "letter answered late", one.at)


def _unclosed(one: Letter) -> None:
    one.accepted()
    one.assigned()
    one.taken_up()
    one.rests(0)
    one.replied()
    one.rated(0)
    one.year.silent(one.key, "close", overdue(one.year.days.after(one.day, CLOSE)), "letter never closed")


_STOPS: dict[str, Callable[[Letter], None]] = {
    "unaccepted": _unaccepted, "undispatched": _undispatched, "unsigned": _unsigned, "unanswered": _unanswered,
    "late": _late, "unclosed": _unclosed,
}  # fmt: skip
