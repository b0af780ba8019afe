"""`make bench-latency`: from a POST at the door to the item in the portal's API, beside a bare produce-and-poll.

    python -m benchmarks.latency [--rate 100] [--seconds 20] [--rounds 3] [--warm-up 10]

Every part runs, fsync on, on an otherwise idle city. At a steady rate each event is POSTed by a client of several
connections; its time runs from before the POST until the portal's own stream of what it has made public
(`/api/v1/portal-feed/stream`, rung after the portal's commit) brings it, and every 20th is then asked of
`/api/v1/items/…` and must be there. In between, on the same broker and at the same rate, a bare kafka-python producer
sends the same events with acks=all to a consumer that polls; its time runs from before the send to the record in hand.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import httpx
import msgspec
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from benchmarks import report
from benchmarks.city import City, Events, running, wait
from bus.clock import now
from consumers.portal.platforms.readers import Roll

WARM_UP = 0.2
"""Share of a phase that is not counted."""
FLOORS = {"median": 30.0, "p99": 120.0}
"""Milliseconds that are good enough whatever the bare way takes."""
GOALS = {"median": 6.0, "p99": 8.0}
CHECK_EVERY = 20
BARE = "bench-bare"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=100, help="events a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="of one phase")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warm-up", type=float, default=10.0, help="seconds at the rate, before the first round")
    asked = parser.parse_args()
    machine = report.machine()
    bare: list[list[float]] = []
    ours: list[list[float]] = []
    used: list[dict[str, float]] = []
    with running() as city:
        events = Events(now())
        posting = Posting(city, events)
        posting.phase(asked.rate, asked.warm_up)
        for number in range(asked.rounds):
            bare.append(bare_phase(city, events, asked.rate, asked.seconds))
            before = city.use()
            ours.append(posting.phase(asked.rate, asked.seconds))
            used.append({
                name: round((use.cpu_seconds - before[name].cpu_seconds) / len(ours[-1]) * (1 - WARM_UP) * 1000, 2)
                for name, use in city.use().items()
            })  # fmt: skip
            print(f"round {number + 1}: bare {told(bare[-1])}, ours {told(ours[-1])}", file=sys.stderr)
        posting.close()
    summary = {
        "benchmark": "latency", "machine": machine, "versions": report.versions(), "rate": asked.rate,
        "seconds": asked.seconds, "rounds": asked.rounds, "bare_ms": over_rounds(bare), "ours_ms": over_rounds(ours),
        "cpu_ms_per_event": used[-1], "ratios": {}, "good": True,
    }  # fmt: skip
    for name, goal in GOALS.items():
        mine, theirs = summary["ours_ms"][name]["median"], summary["bare_ms"][name]["median"]
        summary["ratios"][name] = round(mine / theirs, 2)
        summary["good"] &= mine <= max(FLOORS[name], goal * theirs)
    report.keep("latency", summary, bare_raw_ms=rounded(bare), ours_raw_ms=rounded(ours))


class Event(msgspec.Struct):
    """What the watcher reads of an event."""

    subject: str


class Shown(msgspec.Struct):
    """What the watcher reads of a record of the portal's stream."""

    event: Event


_SHOWN = msgspec.json.Decoder(Shown)


class Posting:
    """Posts events and watches the portal; times in milliseconds."""

    def __init__(self, city: City, events: Events) -> None:
        self._city = city
        self._events = events
        self._keys = city.keys(events.departments)
        self._token = Roll(city.settings).issue("bench", now())
        self._next = 0
        self._seen: dict[str, float] = {}
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="watch")
        self._watcher.start()
        self._ready.wait(30)

    def close(self) -> None:
        """Watch no more."""
        self._stop.set()
        asyncio.run(self._post([self._next], 1))  # one more event, for the stream to see that it is over
        self._watcher.join(60)

    def phase(self, rate: int, seconds: float) -> list[float]:
        """How long each event took, warm-up left out."""
        numbers = list(range(self._next, self._next + int(rate * seconds)))
        self._next += len(numbers)
        sent = asyncio.run(self._post(numbers, rate))
        wait(lambda: all(subject in self._seen for subject in sent), "the last event in the portal", 60, 0.02)
        self._check(list(sent)[::CHECK_EVERY])
        took = [(self._seen[subject] - at) * 1000 for subject, at in sent.items()]
        return took[int(len(took) * WARM_UP) :]

    async def _post(self, numbers: list[int], rate: int) -> dict[str, float]:
        """Send at the rate, whatever the answers' pace; when each POST began."""
        sent: dict[str, float] = {}
        async with aiohttp.ClientSession(self._city.settings.url_of("gateway")) as client:
            began = time.perf_counter()
            async with asyncio.TaskGroup() as tasks:
                for place, number in enumerate(numbers):
                    await asyncio.sleep(max(0.0, began + place / rate - time.perf_counter()))
                    tasks.create_task(self._post_one(client, number, sent))
        return sent

    async def _post_one(self, client: aiohttp.ClientSession, number: int, sent: dict[str, float]) -> None:
        dept = self._events.departments[number % len(self._events.departments)]
        headers = {"Authorization": f"Bearer {self._keys[dept]}", "Content-Type": "application/cloudevents+json"}
        sent[f"{dept}/bench-{number:08d}"] = time.perf_counter()
        async with client.post("/v1/events", data=self._events.one(number, dept), headers=headers) as answer:
            answer.raise_for_status()

    def _watch(self) -> None:
        """Read the portal's stream; note when each item came."""
        url = self._city.settings.url_of("portal") + "/api/v1/portal-feed/stream"
        headers = {"Authorization": f"Bearer {self._token}"}
        with httpx.stream("GET", url, headers=headers, timeout=60) as answer:
            self._ready.set()
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    at = time.perf_counter()
                    self._seen[_SHOWN.decode(line[6:]).event.subject] = at
                if self._stop.is_set():
                    return

    def _check(self, subjects: list[str]) -> None:
        """The items' own resources answer too."""
        with httpx.Client(base_url=self._city.settings.url_of("portal")) as client:
            for subject in subjects:
                client.get(f"/api/v1/items/{subject}").raise_for_status()


def bare_phase(city: City, events: Events, rate: int, seconds: float) -> list[float]:
    """The same events from a producer to a consumer, and nothing else."""
    address = city.settings.bootstrap
    place = bare_topic(address)
    consumer = KafkaConsumer(bootstrap_servers=address)
    consumer.assign([place])
    consumer.seek_to_end(place)
    consumer.position(place)
    producer = KafkaProducer(bootstrap_servers=address, acks="all", linger_ms=0)
    sent: dict[int, float] = {}
    seen: dict[int, float] = {}
    count = int(rate * seconds)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read, consumer, seen, count)
        paced(count, rate, lambda number: send(producer, events, number, sent))
        reading.result(60)
    producer.close()
    consumer.close()
    took = [(seen[number] - at) * 1000 for number, at in sent.items()]
    return took[int(count * WARM_UP) :]


def bare_topic(address: str) -> TopicPartition:
    admin = KafkaAdminClient(bootstrap_servers=address)
    if BARE not in admin.list_topics():
        admin.create_topics([NewTopic(BARE, 1, 1)])
    admin.close()
    return TopicPartition(BARE, 0)


def send(producer: Any, events: Events, number: int, sent: dict[int, float]) -> None:
    value = events.one(number)
    sent[number] = time.perf_counter()
    producer.send(BARE, value=value, key=b"%d" % number, partition=0)


def read(consumer: Any, seen: dict[int, float], count: int) -> None:
    while len(seen) < count:
        for records in consumer.poll(timeout_ms=500).values():
            at = time.perf_counter()
            seen.update({int(record.key): at for record in records})


def paced(count: int, rate: int, call: Callable[[int], None]) -> None:
    """Call at a steady rate."""
    began = time.perf_counter()
    for number in range(count):
        time.sleep(max(0.0, began + number / rate - time.perf_counter()))
        call(number)


def told(times: list[float]) -> str:
    return f"{report.percentile(times, 0.5):.1f} ms, p99 {report.percentile(times, 0.99):.1f} ms"


def over_rounds(rounds: list[list[float]]) -> dict[str, dict[str, float]]:
    """Median and p99 of each round, and their spread over the rounds."""
    shares = {"median": 0.5, "p99": 0.99}
    return {
        name: report.spread([report.percentile(times, share) for times in rounds], 2) for name, share in shares.items()
    }


def rounded(rounds: list[list[float]]) -> list[list[float]]:
    return [[round(each, 2) for each in times] for times in rounds]


if __name__ == "__main__":
    main()
