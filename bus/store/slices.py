"""One slice of a partition applied in one transaction: position, inbox, rows and outbox together."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus import failpoints
from bus.clock import Clock
from bus.errors import Fatal, GongkaiError
from bus.record import Record
from bus.store import positions
from bus.store.engine import Store
from bus.store.ids import id_of
from bus.store.outbox import Outbox
from bus.store.positions import Position
from bus.store.projection import Projection, Tx
from bus.store.tables import INBOX


class Slices:
    """Applies slices; knows nothing of Kafka, so that any interleaving can be tried on it."""

    def __init__(self, store: Store, projection: Projection, clock: Clock) -> None:
        self._store = store
        self._projection = projection
        self._clock = clock
        self._outbox = Outbox(store)

    def apply(self, position: Position, records: Sequence[Record]) -> tuple[Position, int]:
        """Apply `records`, which follow `position`; returns the next position and how many rows are to be sent.

        What can't be applied is tried again record by record, so that all before it is kept and it is named.

        Raises:
            Fenced: another took the partition over; nothing was written.
            Retriable: the database did not answer; nothing was written.
            Fatal: a record can't be applied.
        """
        try:
            return self._transact(position, records)
        except GongkaiError:
            raise
        except Exception as error:
            if len(records) == 1:
                raise self._poisoned(records[0], error) from error
        return self._one_by_one(position, records)

    def _one_by_one(self, position: Position, records: Sequence[Record]) -> tuple[Position, int]:
        sent = 0
        for record in records:
            position, more = self.apply(position, [record])
            sent += more
        return position, sent

    def _transact(self, position: Position, records: Sequence[Record]) -> tuple[Position, int]:
        lane = f"{position.topic}/{position.partition}"
        with self._store.begin() as conn:
            moved = positions.advance(conn, position, records[-1].offset + 1)
            fresh = self._fresh(conn, records)
            tx = Tx(conn, self._clock(), lane, self._outbox)
            if fresh:
                self._projection.apply(tx, fresh)
            sent = tx.flush()
            failpoints.reach("sink.before-commit")
        return moved, sent

    def _fresh(self, conn: sa.Connection, records: Sequence[Record]) -> list[Record]:
        """Those whose gk-id was never seen, each id once; a record without one is guarded by its offset alone."""
        if failpoints.broken("inbox"):
            return list(records)
        by_id: dict[bytes, Record] = {}
        without: list[Record] = []
        for record in records:
            gk_id = id_of(record.headers)
            if gk_id is None:
                without.append(record)
            else:
                by_id.setdefault(gk_id, record)
        new = self._remember(conn, list(by_id))
        return sorted([*without, *(by_id[each] for each in new)], key=lambda record: record.offset)

    def _remember(self, conn: sa.Connection, ids: Sequence[bytes]) -> Sequence[bytes]:
        """Put `ids` into the inbox; returns those that were not there."""
        if not ids:
            return ()
        insert = postgresql.insert if self._store.is_postgres else sqlite.insert
        new = insert(INBOX).on_conflict_do_nothing().returning(INBOX.c.gk_id)
        return [bytes(row.gk_id) for row in conn.execute(new, [{"gk_id": each} for each in ids])]

    def _poisoned(self, record: Record, error: Exception) -> Fatal:
        said = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        return Fatal(
            f"{self._projection.name}: record {record.origin} (gk-id {record.gk_id}) can't be applied: {said}; "
            "nothing is skipped: mend the program, then start it again"
        )
