"""What names a cluster and its topics: a wiped and newly made one has other ids under the same names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bus import clients
from bus.errors import Fatal
from bus.settings import Settings


@dataclass(frozen=True, slots=True)
class Cluster:
    """As the broker says."""

    cluster_id: str
    topic_ids: dict[str, str]
    """By bare name."""


def describe(settings: Settings, topics: Iterable[str]) -> Cluster:
    """Ask the cluster for its id and those of `topics` (bare names).

    Raises:
        Retriable: it did not answer.
        Fatal: a topic is missing.
    """
    names = [settings.topic(topic) for topic in topics]
    with clients.admin(settings) as admin:
        cluster_id = str(admin.describe_cluster()["cluster_id"])
        described = admin.describe_topics(names) if names else []
    ids = {settings.bare(each["name"]): str(each["topic_id"]) for each in described if not each["error_code"]}
    missing = sorted({settings.bare(name) for name in names} - set(ids))
    if missing:
        raise Fatal(f"topic {settings.topic(missing[0])} is missing; run: gongkai topics create")
    return Cluster(cluster_id, ids)


def resolved(settings: Settings) -> Settings:
    """The settings with the broker's address in them, so that an embedded broker may be away for a while later."""
    return settings.model_copy(update={"bootstrap": clients.bootstrap(settings)})
