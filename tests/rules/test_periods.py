"""Every period against a reference that walks day by day and knows the schedules from their files alone."""

from __future__ import annotations

import random
import tomllib
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache

import chinese_calendar
import pytest

from rules.calendar import SHANGHAI, Pause, calendar_of, statutory_days
from rules.periods import add_hours, days_of, due_day, following, nearest, occurrences
from schemas.city import TimeLimit
from tests.rules.making import ROOT, pack

CALENDAR = calendar_of(pack())
DAY = timedelta(days=1)
CASES = 5_000


def limit(n: int, unit: str, **more: object) -> TimeLimit:
    return TimeLimit.model_validate({"trigger": "formed", "n": n, "unit": unit, "raw": "", **more})


def day(text: str) -> date:
    return date.fromisoformat(text)


@cache
def schedules() -> dict[int, tuple[frozenset[date], frozenset[date]]]:
    """Year to days off and make-up days, of its last version, from the files."""
    files = sorted((ROOT / "cities/example/calendars").glob("????-?.toml"))
    tables = [tomllib.loads(file.read_text("utf-8")) for file in files]
    return {table["year"]: (frozenset(table["off"]), frozenset(table["work"])) for table in tables}


def works(day: date) -> bool:
    if day.year not in schedules():
        return day.weekday() < 5 and day not in statutory_days(day.year)
    off, work = schedules()[day.year]
    return day in work or (day.weekday() < 5 and day not in off)


def paused(day: date, pauses: Sequence[Pause]) -> bool:
    return any(first <= day <= last for first, last in pauses)


def months_on(day: date, n: int) -> date:
    year, month = day.year + (day.month - 1 + n) // 12, (day.month - 1 + n) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def reference(one: TimeLimit, trigger: date, pauses: Sequence[Pause]) -> date:
    """The due day, one day at a time: nothing here is clever."""
    left = {"WD": one.n, "CD": one.n, "H": (one.n + 23) // 24, "M": (months_on(trigger, one.n) - trigger).days}[
        one.unit
    ]
    found = trigger
    while left:
        found += DAY
        if paused(found, pauses) or (one.unit == "WD" and not works(found)):
            continue
        left -= 1
    while one.unit in {"CD", "M"} and not works(found):
        found += DAY
    return found


def reference_before(one: TimeLimit, trigger: date) -> date:
    left = {"WD": one.n, "CD": one.n, "H": (one.n + 23) // 24, "M": (trigger - months_on(trigger, -one.n)).days}[
        one.unit
    ]
    found = trigger
    while left:
        found -= DAY
        left -= one.unit != "WD" or works(found)
    found -= DAY
    while not works(found):
        found -= DAY
    return found


def some_pauses(chance: random.Random, trigger: date) -> tuple[Pause, ...]:
    """None, one or two, that may overlap, lie before the trigger or behind the end."""
    starts = [trigger + timedelta(days=chance.randint(-20, 60)) for _ in range(chance.choice([0, 0, 1, 2]))]
    return tuple((start, start + timedelta(days=chance.randint(0, 25))) for start in starts)


def test_due_agrees_with_the_day_by_day_reference() -> None:
    chance = random.Random(20260210)
    for case in range(CASES):
        unit = chance.choice(["WD", "WD", "CD", "M", "H"])
        one = limit(chance.randint(0 if unit == "WD" else 1, {"WD": 60, "CD": 90, "M": 7, "H": 200}[unit]), unit)
        trigger = date(2017, 6, 1) + timedelta(days=chance.randint(0, 4_500))
        if chance.random() < 0.1:
            back = one.model_copy(update={"way": "before"})
            assert due_day(back, trigger, CALENDAR).due == reference_before(back, trigger), (case, back, trigger)
            continue
        pauses = some_pauses(chance, trigger)
        counted = due_day(one, trigger, CALENDAR, pauses)
        assert counted.due == reference(one, trigger, pauses), (case, one, trigger, pauses)
        years = range(trigger.year, counted.due.year + 1)
        assert counted.complete is (unit == "H" or all(year in schedules() for year in years)), (case, one, trigger)
        if case % 10 == 0:
            walked = list(days_of(one, trigger, CALENDAR, pauses))
            assert (walked[0].day, walked[-1].day) == (trigger, counted.due)
            assert [each.day for each in walked] == [trigger + DAY * n for n in range(len(walked))]


@pytest.mark.parametrize("year", range(2018, 2027))
def test_each_day_is_told_as_the_published_calendar_knows_it(year: int) -> None:
    """Which days count in the files and in `chinese_calendar` is compared elsewhere; here the words for them are."""
    for found in (date(year, 1, 1) + timedelta(days=n) for n in range(365)):
        why = CALENDAR.why(found)
        assert (why in {"工作日", "调休上班"}) is chinese_calendar.is_workday(found)
        assert (why == "调休上班") is (chinese_calendar.is_workday(found) and found.weekday() >= 5)
        assert str(year) in CALENDAR.by(found)


@pytest.mark.parametrize(
    ("at", "by"),
    [
        ("2019-05-02", "国务院办公厅关于调整2019年劳动节假期安排的通知"),
        ("2020-01-31", "国务院办公厅关于延长2020年春节假期的通知"),
        ("2026-02-14", "国务院办公厅关于2026年部分节假日安排的通知"), ("2027-01-01", "暂按法定节假日推算"),
    ],
)  # fmt: skip
def test_each_day_of_a_walk_names_its_notice(at: str, by: str) -> None:
    walked = {each.day: each for each in days_of(limit(3, "WD"), day(at) - DAY, CALENDAR)}
    assert walked[day(at)].by == by


def test_a_pause_of_calendar_days_ends_with_the_period_it_falls_in() -> None:
    inside = [(day("2026-03-04"), day("2026-03-06"))]
    behind = [(day("2026-05-04"), day("2026-05-06"))]
    before = [(day("2026-02-20"), day("2026-03-03"))]
    assert due_day(limit(7, "CD"), day("2026-03-02"), CALENDAR, inside).due == day("2026-03-12")
    assert due_day(limit(7, "CD"), day("2026-03-02"), CALENDAR, behind).due == day("2026-03-09")
    assert due_day(limit(7, "CD"), day("2026-03-02"), CALENDAR, before).due == day("2026-03-10")
    assert due_day(limit(7, "CD"), day("2026-03-02"), CALENDAR, [*inside, *inside]).due == day("2026-03-12")
    assert due_day(limit(1, "M"), day("2026-03-02"), CALENDAR, inside).due == day("2026-04-07")
    walked = list(days_of(limit(7, "CD"), day("2026-03-02"), CALENDAR, inside))
    assert [each.why for each in walked].count("中止期间") == 3
    assert [each.number for each in walked if each.number] == list(range(1, 8))


def test_hours_stop_for_pauses_alone() -> None:
    start = datetime(2026, 2, 15, 23, 30, tzinfo=SHANGHAI)
    assert add_hours(start, 48) == datetime(2026, 2, 17, 23, 30, tzinfo=SHANGHAI)
    assert add_hours(start, 48, [(day("2026-02-16"), day("2026-02-16"))]) == datetime(
        2026, 2, 18, 23, 30, tzinfo=SHANGHAI
    )
    assert add_hours(start, 48, [(day("2026-02-15"), day("2026-02-15"))]) == datetime(
        2026, 2, 18, 0, 0, tzinfo=SHANGHAI
    )
    assert add_hours(start, 48, [(day("2026-02-18"), day("2026-02-20"))]) == datetime(
        2026, 2, 17, 23, 30, tzinfo=SHANGHAI
    )


def test_so_many_complete_days_lie_between_what_is_due_before_and_its_event() -> None:
    hearing = day("2026-10-12")
    due = due_day(limit(7, "CD", way="before"), hearing, CALENDAR).due
    assert due == day("2026-09-30")  # 10-04 would leave seven days and is a day off, as are all before it to 10-01
    assert due_day(limit(7, "CD", way="before"), day("2026-06-17"), CALENDAR).due == day("2026-06-09")
    assert due_day(limit(7, "WD", way="before"), day("2026-06-17"), CALENDAR).due == day("2026-06-05")
    shown = limit(0, "WD", way="before", min_display=(30, "CD"))
    assert due_day(shown, day("2026-06-17"), CALENDAR).due == day("2026-05-15")
    assert due_day(limit(0, "WD", way="before"), day("2026-03-02"), CALENDAR).due == day(
        "2026-02-28"
    )  # a make-up Saturday


@pytest.mark.parametrize(
    ("cron", "at", "near", "next_one"),
    [
        ("Q3-31", "2026-02-10", "2025-12-31", "2026-03-31"), ("Q1-15", "2026-02-10", "2026-01-15", "2026-04-15"),
        ("H6-31", "2026-06-30", "2026-06-30", "2026-06-30"), ("*-31", "2026-02-10", "2026-01-31", "2026-02-28"),
        ("02-29", "2026-03-01", "2026-02-28", "2027-02-28"), ("02-29", "2028-03-01", "2028-02-29", "2029-02-28"),
        ("+*-10", "2026-03-03", "2026-04-10", "2026-04-10"), ("+*-31", "2026-02-27", "2026-03-31", "2026-03-31"),
        ("+*-05", "2026-12-31", "2027-01-05", "2027-01-05"), ("+01-31", "2026-02-01", "2027-01-31", "2027-01-31"),
        ("=12-31", "2026-01-01", "2026-12-31", "2026-12-31"), ("=01-31", "2026-06-01", "2026-01-31", "2026-01-31"),
        ("+Q1-15", "2026-11-20", "2027-01-15", "2027-01-15"), ("+H6-31", "2026-02-01", "2026-12-31", "2026-12-31"),
    ],
)  # fmt: skip
def test_a_day_fixed_by_name_comes_round(cron: str, at: str, near: str, next_one: str) -> None:
    assert nearest(cron, day(at)) == day(near)
    assert following(cron, day(at)) == day(next_one)
    assert (len(occurrences(cron, day(at))) == 1) is (cron[0] in "+=")
    named = limit(0, "WD", trigger="cron", cron=cron)
    assert due_day(named, day(at), CALENDAR).due == day(near)


def test_days_behind_a_day_fixed_by_name_roll() -> None:
    quarterly = limit(15, "CD", trigger="cron", cron="Q3-31")
    assert due_day(quarterly, day("2026-04-20"), CALENDAR).due == day("2026-04-15")
    assert due_day(quarterly, day("2026-07-10"), CALENDAR).due == day("2026-07-15")
    assert due_day(limit(4, "CD", trigger="cron", cron="Q3-31"), day("2026-04-02"), CALENDAR).due == day("2026-04-07")
    walked = list(days_of(quarterly, day("2026-04-20"), CALENDAR))
    assert (walked[0].day, walked[-1].day) == (day("2026-03-31"), day("2026-04-15"))
    assert [each.day for each in days_of(limit(0, "WD", trigger="cron", cron="*-01"), day("2026-03-03"), CALENDAR)] == [
        day("2026-03-01")
    ]
