"""Feed records in a real store: one receipt each, index numbers, rebuilds, any interleaving."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bus.errors import Fatal
from bus.record import Record
from bus.settings import Settings
from bus.store import digest
from bus.store.ids import compact
from bus.store.tables import BODIES, INBOX, KNOWN, PARTITIONS
from consumers.portal import queries, tables
from tests.consumers.portal.feeding import SITE, Feed, Shelf, opened, plain
from tests.support.events import NOON, submitted, updated, withdrawn

FGW = SITE.agency_of("fgw")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    settings = plain(tmp_path)
    if request.param == "sqlite":
        return settings
    name = f"t{random.randrange(10**12)}."
    return settings.model_copy(update={"database": request.getfixturevalue("postgres_url"), "prefix": name})


@pytest.fixture
def shelf(store_settings: Settings) -> Iterator[Shelf]:
    with opened(store_settings) as shelf:
        yield shelf


def item(shelf: Shelf, subject: str) -> queries.Found:
    with shelf.store.read() as conn:
        found = queries.item(conn, subject)
    assert found is not None
    return found


def test_a_publication_becomes_an_item_with_an_index_number_and_one_receipt(shelf: Shelf) -> None:
    feed, event = Feed(), submitted(local_id="1")
    shelf.apply([feed.add(event)])

    receipt = shelf.receipts()[event["id"]]
    assert receipt.kind == "published"
    assert receipt.at == NOON
    assert receipt.index_no == f"{FGW}/2026-00001"
    assert receipt.url == "https://www.shilishi.example/items/fgw/1"
    assert item(shelf, "fgw/1").row.index_no == receipt.index_no


def test_an_update_keeps_the_index_number_and_the_release(shelf: Shelf) -> None:
    feed = Feed()
    first, second = submitted(local_id="1"), updated(local_id="1", title="新的标题")
    shelf.apply([feed.add(first), feed.add(second)])

    row = item(shelf, "fgw/1").row
    assert (row.version, row.title) == (2, "新的标题")
    assert shelf.receipts()[second["id"]].index_no == shelf.receipts()[first["id"]].index_no
    with shelf.store.read() as conn:
        history = queries.history(conn, "fgw/1")
    assert [change.changes for change in history] == [["标题"], []]


def test_index_numbers_count_by_department_and_are_never_given_twice(shelf: Shelf) -> None:
    feed = Feed()
    shelf.apply([feed.add(submitted(local_id=str(n))) for n in range(20)])
    shelf.apply([feed.add(withdrawn(local_id="3"))])
    shelf.apply([feed.add(submitted(local_id="late")), feed.add(submitted("zfb", "1"))])

    with shelf.store.read() as conn:
        numbers = conn.execute(sa.select(tables.items.c.index_no)).scalars().all()
    assert sorted(numbers) == sorted(
        [*(f"{FGW}/2026-{n:05d}" for n in range(1, 22)), f"{SITE.agency_of('zfb')}/2026-00001"]
    )


def test_a_number_that_the_department_brings_is_kept_and_stepped_over(shelf: Shelf) -> None:
    feed = Feed()
    mine, other = f"{FGW}/2026-00002", "000014349/2017-00110"
    brought = [submitted(local_id="a", index_no=mine), submitted(local_id="b", index_no=mine)]
    foreign = submitted(local_id="c", index_no=other)
    history = submitted(local_id="d", index_no=other, backfill=True, published_on="2017-03-01")
    for event in [*brought, foreign, history, submitted(local_id="e")]:
        shelf.apply([feed.add(event)])

    numbers = {local: item(shelf, f"fgw/{local}").row.index_no for local in "abcde"}
    assert numbers == {
        "a": mine, "b": f"{FGW}/2026-00001", "c": f"{FGW}/2026-00003", "d": other, "e": f"{FGW}/2026-00004",
    }  # fmt: skip


def test_text_with_a_nul_is_kept_on_either_database(shelf: Shelf) -> None:
    feed = Feed()
    hostile = submitted(local_id="1", title="题\x00目", body="文\x00", index_no=f"{FGW}/2026-\x0000001")
    gone = withdrawn(local_id="1", reason="数据\x00有误")
    shelf.apply([feed.add(hostile), feed.add(gone), feed.add(submitted(local_id="2"))])
    assert [shelf.receipts()[event["id"]].kind for event in (hostile, gone)] == ["published", "removed"]
    assert "\x00" not in item(shelf, "fgw/1").row.title
    assert item(shelf, "fgw/2").row.index_no == f"{FGW}/2026-00001"


def test_history_keeps_its_day_and_says_so(shelf: Shelf) -> None:
    feed = Feed()
    shelf.apply([feed.add(submitted(local_id="1", backfill=True, published_on="2019-05-15"))])

    row = item(shelf, "fgw/1").row
    assert row.backfill
    assert row.published_on == "2019-05-15"
    assert row.index_no == f"{FGW}/2019-00001"
    assert datetime.fromtimestamp(row.listed_at / 1e6, NOON.tzinfo) == datetime.fromisoformat("2019-05-15T00:00+08:00")


def test_a_withdrawal_leaves_a_tombstone_and_no_text(shelf: Shelf) -> None:
    feed, event = Feed(), withdrawn(local_id="1", reason="含有错误数据")
    shelf.apply([feed.add(submitted(local_id="1")), feed.add(event)])

    found = item(shelf, "fgw/1")
    assert (found.row.state, found.value) == ("withdrawn", None)
    assert found.withdrawal is not None
    assert found.withdrawal.reason == "含有错误数据"
    assert shelf.receipts()[event["id"]].kind == "removed"


def test_every_kind_of_receipt_is_given_once(shelf: Shelf) -> None:
    feed = Feed()
    log = [
        (submitted(local_id="1"), "published"),
        (submitted(local_id="1", body="另一个正文"), "conflict"),
        (submitted(local_id="1"), "noted"),
        (updated(local_id="1", version=3), "published"),
        (updated(local_id="1", version=2), "superseded"),
        (withdrawn(local_id="1", version=3), "removed"),
    ]
    shelf.apply([feed.add(event) for event, _ in log])

    receipts = shelf.receipts()
    assert [receipts[event["id"]].kind for event, _ in log] == [kind for _, kind in log]


def test_what_no_router_wrote_stops_the_sink_with_its_place(shelf: Shelf) -> None:
    record = Feed().add(submitted(local_id="1"))
    bare = Record(record.topic, record.partition, record.offset, record.timestamp, record.key, record.value)
    with pytest.raises(Fatal, match=f"portal-feed/{record.partition}/0"):
        shelf.apply([bare])


def some_log(seed: int) -> Feed:
    """Items of several departments with updates, withdrawals, conflicts, late versions and take-downs."""
    chance, feed = random.Random(seed), Feed()
    for number in range(60):
        local, action = str(number % 17), chance.choice(["carry", "carry", "carry", "take-down"])
        dept = chance.choice(["fgw", "zfb"])
        if chance.random() < 0.2:
            feed.add(withdrawn(dept, local, version=chance.randint(1, 4)), "take-down")
        else:
            feed.add(updated(dept, local, version=chance.randint(1, 4), body=chance.choice("ab")), action)
    return feed


@pytest.mark.parametrize("seed", range(4))
def test_any_interleaving_of_partitions_gives_the_same_digest(tmp_path: Path, seed: int) -> None:
    log, chance = some_log(seed), random.Random(seed)
    digests, kinds = [], []
    for attempt in range(4):
        with opened(plain(tmp_path / str(attempt))) as shelf:
            shelf.apply(interleaved(log.records, chance))
            digests.append(digest(shelf.store))
            kinds.append({event: receipt.kind for event, receipt in shelf.receipts().items()})
    assert len(set(digests)) == 1
    assert kinds.count(kinds[0]) == 4
    assert len(set(kinds[0].values())) >= 4


def interleaved(records: list[Record], chance: random.Random) -> list[Record]:
    """Another order, the same within each partition."""
    queues: dict[int, list[Record]] = {}
    for record in records:
        queues.setdefault(record.partition, []).append(record)
    order = [record.partition for record in records]
    chance.shuffle(order)
    return [queues[partition].pop(0) for partition in order]


def test_a_rebuild_gives_the_same_rows_and_sends_nothing_again(store_settings: Settings) -> None:
    log = some_log(9)
    with opened(store_settings) as shelf:
        shelf.apply(log.records)
        before, sent = digest(shelf.store), all_numbers(shelf)
        forget(shelf)
        later = Shelf(shelf.store, clock=lambda: NOON + timedelta(days=400))
        later.apply(interleaved(log.records, random.Random(1)))
        assert digest(shelf.store) == before
        assert all_numbers(shelf) == sent
        assert later.receipts() == {}


def all_numbers(shelf: Shelf) -> dict[str, str]:
    with shelf.store.read() as conn:
        return {row.subject: row.index_no for row in conn.execute(sa.select(tables.items))}


def forget(shelf: Shelf) -> None:
    """What `gongkai rebuild` does to a store: all but what had been sent."""
    with shelf.store.begin() as conn:
        values = conn.execute(sa.select(BODIES.c.value)).scalars().all()
        conn.execute(KNOWN.insert(), [{"gk_id": compact(_id(value)), "value": value} for value in values])
        for table in (BODIES, INBOX, PARTITIONS, *tables.metadata.sorted_tables):
            conn.execute(table.delete())


def _id(value: bytes) -> str:
    return str(json.loads(value)["id"])


def test_after_a_rebuild_no_number_of_the_past_goes_to_a_newcomer(tmp_path: Path) -> None:
    feed = Feed()
    old = [feed.add(submitted(local_id=str(n))) for n in range(12)]
    with opened(plain(tmp_path)) as shelf:
        shelf.apply(old)
        numbers = all_numbers(shelf)
        forget(shelf)
        again = Shelf(shelf.store)
        newcomers = [feed.add(submitted(local_id=f"new{n}")) for n in range(12)]
        first = newcomers[0]
        again.apply([*(r for r in old if r.partition == first.partition), *(
            n for n in newcomers if n.partition == first.partition
        )])  # fmt: skip
        rest = [r for r in [*old, *newcomers] if r.partition != first.partition]
        again.apply(sorted(rest, key=lambda record: (record.partition, record.offset)))
        after = all_numbers(shelf)
    assert {subject: after[subject] for subject in numbers} == numbers
    assert Counter(after.values()).most_common(1)[0][1] == 1


@pytest.mark.postgres
def test_two_copies_count_index_numbers_without_a_double(postgres_url: str, tmp_path: Path) -> None:
    settings = plain(tmp_path).model_copy(update={"database": postgres_url, "prefix": f"t{random.randrange(10**12)}."})
    feed = Feed()
    records = [feed.add(submitted(local_id=str(n))) for n in range(80)]
    with opened(settings) as shelf, ThreadPoolExecutor(4) as copies:
        queues = [[r for r in records if r.partition == partition] for partition in range(4)]
        for work in [copies.submit(one_by_one, shelf, queue) for queue in queues]:
            work.result(timeout=60)
        numbers = sorted(all_numbers(shelf).values())
    assert numbers == [f"{FGW}/2026-{n:05d}" for n in range(1, 81)]


def one_by_one(shelf: Shelf, records: list[Record]) -> None:
    for record in records:
        shelf.apply([record])
