"""`gongkai audit rejudge` over a real broker: nothing differs by itself; what was altered is told by its members."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from bus import cli, clients
from bus.city import read_releases
from bus.extracting import Texts
from bus.programs import environment
from bus.record import Outgoing, Record
from bus.settings import Settings
from bus.store.rebuilding import read_to_end
from schemas.city.releases import Releases
from schemas.topics import CITY, ROUTED, VERDICTS, Topic
from streams.releases import ByRelease
from tests.support.events import submitted, to_bytes
from tests.support.releasing import example_files, records

pytestmark = [pytest.mark.integration, pytest.mark.partitions(1)]

EVENT = submitted()
SENT = datetime.fromisoformat(EVENT["time"])
CHANGE, AFTER = SENT + timedelta(minutes=2), SENT + timedelta(minutes=3)
STREAMS = EntryPoint("streams", "streams.commands:app", cli.GROUP)

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def command(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `gongkai audit rejudge --json`: exit code, and what it printed."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        code = cli.run(["audit", "rejudge", "--json", *words], [STREAMS])
        return code, json.loads(capsys.readouterr().out)

    return run


def write(settings: Settings, outgoing: list[Outgoing]) -> None:
    sender = clients.producer(settings)
    for out in outgoing:
        sender.send(
            f"{settings.prefix}{out.topic}", out.value, key=out.key, partition=out.partition or 0,
            headers=list(out.headers), timestamp_ms=out.timestamp,
        )  # fmt: skip
    sender.flush()
    sender.close()


def released(settings: Settings) -> None:
    """Release 1, and from CHANGE on release 2, which says the same."""
    for number, since in ((1, SENT), (2, CHANGE)):
        made = records(example_files(number), number, since, written=SENT)
        write(settings, [Outgoing(CITY.name, one.key or b"", one.value, one.headers, one.at, 0) for one in made])


def came(settings: Settings, *values: tuple[bytes, datetime]) -> None:
    """Inputs as the relay writes them."""
    write(settings, [Outgoing("publications", b"k", value, (), int(at.timestamp() * 1000), 0) for value, at in values])


def read(settings: Settings, topic: Topic) -> Iterator[Record]:
    for one in read_to_end(settings, topic, 0):
        yield from one


def judged(settings: Settings) -> list[Outgoing]:
    """The verdicts as the router writes them."""
    judge = ByRelease(Releases.of(read_releases(settings).all).span, Texts(settings.text_of))
    inputs = [record for topic in ROUTED for record in read(settings, topic)]
    return [out for record in inputs for out in judge(record) if out.topic == VERDICTS.name]


def test_only_an_altered_verdict_differs(settings: Settings, command: Run) -> None:
    released(settings)
    unfinished = {**EVENT, "id": "without-data", "data": {}}
    came(settings, (to_bytes(EVENT), SENT), (b"{", SENT), (to_bytes(unfinished), AFTER), (to_bytes(EVENT), AFTER))
    *right, last = judged(settings)
    write(settings, right)
    code, said = command()
    assert (code, said["judged"], said["differing"], said["without_verdict"]) == (0, 3, 0, 1)
    assert said["by_release"] == {"1": 2, "2": 1}
    assert last.value is not None
    value = json.loads(last.value)
    assert value["data"]["outcome"] == "accepted", value["data"]["findings"]
    value["data"]["dues"][0]["due"] = "2030-01-01"
    altered = Outgoing(last.topic, last.key, to_bytes(value), last.headers, last.timestamp, last.partition)
    write(settings, [altered, last])
    code, said = command()
    assert (code, said["judged"], said["differing"]) == (1, 4, 1)
    [difference] = said["differences"]
    assert (difference["origin"], difference["release"]) == ("publications/0/3", "2")
    [member] = difference["members"]
    assert member["name"] == "dues"
    assert "2030-01-01" in member["log"]
    assert "2030-01-01" not in member["now"]
    assert command("--limit", "2")[1]["judged"] == 2
    assert command("--since", AFTER.isoformat())[1]["judged"] == 2


def test_the_same_verdict_in_other_bytes_is_no_difference_and_a_release_that_is_not_there_is_one(
    settings: Settings, command: Run
) -> None:
    released(settings)
    came(settings, (to_bytes(EVENT), SENT), (to_bytes(EVENT), AFTER))
    first, second = judged(settings)
    assert first.value is not None
    spaced = Outgoing(
        first.topic, first.key, json.dumps(json.loads(first.value), indent=1).encode(), first.headers,
        first.timestamp, first.partition,
    )  # fmt: skip
    headers = tuple((name, b"9" if name == "gk-pack" else value) for name, value in second.headers)
    lost = Outgoing(second.topic, second.key, second.value, headers, second.timestamp, second.partition)
    write(settings, [spaced, lost])
    code, said = command()
    assert (code, said["differing"]) == (1, 1)
    [difference] = said["differences"]
    assert (difference["release"], difference["members"][0]["name"]) == ("9", "release")
