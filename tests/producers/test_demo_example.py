"""The demonstration's texts before any part runs: each register has records, and the rules take them all."""

from __future__ import annotations

import json
from pathlib import Path

from bus.settings import Settings
from producers.demo.example import Example
from tests.rules.making import judged, pack
from tests.support.events import NOON


def test_every_register_of_the_example_has_records_that_the_rules_take() -> None:
    example = Example.load(Path(Settings.model_fields["city"].default) / "demo", pack(), NOON)
    filled = set()
    for each in example.submissions():
        event = json.loads(each.value or b"null") if each.expect == "accepted" else {}
        if event.get("type") == "cn.gongkai.register.loaded.v1":
            judgement = judged(event)
            assert judgement.outcome == "accepted", judgement.findings
            filled.add(event["data"]["register_name"])
    assert filled == set(pack().register)
