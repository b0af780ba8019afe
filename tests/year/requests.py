"""Requests for information: confirmed, registered, asked about, answered, filed; or not (RULES §1.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.year.course import Course, Year, overdue
from tests.year.days import instant, spans

LEAD = "zfb"
HANDLERS = ("fgw", "jyj", "czj", "rsj", "zrj", "sthj", "zjj", "jtj", "swj", "wjw", "scjg", "ybj")
REMEDIES = "可在六十日内申请行政复议，或者在六个月内提起行政诉讼；对不予公开不服的，应当先申请行政复议。"
REPLY, EXAMINE, CORRECT, SERVE, ANSWER, ARCHIVE = 20, 7, 15, 5, 15, 20
"""Working days: to reply, to look at it, to mend it, to serve and to be answered by others, to file."""


class Request(Course):
    """One request at the city's counter."""

    handler = ""
    received: date

    def submitted(self) -> None:
        """Somebody asks, at the portal, at any hour."""
        self.send("submitted", LEAD, {
            "applicant": "自然人", "way": "互联网", "submitted_at": self.at.isoformat(), "form_wanted": "电子邮件",
            "personal": {"name": "欧阳试样", "phone": "13900001111", "identity": "居民身份证999900199001010015",
                         "title": "路灯维修经费", "body": "申请公开2025年路灯维修经费的支出明细。"},
        }, "/portal")  # fmt: skip

    def confirmed(self) -> None:
        """Both sides agree on the day it was received."""
        self.received = self.rests(1)
        self.step("confirmed", LEAD, received_on=self.received, agreed_on=self.received)

    def registered(self) -> None:
        """It has a number."""
        self.rests(0)
        self.step("registered", LEAD, reg_no=self.key.partition("/")[2])

    def assigned(self, days: int) -> None:
        """Somebody handles it."""
        self.rests(days)
        self.handler = self.year.chance.choice(HANDLERS)
        self.step("assigned", LEAD, dept=self.handler)

    def answered(self, days: int) -> None:
        """Drafted, audited and replied to within so many days, and filed."""
        self.drafted(days)
        self.audited()
        self.replied()
        self.archived()

    def drafted(self, days: int) -> None:
        """What is to be said, `days` from now."""
        self.rests(days, hour=10)
        self.step("drafted", self.handler, outcome="granted", statute="第三十六条")

    def audited(self) -> None:
        """On the same day."""
        self.waits(1)
        self.step("audited", LEAD, audit_result="同意")

    def replied(self) -> None:
        """On the same day."""
        self.waits(self.year.chance.uniform(0.1, 5))
        self.step(
            "replied", LEAD, outcome="granted", statute="第三十六条", where="见市政府网站", remedies=REMEDIES,
            reply_no=f"公开办〔{self.at.year}〕{1 + self.year.chance.randrange(9_999)}号-告",
        )  # fmt: skip

    def archived(self, outcome: str = "granted", most: int = ARCHIVE) -> None:
        """Some days later; a tenth become cases of the library."""
        self.rests(self.year.chance.randint(1, most))
        shown: dict[str, Any] = {"question": "财政资金使用情况", "case_reasoning": "属于依申请公开范围，已经提供。"}
        library = self.year.chance.random() < 0.1
        self.step("archived", LEAD, library="是" if library else "否", case_outcome=outcome, case_statute="第三十六条",
                  **(shown if library else {}))  # fmt: skip


def draw(year: Year, number: int) -> None:
    """A request that is handled in time, in one of the ways there are."""
    ways: list[tuple[Callable[[Request], None], int, date]] = [
        (plain, 70, date(year.first.year, 11, 3)), (corrected, 8, date(year.first.year, 9, 1)),
        (third_party, 6, date(year.first.year, 9, 1)), (extended, 6, date(year.first.year, 9, 1)),
        (abandoned, 4, date(year.first.year, 10, 9)), (withdrawn, 6, date(year.first.year, 11, 20)),
    ]  # fmt: skip
    way, _, last = year.chance.choices(ways, [weight for _, weight, _ in ways])[0]
    way(begun(year, f"F{number:05}", last))


def begun(year: Year, name: str, last: date) -> Request:
    """A request that came on some day up to `last`."""
    at = instant(year.any_day(last=last), year.chance.uniform(0, 24))
    one = Request(year, f"{LEAD}/{name}", "foi-request", at)
    one.submitted()
    return one


def _handled(one: Request) -> int:
    """Up to its handler; how many working days are left to reply."""
    one.confirmed()
    one.registered()
    spent = one.year.chance.randint(1, 3)
    one.assigned(spent)
    return REPLY - _passed(one, one.received)


def _passed(one: Request, since: date) -> int:
    return sum(one.year.days.works(day) for day in spans(since + timedelta(days=1), one.day))


def plain(one: Request) -> None:
    """Answered; now and then on the last day."""
    left = _handled(one)
    one.answered(left if one.year.chance.random() < 0.05 else one.year.chance.randint(1, left))


def corrected(one: Request) -> None:
    """Asked to mend it, which begins the period anew."""
    one.confirmed()
    one.registered()
    one.rests(one.year.chance.randint(1, EXAMINE - 2))
    one.step("correction-asked", LEAD, to_correct="所需信息的名称", served_on=one.day)
    one.rests(one.year.chance.randint(1, CORRECT - 1))
    one.step("corrected", LEAD, received_on=one.day)
    since = one.day
    one.assigned(1)
    one.answered(REPLY - _passed(one, since))


def third_party(one: Request) -> None:
    """A third party is asked; the days until it answers do not count, and half of them never answer."""
    left = _handled(one)
    one.rests(0)
    one.step("third-party-asked", one.handler, parties=1)
    one.rests(one.year.chance.randint(1, SERVE))
    one.step("third-party-served", one.handler, served_on=one.day)
    if one.year.chance.random() < 0.5:
        one.rests(one.year.chance.randint(1, ANSWER - 1))
        one.step("third-party-answered", one.handler, consent="同意公开")
        one.answered(one.year.chance.randint(1, left - 1))
    else:
        one.rests(ANSWER)
        one.answered(one.year.chance.randint(3, left - 1))


def extended(one: Request) -> None:
    """More time is asked for before it is over, and used."""
    left = _handled(one)
    one.rests(one.year.chance.randint(1, left - 1))
    one.step("extended", LEAD, reason="涉及多个单位，需要汇总。", approved="是", told_on=one.day)
    one.answered(2 * REPLY - _passed(one, one.received) - one.year.chance.randint(0, 9))


def abandoned(one: Request) -> None:
    """Never mended, so it counts as given up, and is filed so."""
    one.confirmed()
    one.registered()
    one.rests(2)
    one.step("correction-asked", LEAD, to_correct="所需信息的名称", served_on=one.day)
    one.rests(CORRECT + 3)
    one.archived("oth_nofix", ARCHIVE - 3)


def withdrawn(one: Request) -> None:
    """Taken back, and filed so."""
    _handled(one)
    one.rests(1)
    one.step("withdrawn", LEAD)
    one.archived()


def silent(year: Year, number: int) -> None:
    """One of each silence that a request can end in, each at its own place."""
    for sort, stops in _STOPS.items():
        one = begun(year, f"FS{number:03}-{sort}", date(year.first.year, 8, 20))
        stops(one)


def _unconfirmed(one: Request) -> None:
    one.year.silent(one.key, "confirm", overdue(one.year.days.after(one.day, 1)), "request nobody confirms")


def _unassigned(one: Request) -> None:
    one.confirmed()
    one.registered()
    days, sort = one.year.days, "request nobody is given"
    one.year.silent(one.key, "examine", overdue(days.after(one.received, EXAMINE)), sort)
    one.year.silent(one.key, "reply", overdue(days.after(one.received, REPLY)), sort)


def _unanswered(one: Request) -> None:
    _handled(one)
    told = overdue(one.year.days.after(one.received, REPLY))
    one.year.silent(one.key, "reply", told, "request never answered")


def _unaudited(one: Request) -> None:
    _handled(one)
    one.drafted(1)
    told = overdue(one.year.days.after(one.received, REPLY))
    one.year.silent(one.key, "reply", told, "request drafted and never answered")


def _unserved(one: Request) -> None:
    _handled(one)
    one.rests(1)
    one.step("third-party-asked", one.handler, parties=1)
    one.year.silent(one.key, "serve", overdue(one.year.days.after(one.day, SERVE)), "pause nobody ends")


def _paused(one: Request) -> None:
    """The third party never answers, so the pause ends by itself; then nobody goes on."""
    _handled(one)
    one.rests(1)
    one.step("third-party-asked", one.handler, parties=1)
    since = one.day
    one.rests(1)
    one.step("third-party-served", one.handler, served_on=one.day)
    ends = one.year.days.after(one.day, ANSWER)
    due = one.year.days.after(one.received, REPLY, spans(since + timedelta(days=1), ends))
    one.year.silent(one.key, "reply", overdue(due), "request forgotten in its pause")


def _late(one: Request) -> None:
    """Answered some days after its time, and filed."""
    left = _handled(one)
    one.drafted(left + one.year.chance.randint(2, 20))
    one.audited()
    one.replied()
    told = overdue(one.year.days.after(one.received, REPLY))
    one.year.silent(one.key, "reply", told, "request answered late", ends=one.at)
    one.archived()


def _unfiled(one: Request) -> None:
    left = _handled(one)
    one.drafted(left - 1)
    one.audited()
    one.replied()
    one.year.silent(one.key, "archive", overdue(one.year.days.after(one.day, ARCHIVE)), "reply never filed")


_STOPS: dict[str, Callable[[Request], None]] = {
    "unconfirmed": _unconfirmed, "unassigned": _unassigned, "unanswered": _unanswered, "unaudited": _unaudited,
    "unserved": _unserved, "paused": _paused, "late": _late, "unfiled": _unfiled,
}  # fmt: skip
HANDLED_SILENTLY = 2
"""Of these sorts, those whose request is handled all the same: late, or never filed."""
