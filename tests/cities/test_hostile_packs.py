"""A pack's files that are meant to break their reader are refused like any other wrong file."""

from __future__ import annotations

from datetime import date

import pytest

from rules.calendar import calendar_of
from rules.periods import days_of, due_day
from schemas.city import PackError, TimeLimit, load_pack
from tests.rules.making import pack
from tests.support.releasing import example_files


@pytest.mark.parametrize("value", [b"x = " + b"[" * 5_000, b"x = " + b"1" * 5_000])
def test_toml_that_no_reader_survives_is_a_problem_with_its_file(value: bytes) -> None:
    with pytest.raises(PackError) as caught:
        load_pack({**example_files(1), "fields.toml": value})
    assert ("fields.toml", "PACK-TOML") in {(one.file, one.code) for one in caught.value.problems}


@pytest.mark.parametrize("column", ["n", "min_display"])
def test_a_number_of_thousands_of_digits_is_a_problem_with_its_row(column: str) -> None:
    files = example_files(1)
    lines = files["catalogues/basic.csv"].decode().splitlines()
    cells = lines[1].split(",")
    digits = "1" * 4_500
    cells[lines[0].split(",").index(column)] = digits if column == "n" else f"{digits} WD"
    with pytest.raises(PackError) as caught:
        load_pack({**files, "catalogues/basic.csv": "\n".join([lines[0], ",".join(cells), *lines[2:]]).encode()})
    assert ("catalogues/basic.csv", 2) in {(one.file, one.row) for one in caught.value.problems}


def test_a_least_display_of_less_than_a_day_is_refused() -> None:
    files = example_files(1)
    wrong = files["clocks.toml"].replace(b'min_display = [3, "CD"]', b'min_display = [-3, "CD"]', 1)
    assert wrong != files["clocks.toml"]
    with pytest.raises(PackError):
        load_pack({**files, "clocks.toml": wrong})


def test_a_pause_moves_the_day_and_its_explanation_alike_where_the_period_follows_a_day_by_name() -> None:
    limit = TimeLimit(trigger="cron", cron="Q3-31", n=15, unit="CD", raw="")
    pauses = [(date(2026, 4, 3), date(2026, 4, 8))]
    calendar, trigger = calendar_of(pack()), date(2026, 4, 1)
    assert due_day(limit, trigger, calendar, pauses).due == list(days_of(limit, trigger, calendar, pauses))[-1].day
