"""Statutory clocks: their editions by day, the law above them, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rules.clocks import clock_in_force, due_of_row
from schemas.city import PackError, Problem, load_pack
from schemas.city.models import Clock, TimeLimit
from tests.rules.making import pack
from tests.support.small_city import small_city

BEFORE, FROM = date(2019, 5, 14), date(2019, 5, 15)

KEPT_BY_THE_RULES = {
    "CLK-01": "20 WD", "CLK-02": "10 WD", "CLK-02P": "least 7 WD", "CLK-03": "7 WD",
    "CLK-03S": "7 WD", "CLK-03E": "20 WD",
    "CLK-04": "3 WD", "CLK-05": "20 CD", "CLK-06": "2 WD", "CLK-06S": "2 WD", "CLK-07": "3 CD", "CLK-08": "15 WD",
    "CLK-08P": "least 10 WD", "CLK-09E": "least 30 CD", "CLK-09F": "30 CD", "CLK-10": "01-31", "CLK-10G": "03-31",
    "CLK-11": "01-31", "CLK-12": "*-01", "CLK-13": "+*-31", "FOI-A30": "7 WD", "FOI-A32": "15 WD", "FOI-A33": "20 WD",
    "FOI-A33X": "20 WD", "FOI-A34": "15 WD", "FOI-A42": "20 WD", "FOI-A51": "60 CD", "FOI-A51S": "6 M",
    "FOI-A51R": "15 CD", "POL-04": "3 WD", "POL-05": "0 WD", "POL-08": "48 H", "POL-08P": "24 H",
    "POL-08E": "5 H",
    "POL-10": "24 H", "DEC-02": "least 30 CD", "DEC-02F": "least 7 CD", "DEC-03": "before 7 CD",
    "DEC-03L": "before 7 WD",
    "DEC-03R": "before 30 CD", "DEC-05": "least 7 WD", "DEC-10": "least 7 WD", "DEC-10R": "least 30 CD",
    "DEC-10B": "least 30 CD", "DEC-10P": "least 30 CD", "DEC-10H": "least 30 CD", "DEC-10L": "least 30 CD",
    "DEC-11": "20 WD", "CMP-02": "5 WD", "CMP-02X": "10 WD", "CMP-02R": "2 WD", "CMP-03": "1 WD", "CMP-03Q": "3 WD",
    "CMP-03H": "5 WD", "CMP-03S": "5 WD", "CMP-03C": "10 WD", "CMP-03X": "10 WD", "CMP-03U": "0 WD", "CMP-04": "3 WD",
    "CMP-04X": "10 WD",
    "CMP-07R": "15 CD", "CMP-07T": "15 CD", "CMP-07O": "5 WD", "CMP-07": "60 CD", "CMP-07X": "30 CD",
    "CMP-07A": "30 CD", "CMP-07B": "30 CD", "CMP-07C": "30 CD", "CMP-07D": "30 CD", "CMP-08": "5 WD", "CMP-08V": "3 M",
    "GZ-08": "30 CD", "VAL-01": "before 90 CD", "VAL-02": "60 M", "VAL-03": "24 M",
}  # fmt: skip


def length(clock: Clock) -> str:
    way = "least " if clock.sense == "least" else "before " if clock.way == "before" else ""
    return clock.cron or f"{way}{clock.n} {clock.unit}"


@pytest.mark.parametrize("name", KEPT_BY_THE_RULES)
def test_every_clock_of_the_rules_is_in_the_pack(name: str) -> None:
    assert length(pack().clock[name]) == KEPT_BY_THE_RULES[name]


@pytest.mark.parametrize(
    ("name", "status"),
    [("POL-08E", "M"), ("POL-10", "M"), ("CLK-11", "M"), ("FOI-A42", "M"), ("CMP-08", "M"), ("DEC-11", "D"),
     ("GZ-08", "D"), ("CMP-03", "D"), ("FOI-A30C", "D"), ("CLK-01", ""), ("FOI-A33", ""), ("CMP-07", "")],
)  # fmt: skip
def test_what_was_not_read_again_or_is_our_own_choice_is_marked(name: str, status: str) -> None:
    assert pack().clock[name].status == status


def test_the_profiles_of_hotlines_are_three() -> None:
    assert {clock.profile for clock in pack().clocks} == {"", "generic", "shandong", "shenyang"}


def test_the_edition_in_force_is_that_of_the_day() -> None:
    assert [pack().clock_on("FOI-A33", day).n for day in (BEFORE, FROM)] == [15, 20]  # type: ignore[union-attr]
    assert pack().clock_on("FOI-A33", date(2008, 4, 30)) is None
    assert pack().clock["FOI-A33"].n == 20


def test_the_clock_says_whether_the_event_or_its_arrival_picks_the_edition() -> None:
    by_arrival = replace(
        pack(), clocks=tuple(one.model_copy(update={"applies_by": "arrival"}) for one in pack().clocks)
    )
    assert clock_in_force(pack(), "FOI-A33", BEFORE, FROM) == pack().clock_editions["FOI-A33"][0]
    assert clock_in_force(by_arrival, "FOI-A33", BEFORE, FROM) == by_arrival.clock["FOI-A33"]
    assert clock_in_force(by_arrival, "FOI-A33", BEFORE) == by_arrival.clock_editions["FOI-A33"][0]
    assert clock_in_force(pack(), "NO-SUCH", FROM) is None


def test_the_stricter_of_row_and_law_wins_where_no_count_tells_which_it_is() -> None:
    """26 calendar days are fewer than 20 working days round a long holiday, and more in a quiet month."""
    row = pack().row["01-04"]
    mixed = row.model_copy(update={"time_limit": TimeLimit(trigger="formed", n=26, unit="CD", raw="26日内")})
    city = replace(pack(), rows=tuple(mixed if one is row else one for one in pack().rows))
    quiet = due_of_row(city, mixed, {"formed": date(2026, 3, 9)})
    feast = due_of_row(city, mixed, {"formed": date(2026, 9, 21)})
    assert quiet is not None
    assert (quiet.due, quiet.basis) == (date(2026, 4, 7), row.basis)
    assert feast is not None
    assert (feast.due, feast.basis) == (date(2026, 10, 19), row.basis)
    slow = mixed.model_copy(update={"time_limit": TimeLimit(trigger="formed", n=28, unit="CD", raw="28日内")})
    long = replace(pack(), rows=tuple(slow if one is row else one for one in pack().rows))
    law = due_of_row(long, slow, {"formed": date(2026, 2, 24)})
    assert law is not None
    assert (law.due, law.basis, law.clock) == (date(2026, 3, 23), "政府信息公开条例第二十六条", "CLK-01")


def problems(old: str, new: str) -> tuple[Problem, ...]:
    files = dict(small_city())
    text = files["clocks.toml"].decode()
    assert old in text
    with pytest.raises(PackError) as caught:
        load_pack(files | {"clocks.toml": text.replace(old, new, 1).encode()})
    return caught.value.problems


LEAST = 'n = {}\nunit = "CD"\nsense = "least"\nparent'
EDITION = 'from = {}\ncron = "01-31"\nstatus'
WRONG = [
    ("CAT-E07", "CLK-04.n", '确认无效"\nn = 3', '确认无效"\nn = 21', ("21 WD", "CLK-01D: 20 WD", "第二十六条")),
    ("CAT-E07", "POL-08E.n", 'n = 5\nunit = "H"', 'n = 25\nunit = "H"', ("25 H", "POL-08P: 24 H")),
    ("CAT-E07", "DEC-10B.n", LEAST.format(30), LEAST.format(6), ("6 CD", "DEC-10: 7 WD")),
    ("CAT-E07", "POL-05.n", 'n = 0\nunit = "WD"\nparent', 'sense = "least"\nparent', ("0 WD", "POL-04: 3 WD")),
    ("PACK-REF", "CLK-05.from", "from = 2015-01-01", "from = 2005-01-01", ("CLK-01A", "from 2008-05-01")),
    ("PACK-REF", "CLK-04.parent", 'n = 3\nunit = "WD"\nparent = "CLK-01D"', 'n = 3\nparent = "CLK-99"', ("CLK-99",)),
    ("PACK-REF", "CLK-01.parent", "n = 20\n", 'n = 20\nparent = "CLK-01A"\n', ("CLK-01A",)),
    ("PACK-VALUE", "CLK-11.cron", 'cron = "01-31"\nstatus = "M"', 'status = "M"', ("01-31",)),
    ("PACK-VALUE", "CLK-10.then.from", EDITION.format("2019-05-15"), EDITION.format("2007-05-15"), ("edition",)),
    ("PACK-VALUE", "cron", 'cron = "*-01"', 'cron = "*-32"', ("*-32",)),
    ("PACK-VALUE", "colour", 'name = "社会救助"', 'name = "社会救助"\ncolour = 1', ("not permitted",)),
]


@pytest.mark.parametrize(("code", "column", "old", "new", "told"), WRONG, ids=[one[1] for one in WRONG])
def test_what_does_not_fit_the_law_above_is_refused_with_both_values(
    code: str, column: str, old: str, new: str, told: tuple[str, ...]
) -> None:
    found = [one for one in problems(old, new) if (one.code, one.file, one.column) == (code, "clocks.toml", column)]
    assert found, problems(old, new)
    assert all(word in f"{found[0].column} {found[0].message}" for word in told)


def test_a_day_fixed_by_name_may_be_earlier_than_its_parents_and_not_later() -> None:
    files = dict(small_city())
    text = files["clocks.toml"].decode()
    child = (
        text + '\n[LOCAL]\nname = "本市年报"\ntrigger = "cron"\ncron = "{}"\nparent = "CLK-10"\nbasis = "本市规则"\n'
    )
    child += "from = 2020-01-01\n"
    load_pack(files | {"clocks.toml": child.format("01-15").encode()})
    with pytest.raises(PackError, match=r"02-15 .*CLK-10: 01-31"):
        load_pack(files | {"clocks.toml": child.format("02-15").encode()})


def test_a_row_under_a_clock_that_goes_by_arrival_is_refused() -> None:
    files = dict(small_city())
    text = files["clocks.toml"].decode().replace('name = "双公示"', 'name = "双公示"\napplies_by = "arrival"')
    with pytest.raises(PackError, match="CLK-03 applies by arrival"):
        load_pack(files | {"clocks.toml": text.encode()})
