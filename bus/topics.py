"""Topics on the broker: made as the one list says, checked against it, and described for people.

Reads:    `schemas.topics`.
Writes:   topics and their settings on the cluster.
Fails to: `Fatal` where a topic that exists differs from what must be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from kafka.admin import ConfigResource, KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError

from bus import clients
from bus.errors import Fatal
from bus.settings import Settings
from schemas.topics import INBOX, TOPICS, Topic

FOREVER_MS = 2**63 - 1

WATCHER = "assessment"
"""The part whose board of channels asks how far every group is, and where every topic ends."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about a topic that is not as it must be."""

    topic: str
    what: str
    wanted: str
    found: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.what} is {self.found}, must be {self.wanted}"


def config(settings: Settings, topic: Topic) -> dict[str, str]:
    """Settings of a topic. Nothing expires; a record's time is its arrival, however late it is written.

    In an inbox the broker's own clock says when a record arrived.
    """
    return {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "max.message.bytes": str(clients.MAX_RECORD_BYTES),
        "message.timestamp.type": "LogAppendTime" if topic.shape == "inbox" else "CreateTime",
        "message.timestamp.before.max.ms": str(FOREVER_MS),
        "message.timestamp.after.max.ms": str(FOREVER_MS),
        "min.insync.replicas": str(settings.replication // 2 + 1),
    }


def partitions(settings: Settings, topic: Topic) -> int:
    """How many partitions a topic has."""
    return settings.partitions if topic.shape == "keyed" else 1


def inbox_name(dept: str) -> str:
    """The topic of a department that speaks Kafka, without the prefix."""
    return f"{INBOX.name}.{dept}"


def create(settings: Settings, inboxes: Iterable[str] = ()) -> list[str]:
    """Create what is missing, with an inbox for each department of `inboxes`; the names created.

    Raises:
        Fatal: a topic that was there differs from what it must be.
    """
    wanted = {topic.name: topic for topic in TOPICS} | {inbox_name(dept): INBOX for dept in inboxes}
    with clients.admin(settings) as admin:
        there = {settings.bare(name) for name in admin.list_topics() if name.startswith(settings.prefix)}
        missing = {name: topic for name, topic in wanted.items() if name not in there}
        if missing:
            _create(admin, settings, missing)
    if differences := check(settings):
        more = f" (and {len(differences) - 1} more: `gongkai topics check`)" if len(differences) > 1 else ""
        raise Fatal(f"{differences[0]}{more}")
    return sorted(missing)


def check(settings: Settings) -> list[Difference]:
    """Everything about this city's topics that is not as it must be."""
    with clients.admin(settings) as admin:
        there = {topic["name"]: topic for topic in admin.describe_topics() if topic["name"].startswith(settings.prefix)}
        wanted = {settings.topic(topic): topic for topic in TOPICS}
        wanted |= {name: INBOX for name in there if settings.bare(name).startswith(f"{INBOX.name}.")}
        found = _configs(admin, [name for name in wanted if name in there])
        return [
            difference
            for name, topic in wanted.items()
            for difference in _differences(settings, name, topic, there.get(name), found.get(name, {}))
        ]


def describe(settings: Settings) -> list[dict[str, object]]:
    """The list of topics as it is declared: one row each, for a table or a machine."""
    return [
        {**asdict(topic), "name": settings.topic(topic), "partitions": partitions(settings, topic)}
        for topic in (*TOPICS, INBOX)
    ]


def acls(settings: Settings) -> Iterator[str]:
    """`kafka-acls` commands that let each part write and read what the list says, and nobody else.

    A part's principal is its name; an inbox belongs to the department whose code it ends in.
    """
    for topic in TOPICS:
        for part in topic.writers:
            yield _acl(part, "Write", f"--topic {settings.topic(topic)}")
        for part in topic.readers:
            yield _acl(part, "Read", f"--topic {settings.topic(topic)}")
    yield _acl("CODE", "Write", f"--topic {settings.topic(inbox_name('CODE'))}")
    yield _acl(
        "gateway", "Read --operation Delete", f"--resource-pattern-type prefixed --topic {settings.topic(INBOX)}."
    )
    groups = sorted({part for topic in TOPICS for part in topic.readers})
    for part in groups:
        yield f"kafka-acls --add --allow-principal User:{part} --operation Read --group {settings.group(part)}"
    watch = f"kafka-acls --add --allow-principal User:{WATCHER} --operation Describe"
    yield from (f"{watch} --topic {settings.topic(topic)}" for topic in TOPICS)
    yield from (f"{watch} --group {settings.group(part)}" for part in groups)


def _acl(principal: str, operation: str, resource: str) -> str:
    return (
        f"kafka-acls --add --allow-principal User:{principal} --operation {operation} --operation Describe {resource}"
    )


def _create(admin: KafkaAdminClient, settings: Settings, missing: dict[str, Topic]) -> None:
    """Create and wait until every partition has a leader; another starter may have been faster."""
    specs = {
        settings.topic(name): {
            "num_partitions": partitions(settings, topic),
            "replication_factor": settings.replication,
            "configs": config(settings, topic),
        }
        for name, topic in missing.items()
    }
    try:
        admin.create_topics(specs)
    except TopicAlreadyExistsError:
        rest = {name: spec for name, spec in specs.items() if name not in set(admin.list_topics())}
        if rest:
            admin.create_topics(rest)
    admin.wait_for_topics(list(specs), timeout_ms=30_000)


def _configs(admin: KafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    answer = admin.describe_configs([ConfigResource("topic", name) for name in names], config_filter="all")
    return {
        name: {key: str(entry["value"]) for key, entry in entries.items()} for name, entries in answer["topic"].items()
    }


def _differences(
    settings: Settings, name: str, topic: Topic, there: dict[str, object] | None, found: dict[str, str]
) -> Iterator[Difference]:
    if there is None:
        yield Difference(name, "the topic", "there", "missing")
        return
    parts = there["partitions"]
    assert isinstance(parts, list)
    counted = {
        "partitions": (partitions(settings, topic), len(parts)),
        "replication": (settings.replication, min(len(part["replica_nodes"]) for part in parts)),
    }
    for what, (wanted, got) in counted.items():
        if wanted != got:
            yield Difference(name, what, str(wanted), str(got))
    for what, value in config(settings, topic).items():
        if found.get(what) != value:
            yield Difference(name, what, value, found.get(what, "not set"))
