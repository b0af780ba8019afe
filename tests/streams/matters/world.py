"""A log in memory around a real store: records in, the outbox pumped back into its topics, any interleaving."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import msgspec
import sqlalchemy as sa

from bus.record import Outgoing, Record
from bus.settings import Settings
from bus.store import Store, digest
from bus.store._cluster import Cluster
from bus.store.positions import Extent
from bus.store.tables import BODIES, OUTBOX
from schemas.city import Pack
from streams.duties.tables import DUTIES
from streams.matters.desk import Desk, Place, Slice
from streams.matters.judging import INPUTS, PART, MatterJudging
from streams.matters.tables import MATTERS, MOVES, WAITING, metadata
from tests.support.servers import plain_settings

PARTITIONS = 2
_HEADERS = msgspec.msgpack.Decoder(tuple[tuple[str, bytes], ...])
NOW = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)


class World:
    """The log, and one desk at a time on one store."""

    def __init__(self, store: Store, pack: Pack, now: datetime = NOW) -> None:
        self.store = store
        self.log: dict[Place, list[Record]] = {(topic.name, n): [] for topic in INPUTS for n in range(PARTITIONS)}
        self.sent: list[Outgoing] = []
        self._pumped: set[tuple[str, int]] = set()
        self._judging = MatterJudging(pack)
        self.now = now
        self.desk = self.new_desk()

    def new_desk(self) -> Desk:
        """A process that takes everything over."""
        desk = Desk(self.store, lambda: self.now, lambda _: self._judging)
        extents = {place: Extent(f"id-{place[0]}", 0, 10**9) for place in self.log}
        desk.take_over(Cluster("c", {}), extents)
        return desk

    def send(self, records: Sequence[Record]) -> None:
        """Append records; each keeps its topic, its partition is its key's."""
        for record in records:
            self._append(record.topic, record.key or b"", record.value, record.timestamp, record.headers)

    def step(self, random: Random, most: int = 3) -> bool:
        """Apply a few records of some partition, and put what was sent on its topics; False where nothing is left."""
        open_ = [place for place, records in self.log.items() if len(records) > self.desk.positions[place].next_offset]
        if not open_:
            return False
        self.apply(random.choice(sorted(open_)), random.randint(1, most))
        return True

    def apply(self, place: Place, most: int) -> None:
        base = self.desk.positions[place].next_offset
        records = self.log[place][base : base + most]
        self.desk.apply([Slice(*place, base, base + len(records), records)], self._judge)
        self.pump()

    def run(self, seed: int = 0, most: int = 3) -> None:
        """Apply everything, in an order of that seed."""
        random = Random(seed)
        while self.step(random, most):
            pass

    def pump(self, again: int = 0) -> None:
        """What the outbox holds and was not sent, onto its topics; so many of the last of it a second time."""
        with self.store.read() as conn:
            rows = conn.execute(
                sa.select(BODIES, OUTBOX.c.topic)
                .join(OUTBOX, (OUTBOX.c.lane == BODIES.c.lane) & (OUTBOX.c.seq == BODIES.c.seq))
                .order_by(BODIES.c.lane, BODIES.c.seq)
            ).all()
        for row in rows:
            if (row.lane, row.seq) not in self._pumped:
                self._pumped.add((row.lane, row.seq))
                headers = _HEADERS.decode(bytes(row.headers))
                value = None if row.value is None else bytes(row.value)
                self._put(Outgoing(row.topic, bytes(row.key), value, headers, row.timestamp))
        for out in self.sent[-again:] if again else ():
            self._put(out)

    def digest(self) -> dict[str, str]:
        """The matters as they stand, with what was seen, what waits and what is due."""
        with self.store.read() as conn:
            found = {row.subject: row.doc for row in conn.execute(sa.select(MATTERS))}
            found |= {row.id: row.outcome for row in conn.execute(sa.select(MOVES))}
            found |= {row.id: row.value.hex() for row in conn.execute(sa.select(WAITING))}
            found |= {row.id: row.doc for row in conn.execute(sa.select(DUTIES))}
        return found

    def whole(self) -> str:
        """Every table's rows as one number."""
        return digest(self.store)

    def values(self, topic: str) -> list[dict[str, object]]:
        """What was sent to a topic."""
        return [msgspec.json.decode(out.value or b"") for out in self.sent if out.topic == topic]

    def _judge(self, room, record):  # type: ignore[no-untyped-def]
        return room, self._judging(room, record)

    def _put(self, out: Outgoing) -> None:
        self.sent.append(out)
        if (out.topic, 0) in self.log:
            self._append(out.topic, out.key, out.value, out.timestamp or 0, out.headers)

    def _append(
        self, topic: str, key: bytes, value: bytes | None, at: int, headers: tuple[tuple[str, bytes], ...]
    ) -> None:
        place = topic, sum(key) % PARTITIONS
        self.log[place].append(Record(*place, len(self.log[place]), at, key, value, headers))


@contextmanager
def world(pack: Pack, database: str = "", prefix: str = "") -> Iterator[World]:
    with TemporaryDirectory() as folder:
        settings: Settings = plain_settings(Path(folder), fsync=False, database=database, prefix=prefix)
        with Store(settings, PART, metadata) as store:
            store.migrate()
            yield World(store, pack)
