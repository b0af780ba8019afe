"""A pack's files that are meant to break their reader are refused like any other wrong file."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from rules.calendar import calendar_of
from rules.periods import days_of, due_day
from schemas.city import PackError, TimeLimit, load_pack
from tests.rules.making import pack
from tests.support.releasing import example_files, replaced
from tests.support.small_city import small_city


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


def added(file: str, text: str, after: str = "") -> list[tuple[str, int, str, str]]:
    """File, line, key and code of what is wrong with the small city when `text` stands in `file` behind `after`."""
    files = dict(small_city())
    old = files.get(file, b"").decode()
    assert after in old
    files[file] = (old.replace(after, f"{after}\n{text}", 1) if after else f"{old}\n{text}\n").encode()
    try:
        load_pack(files)
    except PackError as error:
        return [(one.file, one.row, one.column, one.code) for one in error.problems]
    return []


TABLE = 'name = "x"\nset = "other"\nbasis = "x"\n'
COLUMN = 'name = "x"\ntype = "x"\nkeywords = "x"\ndescription = "x"\n'


def test_catalogues_and_columns_are_not_under_themselves() -> None:
    own = f'[basic]\n{TABLE}parent = "basic"'
    assert added("catalogues.toml", own) == [("catalogues.toml", 0, "basic.parent", "PACK-REF")]
    ring = f'[ring-a]\n{COLUMN}parent = "ring-b"\n[ring-b]\n{COLUMN}parent = "ring-a"\n'
    assert [one[2:] for one in added("columns.toml", ring)] == [
        ("ring-a.parent", "PACK-REF"),
        ("ring-b.parent", "PACK-REF"),
    ]
    assert added("columns.toml", ring.replace('parent = "ring-a"\n', "")) == []


@pytest.mark.parametrize(
    ("file", "table", "key"),
    [
        ("outlets.toml", "[portal]", "id"), ("columns.toml", "[news]", "id"), ("clocks.toml", "[CLK-01]", "id"),
        ("kinds/basics.toml", "[work-news]", "name"),
        ("fields.toml", "", "id"), ("headers.toml", '["序号"]', "column"),
    ],
)  # fmt: skip
def test_a_table_has_no_other_name_inside(file: str, table: str, key: str) -> None:
    text = small_city()[file].decode()
    table = table or next(line for line in text.splitlines() if line.startswith("["))
    line = text.splitlines().index(table) + 2
    name = table.strip('[]"')
    assert added(file, f'{key} = "another"', table)[0] == (file, line, f"{name}.{key}", "PACK-DOUBLE")


def test_a_catalogue_has_no_other_stem_inside() -> None:
    assert added("catalogues.toml", f'[basic]\n{TABLE}stem = "other"')[0] == (
        "catalogues.toml",
        6,
        "basic.stem",
        "PACK-DOUBLE",
    )


def test_a_register_s_file_has_no_other_name_inside() -> None:
    file = next(name for name in small_city() if name.startswith("registers/"))
    text = small_city()[file].decode()
    with pytest.raises(PackError) as caught:
        load_pack({**small_city(), file: f'id = "another"\n{text}'.encode()})
    assert (file, 1, "PACK-DOUBLE") in {(one.file, one.row, one.code) for one in caught.value.problems}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('["备注"]', '["新列"]\nvariants = ["编 号"]\n\n["备注"]', "新列"),
        ('["备注"]', '["新列"]\nvariants = ["公开主体"]\n\n["备注"]', "公开主体"),
        ('"特定群众"', '"社会公众"', "公开对象.boxes"),
    ],
)
def test_a_word_of_spreadsheets_means_one_thing(old: str, new: str, key: str) -> None:
    files = small_city()
    with pytest.raises(PackError) as caught:
        load_pack({**files, "headers.toml": replaced(files["headers.toml"], old, new)})
    assert [(one.file, one.code) for one in caught.value.problems] == [("headers.toml", "PACK-DOUBLE")]
    assert key in str(caught.value.problems[0])


def test_a_word_that_chooses_no_department_is_told_with_its_row_and_column() -> None:
    file = "catalogues/basic.csv"
    header, first, *rest = csv.reader(io.StringIO(small_city()[file].decode("utf-8-sig")))
    place = {name: n for n, name in enumerate(header)}
    first[place["公开层级"]], first[place["depts"]] = "■市级", "* level:街镇"
    text = io.StringIO()
    csv.writer(text).writerows([header, first, *rest])
    with pytest.raises(PackError) as caught:
        load_pack({**small_city(), file: text.getvalue().encode()})
    found = [one for one in caught.value.problems if one.code == "CAT-E03"]
    assert [(one.file, one.row, one.column) for one in found] == [(file, 2, "depts")]
    assert "level:街镇" in found[0].message
