"""How fast a store speaks and listens: append + relay, sink apply, and a lone row's way to the topic.

    python -m benchmarks.store [--rows 40000] [--database URL] [--runs 3]

Needs a broker (GONGKAI_BOOTSTRAP, or the embedded one of GONGKAI_HOME). Every run has its own topics and leaves none.
`append_relay` is until every row is acknowledged and marked; `sink` applies rows into an indexed table with a
receipt each into the outbox, and is until its last commit; `lone_ms` is from before the append's transaction to the
record in a consumer's hands at 100 rows a second. Values are 2,400 bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from kafka import TopicPartition

from bus import clients, topics
from bus.record import Outgoing, Record
from bus.settings import Settings
from bus.store import Outbox, Projection, Relay, Sink, Store, Tx
from schemas.headers import ID
from schemas.topics import PORTAL_FEED, RECEIPTS

VALUE = ("公" * 800).encode()
METADATA = sa.MetaData()
ITEMS = sa.Table(
    "items", METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, index=True, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)  # fmt: skip


class Items(Projection):
    """A row and a receipt for each record."""

    name = "portal"
    topics = (PORTAL_FEED,)
    metadata = METADATA

    def apply(self, tx: Tx, records: Sequence[Record]) -> None:
        """One statement for all of them."""
        tx.conn.execute(ITEMS.insert(), [
            {"id": record.gk_id, "key": (record.key or b"").decode(), "body": record.value} for record in records
        ])  # fmt: skip
        for record in records:
            tx.send(Outgoing(RECEIPTS.name, record.key or b"", VALUE[:600], ((ID, uuid.uuid4().bytes.hex().encode()),)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=40_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    figures: dict[str, list[float]] = {"append_relay": [], "sink": [], "relay": [], "lone_ms": []}
    for number in range(asked.runs):
        for name, value in run(asked.rows, asked.database).items():
            figures[name].append(value)
            print(f"run {number + 1}: {name} {value:,.1f}", file=sys.stderr)
    report(figures, asked.rows, asked.database)


def run(rows: int, database: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), prefix=f"b{uuid.uuid4().hex[:10]}.", partitions=4, database=database)
        settings = settings.model_copy(update={"bootstrap": clients.bootstrap(Settings())})
        topics.create(settings)
        try:
            with Store(settings, "gateway", METADATA) as store:
                store.migrate()
                spoken = append_relay(settings, store, rows)
                lone = lone_row(settings, store)
            with Store(settings, "portal", METADATA) as store:
                store.migrate()
                heard = sink(settings, store, rows)
                both = with_relay(settings, store, rows)
        finally:
            with clients.admin(settings) as admin:
                admin.delete_topics([name for name in admin.list_topics() if name.startswith(settings.prefix)])
    return {"append_relay": spoken, "sink": heard, "relay": both, "lone_ms": lone}


def append_relay(settings: Settings, store: Store, rows: int) -> float:
    outbox, relay = Outbox(store), Relay(settings, store)
    relay.start()
    begun = time.perf_counter()
    for first in range(0, rows, 500):
        with store.begin() as conn:
            outbox.append(conn, f"lane{first // 500 % 4}", [feed_record(first + n) for n in range(500)])
        relay.wake()
    wait(lambda: relay.health()["waiting"] == 0)
    took = time.perf_counter() - begun
    relay.stop()
    return rows / took


def sink(settings: Settings, store: Store, rows: int) -> float:
    service = Sink(settings, store, Items())
    begun = time.perf_counter()
    service.start()
    wait(lambda: applied(store, service) >= rows)
    took = time.perf_counter() - begun
    service.stop()
    return rows / took


def with_relay(settings: Settings, store: Store, rows: int) -> float:
    """How long the receipts of `sink` take to be sent."""
    relay = Relay(settings, store)
    begun = time.perf_counter()
    relay.start()
    wait(lambda: relay.health()["waiting"] == 0)
    took = time.perf_counter() - begun
    relay.stop()
    return rows / took


def lone_row(settings: Settings, store: Store) -> float:
    outbox, relay = Outbox(store), Relay(settings, store)
    consumer = clients.consumer(settings)
    places = consumer_places(consumer, settings)
    consumer.assign(places)
    consumer.seek_to_end(*places)
    consumer.poll(timeout_ms=200)
    seen: dict[bytes, float] = {}
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for records in consumer.poll(timeout_ms=100).values():
                seen.update({record.key: time.perf_counter() for record in records})

    reader = threading.Thread(target=read)
    reader.start()
    relay.start()
    sent: dict[bytes, float] = {}
    for number in range(300):
        key = f"d/lone{number}".encode()
        sent[key] = time.perf_counter()
        with store.begin() as conn:
            outbox.append(conn, "lone", [Outgoing(PORTAL_FEED.name, key, VALUE, ((ID, uuid.uuid4().hex.encode()),))])
        relay.wake()
        time.sleep(max(0.0, 0.01 - (time.perf_counter() - sent[key])))
    wait(lambda: len(seen) >= len(sent))
    done.set()
    reader.join()
    relay.stop()
    consumer.close()
    return statistics.median((seen[key] - at) * 1000 for key, at in list(sent.items())[50:])


def consumer_places(consumer: Any, settings: Settings) -> list[Any]:
    name = settings.topic(PORTAL_FEED)
    return [TopicPartition(name, each) for each in consumer.partitions_for_topic(name)]


def feed_record(number: int) -> Outgoing:
    return Outgoing(
        PORTAL_FEED.name, f"d/{number}".encode(), VALUE, ((ID, uuid.uuid4().hex.encode()),), partition=number % 4
    )


def applied(store: Store, service: Sink) -> int:
    if service.failed is not None:
        raise service.failed
    with store.read() as conn:
        return int(conn.execute(sa.text("SELECT coalesce(sum(next_offset), 0) FROM gk_partitions")).scalar_one())


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("did not end within 300 s")
        time.sleep(0.02)


def report(figures: dict[str, list[float]], rows: int, database: str) -> None:
    print(json.dumps({
        "benchmark": "store",
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "versions": {name: version(name) for name in ("kafka-python", "sqlalchemy")},
        "settings": {"rows": rows, "value_bytes": len(VALUE), "database": database.partition(":")[0] or "sqlite"},
        "figures": {
            name: {"median": statistics.median(values), "min": min(values), "max": max(values), "raw": values}
            for name, values in figures.items()
        },
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "ratios": {},
    }))  # fmt: skip


if __name__ == "__main__":
    main()
