"""What tests of a stage need: workers as processes, a topic to fill, outputs to read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kafka import TopicPartition

from bus import clients, programs
from bus.settings import Settings
from schemas.topics import PUBLICATIONS, Topic
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
GROUP = "copier"


class Worker:
    """A worker process."""

    def __init__(self, settings: Settings, module: str = "tests.streams.worker", **environment: str) -> None:
        self.log = settings.home / f"worker-{os.urandom(3).hex()}.log"
        env = {**os.environ, **programs.environment(settings), "PYTHONPATH": str(ROOT), **environment}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module], cwd=settings.home, env=env, stdout=log, stderr=log
            )

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(40)

    def text(self) -> str:
        return self.log.read_text(errors="replace")


@contextmanager
def working(settings: Settings, count: int = 1, **environment: str) -> Iterator[list[Worker]]:
    workers = [Worker(settings, **environment) for _ in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.end(signal.SIGKILL)


def fill(settings: Settings, values: Iterable[tuple[bytes, bytes]], topic: Topic = PUBLICATIONS) -> int:
    """Send (key, value) pairs; how many."""
    count = 0
    producer = clients.producer(settings, linger_ms=5)
    for key, value in values:
        producer.send(settings.topic(topic), key=key, value=value, timestamp_ms=1_700_000_000_000 + count)
        count += 1
    producer.flush()
    producer.close()
    return count


def numbered(count: int, start: int = 0, keys: int = 40, size: int = 0) -> Iterator[tuple[bytes, bytes]]:
    for number in range(start, start + count):
        yield f"D{number % keys:02d}/k".encode(), f"{number:08d}".encode() + b"." * size


def committed(settings: Settings, group: str = GROUP) -> int:
    """The sum of the group's committed offsets."""
    return sum(clients.committed(settings, [group])[group].values())


def until_committed(settings: Settings, count: int, deadline: float = 60.0, group: str = GROUP) -> None:
    eventually(lambda: committed(settings, group) >= count, deadline, f"{count} committed")


def read(settings: Settings, topic: Topic) -> list[object]:
    """Every record of a topic, by partition and offset; kafka-python's own objects."""
    consumer = clients.consumer(settings)
    try:
        name = settings.topic(topic)
        places = [TopicPartition(name, number) for number in range(settings.partitions)]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        found: list[object] = []
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(timeout_ms=1000).values():
                found += records
        return sorted(found, key=lambda record: (record.partition, record.offset))  # type: ignore[attr-defined]
    finally:
        consumer.close()


def check_complete(settings: Settings, count: int, topic: Topic) -> int:
    """Every number arrived, first occurrences in order for each key; how many were repeated."""
    records = read(settings, topic)
    last: dict[bytes, int] = defaultdict(lambda: -1)
    seen: set[int] = set()
    for record in records:
        number = int(record.value[:8])  # type: ignore[attr-defined]
        key = record.key  # type: ignore[attr-defined]
        if number not in seen:
            assert number > last[key], f"{key!r}: {number} after {last[key]}"
            last[key] = number
            seen.add(number)
    assert sorted(seen) == list(range(count)), f"{count - len(seen)} of {count} lost"
    return len(records) - len(seen)
