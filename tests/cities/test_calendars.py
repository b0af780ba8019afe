"""Holiday schedules: a day stands once, a version once; the override file over them says by what it does so."""

from __future__ import annotations

from datetime import date

import pytest

from rules.calendar import calendar_of
from schemas.city import PackError, Problem, load_pack
from tests.support.small_city import small_city

YEAR = "calendars/2026-1.toml"
OVERRIDE = "calendars/2026.override.toml"


def day(text: str) -> date:
    return date.fromisoformat(text)


def problems(changes: dict[str, str]) -> list[Problem]:
    with pytest.raises(PackError) as caught:
        load_pack({**small_city(), **{name: text.encode() for name, text in changes.items()}})
    return list(caught.value.problems)


def schedule() -> str:
    return small_city()[YEAR].decode()


@pytest.mark.parametrize(
    ("old", "new", "column", "told"),
    [
        ("2026-05-01, ", "2026-05-01, 2026-05-01, ", "off", "2026-05-01 stands in off already"),
        ("2026-02-14, ", "2026-02-14, 2026-02-14, ", "work", "2026-02-14 stands in work already"),
        ("work = [", "work = [2026-10-04, ", "work", "2026-10-04 stands in off already"),
    ],
)
def test_a_day_named_twice_is_refused_with_file_line_and_place(old: str, new: str, column: str, told: str) -> None:
    text = schedule().replace(old, new, 1)
    found = problems({YEAR: text})
    (double,) = [one for one in found if one.code == "PACK-DOUBLE"]
    line = next(n for n, each in enumerate(text.splitlines(), start=1) if each.startswith(f"{column} ="))
    assert (double.file, double.row, double.column, double.message) == (YEAR, line, column, told)


def test_a_day_that_an_override_names_twice_is_refused_with_its_line() -> None:
    (found,) = problems({OVERRIDE: '2026-03-11 = "holiday"\n2026-03-11 = "workday"\n'})
    assert (found.file, found.code) == (OVERRIDE, "PACK-TOML")
    assert "line 2" in found.message


def test_a_version_that_two_files_claim_is_refused_naming_both() -> None:
    (found,) = problems({"calendars/2026-9.toml": schedule()})
    assert (found.file, found.column, found.code) == ("calendars/2026-9.toml", "version", "PACK-DOUBLE")
    assert YEAR in found.message


@pytest.mark.parametrize(
    "line", ['2026-13-01 = "holiday"', '2026-02-30 = "workday"', "2026-03-11 = 1", '"x" = "holiday"']
)
def test_an_override_of_what_is_no_day_is_refused(line: str) -> None:
    assert {(one.file, one.code) for one in problems({OVERRIDE: line})} <= {
        (OVERRIDE, "PACK-VALUE"),
        (OVERRIDE, "PACK-TOML"),
    }


def test_a_year_between_two_that_is_missing_is_refused() -> None:
    found = problems({"calendars/2028-1.toml": schedule().replace("2026", "2028").replace("work = [", "work = [] #")})
    assert ("year", "PACK-VALUE") in {(one.column, one.code) for one in found}


def test_an_overridden_day_counts_so_and_says_by_what() -> None:
    text = 'basis = "市政府关于放假的通知"\n2026-03-11 = "holiday"\n2026-03-14 = "workday"\n2026-10-08 = "workday"\n'
    city = load_pack({**small_city(), OVERRIDE: text.encode()})
    calendar = calendar_of(city)
    assert [calendar.is_workday(day(each)) for each in ("2026-03-11", "2026-03-14", "2026-03-12")] == [
        False,
        True,
        True,
    ]
    assert calendar.add_workdays(day("2026-03-10"), 3).due == day("2026-03-14")
    assert calendar.by(day("2026-03-11")) == "市政府关于放假的通知"
    assert calendar.by(day("2026-03-12")) == "国务院办公厅关于2026年部分节假日安排的通知"
    plain = load_pack({**small_city(), OVERRIDE: b'2026-10-07 = "workday"\n'})
    assert calendar_of(plain).is_workday(day("2026-10-07"))
    assert calendar_of(plain).by(day("2026-10-07")) == OVERRIDE
