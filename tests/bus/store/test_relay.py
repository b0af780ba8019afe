"""The outbox goes out in the order of its lanes, without a gap, whoever sends it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
import sqlalchemy as sa

from bus import failpoints
from bus.errors import Fatal, Fenced, StoreMismatch
from bus.record import Outgoing, Record
from bus.settings import Settings
from bus.store import BACKFILL_PRIORITY, Outbox, Relay, Store, queue
from bus.store._cluster import Cluster
from bus.store._producing import Parcel, Placed
from bus.store.lease import Lease
from bus.store.positions import claim_cluster
from bus.store.tables import BODIES, LANES, OUTBOX
from schemas.topics import PORTAL_FEED
from tests.bus.store.journal import METADATA, outgoing, read_all, uid
from tests.support.waiting import eventually


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    with Store(settings, "gateway", METADATA) as store:
        store.migrate()
        yield store


def put(store: Store, lane: str, texts: list[str], priority: int = 0) -> range:
    with store.begin() as conn:
        return Outbox(store).append(conn, lane, [outgoing(text, f"d/{lane}", partition=1) for text in texts], priority)


def left(store: Store) -> int:
    with store.read() as conn:
        return sum(lane.rows for lane in Outbox(store).waiting(conn))


def first_occurrences(records: list[Record]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for record in records:
        lane, text = (record.key or b"").decode(), (record.value or b"").decode()
        if text not in found[lane]:
            found[lane].append(text)
    return found


@contextmanager
def running(*relays: Relay) -> Iterator[None]:
    for relay in relays:
        relay.start()
    try:
        yield
    finally:
        for relay in relays:
            relay.stop()


def test_every_row_is_on_the_topic_where_its_row_says_in_the_order_of_its_lane(any_store_settings: Settings) -> None:
    settings = any_store_settings
    with opened(settings) as store:
        for number in range(0, 3_000, 100):
            for lane in ("a", "b", "c"):
                put(store, lane, [f"{lane}{number + n}" for n in range(100)])
        relay = Relay(settings, store)
        with running(relay):
            eventually(lambda: relay.failed or left(store) == 0, 60)
            assert relay.failed is None
        records = {(r.partition, r.offset): r for r in read_all(settings, "portal-feed")}
        with store.read() as conn:
            rows = conn.execute(sa.select(OUTBOX).order_by(OUTBOX.c.lane, OUTBOX.c.seq)).all()
        assert len(rows) == len(records) == 9_000
        for row in rows:
            found = records[row.sent_partition, row.sent_offset]
            assert sha256(found.value or b"").digest() == row.sha256
            assert found.timestamp == 1_700_000_000_000
        for lane in ("a", "b", "c"):
            offsets = [row.sent_offset for row in rows if row.lane == lane]
            assert offsets == sorted(offsets)


def test_numbers_of_a_lane_rise_without_a_gap_and_a_rollback_takes_none(any_store_settings: Settings) -> None:
    with opened(any_store_settings) as store:
        assert put(store, "a", ["1", "2"]) == range(1, 3)
        with pytest.raises(ZeroDivisionError), store.begin() as conn:
            Outbox(store).append(conn, "a", [outgoing("x")])
            raise ZeroDivisionError
        assert put(store, "a", ["3"]) == range(3, 4)
        with store.read() as conn:
            assert Outbox(store).pending(conn, "a") == 3
            assert Outbox(store).pending(conn, "none") == 0


def test_backfill_waits_until_no_live_row_does(settings: Settings) -> None:
    with opened(settings) as store:
        put(store, "backfill", ["old"], BACKFILL_PRIORITY)
        put(store, "live", ["new"])
        with store.read() as conn:
            assert [parcel.lane for parcel in queue.batch(conn, settings)[0]] == ["live"]
        with store.begin() as conn:
            conn.execute(LANES.update().where(LANES.c.lane == "live").values(sent=1))
        with store.read() as conn:
            assert [parcel.lane for parcel in queue.batch(conn, settings)[0]] == ["backfill"]


def test_a_batch_is_bounded_by_bytes_and_the_next_one_begins_with_another_lane(any_store_settings: Settings) -> None:
    settings = any_store_settings
    big = Outgoing(PORTAL_FEED.name, b"k", b"x" * 900_000)
    with opened(settings) as store:
        for lane in ("a", "b"):
            with store.begin() as conn:
                Outbox(store).append(conn, lane, [big] * 20)
        with store.read() as conn:
            first, more = queue.batch(conn, settings)
            second, _ = queue.batch(conn, settings, first[-1].lane)
            third, _ = queue.batch(conn, settings, second[-1].lane)
        assert more
        assert 1 <= sum(len(parcel.value or b"") for parcel in first) <= 10_000_000
        assert [{parcel.lane for parcel in each} for each in (first, second, third)] == [{"a"}, {"b"}, {"a"}]
        assert [parcel.seq for parcel in first] == list(range(1, len(first) + 1))


def test_every_lane_has_its_share_of_a_batch(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "BATCH_ROWS", 4)
    with opened(settings) as store:
        put(store, "a", [str(n) for n in range(9)])
        put(store, "b", ["x"])
        with store.read() as conn:
            parcels, more = queue.batch(conn, settings)
        assert [(parcel.lane, parcel.seq) for parcel in parcels] == [("a", 1), ("a", 2), ("b", 1)]
        assert more


def test_a_batch_reads_bodies_in_the_order_of_the_key(settings: Settings) -> None:
    """A sorter would bring every body of a share into memory before the first is taken."""
    with opened(settings) as store, store.read() as conn:
        compiled = queue._NEXT.compile(dialect=conn.dialect)
        values = tuple({"first": 0, "after": "", "share": 9}[name] for name in compiled.positiontup or ())
        plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled.string}", values).all()
        assert "TEMP B-TREE" not in str(plan), plan


def test_a_crash_between_send_and_mark_repeats_and_loses_nothing(
    any_store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = any_store_settings
    with opened(settings) as store:
        put(store, "a", [str(n) for n in range(50)])
        monkeypatch.setattr(failpoints, "reach", failpoints.Plan("relay.sent-before-mark=raise:1").reach)
        crashed = Relay(settings, store)
        with running(crashed):
            eventually(lambda: crashed.failed)
        assert left(store) == 50
        relay = Relay(settings, store)
        with running(relay):
            eventually(lambda: left(store) == 0)
        records = read_all(settings, "portal-feed")
        assert len(records) == 100
        assert first_occurrences(records) == {"d/a": [str(n) for n in range(50)]}


def test_without_its_order_the_relay_is_caught(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failpoints, "broken", failpoints.Plan("relay-order=break").broken)
    with opened(settings) as store:
        put(store, "a", [str(n) for n in range(50)])
        relay = Relay(settings, store)
        with running(relay):
            eventually(lambda: left(store) == 0)
        assert first_occurrences(read_all(settings, "portal-feed")) != {"d/a": [str(n) for n in range(50)]}


def test_a_row_no_topic_takes_ends_the_relay_and_nothing_follows_it(settings: Settings) -> None:
    with opened(settings) as store:
        put(store, "a", ["before"])
        with store.begin() as conn:
            Outbox(store).append(conn, "a", [Outgoing(PORTAL_FEED.name, b"d/a", b"x" * 5_000_000, partition=1)])
        put(store, "a", ["after"])
        relay = Relay(settings, store)
        with running(relay):
            eventually(lambda: relay.failed)
        assert isinstance(relay.failed, Fatal)
        assert "after" not in first_occurrences(read_all(settings, "portal-feed")).get("d/a", [])


def test_another_cluster_ends_the_relay(settings: Settings) -> None:
    with opened(settings) as store:
        with store.begin() as conn:
            claim_cluster(conn, store, Cluster("a-cluster-that-was-wiped", {}))
        put(store, "a", ["1"])
        relay = Relay(settings, store)
        with running(relay):
            eventually(lambda: relay.failed)
        assert isinstance(relay.failed, StoreMismatch)
        assert read_all(settings, "portal-feed") == []


@pytest.mark.postgres
def test_of_two_relays_one_sends_and_the_other_follows_when_it_ends(settings: Settings, postgres_url: str) -> None:
    settings = settings.model_copy(update={"database": postgres_url})
    with opened(settings) as one, Store(settings, "gateway", METADATA) as two:
        first, second = Relay(settings, one, patience=0.8), Relay(settings, two, patience=0.8)
        with running(second):
            with running(first):
                for number in range(20):
                    put(one, "a", [f"{number}.{n}" for n in range(20)])
                eventually(lambda: left(one) == 0)
                assert [first.health()["leads"], second.health()["leads"]].count(True) == 1
                assert len(read_all(settings, "portal-feed")) == 400
            put(one, "a", ["last"])
            eventually(lambda: left(one) == 0)
            assert second.health()["leads"]
        records = read_all(settings, "portal-feed")
        assert first_occurrences(records)["d/a"] == [f"{n}.{m}" for n in range(20) for m in range(20)] + ["last"]
        assert len(records) == 401


@pytest.mark.postgres
def test_rows_another_copy_wrote_are_heard_of_at_once(settings: Settings, postgres_url: str) -> None:
    settings = settings.model_copy(update={"database": postgres_url})
    with opened(settings) as one, Store(settings, "gateway", METADATA) as two:
        relay = Relay(settings, one, patience=3_600)
        relay._awake.wait = lambda timeout=None: type(relay._awake).wait(relay._awake)  # type: ignore[method-assign]
        with running(relay):
            eventually(lambda: relay.health()["leads"])
            put(two, "a", ["from the other copy"])
            eventually(lambda: left(two) == 0, saying="LISTEN woke it: here no poll ever does")


@pytest.mark.postgres
def test_a_lease_whose_holder_is_silent_is_taken_and_the_holder_refused(settings: Settings, postgres_url: str) -> None:
    settings = settings.model_copy(update={"database": postgres_url})
    seconds = [0.0]
    with opened(settings) as store:
        sleeper = Lease(store, "relay", 4.0, lambda: seconds[0])
        waiter = Lease(store, "relay", 4.0, lambda: seconds[0])
        assert sleeper.acquire()
        assert not waiter.acquire()
        seconds[0] = 3.0
        with store.begin() as conn:
            sleeper.beat(conn)
        assert not waiter.acquire()
        seconds[0] = 6.0
        assert not waiter.acquire()
        seconds[0] = 7.5
        assert waiter.acquire()
        with pytest.raises(Fenced), store.begin() as conn:
            sleeper.beat(conn)
        waiter.release()
        assert sleeper.acquire()


def test_bodies_go_after_their_time_and_identities_stay(any_store_settings: Settings) -> None:
    noon = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)
    with opened(any_store_settings) as store:
        put(store, "a", ["1", "2", "3"])
        parcels = [Parcel("a", seq, "t", 1, None, b"k", b"v", ()) for seq in (1, 2)]
        with store.begin() as conn:
            queue.mark(conn, [Placed(each, 1, each.seq) for each in parcels], int(noon.timestamp() * 1000))
        assert queue.sweep(store, noon - timedelta(seconds=1)) == 0
        assert queue.sweep(store, noon + timedelta(seconds=1)) == 2
        with store.read() as conn:
            assert conn.execute(sa.select(BODIES.c.seq)).scalars().all() == [3]
            assert conn.execute(sa.select(sa.func.count()).select_from(OUTBOX)).scalar_one() == 3
            ids = conn.execute(sa.select(OUTBOX.c.gk_id).where(OUTBOX.c.seq == 1)).scalar_one()
        assert str(UUID(bytes=bytes(ids))) == uid("feed", "1")
