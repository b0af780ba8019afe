"""A lease: among copies of a part that share a store, one alone does a thing at a time."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus.errors import Fenced
from bus.store.engine import Store
from bus.store.tables import LEASES

_BEAT = (
    LEASES.update()
    .where(
        LEASES.c.name == sa.bindparam("of_name"), LEASES.c.epoch == sa.bindparam("of_epoch"),
        LEASES.c.holder == sa.bindparam("of_holder"),
    )
    .values(beat=LEASES.c.beat + 1)
)  # fmt: skip


class Lease:
    """Held by raising an epoch that every later beat must match.

    No clocks are compared: who wants a held lease watches its `beat`, and takes it when that has stood still for
    `patience` seconds of his own. A holder that slept meanwhile finds the epoch changed and is refused.
    """

    def __init__(
        self, store: Store, name: str, patience: float = 4.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._name = name
        self._patience = patience
        self._monotonic = monotonic
        self._me = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex[:8]}"
        self._seen: tuple[int, int] | None = None
        self._seen_at = 0.0
        self._beaten_at = 0.0
        self.epoch: int | None = None
        """While it is held."""

    def acquire(self) -> bool:
        """Take the lease if it is free, mine by a file lock, or its holder's beat stands still."""
        with self._store.begin_lazily() as conn:
            row = conn.execute(sa.select(LEASES).where(LEASES.c.name == self._name)).first()
            if row is None:
                return self._create(conn)
            if not self._is_takeable(row):
                return False
            return self._take(conn, row)

    def beat(self, conn: sa.Connection) -> None:
        """Say within `conn`'s transaction that the holder lives, and make the transaction depend on it.

        Raises:
            Fenced: another holds the lease now.
        """
        mine = {"of_name": self._name, "of_epoch": self.epoch, "of_holder": self._me}
        if conn.execute(_BEAT, mine).rowcount != 1:
            self.epoch = None
            raise Fenced(f"{self._store.place}: the lease {self._name} was taken by a successor")
        self._beaten_at = self._monotonic()

    def keep(self) -> None:
        """Beat if it is time to."""
        if self._monotonic() - self._beaten_at > self._patience / 4:
            with self._store.begin_lazily() as conn:
                self.beat(conn)

    def release(self) -> None:
        """Let the next one take it at once."""
        if self.epoch is None:
            return
        mine = (LEASES.c.name == self._name, LEASES.c.epoch == self.epoch, LEASES.c.holder == self._me)
        with self._store.begin_lazily() as conn:
            conn.execute(LEASES.update().where(*mine).values(holder=""))
        self.epoch = None

    def _create(self, conn: sa.Connection) -> bool:
        insert = postgresql.insert if self._store.is_postgres else sqlite.insert
        new = insert(LEASES).values(name=self._name, holder=self._me, epoch=1, beat=0).on_conflict_do_nothing()
        return conn.execute(new.returning(LEASES.c.epoch)).first() is not None and self._hold(1)

    def _is_takeable(self, row: sa.Row[tuple[object, ...]]) -> bool:
        if not row.holder or not self._store.is_postgres:
            return True
        seen = (row.epoch, row.beat)
        if seen != self._seen:
            self._seen, self._seen_at = seen, self._monotonic()
        return self._monotonic() - self._seen_at > self._patience

    def _take(self, conn: sa.Connection, row: sa.Row[tuple[object, ...]]) -> bool:
        touched = conn.execute(
            LEASES.update()
            .where(LEASES.c.name == self._name, LEASES.c.epoch == row.epoch, LEASES.c.beat == row.beat)
            .values(holder=self._me, epoch=row.epoch + 1)
        ).rowcount
        return touched == 1 and self._hold(row.epoch + 1)

    def _hold(self, epoch: int) -> bool:
        self.epoch = epoch
        self._seen = None
        self._beaten_at = self._monotonic()
        return True
