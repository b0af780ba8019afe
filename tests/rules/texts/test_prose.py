"""A day's ordinary prose raises no alarm, and an error of every class planted in it is found where it stands."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from rules.texts import check_text
from schemas.city import Pack
from schemas.city.textual import TextChecks
from schemas.records import Finding
from tests.rules.making import pack
from tests.rules.texts.planting import PLANTS, Plant, planted
from tests.rules.texts.prose import DAY, made, texts, written

COUNT = 500
TEXTS_A_PLANT = 25


@cache
def prose() -> tuple[tuple[str, str], ...]:
    return tuple(texts(COUNT))


def alarms(text: str, by: Pack) -> list[Finding]:
    return [one for one in check_text(by, text, DAY) if one.severity != "warn"]


def alarmed(by: Pack) -> list[str]:
    return [f"{name} {one.rule} {one.excerpt}" for name, text in prose() for one in alarms(text, by)]


def missed(plant: Plant, by: Pack, count: int = TEXTS_A_PLANT) -> list[str]:
    """The texts in which the plant is not found as it should be."""
    wrong = []
    for number in range(count):
        name, text = prose()[number * 19 % COUNT]
        grown = planted(text, plant, number)
        told = {(one.rule, one.severity, one.span) for one in check_text(by, grown.text, DAY)}
        if (plant.rule, plant.severity, grown.span) not in told:
            wrong.append(f"{name}: {grown.text[slice(*grown.span)]} {sorted(map(str, told))}")
    return wrong


def without(**parts: object) -> Pack:
    return replace(pack(), text_checks=pack().text_checks.model_copy(update=parts))


def test_there_are_five_hundred_texts_no_two_alike_of_a_days_usual_length() -> None:
    assert len({text for _, text in prose()}) == COUNT
    assert all(200 <= len(text) <= 1_500 for _, text in prose())
    assert len(list(written())) >= 16
    assert made(7) == made(7)


def test_ordinary_prose_raises_no_alarm() -> None:
    assert alarmed(pack()) == []


@pytest.mark.parametrize("plant", PLANTS, ids=[f"{n}-{plant.rule}" for n, plant in enumerate(PLANTS)])
def test_a_planted_error_is_found_where_it_stands(plant: Plant) -> None:
    assert missed(plant, pack()) == []


def test_every_class_that_is_told_of_a_text_is_planted() -> None:
    of_texts = {f"TX-{number:02}" for number in range(1, 19)} - {"TX-03", "TX-18"}
    assert {plant.rule for plant in PLANTS} == of_texts


def test_a_body_pasted_twice_is_one_finding_however_many_paragraphs_it_has() -> None:
    for _, text in prose()[::25]:
        body = text.partition("\n\n")[2]
        twice = f"{body}\n\n{body}"
        (one,) = alarms(twice, pack())
        assert (one.rule, one.span) == ("TX-13", (len(body) + 2, len(twice)))


LISTS: tuple[tuple[str, object, str], ...] = (
    ("typos", {}, "TX-08"), ("phrases", (), "TX-10"), ("roster", (), "TX-11"), ("names", None, "TX-09"),
    ("patterns", (), "TX-01"), ("numbers", None, "TX-04"), ("gaps", None, "TX-13"), ("titles", None, "TX-16"),
    ("links", None, "TX-14"), ("scripts", None, "TX-17"), ("relative", (), "TX-12"),
)  # fmt: skip


@pytest.mark.parametrize(("part", "nothing", "rule"), LISTS, ids=[part for part, _, _ in LISTS])
def test_without_its_list_a_planted_error_is_missed(part: str, nothing: object, rule: str) -> None:
    poorer = without(**{part: nothing})
    assert any(missed(plant, poorer, 1) for plant in PLANTS if plant.rule == rule)


def test_without_allow_lists_ordinary_prose_raises_false_alarms() -> None:
    checks = pack().text_checks
    assert any("TX-08 急待" in one for one in alarmed(without(allow={})))
    bare = tuple(pattern.model_copy(update={"allow": (), "at": "anywhere"}) for pattern in checks.patterns)
    told = alarmed(without(patterns=bare))
    assert any("TX-02" in one for one in told)
    assert any("TX-01" in one for one in told)


def test_an_empty_pack_says_nothing() -> None:
    nothing = replace(pack(), text_checks=TextChecks())
    assert all(check_text(nothing, text, DAY) == () for _, text in prose()[:20])
