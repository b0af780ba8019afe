"""Kafka goes away and comes back, or comes back as another one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bus import topics
from bus.errors import EXIT_INFRASTRUCTURE
from tests.faults.audit import audit
from tests.faults.city import ROOT, City
from tests.faults.gauge import WITH_STORE
from tests.faults.killing import PATIENCE
from tests.support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.faults, pytest.mark.full, pytest.mark.timeout(900)]

LIMIT = 300
MODULES = {part: f"consumers.{part}" for part in WITH_STORE} | {
    "gateway": "producers.gateway",
    "matters": "streams.matters",
}


@pytest.mark.parametrize("seconds", [3.0, 20.0])
def test_while_the_broker_is_away_the_door_takes_events_up_to_its_limit(tmp_path: Path, seconds: float) -> None:
    with City(tmp_path / "city", group=60, outbox_limit=LIMIT) as city:
        city.publisher.release(200)
        city.publisher.finish(PATIENCE)
        city.stop_broker()
        gone = time.monotonic()
        before, full = len(city.publisher.taken), city.publisher.full
        assert full == 0
        city.publisher.release(8 * LIMIT)
        eventually(lambda: city.publisher.full, PATIENCE, "an answer is 503 OUTBOX-FULL")
        assert len(city.publisher.taken) - before >= LIMIT, "503 came before the limit"
        eventually(lambda: time.monotonic() - gone >= seconds, seconds + 5)
        city.start_broker()
        city.publisher.finish(PATIENCE)
        city.settle()

        assert audit(city) == {}
        assert city.deaths_of_all() == 0, "a part ended though the broker was away for a moment only"


def test_a_wiped_broker_is_refused_by_every_store(tmp_path: Path) -> None:
    with City(tmp_path / "city", group=60) as city:
        city.publisher.release(60)
        city.publisher.finish(PATIENCE)
        city.settle()
        for part in (*WITH_STORE, "router"):
            city.stop_part(part)
        city.stop_broker()
        shutil.rmtree(city.settings.home / "kafka" / "data")
        city.start_broker()
        topics.create(city.settings)
        for part in WITH_STORE:
            said = refusal(city, MODULES[part])

            assert f"gongkai rebuild {part}" in said, said


def refusal(city: City, module: str) -> str:
    """The last line of a program that ends with exit code 3."""
    with subprocess.Popen(
        [sys.executable, "-m", module], env=city.environment(), cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    ) as running:  # fmt: skip
        try:
            said, _ = running.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.kill(running.pid, signal.SIGKILL)
            raise
    lines = [line for line in said.splitlines() if "gongkai rebuild" in line]
    assert running.returncode == EXIT_INFRASTRUCTURE, said
    assert len(lines) >= 1, said
    return lines[-1]
