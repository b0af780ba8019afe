"""How far behind each part is, measured from outside: the log's ends against its store, its group, its outbox."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from kafka import TopicPartition
from kafka.admin import OffsetSpec

from bus import clients
from bus.settings import Settings
from bus.store import Store
from bus.store.tables import LANES, PARTITIONS
from bus.topics import partitions
from consumers.newmedia.merge import OPEN
from consumers.newmedia.tables import DELIVERY, POST
from schemas.topics import TOPICS, Topic, read_in_group

PARTS = ("gateway", "router", "matters", "portal", "newmedia", "gazette", "assessment", "notices")
WITH_STORE = tuple(part for part in PARTS if part != "router")
READS: dict[str, tuple[Topic, ...]] = {part: read_in_group(part) for part in PARTS}

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Load:
    """What a part has before it."""

    behind: int = 0
    """Records it has not applied (the router: not committed)."""
    uncommitted: int = 0
    """Records its consumer group has not committed."""
    outbox: int = 0
    """Rows it has not marked as sent."""
    waiting: int = 0
    """Deliveries to accounts that are not over (newmedia alone)."""

    @property
    def anything(self) -> bool:
        """Whether anything at all is not over, the monitoring commit included."""
        return bool(self.behind or self.uncommitted or self.outbox or self.waiting)

    def as_json(self) -> dict[str, int]:
        return asdict(self)


class Gauge:
    """Measures; used from one thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._open = ExitStack()
        self._admin = self._open.enter_context(clients.admin(settings))
        self._stores: dict[str, Store] = {}

    def close(self) -> None:
        self._open.close()
        for store in self._stores.values():
            store.close()

    def load(self, part: str) -> Load:
        """Of one part, now."""
        positions = self.positions(part)
        ends = self.ends(READS[part])
        committed = positions if part == "router" else self._committed(part)
        return Load(
            _distance(ends, positions), _distance(ends, committed), *self._own(part) if part != "router" else ()
        )

    def progress(self, part: str) -> int:
        """A number that rises as it works."""
        if part == "router":
            return sum(self.ends([topic for topic in TOPICS if topic.name == "verdicts"]).values())
        own = self._sent(part) if part == "gateway" else 0
        return own + sum(self.positions(part).values())

    def positions(self, part: str) -> dict[Place, int]:
        """How far it has come in each partition."""
        if part == "router":
            return self._committed(part)
        with self._store(part).read() as conn:
            rows = conn.execute(sa.select(PARTITIONS.c.topic, PARTITIONS.c.partition, PARTITIONS.c.next_offset))
            return {(row.topic, row.partition): row.next_offset for row in rows}

    def ends(self, topics: Iterable[Topic]) -> dict[Place, int]:
        """Where the logs end."""
        places = [
            TopicPartition(self.settings.topic(t), n) for t in topics for n in range(partitions(self.settings, t))
        ]
        found = self._admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
        return {(self.settings.bare(place.topic), place.partition): said.offset for place, said in found.items()}

    def settled(self) -> bool:
        """Whether nothing is on its way any more, all parts looked at twice with nothing written between."""
        before = self.ends(TOPICS)
        loads = [self.load(part) for part in PARTS]
        return not any(each.behind or each.outbox or each.waiting for each in loads) and self.ends(TOPICS) == before

    def _committed(self, part: str) -> dict[Place, int]:
        group = self.settings.group(part)
        found = self._admin.list_group_offsets([group])[group]
        return {
            (self.settings.bare(place.topic), place.partition): max(0, said.offset) for place, said in found.items()
        }

    def _own(self, part: str) -> tuple[int, int]:
        with self._store(part).read() as conn:
            unsent = conn.execute(sa.select(sa.func.sum(LANES.c.written - LANES.c.sent))).scalar() or 0
            waiting = 0
            if part == "newmedia":
                for query in _WAITING:
                    waiting += conn.execute(query).scalar_one()
        return unsent, waiting

    def _sent(self, part: str) -> int:
        with self._store(part).read() as conn:
            return conn.execute(sa.select(sa.func.sum(LANES.c.sent))).scalar() or 0

    def _store(self, part: str) -> Store:
        if part not in self._stores:
            self._stores[part] = Store.reader(self.settings, part, sa.MetaData())
        return self._stores[part]


def _distance(ends: dict[Place, int], reached: dict[Place, int]) -> int:
    return sum(max(0, end - reached.get(place, 0)) for place, end in ends.items())


_WAITING = (
    sa.select(sa.func.count()).select_from(DELIVERY).where(DELIVERY.c.state.in_(sorted(OPEN))),
    sa.select(sa.func.count()).select_from(POST).where(POST.c.state.in_(("sending", "removing"))),
)
