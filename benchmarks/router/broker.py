"""The benchmark's own topics: a backlog made once, fresh outputs for each run, and what stands in them afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import RetriableError

from benchmarks.router import corpus
from benchmarks.router.job import ID, NEWMEDIA, PORTAL, REJECTIONS, VERDICTS, id_of

PARTITIONS = 4
OUTPUTS = (PORTAL, NEWMEDIA, REJECTIONS, VERDICTS)


@dataclass(slots=True)
class Outputs:
    """What an engine wrote: how often each (topic, number) stands there, and the broker's times of appending, in ms."""

    seen: Counter[tuple[str, int]] = field(default_factory=Counter)
    values_differ: int = 0
    ids_differ: int = 0
    first: int = 2**62
    last: int = 0

    def add(self, topic: str, number: int, appended: int, warm_up: int) -> None:
        """Count one record; those of the warm-up don't start the clock."""
        self.seen[topic, number] += 1
        if number >= warm_up:
            self.first = min(self.first, appended)
            self.last = max(self.last, appended)

    @property
    def seconds(self) -> float:
        """From the first output after the warm-up to the last."""
        return (self.last - self.first) / 1000


class Broker:
    """Administration and counting; nothing of it runs while an engine is measured but one small poll a second."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._admin = KafkaAdminClient(bootstrap_servers=address)

    def close(self) -> None:
        """Let go of the connection."""
        self._admin.close()

    def create(self, names: Iterable[str], **config: str) -> None:
        """Topics of four partitions."""
        options = {"max.message.bytes": str(4 * 1024 * 1024), **config}
        self._admin.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=options) for name in names])

    def delete(self, names: Iterable[str]) -> None:
        """Remove topics."""
        self._admin.delete_topics(list(names))

    def committed(self, group: str) -> int:
        """The sum of the offsets that a group has committed."""
        try:
            found = self._admin.list_group_offsets(group)
        except RetriableError:  # the group's coordinator is only just being found
            return 0
        if found and not all(hasattr(value, "offset") for value in found.values()):
            found = next(iter(found.values()))
        return sum(max(0, one.offset) for one in found.values())

    def fill(self, topic: str, count: int) -> None:
        """Write the corpus, spread evenly."""
        asyncio.run(self._fill(topic, count))

    async def _fill(self, topic: str, count: int) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.address, max_batch_size=512 * 1024, enable_idempotence=True)
        await producer.start()
        open_ = [producer.create_batch() for _ in range(PARTITIONS)]
        for number, (key, value) in enumerate(corpus.events(count)):
            partition = number % PARTITIONS
            if open_[partition].append(timestamp=None, key=key, value=value) is None:
                await producer.send_batch(open_[partition], topic, partition=partition)
                open_[partition] = producer.create_batch()
                open_[partition].append(timestamp=None, key=key, value=value)
        for partition, batch in enumerate(open_):
            await producer.send_batch(batch, topic, partition=partition)
        await producer.stop()

    def ends(self, names: Iterable[str]) -> int:
        """How many records stand in these topics."""
        return asyncio.run(self._ends(list(names)))

    async def _ends(self, names: list[str]) -> int:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.address)
        await consumer.start()
        try:
            places = [TopicPartition(name, partition) for name in names for partition in range(PARTITIONS)]
            return sum((await consumer.end_offsets(places)).values())
        finally:
            await consumer.stop()

    def read(self, prefix: str, warm_up: int) -> Outputs:
        """All outputs of one run, each value compared with the corpus."""
        return asyncio.run(self._read(prefix, warm_up))

    async def _read(self, prefix: str, warm_up: int) -> Outputs:
        outputs = Outputs()
        consumer = AIOKafkaConsumer(bootstrap_servers=self.address, max_partition_fetch_bytes=2 * 1024 * 1024)
        await consumer.start()
        places = [TopicPartition(prefix + name, partition) for name in OUTPUTS for partition in range(PARTITIONS)]
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        for place in places:
            while await consumer.position(place) < ends[place]:
                for tp, records in (await consumer.getmany(timeout_ms=1000)).items():
                    name = tp.topic.removeprefix(prefix)
                    for record in records:
                        number = corpus.number_of(record.key)
                        outputs.add(name, number, record.timestamp, warm_up)
                        outputs.values_differ += name != VERDICTS and record.value != corpus.value(number)
                        outputs.ids_differ += (ID, _id(number, name)) not in record.headers
        await consumer.stop()
        return outputs


def _id(number: int, topic: str) -> bytes:
    """The id that an output must carry: `fill` puts the numbers into the partitions in turn."""
    return id_of(number % PARTITIONS, number // PARTITIONS, topic)
