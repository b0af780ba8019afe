"""Slices of partitions applied in one transaction: position, inbox, rows and outbox together."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus import failpoints
from bus.clock import Clock
from bus.errors import Fatal, GongkaiError
from bus.record import Record
from bus.store import bulk, positions
from bus.store.engine import Store
from bus.store.ids import id_of
from bus.store.outbox import Outbox
from bus.store.positions import Position
from bus.store.projection import Projection, Tx
from bus.store.tables import INBOX

_REMEMBER: dict[str, sa.Insert] = {
    name: insert(INBOX).on_conflict_do_nothing().returning(INBOX.c.gk_id)
    for name, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
"""Says which of the rows are new, at several times the cost of writing them: for few, and where there is a repeat."""
_FEW = 5
Place = tuple[str, int]
"""Bare topic and partition."""

Turn = Sequence[tuple[Position, Sequence[Record]]]
"""Slices of several partitions, each behind its position."""


class Slices:
    """Applies slices; knows nothing of Kafka, so that any interleaving can be tried on it."""

    def __init__(self, store: Store, projection: Projection, clock: Clock, *, settling: bool = True) -> None:
        """`settling`: after each transaction; else when `settle` is called."""
        self._settling = settling
        self._store = store
        self._projection = projection
        self._clock = clock
        self._outbox = Outbox(store)

    def apply(self, position: Position, records: Sequence[Record]) -> tuple[Position, int]:
        """`apply_all` of one slice."""
        moved, sent = self.apply_all([(position, records)])
        return moved[0], sent

    def apply_all(self, turn: Turn) -> tuple[list[Position], int]:
        """Apply what one poll brought, on SQLite in one transaction, so that it waits for the disk once.

        On PostgreSQL each slice has its own: copies would else lock shared rows in different orders.
        Returns the next positions and how many rows are to be sent. What can't be applied is tried again slice by
        slice and record by record, so that all before it is kept and it is named.

        Raises:
            Fenced: another took a partition over; nothing of the transaction was written.
            Retriable: the database did not answer; nothing of the transaction was written.
            Fatal: a record can't be applied.
        """
        if self._store.is_postgres and len(turn) > 1:
            return self._piece_by_piece(turn)
        try:
            return self._transact(turn)
        except GongkaiError:
            raise
        except Exception as error:
            if len(turn) == 1 and len(turn[0][1]) == 1:
                raise self._poisoned(turn[0][1][0], error) from error
        return self._piece_by_piece(turn)

    def settle(self, position: Position) -> int:
        """Have the projection send what it held back, into the lane of `position`; returns how many rows."""
        with self._store.begin() as conn:
            positions.advance(conn, position, position.next_offset)
            tx = Tx(conn, self._clock(), self._outbox, f"{position.topic}/{position.partition}")
            self._projection.settle(tx)
            return tx.flush()

    def _piece_by_piece(self, turn: Turn) -> tuple[list[Position], int]:
        moved, sent = [], 0
        for position, records in turn:
            pieces = [records] if len(turn) > 1 else [[record] for record in records]
            for piece in pieces:
                position, more = self.apply(position, piece)  # noqa: PLW2901
                sent += more
            moved.append(position)
        return moved, sent

    def _transact(self, turn: Turn) -> tuple[list[Position], int]:
        with self._store.begin() as conn:
            moved = [positions.advance(conn, position, records[-1].offset + 1) for position, records in turn]
            fresh = self._fresh(conn, [record for _, records in turn for record in records])
            tx = Tx(conn, self._clock(), self._outbox)
            for position, _ in turn:
                place = position.topic, position.partition
                if found := fresh.get(place):
                    self._projection.apply(tx.of_lane(f"{place[0]}/{place[1]}"), found)
            if self._settling:
                self._projection.settle(tx)
            sent = tx.flush()
            failpoints.reach("sink.before-commit")
        return moved, sent

    def _fresh(self, conn: sa.Connection, records: Sequence[Record]) -> dict[Place, list[Record]]:
        """Those whose gk-id was never seen, each id once; a record without one is guarded by its offset alone."""
        by_id: dict[bytes, Record] = {}
        fresh: list[Record] = []
        for record in records:
            gk_id = None if failpoints.broken("inbox") else id_of(record.headers)
            if gk_id is None:
                fresh.append(record)
            else:
                by_id.setdefault(gk_id, record)
        fresh += (by_id[each] for each in self._remember(conn, list(by_id)))
        places: dict[Place, list[Record]] = {}
        for record in sorted(fresh, key=attrgetter("offset")):
            places.setdefault((record.topic, record.partition), []).append(record)
        return places

    def _remember(self, conn: sa.Connection, ids: Sequence[bytes]) -> Sequence[bytes]:
        """Put `ids` into the inbox; returns those that were not there."""
        if not ids:
            return ()
        rows = [{"gk_id": each} for each in ids]
        if len(ids) > _FEW:
            with conn.begin_nested() as attempt:
                if bulk.insert_or_leave(conn, INBOX, rows) == len(ids):
                    return ids
                attempt.rollback()
        return [bytes(row.gk_id) for row in conn.execute(_REMEMBER[conn.dialect.name], rows)]

    def _poisoned(self, record: Record, error: Exception) -> Fatal:
        said = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        return Fatal(
            f"{self._projection.name}: record {record.origin} (gk-id {record.gk_id}) can't be applied: {said}; "
            "nothing is skipped: mend the program, then start it again"
        )
