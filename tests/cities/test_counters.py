"""Figures that could never count anything are refused, by file, key and name."""

from __future__ import annotations

import pytest

from schemas.city import PackError, load_pack
from tests.support.small_city import small_city

FILE = "counters.toml"
SOUND = """\
[answered]
name = "已答复"
basis = "本市来信办理与督查督办规则"
of = "steps"
lifecycles = ["letter"]
steps = ["replied"]

[open-late]
name = "逾期未办"
basis = "本市来信办理与督查督办规则"
of = "overdue"
lifecycles = ["letter", "petition"]
clocks = ["handle"]
"""
BROKEN = {
    "a lifecycle that is not there": ('["letter"]', '["lettre"]', "there is no lifecycle 'lettre'"),
    "a step of none of them": ('["replied"]', '["answered"]', "none of its lifecycles has 'answered' among its steps"),
    "a clock of none of them": ('["handle"]', '["handel"]', "none of its lifecycles has 'handel' among its clocks"),
    "a lifecycle with nothing of it": ('["letter", "petition"]', '["letter", "decision"]', "'decision' has nothing"),
}


def told(text: str) -> list[str]:
    try:
        load_pack({**small_city(), FILE: text.encode()})
    except PackError as error:
        return [f"{one.file} {one.code} {one.message}" for one in error.problems]
    return []


def test_a_figure_of_steps_and_clocks_that_are_there_is_taken() -> None:
    assert told(SOUND) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_figure_that_would_stay_nought_is_refused(name: str) -> None:
    old, new, said = BROKEN[name]
    assert SOUND.count(old) == 1
    found = told(SOUND.replace(old, new))
    assert any(line.startswith(f"{FILE} PACK-REF") and said in line for line in found), found
