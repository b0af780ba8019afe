"""RULES §1.1, CAL-01 to CAL-07."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from rules.calendar import SHANGHAI, WorkCalendar, calendar_of, statutory_days
from rules.clocks import due_of_row
from rules.periods import add_hours, add_months, due_day, nearest, shown_until
from schemas.city import TimeLimit
from tests.rules.making import pack

CALENDAR = calendar_of(pack())


def day(text: str) -> date:
    return date.fromisoformat(text)


def limit(n: int, unit: str, **more: object) -> TimeLimit:
    return TimeLimit.model_validate({"trigger": "formed", "n": n, "unit": unit, "raw": "", **more})


@pytest.mark.parametrize(
    ("trigger", "n", "due"),
    [
        ("2026-09-28", 20, "2026-10-30"), ("2026-02-10", 20, "2026-03-16"), ("2026-02-10", 7, "2026-02-26"),
        ("2026-04-30", 3, "2026-05-08"), ("2026-09-25", 7, "2026-10-12"), ("2025-09-26", 15, "2025-10-23"),
        ("2026-01-04", 5, "2026-01-09"),
    ],
)  # fmt: skip
def test_cal_02_the_vectors_of_the_rules(trigger: str, n: int, due: str) -> None:
    counted = CALENDAR.add_workdays(day(trigger), n)
    assert (counted.due, counted.complete) == (day(due), True)
    listed = [each for each in CALENDAR.count(day(trigger), n) if each.number]
    assert (len(listed), listed[-1].day) == (n, day(due))


@pytest.mark.parametrize(
    ("text", "works", "why"),
    [
        ("2026-02-14", True, "调休上班"), ("2026-02-16", False, "节假日"), ("2026-03-14", False, "周末"),
        ("2026-03-13", True, "工作日"), ("2026-10-10", True, "调休上班"), ("2020-01-31", False, "节假日"),
        ("2020-02-01", False, "节假日"), ("2019-05-02", False, "节假日"), ("2019-04-28", True, "调休上班"),
    ],
)  # fmt: skip
def test_cal_01_the_schedule_with_its_make_up_days_and_latest_version(text: str, works: bool, why: str) -> None:
    assert CALENDAR.is_workday(day(text)) is works
    assert next(each for each in CALENDAR.count(day(text) - timedelta(days=1), 9) if each.day == day(text)).why == why


def test_cal_02_a_last_calendar_day_that_is_no_workday_rolls() -> None:
    assert due_day(limit(20, "CD"), day("2026-09-14"), CALENDAR).due == day("2026-10-08")
    assert due_day(limit(20, "CD"), day("2026-03-02"), CALENDAR).due == day("2026-03-23")
    assert due_day(limit(20, "CD"), day("2026-03-03"), CALENDAR).due == day("2026-03-23")


def test_cal_02_a_least_period_holds_so_many_complete_days() -> None:
    assert shown_until(limit(5, "WD", min_display=(7, "WD")), day("2026-02-10"), CALENDAR).due == day("2026-02-26")
    assert shown_until(limit(5, "WD", min_display=(3, "CD")), day("2026-03-04"), CALENDAR).due == day("2026-03-09")
    assert shown_until(limit(5, "WD"), day("2026-03-04"), CALENDAR) is None


def test_cal_03_hours_skip_nothing() -> None:
    start = datetime(2026, 2, 15, 23, 30, tzinfo=SHANGHAI)
    assert add_hours(start, 24) == datetime(2026, 2, 16, 23, 30, tzinfo=SHANGHAI)
    assert add_hours(start, 5) == datetime(2026, 2, 16, 4, 30, tzinfo=SHANGHAI)
    assert due_day(limit(48, "H"), day("2026-02-15"), CALENDAR).due == day("2026-02-17")
    assert due_day(limit(5, "H"), day("2026-02-15"), CALENDAR).due == day("2026-02-16")


def test_cal_04_a_year_without_its_schedule_is_estimated_and_says_so() -> None:
    into = CALENDAR.add_workdays(day("2026-12-25"), 10)
    assert (into.due, into.complete) == (day("2027-01-11"), False)
    whys = {each.day: each.why for each in CALENDAR.count(day("2026-12-25"), 10)}
    assert whys[day("2027-01-01")] == "法定节假日(推算)"
    assert whys[day("2027-01-02")] == "周末(推算)"
    assert not CALENDAR.add_workdays(day("2017-06-01"), 5).complete
    assert not due_day(limit(20, "CD"), day("2026-12-20"), CALENDAR).complete
    assert CALENDAR.add_workdays(day("2026-12-15"), 10).complete


def test_cal_04_the_statutory_days_come_from_the_lunar_calendar() -> None:
    assert statutory_days(2027) >= {day("2027-02-05"), day("2027-02-06"), day("2027-02-08"), day("2027-04-05")}
    assert statutory_days(2027) >= {day("2027-06-09"), day("2027-09-15"), day("2027-05-02"), day("2027-10-03")}
    assert (len(statutory_days(2027)), len(statutory_days(2024))) == (13, 11)
    loaded = (year for year in pack().years if year.year != 2020)
    assert all(statutory_days(year.year) <= {*year.off} for year in loaded)


def test_cal_05_budgets_count_calendar_days_and_double_publicity_working_days() -> None:
    assert pack().row["06-01"].time_limit.unit == "CD"
    assert pack().row["08-01"].time_limit.unit == "WD"


def test_cal_06_paused_days_are_not_counted() -> None:
    pause = [(day("2026-03-04"), day("2026-03-06"))]
    assert CALENDAR.add_workdays(day("2026-03-02"), 5).due == day("2026-03-09")
    assert CALENDAR.add_workdays(day("2026-03-02"), 5, pause).due == day("2026-03-12")
    assert due_day(limit(5, "WD"), day("2026-03-02"), CALENDAR, pause).due == day("2026-03-12")
    assert due_day(limit(7, "CD"), day("2026-03-02"), CALENDAR, pause).due == day("2026-03-12")
    assert [each.why for each in CALENDAR.count(day("2026-03-02"), 5, pause)].count("中止期间") == 3


def test_cal_07_a_day_fixed_by_name_never_rolls() -> None:
    assert nearest("01-31", day("2026-01-15")) == day("2026-01-31")  # a Saturday
    assert nearest("01-31", day("2025-12-20")) == day("2026-01-31")
    assert nearest("01-31", day("2026-02-05")) == day("2026-01-31")
    assert nearest("*-01", day("2026-02-27")) == day("2026-03-01")
    assert nearest("*-31", day("2026-02-27")) == day("2026-02-28")
    due = due_of_row(pack(), pack().row["01-09"], {"formed": day("2026-01-20")})
    assert due is not None and (due.due, due.clock) == (day("2026-01-31"), "CLK-10")


def test_months_end_on_the_same_day_or_the_last() -> None:
    assert add_months(day("2026-01-31"), 1) == day("2026-02-28")
    assert add_months(day("2026-11-15"), 3) == day("2027-02-15")
    assert due_day(limit(1, "M"), day("2026-01-21"), CALENDAR).due == day("2026-02-24")


def test_no_workdays_is_the_day_itself() -> None:
    assert CALENDAR.add_workdays(day("2026-02-16"), 0).due == day("2026-02-16")


def test_without_any_year_everything_is_an_estimate() -> None:
    empty = WorkCalendar(())
    counted = empty.add_workdays(day("2026-03-02"), 5)
    assert (counted.due, counted.complete) == (day("2026-03-09"), False)


def test_a_change_starts_the_clock_anew_and_a_later_version_alone_by_it() -> None:
    row = pack().row["01-04"]
    formed, new = day("2026-03-02"), day("2026-04-07")
    assert due_of_row(pack(), row, {"formed": formed}).due == day("2026-03-30")
    assert due_of_row(pack(), row, {"formed": formed, "changed": new}).due == day("2026-05-08")
    assert due_of_row(pack(), row, {"formed": formed}, version=2) is None
    assert due_of_row(pack(), row, {"formed": formed, "changed": new}, version=2).due == day("2026-05-08")
    assert due_of_row(pack(), row, {}) is None
