"""Reads topic `city` to its end, once or again and again, with a consumer of its own that has no group.

Reads:    city.
Fails to: Fatal where the topic is missing or is another than before; Retriable where the broker does not answer.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from bus import clients
from bus.clock import Clock, now
from bus.errors import Fatal, GongkaiError, Retriable
from bus.settings import Settings
from schemas.city import Pack, load_pack
from schemas.city.released import CityRecord, milliseconds
from schemas.city.releases import Releases
from schemas.topics import CITY


class CityReader:
    """A consumer of the topic and the releases that it has read; used by one thread at a time."""

    def __init__(self, settings: Settings, releases: Releases, patience: float = 30.0) -> None:
        """`patience`: seconds in which the broker must be found."""
        self._settings = settings
        self._patience_ms = int(patience * 1000)
        self._releases = releases
        self._place = TopicPartition(settings.topic(CITY), 0)
        self._consumer: Any = None
        self._position = 0

    def read_to_end(self) -> None:
        """Take every record that the topic holds at this moment.

        Raises:
            Retriable: the broker did not answer.
            Fatal: the topic is missing, or shorter than it was.
        """
        try:
            with clients.kafka_errors(f"read {CITY.name}"):
                self._read(self._open())
        except GongkaiError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the broker; the next reading goes on where this one was."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with suppress(KafkaError, OSError):
                consumer.close(autocommit=False, timeout_ms=1_000)

    def _open(self) -> Any:
        if self._consumer is None:
            self._consumer = clients.consumer(
                self._settings, reconnect_backoff_max_ms=1_000, bootstrap_timeout_ms=self._patience_ms
            )
            if not self._consumer.partitions_for_topic(self._place.topic):
                raise Fatal(f"topic {self._place.topic} is missing; run: gongkai topics create")
            self._consumer.assign([self._place])
            self._consumer.seek(self._place, self._position)
        return self._consumer

    def _read(self, consumer: Any) -> None:
        end = consumer.end_offsets([self._place])[self._place]
        if end < self._position:
            raise Fatal(f"topic {self._place.topic} is another than before: it ends at {end}, not {self._position}")
        deadline = time.monotonic() + self._settings.infrastructure_deadline
        while self._position < end:
            for records in consumer.poll(timeout_ms=500).values():
                for record in records:
                    self._releases.add(CityRecord(record.key, record.value, record.timestamp))
            self._position = consumer.position(self._place)
            if time.monotonic() > deadline:
                raise Retriable(f"topic {self._place.topic} does not come to its end")


def read_releases(settings: Settings, patience: float = 30.0) -> Releases:
    """All releases that the topic holds now.

    Raises:
        Retriable, Fatal: it can't be read.
    """
    releases = Releases()
    reader = CityReader(settings, releases, patience)
    try:
        reader.read_to_end()
    finally:
        reader.close()
    return releases


def known_pack(settings: Settings, clock: Clock = now) -> Pack:
    """For commands: the pack in force where the topic can be read, else that of the folder.

    Raises:
        PackError: neither can be used.
    """
    try:
        return read_releases(settings, patience=3.0).span(milliseconds(clock())).pack
    except (GongkaiError, LookupError):
        return load_pack(settings.city)
