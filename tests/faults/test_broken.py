"""The harness can fail: with one safeguard taken away, its own check complains. With all in place it does not."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from schemas.topics import NEWMEDIA_FEED, VERDICTS
from tests.faults import holding_router
from tests.faults.audit import Log, audit
from tests.faults.city import City
from tests.faults.killing import PATIENCE, Killer
from tests.faults.workload import DEPTS
from tests.support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.faults, pytest.mark.full, pytest.mark.timeout(900)]

EVENTS = 120


@pytest.mark.parametrize("broken", [False, True])
def test_a_router_that_commits_past_what_was_not_acknowledged_is_seen_to_lose(tmp_path: Path, broken: bool) -> None:
    """One record for an account is not acknowledged, all others are; in that moment the router is killed."""
    held = tmp_path / "held"
    held.touch()
    command = (sys.executable, str(Path(holding_router.__file__)), str(held), NEWMEDIA_FEED.name)
    switches = {"router": "ack-chain=break"} if broken else {}
    with City(tmp_path / "city", group=1, plain_from=1, switches=switches, instead={"router": command}) as city:
        city.publisher.release(EVENTS)
        city.publisher.finish(PATIENCE)
        eventually(lambda: city.gauge.progress("router") == EVENTS, PATIENCE, "all are judged")
        assert sum(city.gauge.ends([NEWMEDIA_FEED]).values()) == 0
        if broken:
            eventually(lambda: city.gauge.load("router").behind == 0, PATIENCE, "it has committed everything")
        _kill(city, "router")
        held.unlink()
        city.await_ready()
        city.settle()
        found = audit(city)

        assert ("lost" in found, "gap" in found) == (broken, broken), found


@pytest.mark.parametrize("broken", [False, True])
def test_a_door_without_its_inbox_tells_departments_twice_and_is_seen_to(tmp_path: Path, broken: bool) -> None:
    """The router is killed between output and commit, so that it says again what it has said."""
    city = City(tmp_path / "city", group=40, switches={"gateway": "inbox=break"} if broken else {})
    killer = Killer(city, wave=200)
    killer.arm("router", "router.output-before-commit")
    with city:
        killer.await_failpoints({"router": "router.output-before-commit"})
        city.publisher.finish(PATIENCE)
        city.settle()
        said = Log.read(city.settings)
        assert said.counts[VERDICTS.name] > len(said.ids[VERDICTS.name]), "the router has repeated nothing"
        told = Counter(record for dept in DEPTS for record in city.told(dept))
        found = audit(city)

        assert any(number > 1 for number in told.values()) == broken, "what departments read at the door"
        assert set(found) == ({"doubled in stores", "inboxes", "gap"} if broken else set()), found


def test_a_relay_that_sends_backwards_is_seen_to_disorder(tmp_path: Path) -> None:
    with City(tmp_path / "city", group=40, switches={"gateway": "relay-order=break"}) as city:
        city.publisher.release(400)
        city.publisher.finish(PATIENCE)
        city.settle()

        assert "disorder" in audit(city)


def _kill(city: City, part: str) -> None:
    pid = eventually(lambda: city.pid(part), PATIENCE, f"{part} runs")
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: city.pid(part) not in (None, pid), PATIENCE, f"{part} is started again")
