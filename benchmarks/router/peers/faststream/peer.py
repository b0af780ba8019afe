"""FastStream over aiokafka: a batch subscriber that publishes batches and is acknowledged when they are confirmed.

`AckPolicy.NACK_ON_ERROR` commits after the handler, which ends when the broker has confirmed all it published.
FastStream itself adds a `correlation_id` header to what it publishes, and in batches drops the headers that a message
has of its own; so it alone of those compared is let off the ids.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import defaultdict
from typing import Any

import uvloop
from aiokafka import ConsumerRecord
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaPublishMessage

from benchmarks.router.job import topics_of

BATCH_BYTES = 4 * 1024 * 1024
RECORDS = 1_500


async def records(message: KafkaMessage) -> Any:
    """A batch as its records, whose bytes the job parses; without types to apply, a handler is given just this."""
    return message.raw_message


def build(args: argparse.Namespace) -> FastStream:
    """The application, not started."""
    broker = KafkaBroker(
        args.bootstrap, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES,
        max_request_size=BATCH_BYTES * 2, apply_types=False, logger=None,
    )  # fmt: skip

    @broker.subscriber(
        args.input, group_id=args.group, auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR, batch=True,
        max_records=RECORDS, decoder=records, max_partition_fetch_bytes=1024 * 1024,
    )  # fmt: skip
    async def route(batch: tuple[ConsumerRecord, ...]) -> None:
        outputs: dict[tuple[str, int], list[KafkaPublishMessage]] = defaultdict(list)
        for record in batch:
            for topic in topics_of(record.value):
                outputs[topic, record.partition].append(KafkaPublishMessage(record.value, key=record.key))
        confirmed = [
            await broker.publish_batch(*messages, topic=args.output + topic, partition=partition, no_confirm=True)
            for (topic, partition), messages in outputs.items()
        ]
        await asyncio.gather(*confirmed)

    return FastStream(broker, logger=None)


def main() -> None:
    """Read the protocol's arguments and work until SIGTERM."""
    parser = argparse.ArgumentParser()
    for name in ("bootstrap", "input", "output", "group"):
        parser.add_argument(f"--{name}", required=True)
    uvloop.run(build(parser.parse_args()).run())


if __name__ == "__main__":
    main()
