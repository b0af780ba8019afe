"""Matters as its program wires it, but for Kafka: the log in memory, the desk and the ticker over a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random

import msgspec
import sqlalchemy as sa

from bus.record import Outgoing, Record
from bus.store import Store
from bus.store._cluster import Cluster
from bus.store.positions import Extent
from bus.store.tables import BODIES, LANES, OUTBOX
from schemas.city import Pack
from schemas.headers import Headers
from streams.duties.ticker import Around, Ticker
from streams.matters.desk import Desk, Place, Slice
from streams.matters.judging import INPUTS, PART, MatterJudging
from streams.matters.room import Room
from streams.matters.tables import metadata
from tests.support.servers import plain_settings

Clock = Callable[[], datetime]
Judge = Callable[[MatterJudging, Room, Record], Sequence[Outgoing]]
"""What judges a record, given the real thing."""
MOST = 400
"""Records of a slice."""
_HEADERS = msgspec.msgpack.Decoder(Headers)
_TOPICS = frozenset(topic.name for topic in INPUTS)


class Station:
    """One process of matters, which can be stopped and begun anew."""

    def __init__(
        self, store: Store, pack: Pack, clock: Clock, partitions: int, judge: Judge | None
    ) -> None:  # fmt: skip
        self.partitions = partitions
        self.store = store
        self.running = True
        self._pack, self._clock = pack, clock
        judging = MatterJudging(pack)
        self._judging = judging
        self._judge = judge
        self._log: dict[Place, list[Record]] = {(topic.name, n): [] for topic in INPUTS for n in range(partitions)}
        self._ends = dict.fromkeys(self._log, 0)
        self._taken: dict[str, int] = {}
        self._random = Random(0)
        self.start()

    def start(self) -> None:
        """A process takes everything over."""
        self.running = True
        self._desk = Desk(self.store, self._clock, lambda _: self._judging)
        extents = {place: Extent(f"id-{place[0]}", 0, 10**9) for place in self._log}
        self._desk.take_over(Cluster("c", {}), extents)
        self._ticker = Ticker(
            self.store, Around(lambda _: self._pack, self._desk.epochs, lambda: dict(self._ends), self._clock)
        )

    def stop(self) -> None:
        """It is gone; the log goes on."""
        self.running = False

    def receive(self, records: Sequence[Record]) -> None:
        """Records of the topics that it reads; each key has its partition."""
        for record in records:
            if record.topic in _TOPICS:
                place = record.topic, sum(record.key or b"") % self.partitions
                self._log[place].append(Record(
                    *place, self._ends[place], record.timestamp, record.key, record.value, record.headers
                ))  # fmt: skip
                self._ends[place] += 1

    def work(self) -> list[Outgoing]:
        """Apply one turn of what lies there, slices of any size of any partitions; what was sent because of it."""
        if self.running:
            turn = [self._slice(place) for place, waiting in sorted(self._log.items()) if waiting]
            self._random.shuffle(turn)
            if turn:
                self._desk.apply(turn, self._judged)
        return self._sent()

    @property
    def waits(self) -> bool:
        """Whether something lies there that it will read."""
        return self.running and any(self._log.values())

    def tick(self) -> list[Outgoing]:
        """Look at the clock; what was sent because of it."""
        if self.running:
            self._ticker.tick()
        return self._sent()

    def expire(self) -> list[Outgoing]:
        """Look for steps whose day is over; what was sent because of it."""
        if self.running:
            idle = [place for place, waiting in self._log.items() if not waiting]
            self._desk.expire(idle, int(self._clock().timestamp() * 1000))
        return self._sent()

    def _slice(self, place: Place) -> Slice:
        waiting = self._log[place]
        number = min(len(waiting), self._random.randint(1, MOST))
        records, self._log[place] = waiting[:number], waiting[number:]
        base = records[0].offset
        return Slice(*place, base, base + number, records)

    def _judged(self, room: Room, record: Record) -> tuple[Room, Sequence[Outgoing]]:
        return room, self._judge(self._judging, room, record) if self._judge else self._judging(room, record)

    def _sent(self) -> list[Outgoing]:
        """What the relay would send: all that is new in each lane; its bodies are dropped, as the relay does later."""
        found: list[Outgoing] = []
        with self.store.begin() as conn:
            for lane in conn.execute(sa.select(LANES).where(LANES.c.written > LANES.c.sent)).all():
                mine = (OUTBOX.c.lane == lane.lane, OUTBOX.c.seq > lane.sent)
                asked = sa.select(OUTBOX.c.topic, BODIES).join(
                    BODIES, (BODIES.c.lane == OUTBOX.c.lane) & (BODIES.c.seq == OUTBOX.c.seq)
                )
                found += [_outgoing(row) for row in conn.execute(asked.where(*mine).order_by(OUTBOX.c.seq))]
                conn.execute(OUTBOX.update().where(*mine).values(sent_offset=0))
                conn.execute(BODIES.delete().where(BODIES.c.lane == lane.lane))
                conn.execute(LANES.update().where(LANES.c.lane == lane.lane).values(sent=lane.written))
        return found


@contextmanager
def station(home: Path, pack: Pack, clock: Clock, partitions: int, judge: Judge | None = None) -> Iterator[Station]:
    """A station on a store of its own."""
    with Store(plain_settings(home, fsync=False), PART, metadata) as store:
        store.migrate()
        yield Station(store, pack, clock, partitions, judge)


def _outgoing(row: sa.Row[tuple[object, ...]]) -> Outgoing:
    value = None if row.value is None else bytes(row.value)
    return Outgoing(row.topic, bytes(row.key), value, _HEADERS.decode(bytes(row.headers)), row.timestamp)
