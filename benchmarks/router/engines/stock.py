"""Stock Faust: an agent that judges one event at a time and sends each output, acknowledged before the next commit."""

from __future__ import annotations

import asyncio
import tempfile
from typing import Any

import faust

from benchmarks.router.engines import arguments
from benchmarks.router.job import ID, id_of, topics_of


def main() -> None:
    args = arguments()
    app = faust.App(
        args.group,
        broker=f"kafka://{args.bootstrap}",
        value_serializer="raw",
        key_serializer="raw",
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=4,
        web_enabled=False,
        worker_redirect_stdouts=False,
        store="memory://",
        datadir=tempfile.mkdtemp(),
        consumer_auto_offset_reset="earliest",
        producer_acks=-1,
        stream_wait_empty=True,
    )
    source = app.topic(args.input, key_type=bytes, value_type=bytes)

    @app.agent(source)
    async def route(stream: Any) -> None:
        async for event in stream.events():
            sent = [
                await app.send(
                    args.output + topic,
                    key=event.key,
                    value=event.value,
                    headers={ID: id_of(event.message.partition, event.message.offset, topic)},
                )
                for topic in topics_of(event.value)
            ]
            del sent  # flushed before each commit by Faust itself

    worker = faust.Worker(app, loglevel="WARN", loop=asyncio.new_event_loop())
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
