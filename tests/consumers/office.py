"""A projection on a real store without Kafka: records are played in whatever interleaving a test wants."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import sqlalchemy as sa

from bus.record import Outgoing, Record
from bus.store import Projection, Store
from bus.store.ids import compact
from bus.store.positions import Extent, Position, take_over
from bus.store.slices import Slices
from bus.store.tables import BODIES, KNOWN
from schemas import headers as h
from tests.support.servers import plain_settings

NOW = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)
"""12:00 in the city."""


class Player:
    """Applies records to a store as a sink would, and tells what was sent."""

    def __init__(self, store: Store, projection: Projection, now: datetime = NOW, *, settling: bool = True) -> None:
        self.store = store
        self.now = now
        self._slices = Slices(store, projection, lambda: self.now, settling=settling)
        self._positions: dict[tuple[str, int], Position] = {}

    def play(self, *records: Record) -> None:
        """Apply `records` one slice for each run of the same partition."""
        for record in records:
            place = record.topic, record.partition
            self._hold(place)
            self._positions[place], _ = self._slices.apply(self._positions[place], [record])

    def play_slices(self, records: Sequence[Record]) -> None:
        """Apply `records` in as few slices as there are places."""
        for place in dict.fromkeys((record.topic, record.partition) for record in records):
            self._hold(place)
            mine = [record for record in records if (record.topic, record.partition) == place]
            self._positions[place], _ = self._slices.apply(self._positions[place], mine)

    def settle(self) -> None:
        """As a rebuild ends."""
        for position in list(self._positions.values())[-1:]:
            self._slices.settle(position)

    def _hold(self, place: tuple[str, int]) -> None:
        if place not in self._positions:
            with self.store.begin() as conn:
                self._positions[place] = take_over(conn, self.store, *place, Extent("topic", 0, 10**9))

    def sent(self) -> list[dict[str, object]]:
        """Everything in the outbox, as JSON, in the order of sending."""
        with self.store.read() as conn:
            rows = conn.execute(sa.select(BODIES.c.value).order_by(BODIES.c.lane, BODIES.c.seq)).scalars()
            return [msgspec.json.decode(row) for row in rows]

    def remember(self, values: Sequence[dict[str, object]]) -> None:
        """As a rebuild begins: what this part had sent before."""
        with self.store.begin() as conn:
            conn.execute(
                sa.insert(KNOWN),
                [{"gk_id": compact(str(value["id"])), "value": msgspec.json.encode(value)} for value in values],
            )


@contextmanager
def player(home: Path, projection: Projection, database: str = "", *, settling: bool = True) -> Iterator[Player]:
    """A player on a fresh store: SQLite under `home`, or a PostgreSQL schema of its own."""
    settings = plain_settings(home, prefix=f"t{uuid.uuid4().hex[:12]}.", database=database, fsync=False)
    if not database:
        settings.stores.mkdir(parents=True)
        (settings.stores / f"{projection.name}.sqlite").write_bytes(_migrated(type(projection), projection.metadata))
    with Store(settings, projection.name, projection.metadata) as store:
        if database:
            store.migrate()
        yield Player(store, projection, settling=settling)


@cache
def _migrated(kind: type[Projection], metadata: sa.MetaData) -> bytes:
    """An empty SQLite store of a part, made once."""
    with TemporaryDirectory() as home:
        with Store(plain_settings(Path(home)), kind.name, metadata) as store:
            store.migrate()
            with store.engine.connect() as conn:
                conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return (Path(home) / "stores" / f"{kind.name}.sqlite").read_bytes()


class Log:
    """Gives records their places, partition by partition."""

    def __init__(self) -> None:
        self._ends: dict[tuple[str, int], int] = {}

    def append(self, outgoing: Outgoing, partition: int = 0) -> Record:
        """`outgoing` as a reader sees it."""
        place = outgoing.topic, partition
        offset = self._ends.get(place, 0)
        self._ends[place] = offset + 1
        return Record(outgoing.topic, partition, offset, 0, outgoing.key, outgoing.value, outgoing.headers)


def ours(topic: str, value: dict[str, object], gk_id: str, *more: tuple[str, bytes]) -> Outgoing:
    """A record of ours: a JSON value under its derived id."""
    subject = str(value["subject"]).encode()
    return Outgoing(topic, subject, msgspec.json.encode(value), ((h.ID, gk_id.encode()), *more))
