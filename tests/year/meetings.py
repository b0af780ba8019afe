"""Meetings of the government, symposia and press conferences; and those without release, answer, slot or transcript."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tests.year.course import Course, Year, overdue
from tests.year.days import instant
from tests.year.load import Load
from tests.year.papers import publish
from tests.year.requests import HANDLERS, LEAD

RELEASE, TRANSCRIPT, ANSWER = 1, 3, 10
"""Working days."""
SOLVED = "已于本月完成增容改造并送电，依据供电营业规则办理。"


def meetings(year: Year, load: Load) -> None:
    """Every meeting with its share of topics and papers, and its press release; the one behind them has none."""
    for number in range(load.meetings):
        one = _meeting(year, number, _share(load.topics - 1, load.meetings, number))
        _released(one, _share(load.sheets, load.meetings, number))
    silent = _meeting(year, load.meetings, 1)
    told = overdue(year.days.after(silent.day, RELEASE))
    year.silent(silent.key, "press-release", told, "meeting without a release")


def _meeting(year: Year, number: int, topics: int) -> Course:
    """A meeting up to its end."""
    day = date(year.first.year, 1, 7) + timedelta(days=11 * number)
    one = Course(year, f"{LEAD}/M{number:03}", "matter", instant(day, 9))
    one.rests(1, hour=10)
    name, held = f"第{number + 1}次", year.days.after(one.day, 1)
    one.open("standing-meeting", f"{name}常务会议", LEAD, type="常务会议", number=name, held_on=held)
    for topic in range(topics):
        one.waits(0.05)
        one.step("topic-added", LEAD, topic=f"议题之{topic}", suitable="是")
    one.rests(1, hour=9)
    one.step("attendance-recorded", LEAD, stakeholders=3, citizens=2, experts=4, media=2)
    one.waits(3)
    one.step("held", LEAD)
    return one


def _released(one: Course, sheets: int) -> None:
    """The release and the papers, as publications; then the end."""
    name = one.key.rpartition("/")[2]
    one.rests(RELEASE)
    told = [("reports-on", one.key)]
    publish(one.year, "press-release", f"{LEAD}/{name}-release", one.at, f"{name}次会议召开", item="01-03", links=told)
    for sheet in range(sheets):
        one.waits(0.02)
        publish(one.year, "notice", f"{LEAD}/{name}-sheet-{sheet}", one.at, f"{name}次常务会议议题资料之{sheet + 1}",
                item="01-06", links=[("material-of", one.key)])  # fmt: skip
    one.rests(3)
    one.step("conference-waived", LEAD, reason="议题均为例行事项，没有新的政策内容。")
    one.rests(1)
    one.step("closed", LEAD)


def _share(whole: int, among: int, number: int) -> int:
    """The number'th part of a whole that is dealt out among so many."""
    return whole * (number + 1) // among - whole * number // among


def conferences(year: Year, load: Load, units: list[str]) -> None:
    """A calendar of conferences in which every unit takes part once; the first has no transcript; one slot passes."""
    for number in range(load.conferences):
        one, slot = _planned(year, number, units[number :: load.conferences])
        one.at = slot - timedelta(minutes=5)
        unit = one.key.partition("/")[0]
        one.step("held", unit, place="市政府新闻发布厅", speaker_post="副局长")
        if number:
            one.rests(year.chance.randint(1, TRANSCRIPT))
            publish(year, "press-release", f"{unit}/{number}-words", one.at, f"第{number + 1}场新闻发布会实录",
                    item="01-03", links=[("transcript-of", one.key)])  # fmt: skip
        else:
            told = overdue(year.days.after(one.day, TRANSCRIPT))
            year.silent(one.key, "transcript", told, "conference without a transcript")
    one, slot = _planned(year, load.conferences, units[:1])
    year.silent(one.key, "slot", overdue(slot.date()), "slot that passes")


def _planned(year: Year, number: int, units: list[str]) -> tuple[Course, datetime]:
    """A conference in the calendar of its units, and its slot."""
    at = instant(year.any_day(last=date(year.first.year, 11, 20)), 10)
    one = Course(year, f"{units[0]}/P{number:03}", "matter", at)
    one.rests(1, hour=9.5)
    slot = instant(year.days.after(one.day, 5), 10)
    said: dict[str, Any] = {"planned_at": slot.isoformat(), "topic": "民生实事"}
    said |= {"co_depts": " ".join(units[1:])} if units[1:] else {}
    one.open("press-conference", f"第{number + 1}场新闻发布会", units[0], **said)
    return one, slot


def symposia(year: Year, load: Load) -> None:
    """Symposia with their requests, each a matter of its own; one is never answered, and one symposium never held."""
    for number in range(load.symposia):
        one, held = _called(year, number)
        one.at = instant(held, 10)
        one.step("held", "swj", attending=40)
        for each in range(_share(load.raised, load.symposia, number)):
            _raised(one, each, silent=number == each == 0)
        if number:
            one.at = instant(year.days.after(held, ANSWER + 6), 10)
            one.step("closed", "swj")
    one, held = _called(year, load.symposia)
    year.silent(one.key, "meeting", overdue(held), "symposium never held")


def _called(year: Year, number: int) -> tuple[Course, date]:
    day = date(year.first.year, 1, 12) + timedelta(days=35 * number)
    one = Course(year, f"swj/S{number}", "matter", instant(day, 10))
    one.rests(1, hour=10)
    held = year.days.after(one.day, 3)
    one.open("symposium", f"第{number + 1}次企业家恳谈会", "swj", held_on=held, topic="用工和用电")
    return one, held


def _raised(one: Course, number: int, *, silent: bool) -> None:
    key, dept = f"{one.key}-{number}", one.year.chance.choice(HANDLERS)
    one.waits(0.05)
    one.step("request-raised", "swj", links=[("raises", key)], request=f"企业用电增容第{number}件", responsible=dept)
    item = Course(one.year, key, "matter", one.at)
    if silent:
        told = overdue(one.year.days.after(item.day, ANSWER))
        one.year.silent(key, "answer", told, "request of a symposium never answered")
        return
    item.rests(one.year.chance.randint(2, ANSWER))
    item.step("answered", dept, answer=SOLVED)
    item.rests(1)
    item.step("closed", dept)
