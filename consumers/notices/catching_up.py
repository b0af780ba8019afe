"""Whether all is read that lay on the topics when this process began.

Before that nobody is told anything: a rung may have been taken back while the part was away, and a store that was put
back from a copy learns from its own records what it had sent since.
"""

from __future__ import annotations

from contextlib import closing

import sqlalchemy as sa
from kafka import TopicPartition

from bus import clients
from bus.errors import Retriable
from bus.settings import Settings
from bus.store import Store
from bus.store.tables import PARTITIONS
from schemas.topics import Topic

Place = tuple[str, int]


class CatchingUp:
    """Asked by every postman; once it says yes it says so for ever."""

    def __init__(self, settings: Settings, store: Store, topics: tuple[Topic, ...]) -> None:
        self._settings = settings
        self._store = store
        self._topics = topics
        self._ends: dict[Place, int] | None = None
        self._done = False

    def __call__(self) -> bool:
        """Whether the store stands behind the ends that the log had at the first question.

        Raises:
            Retriable: the broker did not answer.
        """
        if not self._done:
            self._ends = self._ends if self._ends is not None else self._ask()
            self._done = not behind(self._ends, self._reached())
        return self._done

    def _ask(self) -> dict[Place, int]:
        found: dict[Place, int] = {}
        with clients.kafka_errors("read the ends of the topics"), closing(clients.consumer(self._settings)) as consumer:
            for topic in self._topics:
                name = self._settings.topic(topic)
                numbers = consumer.partitions_for_topic(name)
                if not numbers:
                    raise Retriable(f"topic {name} is missing; run: gongkai topics create")
                places = [TopicPartition(name, number) for number in sorted(numbers)]
                ends = consumer.end_offsets(places)
                found |= {(topic.name, place.partition): ends[place] for place in places}
        return found

    def _reached(self) -> dict[Place, int]:
        columns = (PARTITIONS.c.topic, PARTITIONS.c.partition, PARTITIONS.c.next_offset)
        with self._store.read() as conn:
            return {(row.topic, row.partition): row.next_offset for row in conn.execute(sa.select(*columns))}


def behind(ends: dict[Place, int], reached: dict[Place, int]) -> list[Place]:
    """Partitions that were not read so far."""
    return sorted(place for place, end in ends.items() if reached.get(place, 0) < end)
