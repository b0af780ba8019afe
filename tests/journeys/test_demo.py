"""`gongkai demo --once` comes to its manifest, and a second one publishes nothing twice."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from bus.settings import Settings
from tests.journeys.city import command

COUNTS = ("submitted", "accepted", "rejected", "dead", "repeated", "conflicts", "in_flight", "gap")


@pytest.mark.integration
@pytest.mark.timeout(600)
def test_the_demonstration_comes_to_its_manifest_and_a_second_run_adds_nothing(fresh_settings: Settings) -> None:
    manifest = tomllib.loads(Path("cities/example/demo/manifest.toml").read_text(encoding="utf-8"))

    first = command(fresh_settings, "demo", "--once", seconds=400)
    assert first.returncode == 0, first.stderr[-3_000:]
    again = command(fresh_settings, "demo", "--once", seconds=180)
    assert again.returncode == 0, again.stderr[-3_000:]

    one, other = (json.loads(done.stdout.splitlines()[-1]) for done in (first, again))
    assert {name: one[name] for name in COUNTS} == {name: manifest[name] for name in COUNTS}
    assert {name: other[name] for name in COUNTS} == {name: one[name] for name in COUNTS}
    assert other["consumers"] == one["consumers"]
    assert "publishing the example" not in again.stderr
    assert "bytes" not in first.stderr + again.stderr
    assert "every part is up" in again.stderr
