"""`make bench-end-to-end`: from a backlog in `publications` to the last receipt in the ledger, every part running.

    python -m benchmarks.end_to_end [--events 20000] [--rounds 1]

Each round has a new city. The door is filled over HTTP with streams of NDJSON by the departments' own client while
router and consumers are stopped, and the relay puts everything into `publications`: the door's figures. Then the
consumers start, last the router; the clock runs from the router's first verdict to the moment at which the ledger
holds every verdict and every receipt. Every event goes to one outlet, the portal; the other parts run and follow.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from kafka import TopicPartition

from benchmarks import report
from benchmarks.city import City, Events, Use, running, wait
from bus import clients
from bus.clock import now
from producers.client import GatewayClient
from schemas.topics import PUBLICATIONS, RECEIPTS, VERDICTS, Topic

CONSUMERS = ("assessment", "portal", "gazette", "newmedia")
GROUP = 500
"""Events of one NDJSON request."""
SENDERS = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=1)
    asked = parser.parse_args()
    before = report.machine()
    rounds = [measure(asked.events) for _ in range(asked.rounds)]
    summary = {
        "benchmark": "end-to-end", "machine": before, "versions": report.versions(), "events": asked.events,
        "rounds": asked.rounds,
        **{name: report.spread([each[name] for each in rounds]) for name in ("door_per_second", "events_per_second")},
        "cpu_us_per_event": rounds[-1]["cpu_us_per_event"],
        "peak_mb": {name: max(each["peak_mb"][name] for each in rounds) for name in rounds[-1]["peak_mb"]},
        "ratios": {},
    }  # fmt: skip
    summary["ratios"] = {
        "events_to_goal": round(summary["events_per_second"]["median"] / 3_000, 2),
        "door_to_goal": round(summary["door_per_second"]["median"] / 1_000, 2),
    }
    report.keep("end-to-end", summary, raw=rounds)


def measure(count: int) -> dict[str, Any]:
    """One round."""
    with running() as city:
        events = Events(now())
        city.stop("router", *CONSUMERS)
        filled = fill(city, events, count)
        say(f"door: {count / filled['door_seconds']:,.0f} events/s by NDJSON")
        city.start(*CONSUMERS)
        before = city.use()
        began = time.monotonic()
        city.start("router")
        seconds = arrival(city, count, began)
        used = city.use()
        say(f"end to end: {count / seconds['first_verdict_to_last_receipt']:,.0f} events/s")
    return {
        "door_per_second": count / filled["door_seconds"],
        "events_per_second": count / seconds["first_verdict_to_last_receipt"],
        "seconds": {**filled, **seconds},
        "cpu_us_per_event": {name: cpu_us(use, before.get(name), count) for name, use in used.items()},
        "peak_mb": {name: use.peak_mb for name, use in used.items()},
        "raw_use": {name: asdict(use) for name, use in used.items()},
    }


def fill(city: City, events: Events, count: int) -> dict[str, float]:
    """Send everything by NDJSON, one department after another; wait until the relay is through."""
    departments = events.departments[:SENDERS]
    keys = city.keys(departments)
    began = time.monotonic()
    for place, dept in enumerate(departments):
        client = GatewayClient(city.settings.url_of("gateway"), keys[dept])
        numbers = range(place * count // SENDERS, (place + 1) * count // SENDERS)
        taken = sum(_accepted(answer) for answer in client.publish_all(made(events, dept, numbers), GROUP))
        client.close()
        if taken != len(numbers):
            raise SystemExit(f"the door took {taken} of {len(numbers)} events of {dept}")
    answered = time.monotonic() - began
    relayed = answered + wait(lambda: end(city, PUBLICATIONS) >= count, "the door's relay")
    return {"door_seconds": answered, "in_publications_after": relayed}


def made(events: Events, dept: str, numbers: range) -> Iterator[bytes]:
    return (events.one(number, dept) for number in numbers)


def arrival(city: City, count: int, began: float) -> dict[str, float]:
    """Seconds from the router's start, and from its first verdict, until the ledger has everything."""
    first = time.monotonic() - began if end(city, VERDICTS) else None
    while first is None:
        wait(lambda: end(city, VERDICTS) > 0, "the first verdict", pause=0.02)
        first = time.monotonic() - began
    wait(lambda: city.position("assessment", VERDICTS) >= count, "the ledger's verdicts")
    wait(lambda: city.position("assessment", RECEIPTS) >= count, "the ledger's receipts")
    whole = time.monotonic() - began
    return {"start_to_last_receipt": whole, "first_verdict_to_last_receipt": whole - first}


def end(city: City, topic: Topic) -> int:
    """How many records stand in a topic."""
    consumer = clients.consumer(city.settings)
    name = city.settings.topic(topic)
    try:
        places = [TopicPartition(name, each) for each in consumer.partitions_for_topic(name)]
        return sum(consumer.end_offsets(places).values())
    finally:
        consumer.close()


def cpu_us(use: Use, before: Use | None, count: int) -> float:
    """CPU time of a part for one event, in microseconds."""
    return round((use.cpu_seconds - (before.cpu_seconds if before else 0.0)) / count * 1e6, 1)


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _accepted(answer: dict[str, Any]) -> bool:
    return bool(answer.get("outcome") == "forwarded")


if __name__ == "__main__":
    main()
