"""The feed for outside portals: the cursor, the token, the receipts posted back."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from bus.errors import Invalid
from bus.record import Record
from bus.store import Relay, Store
from bus.store.tables import BODIES
from consumers.portal.bell import Bell
from consumers.portal.catalogue.releases import Releases
from consumers.portal.counter.handing import Counter
from consumers.portal.platforms import tables as report_tables
from consumers.portal.platforms.outside import Cursor, page
from consumers.portal.platforms.readers import Readers, Roll
from consumers.portal.web.app import build_app
from consumers.portal.web.context import Context, templates
from schemas.records import ReceiptGiven
from tests.consumers.portal.feeding import BASE, SITE, Feed, Shelf, opened, plain
from tests.support.events import NOON, submitted

FEED = "/api/v1/portal-feed"


@dataclass
class Outside:
    shelf: Shelf
    reports: Store
    client: TestClient
    token: str

    def get(self, **asked: object) -> Any:
        return self.client.get(FEED, params=asked, headers=self.bearer)

    def report(self, *receipts: dict[str, Any]) -> Any:
        return self.client.post(f"{FEED}/receipts", json={"receipts": receipts}, headers=self.bearer)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    settings = plain(tmp_path)
    token = Roll(settings).issue("province", NOON)
    with opened(settings) as shelf, Store(settings, "portal-reports", report_tables.metadata) as reports:
        reports.migrate()
        context = Context(
            shelf.store, SITE, Readers(settings), settings.file_of, lambda: NOON, Bell(), reports,
            Relay(settings, reports), templates(), Releases(SITE.pack), Counter.at(BASE),
        )  # fmt: skip
        with TestClient(build_app(context)) as client:
            yield Outside(shelf, reports, client, token)


def read_on(shelf: Shelf, cursor: str, limit: int) -> tuple[list[str], str]:
    with shelf.store.read() as conn:
        found = page(conn, Cursor.parse(cursor), limit)
    return [record.feed_id for record in found.records], found.cursor


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_a_reader_gets_every_record_once_while_others_come_in(tmp_path: Path, limit: int) -> None:
    feed, chance = Feed(), random.Random(limit)
    records = [feed.add(submitted(local_id=str(n))) for n in range(120)]
    waiting: dict[int, list[Record]] = {}
    for record in records:
        waiting.setdefault(record.partition, []).append(record)
    seen: list[str] = []
    cursor = ""
    with opened(plain(tmp_path)) as shelf:
        while any(waiting.values()):
            partition = chance.choice([partition for partition, queue in waiting.items() if queue])
            shelf.apply([waiting[partition].pop(0)])
            got, cursor = read_on(shelf, cursor, limit)
            seen += got
        while got := (answer := read_on(shelf, cursor, limit))[0]:
            seen += got
            cursor = answer[1]
    assert len(seen) == len(set(seen)) == 120


def test_the_cursor_of_any_record_goes_on_behind_it(outside: Outside) -> None:
    feed = Feed()
    outside.shelf.apply(sorted([feed.add(submitted(local_id=str(n))) for n in range(30)], key=lambda r: r.partition))
    whole = outside.get(limit=200).json()["records"]
    for place, record in enumerate(whole):
        rest = outside.get(after=record["cursor"], limit=200).json()["records"]
        assert {each["feed_id"] for each in rest} == {each["feed_id"] for each in whole[place + 1 :]}


def test_a_record_is_the_event_its_route_and_its_feed_id(outside: Outside) -> None:
    feed, event = Feed(), submitted(local_id="1")
    record = feed.add(event)
    outside.shelf.apply([record])
    got = outside.get().json()["records"][0]
    assert got["event"] == event
    assert got["feed_id"] == record.gk_id
    assert (got["route"]["outlet"], got["route"]["action"]) == ("portal", "carry")


def test_versions_of_an_item_come_in_their_order(outside: Outside) -> None:
    feed = Feed()
    records = [feed.add(submitted(local_id="1", version=n)) for n in range(1, 20)]
    outside.shelf.apply(records)
    got = outside.get(limit=200).json()["records"]
    assert [each["event"]["data"]["version"] for each in got] == list(range(1, 20))


def test_a_cursor_of_another_log_is_refused_and_says_begin_from_zero(outside: Outside) -> None:
    answer = outside.get(after="00000000.0-5")
    assert (answer.status_code, answer.json()["code"]) == (409, "CURSOR-LOG")


@pytest.mark.parametrize("after", ["x", "0000.0-1", "00000000", "00000000.0-1.", "00000000.0--1", "00000000.٠-1"])
def test_a_cursor_of_nobody_is_refused(after: str) -> None:
    with pytest.raises(Invalid, match="CURSOR"):
        Cursor.parse(after)


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer gkr_" + "A" * 43, "Basic eA==", "Bearer é"])
def test_without_a_valid_token_there_is_nothing(outside: Outside, header: str) -> None:
    headers = {"Authorization": header.encode()} if header else {}
    assert outside.client.get(FEED, headers=headers).status_code == 401
    assert outside.client.get(f"{FEED}/stream", headers=headers).status_code == 401
    body = {"receipts": [{"feed_id": "x", "kind": "published", "at": NOON.isoformat()}]}
    assert outside.client.post(f"{FEED}/receipts", json=body, headers=headers).status_code == 401


def test_a_revoked_token_opens_nothing_and_a_new_one_replaces_the_old(outside: Outside) -> None:
    roll = Roll(outside.shelf.store.settings)
    second = roll.issue("province", NOON)
    assert outside.get().status_code == 401
    outside.token = second
    assert outside.get().status_code == 200
    assert roll.revoke("province", NOON)
    assert outside.get().status_code == 401
    assert not roll.revoke("province", NOON)


def test_a_token_is_kept_as_a_hash_alone(outside: Outside, tmp_path: Path) -> None:
    kept = b"".join(path.read_bytes() for path in (tmp_path / "stores").iterdir())
    assert outside.token.encode() not in kept
    assert [row.name for row in Roll(outside.shelf.store.settings).listed()] == ["province"]


@pytest.mark.parametrize("name", ["", "A", "a/b", "x" * 41, "-a", "ä1"])
def test_a_reader_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="READER-NAME"):
        Roll(plain(tmp_path)).issue(name, NOON)


def publish(outside: Outside) -> str:
    record = Feed().add(submitted(local_id="1"))
    outside.shelf.apply([record])
    assert record.gk_id is not None
    return record.gk_id


def sent(outside: Outside) -> list[ReceiptGiven]:
    with outside.reports.read() as conn:
        values = conn.execute(sa.select(BODIES.c.value)).scalars().all()
    return [ReceiptGiven.model_validate_json(value) for value in values]


def test_a_reported_receipt_is_the_readers_own_and_never_the_portals(outside: Outside) -> None:
    feed_id = publish(outside)
    given = {"feed_id": feed_id, "kind": "published", "at": NOON.isoformat(), "url": "https://province.example/1"}
    assert outside.report(given).json()["receipts"][0]["repeated"] is False
    assert outside.report(given).json()["receipts"][0]["repeated"] is True

    (receipt,) = sent(outside)
    assert receipt.source == "/platforms/province"
    assert receipt.data.outlet == "platforms/province"
    assert receipt.data.outlet not in SITE.pack.outlet
    assert receipt.data.url == "https://province.example/1"
    assert receipt.id not in {each.feed_id for each in outside.shelf.receipts().values()}
    assert receipt.subject == receipt.data.event.subject == "fgw/1"


def test_two_readers_report_the_same_record_each_for_itself(outside: Outside) -> None:
    given = {"feed_id": publish(outside), "kind": "published", "at": NOON.isoformat()}
    outside.report(given)
    outside.token = Roll(outside.shelf.store.settings).issue("district", NOON)
    assert outside.report(given).json()["receipts"][0]["repeated"] is False
    assert {receipt.source for receipt in sent(outside)} == {"/platforms/province", "/platforms/district"}
    assert len({receipt.id for receipt in sent(outside)}) == 2


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"feed_id": "nobody's"}, 422, "FEED-ID-UNKNOWN"),
        ({"at": (NOON + timedelta(minutes=6)).isoformat()}, 422, "RECEIPT-TIME"),
        ({"at": "2026-09-21T12:00:00"}, 422, "PARAMETER"),
        ({"kind": "burnt"}, 422, "PARAMETER"),
        ({"url": "javascript:alert(1)"}, 422, "PARAMETER"),
        ({"kind": "removed"}, 409, "RECEIPT-REUSED"),
    ],
)
def test_a_receipt_that_is_wrong_is_refused_and_nothing_of_its_batch_kept(
    outside: Outside, change: dict[str, str], status: int, code: str
) -> None:
    good = {"feed_id": publish(outside), "kind": "published", "at": NOON.isoformat()}
    if status == 409:
        outside.report(good)
    before = len(sent(outside))
    answer = outside.report(good, {**good, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(sent(outside)) == before


def test_a_stream_gives_the_same_records_with_their_cursors(outside: Outside) -> None:
    feed = Feed()
    outside.shelf.apply(sorted([feed.add(submitted(local_id=str(n))) for n in range(5)], key=lambda r: r.partition))
    whole = outside.get().json()["records"]
    settings = outside.shelf.store.settings
    events = b""

    def revoke_when_read(chunk: bytes) -> None:
        if chunk.count(b"id: ") >= 5:
            Roll(settings).revoke("province", NOON)

    with outside.client.stream("GET", f"{FEED}/stream", headers=outside.bearer) as answer:
        for chunk in answer.iter_bytes():
            events += chunk
            revoke_when_read(events)
            if events.count(b"id: ") >= 5:
                break
    data = [json.loads(line[6:]) for line in events.split(b"\n") if line.startswith(b"data: ")]
    assert data == whole
