"""Erasing a matter, or one person's part of it: its key is destroyed, and what it sealed opens for nobody any more.

Keeps:    the row of the key, without the key: when, by whom, why. Ids answer 410 from then on.
Fails to: `Refused` with MATTER-UNKNOWN.

Topics keep the sealed bytes, over which hashes and chains stand. No rebuild brings a key back, for none was ever sent;
a backup of the gateway's store would, so erasures are to be repeated after one is put back (docs/operations.md).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel

from bus.store import Store, bulk
from producers.answers import instant, milliseconds
from producers.personal.files import SealedFiles
from producers.refusals import Refused
from producers.tables import MATTER_KEYS, PAPERS, RECEIPTS, SEALED_FILES
from schemas.reasons import Reason

_k = MATTER_KEYS.c


class Erasure(BaseModel):
    """一次删除。What was erased: the matter or part of it, when, by whom and why."""

    key: str
    at: datetime
    by: str
    why: str
    keys: int
    """How many keys were destroyed."""
    files: int


class Eraser:
    """Erases, once and for all."""

    def __init__(self, store: Store, files: SealedFiles) -> None:
        self._store = store
        self._files = files

    def erase(self, named: str, by: str, why: str, now: datetime) -> Erasure:
        """Erase the matter, comment or receipt that is `named`; a second time changes nothing."""
        at = milliseconds(now)
        with self._store.begin() as conn:
            if not self._store.is_postgres:
                conn.exec_driver_sql("PRAGMA secure_delete = ON")  # else the wrapped key stays in the file's free pages
            key = self._resolved(conn, named)
            keys = self._destroy(conn, key, by, why, at)
            files = self._forget(conn, key, at)
        for sha256 in files:
            self._files.place(sha256).unlink(missing_ok=True)
        self._settle()
        return Erasure(key=key, at=instant(at), by=by, why=why, keys=keys, files=len(files))

    def _resolved(self, conn: sa.Connection, named: str) -> str:
        """The subject or scope that is meant; a receipt's number stands for its own."""
        found = conn.execute(sa.select(RECEIPTS.c.scope).where(RECEIPTS.c.number == named)).scalar()
        key = str(found or named)
        known = sa.select(PAPERS.c.event_id).where((PAPERS.c.subject == key) | (PAPERS.c.scope == key)).limit(1)
        if conn.execute(known).first() is None:
            raise Refused(Reason.MATTER_UNKNOWN, id=named[:200])
        return key

    def _destroy(self, conn: sa.Connection, key: str, by: str, why: str, at: int) -> int:
        subject = key.partition("#")[0]
        row = {"scope": key, "subject": subject, "key_id": "-", "wrapped": "", "made": at, "erased": None, "by": None,
               "why": None}  # fmt: skip
        bulk.insert_or_leave(conn, MATTER_KEYS, [row])
        there = ((_k.subject == key) | (_k.scope == key)) & _k.wrapped.is_not(None)
        gone = conn.execute(MATTER_KEYS.update().where(there).values(wrapped=None, erased=at, by=by, why=why))
        return gone.rowcount

    def _forget(self, conn: sa.Connection, key: str, at: int) -> list[str]:
        """What is kept for the handling department's eyes; returns the files whose bytes are to go."""
        conn.execute(PAPERS.update().where((PAPERS.c.subject == key) | (PAPERS.c.scope == key)).values(sealed=None))
        f = SEALED_FILES.c
        mine = (f.subject == key) | (f.scope == key)
        conn.execute(SEALED_FILES.update().where(mine, f.erased.is_(None)).values(erased=at))
        return list(conn.execute(sa.select(f.sha256).where(mine)).scalars())

    def _settle(self) -> None:
        """SQLite: leave no page of before in the write-ahead log."""
        if self._store.is_postgres:
            return
        conn = self._store.engine.raw_connection()
        try:
            conn.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            conn.close()
