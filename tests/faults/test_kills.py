"""Every part is killed while it works, and nothing is lost, doubled or swapped."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from bus.clock import now
from tests.faults.audit import audit
from tests.faults.city import City
from tests.faults.killing import Killer

pytestmark = [pytest.mark.integration, pytest.mark.faults]

RESULTS = Path(__file__).parent / "results"
EVENTS = 20_000
PLAN = {
    "gateway": ("relay.sent-before-mark", "sink.before-commit"),
    "router": ("router.output-before-commit", "router.output-before-commit"),
    "portal": ("sink.before-commit", "relay.sent-before-mark"),
    "newmedia": ("newmedia.before-call", "newmedia.after-call-before-commit"),
    "gazette": ("sink.before-kafka-commit", "sink.before-commit"),
    "assessment": ("sink.before-commit", "sink.before-kafka-commit"),
}
"""Each part: SIGTERM, its next life killed at the first failpoint; SIGKILL, its next life at the second."""

FIRST_LIVES = {
    "gateway": "relay.sent-before-mark",
    "router": "router.output-before-commit",
    "newmedia": "newmedia.after-call-before-commit",
}
"""In the short form these kill themselves in the life they begin with; the others are killed by signals."""


@pytest.mark.timeout(900)
def test_six_kills_lose_double_and_swap_nothing(tmp_path: Path) -> None:
    city = City(tmp_path / "city", group=60)
    killer = Killer(city, wave=240)
    for part, failpoint in FIRST_LIVES.items():
        killer.arm(part, failpoint)
    with city:
        killer.await_failpoints(FIRST_LIVES)
        for part, how in (("portal", "SIGKILL"), ("gazette", "SIGTERM"), ("assessment", "SIGKILL")):
            killer.strike(part, how)
        city.publisher.finish(60)
        city.settle()

        assert audit(city) == {}


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_twenty_thousand_events_while_every_part_is_killed_four_times(tmp_path: Path) -> None:
    began = time.monotonic()
    with City(tmp_path / "city") as city:
        killer = Killer(city, wave=EVENTS // 30)
        for turn, how in enumerate(("SIGTERM", "SIGKILL")):
            for part, failpoints in PLAN.items():
                killer.strike_and_arm(part, how, failpoints[turn])
        city.publisher.top_up(EVENTS)
        city.publisher.finish(600)
        city.settle(900)
        found = audit(city)
        keep(killer, city, found, time.monotonic() - began)

        assert found == {}
        assert len(city.publisher.taken) >= EVENTS


def keep(killer: Killer, city: City, found: dict[str, list[str]], seconds: float) -> None:
    """Write down what was done and what came of it."""
    counted: dict[str, Any] = json.loads(city.command("reconcile", "--json").stdout)
    result = {
        "at": now().isoformat(timespec="seconds"),
        "events": len(city.publisher.taken),
        "groups_sent_again": city.publisher.retries,
        "kills": [kill.as_json() for kill in killer.kills],
        "complaints": found,
        "reconcile": counted,
        "posts": {platform: len(city.posts(platform)) for platform in ("wechat", "weibo")},
        "seconds": round(seconds, 1),
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"kills-{now():%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
