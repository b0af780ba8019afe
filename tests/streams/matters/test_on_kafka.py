"""The whole way through Kafka: the process is killed in the middle, twice, and nothing is lost or said twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from bus import clients
from bus.programs import environment
from bus.record import Record
from bus.settings import Settings
from bus.store.rebuilding import read_to_end
from schemas.records import VerdictGiven
from schemas.topics import LINKS, MATTERS, VERDICTS
from tests.streams.matters.city import city
from tests.streams.matters.test_runner import corpus
from tests.support.waiting import eventually

PATIENCE = 60.0
pytestmark = pytest.mark.partitions(2)


@pytest.fixture
def here(settings: Settings) -> Iterator[Settings]:
    with city() as folder:
        yield settings.model_copy(update={"city": folder, "fsync": False})


def worker(here: Settings, failpoints: str = "") -> subprocess.Popen[bytes]:
    with (here.home / "matters.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "streams.matters"], stdout=log, stderr=log,
            env={**os.environ, **environment(here), "GONGKAI_FAILPOINTS": failpoints},
        )  # fmt: skip


def send(here: Settings, records: list[Record]) -> None:
    producer = clients.producer(here)
    for record in records:
        producer.send(here.topic(MATTERS), key=record.key, value=record.value, timestamp_ms=record.timestamp)
    producer.flush()
    producer.close()


def verdicts(here: Settings) -> list[VerdictGiven]:
    return [VerdictGiven.model_validate_json(r.value or b"") for some in read_to_end(here, VERDICTS) for r in some]


def inputs(here: Settings) -> set[str]:
    return {r.origin for topic in (MATTERS, LINKS) for some in read_to_end(here, topic) for r in some}


def done(here: Settings) -> bool:
    wanted = inputs(here)
    return len(wanted) >= 49 and wanted == {str(one.data.origin) for one in verdicts(here)}


def test_killed_in_the_middle_it_goes_on_and_says_everything_once(here: Settings) -> None:
    records = corpus()
    send(here, records[:20])
    for place in ("matters.before-commit=kill:1", "matters.before-acknowledgement=kill:1"):
        killed = worker(here, place)
        assert killed.wait(PATIENCE) == -9
    send(here, records[20:])
    last = worker(here)
    try:
        eventually(lambda: done(here), PATIENCE)
    finally:
        last.terminate()
        assert last.wait(PATIENCE) == 0
    said = {(str(one.data.origin), one.id, one.model_dump_json()) for one in verdicts(here)}
    assert set(Counter(origin for origin, _, _ in said).values()) == {1}
    grown = [one for one in verdicts(here) if one.data.matter and one.data.matter.state == "GROWN"]
    before = inputs(here)
    again = subprocess.run(
        [sys.executable, "-m", "bus.cli", "rebuild", "matters", "--json"], capture_output=True, timeout=PATIENCE,
        env={**os.environ, **environment(here)}, check=True, text=True,
    )  # fmt: skip
    made = json.loads(again.stdout)
    assert (made["to_send"], inputs(here)) == (0, before), made
    assert made["after"] == made["before"]
    assert {one.data.event.subject for one in grown if one.data.event} == {f"fgw/g{n}" for n in range(6)}
