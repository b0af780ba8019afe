"""The portal as a process, on a real broker: visible at once, and read by an outside portal through kills."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx
import pytest

from bus import clients
from bus.clock import now
from bus.record import Outgoing
from bus.settings import Settings
from bus.store import Store, digest, rebuild
from bus.store.rebuilding import read_to_end
from consumers.portal import tables
from consumers.portal.platforms.readers import Roll
from consumers.portal.program import projection_of
from schemas import headers as h
from schemas.records import ReceiptGiven
from schemas.topics import CITY, RECEIPTS
from tests.consumers.portal.feeding import SITE, routed
from tests.support.events import NOON, submitted, updated, withdrawn
from tests.support.waiting import eventually

pytestmark = pytest.mark.integration
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """Starts a module of ours as a process with the test's settings; whatever is left is killed at the end."""
    running: list[subprocess.Popen[bytes]] = []
    given = {f"GONGKAI_{name.upper()}": str(value) for name, value in settings.model_dump(mode="json").items()}

    def begin(module: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (tmp_path / "log.txt").open("ab") as log:
            running.append(subprocess.Popen([sys.executable, "-m", module, *arguments], env={**os.environ, **given},
                                            stdout=log, stderr=log))  # fmt: skip
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()


def feed(settings: Settings, outgoings: Sequence[Outgoing]) -> None:
    """Write feed records as the router does."""
    producer = clients.producer(settings)
    sent = [
        producer.send(settings.topic(each.topic), key=each.key, value=each.value,
                      headers=[*each.headers, (h.ORIGIN, b"publications/0/%d" % number)])
        for number, each in enumerate(outgoings)
    ]  # fmt: skip
    for future in sent:
        future.get(timeout=30)
    producer.close()


def receipts(settings: Settings, source: str) -> list[ReceiptGiven]:
    """What that source has sent so far, each gk-id once."""
    records = [record for batch in read_to_end(settings, RECEIPTS) for record in batch]
    values = {record.gk_id: record.value for record in records if record.value}
    given = [ReceiptGiven.model_validate_json(value) for value in values.values()]
    return [each for each in given if each.source == source]


def healthy(settings: Settings) -> bool:
    try:
        return bool(httpx.get(f"{settings.url_of('portal')}/healthz").status_code == 200)
    except httpx.HTTPError:
        return False


def test_what_is_on_the_feed_is_on_its_page_and_receipted(settings: Settings, start: Start) -> None:
    process = start("consumers.portal")
    eventually(lambda: healthy(settings), 60)
    event = submitted(local_id="1")
    feed(settings, [routed(event)])
    page = f"{settings.url_of('portal')}/items/fgw/1"
    eventually(lambda: httpx.get(page).status_code == 200)
    eventually(lambda: len(receipts(settings, "/engine/portal")) == 1)
    assert receipts(settings, "/engine/portal")[0].data.url == page
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


@pytest.mark.feature("4-18")
def test_52_departments_publish_and_each_page_shows_its_own(settings: Settings, start: Start) -> None:
    municipal = [d.code for d in SITE.departments.values() if d.level == "市" and d.in_force(NOON.date())]
    assert len(municipal) == 52
    start("consumers.portal")
    eventually(lambda: healthy(settings), 60)
    feed(settings, [routed(submitted(code, "1")) for code in municipal])
    with httpx.Client(base_url=settings.url_of("portal")) as client:
        eventually(lambda: len(client.get("/api/v1/items?limit=100").json()["items"]) == 52, 60)
        for code in municipal:
            page = client.get(f"/departments/{code}").text
            assert re.findall(r'<a href="/items/([^"]+)">', page) == [f"{code}/1"]
            assert client.get(f"/items/{code}/1").status_code == 200


def test_a_rebuild_from_the_log_gives_the_same_store_and_sends_nothing(settings: Settings, start: Start) -> None:
    process = start("consumers.portal")
    eventually(lambda: healthy(settings), 60)
    log = [submitted(local_id=str(n % 9)) for n in range(30)] + [withdrawn(local_id=str(n)) for n in range(4)]
    feed(settings, [routed(event) for event in log])
    eventually(lambda: len(receipts(settings, "/engine/portal")) == len(log), 30)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0

    released = sum(map(len, read_to_end(settings, CITY)))
    with Store(settings, "portal", tables.metadata) as store:
        before = digest(store)
        rebuilt = rebuild(settings, store, projection_of(settings))
        assert (rebuilt.digest, rebuilt.applied, rebuilt.to_send) == (before, len(log) + released, 0)


def test_an_outside_portal_reads_through_kills_without_a_gap_or_a_double(
    settings: Settings, start: Start, tmp_path: Path
) -> None:
    chance, file, url = random.Random(7), tmp_path / "outside.sqlite", settings.url_of("portal")
    token = Roll(settings).issue("province", now())
    portal = start("consumers.portal")
    eventually(lambda: healthy(settings), 60)
    outside = start("tests.consumers.portal.outside_portal", url, token, str(file))
    whole: list[Outgoing] = []
    for round_ in range(8):
        events = [updated(local_id=str(n), version=round_ + 1) for n in range(25)]
        whole += [routed(event) for event in events]
        feed(settings, whole[-25:])
        enough = len(read_by(file)) + chance.randrange(12)
        eventually(partial(has_read_more, file, enough), 40)
        outside.kill()
        outside.wait()
        if round_ in {2, 5}:
            portal.kill()
            portal.wait()
            portal = start("consumers.portal")
        outside = start("tests.consumers.portal.outside_portal", url, token, str(file))
    eventually(lambda: len(read_by(file)) >= len(whole), 60, saying="everything read")
    eventually(lambda: all(reported for *_, reported in read_by(file)), 60, saying="everything reported")
    outside.kill()

    rows = read_by(file)
    wanted = {h.get(each.headers, h.ID) for each in whole}
    assert Counter(feed_id for feed_id, *_ in rows) == Counter(wanted)
    for subject in {row[1] for row in rows}:
        versions = [version for _, of, version, _ in rows if of == subject]
        assert versions == sorted(versions)
    eventually(lambda: len(receipts(settings, "/platforms/province")) == len(whole), 30)
    assert {each.data.feed_id for each in receipts(settings, "/platforms/province")} == wanted
    eventually(lambda: len(receipts(settings, "/engine/portal")) == len(whole), 30)


def has_read_more(file: Path, than: int) -> bool:
    return len(read_by(file)) > than


def read_by(file: Path) -> list[tuple[str, str, int, int]]:
    """What the outside portal keeps, in the order it was read."""
    if not file.exists():
        return []
    with closing(sqlite3.connect(file, timeout=10)) as kept:
        try:
            return kept.execute("SELECT feed_id, subject, version, reported FROM page ORDER BY rowid").fetchall()
        except sqlite3.OperationalError:
            return []


def test_a_waiting_reader_is_answered_as_soon_as_something_comes(settings: Settings, start: Start) -> None:
    token = Roll(settings).issue("province", now())
    start("consumers.portal")
    eventually(lambda: healthy(settings), 60)
    with httpx.Client(base_url=settings.url_of("portal"), headers={"Authorization": f"Bearer {token}"}) as client:
        first = client.get("/api/v1/portal-feed", params={"wait": 0}).json()
        assert first["records"] == []
        released = sum(map(len, read_to_end(settings, CITY)))
        eventually(lambda: applied(client) == released)
        began = time.monotonic()
        feed(settings, [routed(submitted(local_id="1"))])
        got = client.get("/api/v1/portal-feed", params={"wait": 30}, timeout=40).json()
        assert [record["event"]["subject"] for record in got["records"]] == ["fgw/1"]
        assert time.monotonic() - began < 30
        assert applied(client) == released + 1


def applied(client: httpx.Client) -> int:
    return int(client.get("/healthz").json()["services"]["portal.sink"]["applied"])
