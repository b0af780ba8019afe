"""What the example's pack makes the engine answer is what it answered when somebody last looked at it."""

from __future__ import annotations

import pytest

from tests.cities.observed.asking import GOLDEN, STUMBLED, Question, World, example, golden, read
from tests.cities.observed.observers import OBSERVERS, differences, questions


@pytest.fixture(scope="module")
def world() -> World:
    return World.of(example())


@pytest.fixture(scope="module")
def asked(world: World) -> list[Question]:
    return questions(world)


def test_every_question_is_answered_as_it_was(world: World, asked: list[Question]) -> None:
    told = differences(world, asked, golden())
    hint = "where that is meant: python -m tests.cities.observed --write, and review the diff"
    assert not told, "\n".join([f"{len(told)} answers differ; {hint}", *told[:20]])


def test_no_answer_is_kept_of_what_nobody_asks(asked: list[Question]) -> None:
    assert not golden().keys() - {(question.subject, question.key) for question in asked}
    assert {file.stem for file in GOLDEN.glob("*.txt")} == OBSERVERS.keys()


def test_no_kept_answer_is_a_stumble() -> None:
    assert not [key for key, answer in golden().items() if answer.startswith(STUMBLED)]


def test_a_file_that_nobody_asks_about_is_named() -> None:
    world = World.of(example() | {"letters.toml": b"[letters]\nlongest = 500\n"})
    with pytest.raises(LookupError, match=r"no observer for letters\.toml"):
        questions(world)


def test_a_new_file_of_a_known_sort_is_asked_about_and_its_answers_are_missing() -> None:
    world = World.of(example() | {"checks/new.toml": '[typos]\n"示例" = ["示列"]\n'.encode()})
    told = differences(world, [one for one in questions(world, ("texts",)) if "new.toml" in one.subject], golden())
    assert any("示列" in line and "TX-08" in line and "was None" in line for line in told)


def test_a_changed_rule_shows_by_what_it_changes_for_whoever_publishes() -> None:
    """会议 within four days and no longer five: the text and the columns beside it, which must agree."""
    files = example()
    was = files["catalogues/basic.csv"].decode()
    line = next(line for line in was.split("\n") if line.startswith("01-03,"))
    now = line.replace("5个工作日内", "4个工作日内").replace(",5,WD,", ",4,WD,")
    files["catalogues/basic.csv"] = was.replace(line, now).encode()
    world = World.of(files)
    asked = [one for one in questions(world, ("rows",)) if one.subject.startswith("catalogues/basic.csv")]
    told = differences(world, asked, golden())
    assert told and all(one.startswith("catalogues/basic.csv 01-03: ") for one in told)
    assert any("now formed, 2026-02-14 CLK-01" in one for one in told)


def test_a_question_asked_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="asked twice"):
        read("# city.toml\nfoot => a\nfoot => b\n")
