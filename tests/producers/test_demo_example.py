"""The demonstration's texts before any part runs: each register has records, and the rules take them all."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from bus.settings import Settings
from producers.demo.example import Example
from rules.lifecycle import Matter, advance, move_of
from schemas.decode import decode
from tests.rules.making import judged, pack
from tests.support.events import NOON


def example() -> Example:
    return Example.load(Path(Settings.model_fields["city"].default) / "demo", pack(), NOON)


def test_every_register_of_the_example_has_records_that_the_rules_take() -> None:
    filled = set()
    for each in example().submissions():
        event = json.loads(each.value or b"null") if each.expect == "accepted" else {}
        if event.get("type") == "cn.gongkai.register.loaded.v1":
            judgement = judged(event)
            assert judgement.outcome == "accepted", judgement.findings
            filled.add(event["data"]["register_name"])
    assert filled == set(pack().register)


def test_every_matter_of_the_example_goes_the_way_its_steps_say() -> None:
    """One after the other, as the station judges them; what a step makes of another matter comes after it."""
    matters: dict[str, Matter] = {}
    taken: Counter[str] = Counter()
    told: list[tuple[str, bool]] = []
    for each in example().submissions():
        event = json.loads(each.value or b"null") if each.expect == "accepted" else {}
        if event.get("type", "").split(".")[2:3] not in (["matter"], ["consultation"], ["complaint"]):
            continue
        move = move_of(decode(each.value or b""), NOON)
        found = advance(pack(), matters.get(move.subject), move)
        assert found.outcome == "accepted", (move.subject, move.step, found.findings)
        assert found.matter is not None
        matters[move.subject] = found.matter
        taken[found.matter.lifecycle] += 1
        told += [(one.step, one.target in matters) for one in found.told]
    assert taken["decision"] >= 5
    assert {"consultation", "questionnaire", "hot-spot", "standing-meeting", "press-conference", "letter"} <= {*taken}
    assert ("collecting", True) in told
    assert any(matter.public for matter in matters.values() if matter.lifecycle == "letter")
