"""Slices applied in one SQL transaction: position, matters, what is due, and what is to be sent, together.

Knows nothing of Kafka, so that any interleaving can be tried on it.
Fails to: Fenced where another copy took a partition over; Retriable where another copy moved a matter on meanwhile;
StoreMismatch where the log does not go on where the store stands. Nothing of the transaction is written then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import sqlalchemy as sa

from bus import failpoints
from bus.clock import Clock
from bus.errors import Fenced, StoreMismatch
from bus.record import Outgoing, Record
from bus.store import Outbox, Store, Tx, bulk, positions
from bus.store._cluster import Cluster
from bus.store.positions import Extent, Position
from schemas import headers as h
from schemas.city import Pack
from schemas.topics import DEAD_LETTERS, LINKS, REJECTIONS
from streams.duties import Stamp, Stepped, consumed
from streams.duties import record as record_duties
from streams.duties.links import link
from streams.duties.standing import answered
from streams.duties.tables import WATERMARKS
from streams.matters import shelf
from streams.matters.judging import PART, MatterJudging
from streams.matters.room import Done, Room
from streams.matters.tables import MOVES
from streams.telling import instant

Place = tuple[str, int]
"""Bare topic and partition."""


Refused = tuple[str, str]
"""Under which a step is remembered, and its findings, JSON."""


class Judge(Protocol):
    """What a record does to a room; the release is that of its arrival."""

    def __call__(self, room: Room, record: Record, /) -> tuple[Room, Sequence[Outgoing]]:
        """The room after it, and its outputs."""


class Slice(NamedTuple):
    """Offsets `base` up to `end` of a partition, and the records among them."""

    topic: str
    partition: int
    base: int
    end: int
    records: Sequence[Record]


class Desk:
    """The store of matters, and this process' place in it."""

    def __init__(self, store: Store, clock: Clock, judging_at: Callable[[int], MatterJudging]) -> None:
        """`judging_at`: the release in force at an arrival (ms)."""
        self.store = store
        self.positions: dict[Place, Position] = {}
        self.judged: Counter[tuple[str, str]] = Counter()
        """Topic and outcome to how many records, since this process began."""
        self._clock = clock
        self._judging_at = judging_at
        self._outbox = Outbox(store)

    def take_over(self, cluster: Cluster, extents: Mapping[Place, Extent]) -> None:
        """Hold these partitions and no others; their epochs rise, so that whoever had them before writes no more."""
        with self.store.begin() as conn:
            positions.claim_cluster(conn, self.store, cluster)
            self.positions = {
                place: positions.take_over(conn, self.store, *place, extents[place]) for place in sorted(extents)
            }
            rows = [{"topic": topic, "partition": partition} for topic, partition in sorted(extents)]
            bulk.insert_or_leave(conn, WATERMARKS, rows)  # before anybody looks, so that a rebuild has the same rows

    def epochs(self) -> dict[Place, int]:
        """The partitions that are held, each with its epoch."""
        return {place: position.epoch for place, position in list(self.positions.items())}

    def apply(self, turn: Sequence[Slice], judge: Judge) -> int:
        """Apply slices of partitions that are held, in one transaction; how many records are to be sent.

        On PostgreSQL each has its own: copies would else lock shared rows in different orders.
        """
        if self.store.is_postgres:
            return sum(self._transact([one], judge) for one in turn)
        return self._transact(turn, judge)

    def expire(self, places: Sequence[Place], at: int) -> int:
        """The last call of steps whose day is over in partitions that were read to their end at `at` (ms)."""
        with self.store.begin() as conn:
            tx = Tx(conn, self._clock(), self._outbox)
            for place in sorted(places):
                positions.hold(conn, *place, self.positions[place].epoch)
                self._expire(tx.of_lane(_lane(place)), place, at)
            return tx.flush()

    def replay(self, partition: int, told: Sequence[Record], refused: Sequence[Refused], judge: Judge) -> None:
        """In a rebuild: judge `told` in the order in which they were taken first; `refused` are remembered alone."""
        with self.store.begin() as conn:
            tx = Tx(conn, self._clock(), self._outbox, _lane((LINKS.name, partition)))
            if told:
                self._judge_all(tx, (LINKS.name, partition), told, judge, Counter())
            rows = [{"id": key, "outcome": "rejected", "findings": findings} for key, findings in refused]
            bulk.insert_or_leave(conn, MOVES, rows)
            tx.flush()

    def stand(self, place: Place, next_offset: int, arrival: int | None) -> None:
        """In a rebuild: what lies before that offset is known; `arrival` is its newest record's."""
        with self.store.begin() as conn:
            self.positions[place] = positions.advance(conn, self.positions[place], next_offset)
            if arrival is not None:
                consumed(conn, *place, arrival)

    def _transact(self, turn: Sequence[Slice], judge: Judge) -> int:
        moved: dict[Place, Position] = {}
        judged: Counter[tuple[str, str]] = Counter()
        with self.store.begin() as conn:
            tx = Tx(conn, self._clock(), self._outbox)
            fresh = []
            for one in turn:
                place = one.topic, one.partition
                position = moved.get(place) or self._position(place)
                if one.base > position.next_offset:
                    raise StoreMismatch(
                        f"{self.store.place} stands at offset {position.next_offset} of {one.topic}/{one.partition}, "
                        f"and its log goes on at {one.base}: run gongkai rebuild {PART}"
                    )
                if one.end > position.next_offset:
                    fresh.append((place, [each for each in one.records if each.offset >= position.next_offset]))
                    moved[place] = positions.advance(conn, position, one.end)
            for place, records in fresh:
                self._take(tx.of_lane(_lane(place)), place, records, judge, judged)
            sent = tx.flush()
            failpoints.reach("matters.before-commit")
        self.positions.update(moved)
        self.judged.update(judged)
        return sent

    def _position(self, place: Place) -> Position:
        position = self.positions.get(place)
        if position is None:
            raise Fenced(f"{place[0]}/{place[1]} is not held any more")
        return position

    def _take(
        self, tx: Tx, place: Place, records: Sequence[Record], judge: Judge, judged: Counter[tuple[str, str]]
    ) -> None:
        if not records:
            return
        self._judge_all(tx, place, records, judge, judged)
        newest = max(record.timestamp for record in records)
        consumed(tx.conn, *place, newest)
        self._expire(tx, place, newest)

    def _judge_all(
        self, tx: Tx, place: Place, records: Sequence[Record], judge: Judge, judged: Counter[tuple[str, str]]
    ) -> None:
        room = shelf.load(tx.conn, records)
        given: list[Sequence[Outgoing]] = []
        for number, record in enumerate(records):
            room.at = number
            room, outs = judge(room, record)
            given.append(outs)
            judged[place[0], _outcome(outs)] += 1
        shelf.save(tx.conn, room)
        due = self._due(tx.conn, place[1], records, room.done)
        answers = self._answers(tx.conn, records, room)
        for number, outs in enumerate(given):
            for out in (*outs, *due.get(number, ()), *answers.get(number, ())):
                tx.send(out)

    def _due(
        self, conn: sa.Connection, partition: int, records: Sequence[Record], done: Sequence[Done]
    ) -> dict[int, list[Outgoing]]:
        """What is to be told of duties, by the record that changed them."""
        changing = [one for one in done if one.changes]
        if not changing:
            return {}
        steps = [
            Stepped(self._pack(records[one.record].timestamp), one.matter, one.changes, one.stamp) for one in changing
        ]
        found: dict[int, list[Outgoing]] = {}
        for one, outs in zip(changing, record_duties(conn, partition, steps), strict=True):
            found.setdefault(one.record, []).extend(outs)
        return found

    def _answers(self, conn: sa.Connection, records: Sequence[Record], room: Room) -> dict[int, list[Outgoing]]:
        """Steps for the standing duties that were answered by what became public, by its record."""
        found: dict[int, list[Outgoing]] = {}
        for number, published in room.public:
            record = records[number]
            pack = self._pack(record.timestamp)
            since = max(instant(record.timestamp), published.at)  # the receipt may have been read before the verdict
            stamp = Stamp(since, ((h.ORIGIN, record.origin.encode()),))
            for told in answered(conn, pack, published):
                cause = f"{published.subject}/{published.outlet}/{told.at.isoformat()}"
                found.setdefault(number, []).append(link(pack, told, cause, stamp))
        return found

    def _expire(self, tx: Tx, place: Place, at: int) -> None:
        for waiter in shelf.expired(tx.conn, *place, at):
            tx.send(self._judging_at(waiter.until).last_call(waiter))

    def _pack(self, arrival: int) -> Pack:
        return self._judging_at(arrival).pack


def _lane(place: Place) -> str:
    return f"{place[0]}/{place[1]}"


def _outcome(outs: Sequence[Outgoing]) -> str:
    topics = {out.topic for out in outs}
    return "dead" if DEAD_LETTERS.name in topics else "rejected" if REJECTIONS.name in topics else "accepted"
