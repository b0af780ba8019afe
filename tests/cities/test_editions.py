"""A row has editions: they follow one another under one code, and each judges the events of its days."""

from __future__ import annotations

import json
from datetime import date

import pytest

from rules import route
from schemas.city import Pack, PackError, load_pack
from schemas.decode import decode
from tests.rules.making import changed, example, judged, rules_of
from tests.support.small_city import small_city

KEY = "catalogues/key-fields.csv"
DAY = "2026-03-10"
"""Of the example event, which names row 07-01."""


def with_editions(*days: tuple[str, str], shorter: str = "3,WD") -> Pack:
    """The example city with row 07-01 cut into editions, all but the first with a shorter limit and one publisher."""
    source = small_city()
    lines = source[KEY].decode().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("07-01,"))
    head = lines[0].split(",")
    rest = "," * (len(head) - head.index("to") - 1)
    stem = ",".join(lines[at].split(",")[: head.index("from")])
    later = stem.replace("obtained,10,WD", f"obtained,{shorter}").replace("10个工作日", "3个工作日")
    later = later.replace("mzj level:区 level:街镇", "mzj")
    lines[at : at + 1] = [f"{later if n else stem},{start},{end}{rest}" for n, (start, end) in enumerate(days)]
    return load_pack({**source, KEY: "\n".join(lines).encode()})


TWO = (("2019-05-15", "2026-03-09"), (DAY, ""))


def test_the_edition_in_force_on_a_day_is_the_row_of_that_day() -> None:
    pack = with_editions(*TWO)
    assert [row.time_limit.n for row in pack.editions["07-01"]] == [10, 3]
    days = {"2019-05-14": None, "2019-05-15": 10, "2026-03-09": 10, "2026-03-10": 3, "2030-01-01": 3}
    found = {day: pack.row_on("07-01", date.fromisoformat(day)) for day in days}
    assert {day: edition and edition.time_limit.n for day, edition in found.items()} == days
    assert pack.row["07-01"].time_limit.n == 3
    assert pack.row_on("99-99", date(2026, 1, 1)) is None


def test_each_edition_has_its_own_publishers() -> None:
    first, second = with_editions(*TWO).editions["07-01"]
    pack = with_editions(*TWO)
    assert "dhq-gy" in pack.publishers_of(first)
    assert pack.publishers_of(second) == pack.publishers["07-01"] == {"mzj"}


@pytest.mark.parametrize(("first_day", "due"), [("2026-03-10", "2026-03-10"), ("2026-03-11", "2026-03-19")])
def test_an_event_is_judged_and_routed_by_the_edition_of_its_day(first_day: str, due: str) -> None:
    last = {"2026-03-10": "2026-03-09", "2026-03-11": "2026-03-10"}[first_day]
    pack = with_editions(("2019-05-15", last), (first_day, ""))
    event = changed(example(), dates={"obtained": "2026-03-05"})
    (told,) = judged(event, by=pack).dues
    assert str(told.due) == due
    routed = route(pack, decode(json.dumps(event).encode()))
    assert {str(one.due.date()) for one in routed if one.due} == {due}


def test_in_a_gap_between_editions_the_catalogue_has_no_such_row() -> None:
    pack = with_editions(("2019-05-15", "2026-03-09"), ("2026-03-11", ""))
    assert "REJ-NOITEM" in rules_of(judged(example(), by=pack))


def test_editions_that_share_a_day_are_one_code_twice() -> None:
    with pytest.raises(PackError) as caught:
        with_editions(("2019-05-15", DAY), (DAY, ""))
    (found,) = caught.value.problems
    assert (found.code, found.column, found.file) == ("CAT-E08", "序号", KEY)
