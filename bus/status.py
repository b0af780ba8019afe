"""How the parts are: running, well by their own word, and how far behind the log.

Reads:    each program's `/healthz`, the groups' committed offsets, the supervisor's table.
Fails to: nothing: what can't be asked is shown as not well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import httpx
from kafka import TopicPartition
from kafka.admin import OffsetSpec

from bus import clients
from bus.errors import GongkaiError
from bus.programs import Program
from bus.settings import Settings
from schemas.topics import read_in_group

_ASK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the status table."""

    name: str
    state: str
    """The supervisor's word: RUNNING, BACKOFF, FATAL …; for the broker `answers` or `away`."""
    pid: int | None = None
    health: Mapping[str, object] | None = None
    lag: int | None = None
    """Records of its topics that its group has not committed; None where that could not be asked."""

    @property
    def ok(self) -> bool:
        """Whether it runs and calls itself well."""
        running = self.state in ("RUNNING", "answers")
        return running and (self.health is None or bool(self.health.get("ok")))


def broker(settings: Settings, pid: int | None) -> Part:
    """Whether Kafka answers."""
    try:
        clients.cluster_id(settings)
    except GongkaiError as error:
        return Part("kafka", "away", pid, {"ok": False, "error": str(error)})
    return Part("kafka", "answers", pid)


def health(settings: Settings, program: Program) -> Mapping[str, object] | None:
    """What a program says of itself; None where it has no server."""
    if program.port is None:
        return None
    try:
        said = httpx.get(f"http://{settings.host}:{program.port}/healthz", timeout=_ASK_SECONDS).json()
    except (httpx.HTTPError, ValueError) as error:
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}
    return said if isinstance(said, dict) else {"ok": False, "error": "no JSON object"}


def lags(settings: Settings, parts: Iterable[str]) -> dict[str, int]:
    """How many records each part's group has still to take, over all topics it reads; empty without a broker."""
    read = {part: {settings.topic(topic) for topic in read_in_group(part)} for part in parts}
    try:
        ends = _ends(settings, set().union(*read.values()))
        committed = clients.committed(settings, read)
    except GongkaiError:
        return {}
    return {
        part: sum(
            max(0, end - committed.get(part, {}).get(place, 0)) for place, end in ends.items() if place.topic in topics
        )
        for part, topics in read.items()
    }


def _ends(settings: Settings, names: set[str]) -> dict[TopicPartition, int]:
    """Where each partition ends; nothing was ever deleted, so that is also how many records it holds."""
    if not names:
        return {}
    with clients.admin(settings) as admin:
        places = [
            TopicPartition(topic["name"], partition["partition_index"])
            for topic in admin.describe_topics(sorted(names))
            for partition in topic["partitions"]
        ]
        found = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
    return {place: said.offset for place, said in found.items()}
