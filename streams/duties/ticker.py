"""The clock's side of duties: tells of each rung when its instant is past, once, and takes the steps that lapses are.

Reads:    `duties` by the index of what is due next; the pack in force at the watermark; the log's ends.
Writes:   rungs, days that moved and successions to `duties`, lapses and standing duties to `links`, by the outbox.
Keeps:    each word in the transaction that tells of it, under the partition's epoch.
Fails to: Fenced where another copy took the partition over; whatever the store raises. The thread tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bus.clock import Clock
from bus.record import Outgoing
from bus.store import Outbox, Store, Tx
from bus.store.positions import hold
from rules.calendar import day_of
from schemas.city import Pack
from schemas.topics import INPUTS, LINKS
from streams.duties import standing
from streams.duties.book import Book
from streams.duties.entry import Entry
from streams.duties.links import lapse
from streams.duties.notices import Stamp, told
from streams.duties.reviewing import Packs, review, reviewed, to_review
from streams.duties.tables import DUTIES, instant, ms
from streams.duties.watermark import Glance, Place, Watermark

PAGE = 500
"""Duties of one transaction."""
_HOMES = frozenset(topic.name for topic in INPUTS)
_DUE = (
    sa.select(DUTIES.c.id)
    .where(
        DUTIES.c.topic == sa.bindparam("of_topic"), DUTIES.c.partition == sa.bindparam("of_partition"),
        DUTIES.c.next_at <= sa.bindparam("until"),
    )
    .order_by(DUTIES.c.next_at)
    .limit(PAGE)
)  # fmt: skip


@dataclass(slots=True)
class Ticked:
    """What one tick did."""

    watermark: int | None = None
    """Up to when everything was known, in ms; None: some partition was never read, and nothing was told."""
    due: int = 0
    """Duties that were read because the clock had something to say of them."""
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Around:
    """What a ticker asks of the process that it runs in."""

    pack_at: Callable[[int], Pack]
    """The release in force at an instant (ms)."""
    held: Callable[[], Mapping[Place, int]]
    """The partitions of this process, each with its epoch."""
    ends: Callable[[], Mapping[Place, int]]
    """The log's end of every partition of every topic that the part reads, asked of the broker now."""
    clock: Clock


class Ticker:
    """One look at the clock; `streams.duties.ticking` is the thread that takes it again and again."""

    def __init__(self, store: Store, around: Around) -> None:
        self._store = store
        self._around = around
        self._outbox = Outbox(store)
        self._watermark = Watermark()
        self._packs: Packs | None = None

    def tick(self) -> Ticked:
        """Tell of all that is due by the watermark."""
        wall = self._around.clock()
        with self._store.read() as conn:
            glance = Glance.of(conn)
        done = Ticked(self._watermark.advance(wall, glance, self._around.ends()))
        if done.watermark is None:
            return done
        pack = self._around.pack_at(done.watermark)
        self._packs = packs = self._packs.then(pack) if self._packs else Packs(pack)
        for place, epoch in sorted(self._around.held().items()):
            if place[0] in _HOMES:
                self._review(packs, place, epoch, done)
                self._fire(pack, place, epoch, done)
            elif place == (LINKS.name, 0):
                self._open(pack, place, epoch, done)
        return done

    def _fire(self, pack: Pack, place: Place, epoch: int, done: Ticked) -> None:
        asked = {"of_topic": place[0], "of_partition": place[1], "until": done.watermark}
        more = True
        while more:
            with self._store.read() as conn:
                ids = conn.execute(_DUE, asked).scalars().all()
            more = len(ids) == PAGE
            if ids:
                with self._store.begin() as conn:
                    hold(conn, *place, epoch)
                    self._tell(conn, pack, place, ids, done)

    def _tell(self, conn: sa.Connection, pack: Pack, place: Place, ids: Sequence[str], done: Ticked) -> None:
        """What of these is due by the watermark, told and kept; each comes to its next instant."""
        mark = done.watermark or 0
        book = Book.of(conn, ids)
        stamp = Stamp(instant(mark))
        out = [one for name in ids for one in _said(pack, book.entries[name], mark, stamp)]
        book.save(conn, dict.fromkeys(ids, pack))
        done.due += len(ids)
        done.sent += self._send(conn, place, out)

    def _review(self, packs: Packs, place: Place, epoch: int, done: Ticked) -> None:
        """On a new release, on a new day: what moves by itself."""
        now = instant(done.watermark or 0)
        with self._store.read() as conn:
            ids = to_review(conn, packs.now, place, day_of(now))
        if ids is None:
            return
        for first in range(0, len(ids), PAGE):
            with self._store.begin() as conn:
                hold(conn, *place, epoch)
                done.sent += self._send(conn, place, review(conn, packs, ids[first : first + PAGE], now))
        with self._store.begin() as conn:
            hold(conn, *place, epoch)
            reviewed(conn, packs.now, place, day_of(now))

    def _open(self, pack: Pack, place: Place, epoch: int, done: Ticked) -> None:
        """Standing duties whose time has come, once a day and by each release."""
        now = instant(done.watermark or 0)
        with self._store.read() as conn:
            if to_review(conn, pack, place, day_of(now)) is None:
                return
        with self._store.begin() as conn:
            hold(conn, *place, epoch)
            done.sent += self._send(conn, place, standing.opened(conn, pack, now))
            reviewed(conn, pack, place, day_of(now))

    def _send(self, conn: sa.Connection, place: Place, out: Sequence[Outgoing]) -> int:
        """Put records into the outbox, but those that were sent before a rebuild."""
        tx = Tx(conn, self._around.clock(), self._outbox, f"{place[0]}/{place[1]}")
        for one in out:
            tx.send(one)
        return tx.flush()


def _said(pack: Pack, entry: Entry, mark: int, stamp: Stamp) -> Iterator[Outgoing]:
    """The rungs that are reached, in the order of time, and then the lapse."""
    for reached in [one for one in entry.waits(pack) if ms(one.at) <= mark]:
        entry.reach(reached)
    yield from told(pack, entry, stamp)
    if (ends := entry.lapses_at) is not None and ends <= mark:
        yield lapse(pack, entry, stamp)
        entry.lapse(stamp.at)
