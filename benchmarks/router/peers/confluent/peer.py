"""A plain confluent-kafka loop, pipelined: a few slices are with the broker while the next is worked.

Each output goes to its input's partition number, so order is kept. With its header an output is handed over by itself,
for confluent-kafka's `produce_batch` takes none; `--without-ids` leaves the headers out and hands over a slice's
outputs for one topic and partition in one call, which is another job than the others', measured beside them.
librdkafka's idempotent producer with the gapless guarantee delivers a partition's messages in order or fails for good,
so the report of the last one stands for all before it.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import defaultdict, deque
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from benchmarks.router.job import ID, id_of, topics_of

SLICE, IN_FLIGHT = 500, 16
COMMIT_SECONDS = 0.5


class Slice:
    """Offsets to commit once every report has come."""

    def __init__(self, offsets: dict[int, int]) -> None:
        self.offsets = offsets
        self.waiting = 0

    def reported(self, error: KafkaError | None, _: Message) -> None:
        """The last message of a topic and partition is with the broker, or the loop ends."""
        if error is not None:
            sys.exit(f"not delivered: {error}")
        self.waiting -= 1


class Loop:
    """Consume, judge, produce, commit."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._running = True
        self._under_way: deque[Slice] = deque()
        self._done: dict[int, int] = {}
        self._committed = time.monotonic()
        self._producer = Producer({
            "bootstrap.servers": args.bootstrap, "acks": "all", "enable.idempotence": True,
            "enable.gapless.guarantee": True, "linger.ms": 5, "batch.size": 1_000_000, "batch.num.messages": 10_000,
        })  # fmt: skip
        self._consumer = Consumer({
            "bootstrap.servers": args.bootstrap, "group.id": args.group, "auto.offset.reset": "earliest",
            "enable.auto.commit": False, "fetch.message.max.bytes": 1_048_576,
            "queued.max.messages.kbytes": 32_768,
            "fetch.queue.backoff.ms": 5,  # after a full queue it would wait for a second, and be a third as fast
        })  # fmt: skip
        self._consumer.subscribe([args.input])

    def stop(self, *_: object) -> None:
        """Finish what is under way and end."""
        self._running = False

    def run(self) -> None:
        """Work until told to stop."""
        while self._running:
            messages = self._consumer.consume(SLICE, timeout=0.01)
            if messages:
                self._under_way.append(self._sent(messages))
            self._settle(IN_FLIGHT)
            if time.monotonic() - self._committed > COMMIT_SECONDS:
                self._commit()
        self._producer.flush()
        self._settle(0)
        self._commit()
        self._consumer.close()

    def _sent(self, messages: list[Message]) -> Slice:
        outputs: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
        offsets: dict[int, int] = {}
        for message in messages:
            if message.error():
                sys.exit(str(message.error()))
            key, value, partition = message.key(), message.value(), message.partition()
            offsets[partition] = message.offset() + 1
            for topic in topics_of(value):
                output: dict[str, Any] = {"key": key, "value": value}
                if self._args.ids:
                    output["headers"] = [(ID, id_of(partition, message.offset(), topic))]
                outputs[topic, partition].append(output)
        slice_ = Slice(offsets)
        hand_over = self._each if self._args.ids else self._together
        for (topic, partition), batch in outputs.items():
            slice_.waiting += 1
            hand_over(self._args.output + topic, partition, batch, slice_)
        return slice_

    def _each(self, topic: str, partition: int, batch: list[dict[str, Any]], slice_: Slice) -> None:
        produce = self._producer.produce
        for output in batch[:-1]:
            produce(topic, output["value"], output["key"], partition, headers=output["headers"])
        last = batch[-1]
        produce(topic, last["value"], last["key"], partition, slice_.reported, headers=last["headers"])

    def _together(self, topic: str, partition: int, batch: list[dict[str, Any]], slice_: Slice) -> None:
        batch[-1]["callback"] = slice_.reported
        taken = self._producer.produce_batch(topic, batch, partition=partition)
        if taken != len(batch):
            sys.exit(f"{len(batch) - taken} messages did not fit into the queue")

    def _settle(self, allowed: int) -> None:
        """Wait until no more than `allowed` slices are under way; note which are done."""
        self._producer.poll(0)
        while len(self._under_way) > allowed and self._under_way[0].waiting:
            self._producer.poll(0.05)
        while self._under_way and not self._under_way[0].waiting:
            self._done |= self._under_way.popleft().offsets

    def _commit(self) -> None:
        self._committed = time.monotonic()
        if self._done:
            places = [TopicPartition(self._args.input, partition, at) for partition, at in self._done.items()]
            self._consumer.commit(offsets=places, asynchronous=self._running)
            self._done = {}


def main() -> None:
    """Read the protocol's arguments and work until SIGTERM."""
    parser = argparse.ArgumentParser()
    for name in ("bootstrap", "input", "output", "group"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--without-ids", dest="ids", action="store_false")
    loop = Loop(parser.parse_args())
    signal.signal(signal.SIGTERM, loop.stop)
    loop.run()


if __name__ == "__main__":
    main()
