"""In which order things are read, so that traffic in between can look like nothing but traffic.

The door's outbox, then how far the router and each store say they are, then the ends of the topics, from the last
to the first of the way: so whatever follows from something counted as past is before an end, and whatever stands
before an end has everything it came from before an end too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from kafka import TopicPartition

from bus import clients
from bus.errors import Fatal, Retriable
from bus.record import Record
from bus.settings import Settings
from schemas.topics import CITY, DEAD_LETTERS, DELIVERIES, DUTIES, JUDGED, RECEIPTS, REJECTIONS, ROUTED, VERDICTS, Topic

ROUTER = "router"

Place = tuple[str, int]
"""Bare topic and partition."""


def committed(settings: Settings) -> list[tuple[str, int, int]]:
    """How far the router has acknowledged its inputs: topic, partition, next offset."""
    wanted = {settings.topic(topic): topic.name for topic in ROUTED}
    offsets = clients.committed(settings, [ROUTER])[ROUTER]
    return [
        (wanted[place.topic], place.partition, offset) for place, offset in offsets.items() if place.topic in wanted
    ]


def ends(settings: Settings, feeds: Sequence[Topic]) -> dict[Place, tuple[int, int]]:
    """Beginning and end of every partition, the topics' ends taken against the stream."""
    found: dict[Place, tuple[int, int]] = {}
    with clients.kafka_errors("read the ends of the topics"), closing(clients.consumer(settings)) as consumer:
        for topic in (RECEIPTS, REJECTIONS, DEAD_LETTERS, DELIVERIES, DUTIES, VERDICTS, *feeds, *JUDGED, CITY):
            name = settings.topic(topic)
            numbers = consumer.partitions_for_topic(name)
            if not numbers:
                raise Fatal(f"topic {name} is missing; run: gongkai topics create")
            places = [TopicPartition(name, number) for number in sorted(numbers)]
            lasts, begins = consumer.end_offsets(places), consumer.beginning_offsets(places)
            found |= {(topic.name, place.partition): (begins[place], lasts[place]) for place in places}
    return found


def records(settings: Settings, extents: dict[Place, tuple[int, int]]) -> Iterator[Record]:
    """Every record within the extents, in the order of its partition.

    Raises:
        Retriable: the broker stays away.
    """
    with (
        clients.kafka_errors("read the topics"),
        closing(clients.consumer(settings, max_poll_records=2_000)) as consumer,
    ):
        left = {
            TopicPartition(settings.topic(topic), number): end
            for (topic, number), (begin, end) in extents.items()
            if begin < end
        }
        consumer.assign(list(left))
        for place in left:
            consumer.seek(place, extents[settings.bare(place.topic), place.partition][0])
        yield from _until(settings, consumer, left)


def _until(settings: Settings, consumer: Any, left: dict[TopicPartition, int]) -> Iterator[Record]:
    heard = time.monotonic()
    while left:
        polled = consumer.poll(timeout_ms=500)
        heard = time.monotonic() if polled else heard
        if time.monotonic() - heard > settings.infrastructure_deadline:
            raise Retriable(f"{next(iter(left))} does not come to its end")
        for place, found in polled.items():
            end = left.get(place, 0)
            topic = settings.bare(place.topic)
            for each in found:
                if each.offset < end:
                    yield Record(
                        topic, each.partition, each.offset, each.timestamp, each.key, each.value, tuple(each.headers)
                    )
            if place in left and consumer.position(place) >= end:
                del left[place]
                consumer.pause(place)
