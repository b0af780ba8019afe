"""A department that is merged: until its last day it speaks for itself, from the next day its successor does."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from schemas.city import Pack, load_pack
from tests.rules.making import changed, example, judged, rules_of, signed
from tests.support.releasing import example_files, replaced

EVENT = example()
DAY = date.fromisoformat(EVENT["time"][:10])
OLD, NEW = "mzj", "jyj"


@cache
def merged(last: date = DAY - timedelta(days=1)) -> Pack:
    """The example city, where OLD ends with `last` and NEW takes its tasks over."""
    files = example_files(1)
    lines = files["departments.csv"].decode().splitlines(keepends=True)
    [line] = [line for line in lines if line.startswith(f"{OLD},")]
    cells = line.rstrip("\n").split(",")
    cells[-3:-1] = [last.isoformat(), NEW]
    files["departments.csv"] = replaced(files["departments.csv"], line, ",".join(cells) + "\n")
    return load_pack(files)


def sent(by: str, made_by: str, issuer: str = OLD) -> dict[str, Any]:
    event = example()
    event["source"], event["subject"] = f"/departments/{by}", f"{issuer}/2026-00017"
    return signed(changed(event, responsible_dept=made_by))


@pytest.mark.parametrize(("by", "made_by"), [(NEW, NEW), (NEW, OLD)])
def test_from_the_next_day_the_successor_speaks_for_its_subjects_and_rows(by: str, made_by: str) -> None:
    assert judged(sent(by, made_by), by=merged()).outcome == "accepted"


def test_on_its_last_day_it_speaks_itself_and_the_successor_not_yet() -> None:
    pack = merged(DAY)
    assert judged(sent(OLD, OLD), by=pack).outcome == "accepted"
    assert set(rules_of(judged(sent(NEW, NEW), by=pack))) == {"REJ-AUTHORITY"}


def test_after_its_last_day_it_is_refused_and_the_successor_named() -> None:
    given = judged(sent(OLD, OLD), by=merged())
    [found] = [one for one in given.findings if one.rule == "REJ-AUTHORITY"]
    assert f"（{NEW}）承接" in found.message.zh
    assert f"{NEW} has its tasks" in found.message.en


def test_the_successors_row_is_its_own_only_as_long_as_it_succeeds() -> None:
    pack = merged()
    row = next(row for row in pack.rows if row.depts == (OLD,))
    assert pack.may_publish(row, NEW, DAY)
    assert not pack.may_publish(row, NEW, DAY - timedelta(days=1))
    assert not pack.may_publish(row, "fgw", DAY)


def test_a_chain_of_successors_passes_when_the_last_before_it_has_ended() -> None:
    pack = load_pack(example_files(1))
    assert pack.speaks_for("wlj", "lvyj", date(2019, 3, 1))
    assert not pack.speaks_for("wlj", "lvyj", date(2019, 2, 28))
    heir = pack.heir_of("lvyj", date(2019, 3, 1))
    assert heir is not None
    assert heir.code == "wlj"
    assert pack.heir_of("lvyj", date(2019, 2, 28)) is None
    assert pack.heir_of("wlj", DAY) is None
