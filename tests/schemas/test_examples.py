"""An example of every event and record: it fits its model, and the example city takes it."""

from __future__ import annotations

import json

import pytest

from schemas.envelope import TypeName
from schemas.events import EVENTS
from schemas.records import RECORDS
from schemas.topics import INPUTS, OUTPUTS
from tests.rules.making import EXAMPLES, judged

ALL = EVENTS | RECORDS


def test_every_type_has_its_example_and_every_example_its_type() -> None:
    assert {path.name for path in EXAMPLES.glob("*.json")} == {f"{name}.json" for name in ALL}


@pytest.mark.parametrize("name", sorted(ALL))
def test_an_example_fits_its_model_and_says_all_it_holds(name: str) -> None:
    text = (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")
    made = ALL[name].model_validate_json(text)
    kept = json.loads(made.model_dump_json(exclude_unset=True))
    assert set(kept["data"]) == set(json.loads(text)["data"])


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_the_example_city_accepts_its_own_examples(name: str) -> None:
    given = judged(json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8")))
    assert (given.outcome, given.findings) == ("accepted", ())


def test_every_family_travels_on_one_input_topic() -> None:
    families = {parsed.family for name in EVENTS if (parsed := TypeName.parse(name))}
    assert sorted({event.partition(".")[0] for topic in INPUTS for event in topic.events}) == sorted(families)
    assert {topic.name for topic in OUTPUTS} >= {"verdicts", "rejections", "receipts"}
