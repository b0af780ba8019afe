"""`make bench-memory`: how much memory each process has held at its peak.

    python -m benchmarks.memory [--items 20000] [--backlog-mb 200]      (the whole size: 200000 and 2000)

First a run of the end-to-end benchmark with so many items, then a router alone, started on a backlog of that size in
`publications`, half of its bytes in events of 2.4 KB and half in events of 200 KB. Peaks are the system's own
(VmHWM), of every part; the broker's is shown beside. The goal is 250 MB for each Python process.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator

from aiokafka import AIOKafkaProducer

from benchmarks import end_to_end, report
from benchmarks.city import City, Events, running, wait
from bus.clock import now
from schemas.topics import PUBLICATIONS, VERDICTS

GOAL_MB = 250
LARGE = 200_000
"""Bytes of the larger events."""
BATCH = 1024 * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--backlog-mb", type=int, default=200)
    asked = parser.parse_args()
    machine = report.machine()
    whole = end_to_end.measure(asked.items)
    alone, records = on_backlog(asked.backlog_mb)
    peaks = {**whole["peak_mb"], "router-on-backlog": alone}
    worst = max(peak for name, peak in peaks.items() if name != "kafka")
    for name, peak in sorted(peaks.items()):
        print(f"{name:20} {peak:8.1f} MB")
    summary = {
        "benchmark": "memory", "machine": machine, "versions": report.versions(), "items": asked.items,
        "backlog_mb": asked.backlog_mb, "backlog_records": records, "peak_mb": peaks, "worst_mb": worst,
        "goal_mb": GOAL_MB, "good": worst <= GOAL_MB, "ratios": {"worst_to_goal": round(worst / GOAL_MB, 2)},
    }  # fmt: skip
    report.keep("memory", summary, end_to_end=whole)


def on_backlog(megabytes: int) -> tuple[float, int]:
    """The peak of a router that finds so much before it, and how many records that were."""
    with running(only=("router",)) as city:
        city.stop("router")
        records = asyncio.run(backlog(city, megabytes * 1_000_000))
        city.start("router")
        took = wait(lambda: end_to_end.end(city, VERDICTS) >= records, "the backlog's verdicts", pause=1)
        print(f"router alone: {records:,} records, {megabytes / took:,.1f} MB/s", file=sys.stderr)
        return city.use()["router"].peak_mb, records


async def backlog(city: City, size: int) -> int:
    """Fill `publications` past the door, evenly over its partitions; how many records it took."""
    producer = AIOKafkaProducer(
        bootstrap_servers=city.settings.bootstrap, max_batch_size=BATCH, max_request_size=2 * BATCH
    )
    await producer.start()
    topic, count = city.settings.topic(PUBLICATIONS), 0
    try:
        for count, (key, value) in enumerate(_both(size), 1):
            await producer.send(topic, key=key, value=value, partition=count % city.settings.partitions)
        await producer.flush()
    finally:
        await producer.stop()
    return count


def _both(size: int) -> Iterator[tuple[bytes, bytes]]:
    """Small events for half of the bytes, and a large one whenever they have caught up with it."""
    small, large = Events(now()), Events(now(), LARGE)
    written = ahead = number = 0
    while written < size:
        number += 1
        value = large.one(number) if ahead <= 0 else small.one(number)
        ahead += len(value) if ahead <= 0 else -len(value)
        written += len(value)
        yield b"bench/%d" % number, value


if __name__ == "__main__":
    main()
