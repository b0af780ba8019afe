"""A wall clock over an office, and a broker that says how far its logs go."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from bus.record import Outgoing
from bus.store import positions
from bus.store.positions import Extent
from bus.store.tables import BODIES, LANES, OUTBOX
from schemas.headers import Headers
from schemas.topics import LINKS
from streams.duties.ticker import Around, Ticked, Ticker
from streams.duties.watermark import Place
from tests.streams.duties.office import Office, at

_WRITTEN = sa.select(OUTBOX.c.topic, BODIES).join(
    OUTBOX, sa.and_(OUTBOX.c.lane == BODIES.c.lane, OUTBOX.c.seq == BODIES.c.seq)
)
TOPICS = ("matters", "receipts", LINKS.name)


class Wall:
    """Looks at the clock when it is told to."""

    def __init__(self, office: Office, *, unread: bool = False) -> None:
        self.office = office
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.behind: dict[Place, int] = {}
        self.held: dict[Place, int] = {}
        self.last = Ticked()
        for topic in TOPICS if not unread else TOPICS[:1]:
            self._take(topic)
        self._seen = set(self._outbox())
        around = Around(lambda _: office.pack, lambda: self.held, self._ends, lambda: self.now)
        self.ticker = Ticker(office.store, around)

    def tick(self, when: str) -> list[str]:
        """What is told when the clock says so."""
        self.now = at(when)
        self._seen |= self._outbox().keys()
        self.last = self.ticker.tick()
        fresh = [out for place, out in self._outbox().items() if place not in self._seen]
        self._seen |= self._outbox().keys()
        self.office.sent += fresh
        return Office(self.office.store, sent=fresh).words("rung")

    def waiting(self, topic: str, records: int) -> None:
        """So many records lie in a topic that were not read."""
        self.behind[topic, self.office.partition] = records

    def send_all(self) -> None:
        """The relay sends what waits."""
        with self.office.store.begin() as conn:
            conn.execute(OUTBOX.update().values(sent_offset=0))
            conn.execute(LANES.update().values(sent=LANES.c.written))

    def _outbox(self) -> dict[tuple[str, int], Outgoing]:
        """Every record that was ever put into the outbox, by its place."""
        with self.office.store.read() as conn:
            rows = conn.execute(_WRITTEN).all()
        return {
            (row.lane, row.seq): Outgoing(
                row.topic,
                row.key,
                row.value,
                msgspec.msgpack.decode(row.headers, type=Headers),
                row.timestamp,
                row.partition,
            )
            for row in rows
        }

    def _take(self, topic: str) -> None:
        place = (topic, self.office.partition)
        with self.office.store.begin() as conn:
            taken = positions.take_over(conn, self.office.store, *place, Extent(f"id-{topic}", 0, 1_000))
        self.held[place] = taken.epoch

    def _ends(self) -> dict[Place, int]:
        places = [(topic, self.office.partition) for topic in TOPICS]
        return {place: self.behind.get(place, 0) for place in places}
