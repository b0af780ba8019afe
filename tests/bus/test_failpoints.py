"""Failpoints are nothing unless asked for, and a misspelt one is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bus import failpoints
from bus.failpoints import Broken, Plan

ROOT = Path(__file__).parents[2]


def test_unset_they_do_nothing() -> None:
    failpoints.reach("sink.before-commit")
    assert not failpoints.broken("inbox")


def test_the_nth_time_alone_is_taken() -> None:
    plan = Plan("sink.before-commit=raise:2, inbox=break")
    plan.reach("sink.before-commit")
    with pytest.raises(Broken):
        plan.reach("sink.before-commit")
    plan.reach("sink.before-commit")
    assert plan.broken("inbox")
    assert not plan.broken("fence")


@pytest.mark.parametrize("text", ["sink.befor-commit=kill", "inbox=kill", "sink.before-commit=explode", "fence"])
def test_a_misspelt_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names no failpoint"):
        Plan(text)


def test_every_place_in_the_code_is_listed_and_every_listed_one_is_in_the_code() -> None:
    used: set[str] = set()
    for folder in ("bus", "streams", "producers", "consumers"):
        for path in (ROOT / folder).rglob("*.py"):
            used.update(re.findall(r'failpoints\.(?:reach|broken)\("([^"]+)"\)', path.read_text()))
    assert used == set(failpoints.PLACES) | set(failpoints.SAFEGUARDS)
