"""The batch transport with the benchmark's job, and `--verdicts` for a verdict beside each event."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.router.engines import arguments
from benchmarks.router.job import ID, VERDICTS, id_of, topics_of, verdict_of
from bus.record import Outgoing, Record
from bus.settings import Settings
from schemas.topics import Topic
from streams import app as apps
from streams.run import run


class Job:
    """The job as a stage's judge."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __call__(self, record: Record) -> Sequence[Outgoing]:
        """The outputs of a record."""
        prefix, key, value = self._prefix, record.key or b"", record.value or b""
        partition, offset, at = record.partition, record.offset, record.timestamp
        return [
            Outgoing(prefix + topic, key, value, ((ID, id_of(partition, offset, topic)),), at)
            for topic in topics_of(value)
        ]

    def dead(self, record: Record, code: str, detail: str) -> Sequence[Outgoing]:
        """No record of the corpus comes here."""
        raise AssertionError(f"{record.origin}: {code} {detail}")


class JobWithVerdicts(Job):
    """The job, and a verdict for every record."""

    def __call__(self, record: Record) -> Sequence[Outgoing]:
        """The outputs of a record."""
        topics, verdict = verdict_of(record.value or b"", record.topic, record.partition, record.offset)
        key, partition, offset, at = record.key or b"", record.partition, record.offset, record.timestamp
        return [
            Outgoing(self._prefix + name, key, out, ((ID, id_of(partition, offset, name)),), at)
            for name, out in (*((topic, record.value) for topic in topics), (VERDICTS, verdict))
        ]


def main() -> None:
    args = arguments()
    settings = Settings(
        _env_file=None, bootstrap=args.bootstrap, partitions=4, home=Path(tempfile.mkdtemp()), prefix=""
    )
    topic = Topic(args.input, "", (), (), ())
    judge = partial(JobWithVerdicts if args.verdicts else Job, args.output)
    app = apps.build(settings, args.group, (topic,), judge, address=args.bootstrap)
    sys.exit(run(app))


if __name__ == "__main__":
    main()
