"""Quix Streams: a StreamingDataFrame, at least once by its own checkpoints (its default guarantee)."""

from __future__ import annotations

import argparse
import tempfile
from typing import Any

from quixstreams import Application, message_context
from quixstreams.models import SerializationContext, Serializer

from benchmarks.router.job import ID, NEWMEDIA, PORTAL, REJECTIONS, id_of, topics_of


class Second(Serializer):
    """Of (topic, value, name) the value, as it came."""

    def __call__(self, value: Any, ctx: SerializationContext) -> bytes:
        """The value's bytes."""
        del ctx
        return value[1]


def header(pair: Any, *_: object) -> list[tuple[str, bytes]]:
    """The id of an output."""
    place = message_context()
    return [(ID, id_of(place.partition, place.offset, pair[2]))]


def main() -> None:
    """Read the protocol's arguments and work until SIGTERM."""
    parser = argparse.ArgumentParser()
    for name in ("bootstrap", "input", "output", "group"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    app = Application(
        broker_address=args.bootstrap, consumer_group=args.group, auto_offset_reset="earliest",
        processing_guarantee="at-least-once", commit_interval=1.0, auto_create_topics=False,
        use_changelog_topics=False, state_dir=tempfile.mkdtemp(), loglevel="WARNING",
        consumer_extra_config={"fetch.queue.backoff.ms": 5},
        producer_extra_config={"acks": "all", "linger.ms": 5, "batch.size": 1_000_000},
    )  # fmt: skip
    bytes_ = {"value_deserializer": "bytes", "key_deserializer": "bytes", "key_serializer": "bytes"}
    source = app.topic(args.input, **bytes_)
    targets = {
        name: app.topic(args.output + name, value_serializer=Second(), **bytes_)
        for name in (PORTAL, NEWMEDIA, REJECTIONS)
    }
    frame = app.dataframe(source)
    frame = frame.apply(lambda value: [(targets[name], value, name) for name in topics_of(value)], expand=True)
    frame = frame.set_headers(header)
    frame.to_topic(lambda pair, _key, _timestamp, _headers: pair[0])
    app.run()


if __name__ == "__main__":
    main()
