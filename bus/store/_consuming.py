"""kafka-python's consumer as a sink needs it: in a group, but positioned by SQL alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kafka import ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from bus import clients
from bus.errors import Retriable, StoreMismatch
from bus.record import Record
from bus.settings import Settings
from bus.store._cluster import Cluster, describe
from bus.store._unpacking import Unpacked
from bus.store.positions import Extent, Position
from bus.store.projection import Projection

MAX_RECORDS = 1_000
"""Of one poll, and so of one transaction."""
POLL_MS = 250
"""How long a poll waits for nothing; a record that arrives ends it at once."""

Place = tuple[str, int]
"""Bare topic and partition."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What one poll brought of one partition."""

    topic: str
    partition: int
    records: Sequence[Record]


class Consuming(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python is untyped
    """A consumer whose partitions stand still after each assignment until `begin_at` says where they begin.

    Memory: a fetch is at most 8 MB (one record more where a single one is larger), whatever the backlog.
    """

    def __init__(self, settings: Settings, projection: Projection, *, static: bool) -> None:
        """`static`: this process alone can hold the store, so a restart takes its old place in the group at once."""
        self._settings = settings
        self._what = f"serve {projection.name}"
        self._new: set[TopicPartition] = set()
        self._gone: set[TopicPartition] = set()
        self._consumer: Any = clients.consumer(
            settings,
            projection.name,
            group_instance_id=settings.group(projection.name) if static else None,
            fetch_max_bytes=8 * 1024 * 1024,
            max_partition_fetch_bytes=1024 * 1024,
            max_poll_records=MAX_RECORDS,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            metadata_max_age_ms=clients.METADATA_MS,
            reconnect_backoff_max_ms=1_000,
        )
        self._consumer._fetcher.PartitionRecords = Unpacked
        with clients.kafka_errors(self._what):
            self._subscribe([settings.topic(topic) for topic in projection.topics])

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Runs in the consumer's own thread: hold them still, do nothing that waits."""
        for each in assigned:
            self._consumer.seek(each, 0)
            self._consumer.pause(each)
            self._new.add(each)
            self._gone.discard(each)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Runs in the consumer's own thread."""
        for each in revoked:
            self._gone.add(each)
            self._new.discard(each)

    def poll(self) -> list[Slice]:
        """What has come.

        Raises:
            Retriable: the broker did not answer, or says that our position is not in its log, which the take-over
                that follows looks into.
        """
        self._finish_rejoin()
        try:
            with clients.kafka_errors(self._what):
                polled = self._consumer.poll(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
        except StoreMismatch as error:
            raise Retriable(f"{self._what}: {error}") from error
        return [self._slice(place, records) for place, records in polled.items()]

    def _finish_rejoin(self) -> None:
        """Have the next poll look after a rejoin that the last one was cut short in.

        kafka-python 3.0.12 begins one when metadata has changed, and forgets it when the broker's answer comes between
        two polls and says that nothing has changed any more: no heartbeat, no partition, and no error either.
        """
        coordinator = self._consumer._coordinator
        if coordinator.rejoining:
            coordinator.request_rejoin()

    def newly_assigned(self) -> set[Place]:
        """Partitions that wait for `begin_at`."""
        return {self._bare(each) for each in self._new}

    def taken_away(self) -> set[Place]:
        """Partitions that were taken away since the last call."""
        gone, self._gone = self._gone, set()
        return {self._bare(each) for each in gone}

    def extents(self, places: Iterable[Place]) -> tuple[Cluster, dict[Place, Extent]]:
        """The cluster, and what it holds of these partitions."""
        wanted = {place: self._full(place) for place in places}
        cluster = describe(self._settings, sorted({topic for topic, _ in wanted}))
        with clients.kafka_errors(self._what):
            begins = self._consumer.beginning_offsets(list(wanted.values()))
            ends = self._consumer.end_offsets(list(wanted.values()))
        return cluster, {
            place: Extent(cluster.topic_ids[place[0]], begins[each], ends[each]) for place, each in wanted.items()
        }

    def begin_at(self, position: Position) -> None:
        """Let a partition flow from there."""
        place = self._full((position.topic, position.partition))
        if place not in self._new:
            return
        self._new.discard(place)
        with clients.kafka_errors(self._what):
            self._consumer.seek(place, position.next_offset)
            self._consumer.resume(place)

    def lag(self, position: Position) -> int:
        """Records behind the end of the log, as far as the last fetch told."""
        with suppress(AssertionError, KafkaError, KeyError):
            high = self._consumer.highwater(self._full((position.topic, position.partition)))
            return max(0, (high or 0) - position.next_offset)
        return 0

    def behind(self, positions: Sequence[Position]) -> list[str]:
        """Partitions whose log goes on behind what was fetched."""
        places = {self._full((each.topic, each.partition)): each for each in positions}
        if not places:
            return []
        with clients.kafka_errors(self._what):
            ends = self._consumer.end_offsets(list(places))
            fetched = {place: self._consumer.position(place, timeout_ms=5_000) for place in places}
        return [
            f"{each.topic}/{each.partition}" for place, each in places.items() if ends[place] > (fetched[place] or 0)
        ]

    def commit(self, positions: Sequence[Position]) -> None:
        """Tell Kafka, for those who watch lag; nothing depends on it."""
        offsets = {
            self._full((each.topic, each.partition)): OffsetAndMetadata(each.next_offset, "", -1) for each in positions
        }
        if offsets:
            with suppress(KafkaError):
                self._consumer.commit_async(offsets)

    def close(self) -> None:
        """Leave the group."""
        with suppress(KafkaError, OSError):
            self._consumer.close(autocommit=False, timeout_ms=3_000)

    def _subscribe(self, topics: Sequence[str]) -> None:
        """Know the topics' partitions, then join the group.

        kafka-python takes the answer to an older question, on its way when it joins, for the answer to the newer
        one: it would give itself no partition, and not ask again before `metadata_max_age_ms`.
        """
        for topic in topics:
            self._consumer.partitions_for_topic(topic)
        self._consumer.subscribe(topics, listener=self)

    def _slice(self, place: TopicPartition, records: Sequence[Any]) -> Slice:
        topic, partition = self._bare(place)
        return Slice(topic, partition, as_records(topic, partition, records))

    def _bare(self, place: TopicPartition) -> Place:
        return self._settings.bare(place.topic), place.partition

    def _full(self, place: Place) -> TopicPartition:
        return TopicPartition(self._settings.topic(place[0]), place[1])


def as_records(topic: str, partition: int, records: Iterable[Any]) -> list[Record]:
    """kafka-python's records as ours."""
    return [
        Record(topic, partition, each.offset, each.timestamp, each.key, each.value, tuple(each.headers))
        for each in records
    ]
