"""Sends the example's events, each by the way it names, as a department's own system would.

Reads:    what `Example.submissions` yields.
Writes:   HTTP to the gateway, files into `home/drop`, rows into departments' databases, records into Kafka inboxes.
Keeps:    the departments' databases, under `home/departments`.
Fails to: `Retriable` or `Fatal` of the client that failed; what was sent stays sent, and sent again is a repeat.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from bus import clients, topics
from bus.settings import Settings
from producers.client import GatewayClient, Unanswered
from producers.demo.example import Submission
from producers.demo.files import csv_of, sidecar_of

Sent = Callable[[int], None]
"""Told how many more were sent."""

_TABLE = sa.Table(
    "gongkai_outbox",
    sa.MetaData(),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("event", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)


def prepare_databases(settings: Settings, depts: Iterable[str]) -> None:
    """Give each department a database with an empty outbox, and name them all to the gateway, before it starts."""
    entries = []
    for dept in sorted(depts):
        path = _database(settings, dept)
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(f"sqlite:///{path}")
        _TABLE.metadata.create_all(engine)
        engine.dispose()
        entries.append(f'[[outbox]]\ndept = "{dept}"\nurl = "sqlite:///{path}"\n')
    (settings.home / "database-outboxes.toml").write_text("\n".join(entries), encoding="utf-8")


def send(settings: Settings, submissions: Sequence[Submission], keys: Mapping[str, str], sent: Sent) -> None:
    """Send everything. What comes over HTTP keeps its order; files, databases and inboxes are in parallel to it."""
    by_way: dict[str, list[Submission]] = defaultdict(list)
    for submission in submissions:
        by_way[submission.way].append(submission)
    for way, found in by_way.items():
        if way == "http":
            _over_http(settings, found, keys, sent)
        else:
            _OTHER[way](settings, found)
            sent(len(found))


def _over_http(settings: Settings, submissions: Sequence[Submission], keys: Mapping[str, str], sent: Sent) -> None:
    gateway = {dept: GatewayClient(settings.url_of("gateway"), key) for dept, key in keys.items()}
    for submission in submissions:
        try:
            gateway[submission.dept].publish(submission.value or b"")
        except Unanswered as refused:
            if refused.status >= 500:
                raise
        sent(1)
    for client in gateway.values():
        client.close()


def _as_lines(settings: Settings, submissions: Sequence[Submission]) -> None:
    for dept, found in _by_dept(submissions).items():
        _drop(settings, dept, "progress.ndjson", b"".join((each.value or b"") + b"\n" for each in found))


def _as_json(settings: Settings, submissions: Sequence[Submission]) -> None:
    for each in submissions:
        _drop(settings, each.dept, f"{json.loads(each.value or b'')['id']}.json", each.value or b"")


def _as_tables(settings: Settings, submissions: Sequence[Submission]) -> None:
    for dept, found in _by_dept(submissions).items():
        _drop(settings, dept, "publications.csv", csv_of([json.loads(each.value or b"") for each in found]))


def _as_texts(settings: Settings, submissions: Sequence[Submission]) -> None:
    for each in submissions:
        event = json.loads(each.value or b"")
        _drop(settings, each.dept, f"{event['id']}.meta.toml", sidecar_of(event))
        _drop(settings, each.dept, f"{event['id']}.txt", event["data"]["body"].encode())


def _into_databases(settings: Settings, submissions: Sequence[Submission]) -> None:
    for dept, found in _by_dept(submissions).items():
        engine = sa.create_engine(f"sqlite:///{_database(settings, dept)}")
        with engine.begin() as conn:
            conn.execute(_TABLE.insert(), [{"event": (each.value or b"").decode()} for each in found])
        engine.dispose()


def _into_inboxes(settings: Settings, submissions: Sequence[Submission]) -> None:
    """With a bare producer: a null value is among them, which the client library would not send; it needs a key."""
    found = _by_dept(submissions)
    topics.create(settings, sorted(found))
    with clients.kafka_errors("publish into inboxes"):
        producer = clients.producer(settings)
        for each in submissions:
            producer.send(settings.topic(topics.inbox_name(each.dept)), value=each.value, key=each.dept.encode()).get(
                timeout=30
            )
        producer.close()


_OTHER: dict[str, Callable[[Settings, Sequence[Submission]], None]] = {
    "ndjson": _as_lines, "json": _as_json, "csv": _as_tables, "txt": _as_texts,
    "database": _into_databases, "inbox": _into_inboxes,
}  # fmt: skip


def _by_dept(submissions: Sequence[Submission]) -> dict[str, list[Submission]]:
    found: dict[str, list[Submission]] = defaultdict(list)
    for submission in submissions:
        found[submission.dept].append(submission)
    return found


def _drop(settings: Settings, dept: str, name: str, value: bytes) -> None:
    """Put a file into the department's folder in one move, so that nobody sees half of it."""
    folder = settings.home / "drop" / dept
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{name}.tmp"
    unfinished.write_bytes(value)
    unfinished.replace(folder / name)


def _database(settings: Settings, dept: str) -> Path:
    return settings.home.absolute() / "departments" / f"{dept}.sqlite"
