"""Departments' keys: `gk_<dept>_<random>`, shown once, kept as a SHA-256.

A slow hash (bcrypt, argon2) protects passwords, which can be guessed; a key is 256 random bits, which nobody can,
so one SHA-256 hides it as well and costs the door a microsecond instead of a tenth of a second a request.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from bus.errors import Fatal
from bus.settings import Settings
from bus.store import Store
from producers.answers import instant, milliseconds
from producers.keys.tables import KEYS, PART, metadata
from producers.refusals import Refused
from schemas.reasons import Reason

MAX_VALID = 2
"""Keys of one department that are valid at once, so that it can change over without a gap."""


_OWNER = sa.select(KEYS.c.dept, KEYS.c.revoked).where(KEYS.c.sha256 == sa.bindparam("digest"))


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is listed; the key itself was shown once."""

    dept: str
    hint: str
    issued: datetime
    revoked: datetime | None


class Keys:
    """The keys of a city, for the gateway that checks them."""

    def __init__(self, settings: Settings) -> None:
        with suppress(Fatal), Store(settings, PART, metadata) as store:  # held by a command, which migrates it itself
            store.migrate()
        self._store = Store.reader(settings, PART, metadata)

    def close(self) -> None:
        """Give back the store's connections."""
        self._store.close()

    def owner(self, header: str | None) -> str:
        """The department whose key an `Authorization` header carries.

        Raises:
            Refused: KEY-MISSING, KEY-WRONG or KEY-REVOKED.
        """
        scheme, _, key = (header or "").strip().partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise Refused(Reason.KEY_MISSING)
        with self._store.read() as conn:
            row = conn.execute(_OWNER, {"digest": digest(key.strip())}).first()
        if row is None:
            raise Refused(Reason.KEY_WRONG)
        if row.revoked is not None:
            raise Refused(Reason.KEY_REVOKED)
        return str(row.dept)


class KeyRing:
    """The keys of a city, for the command line that changes them."""

    def __init__(self, settings: Settings) -> None:
        self._store = Store(settings, PART, metadata)
        self._store.migrate()

    def close(self) -> None:
        """Give the store back."""
        self._store.close()

    def issue(self, dept: str, now: datetime) -> str | None:
        """A new key, shown this once; None where the department has two valid ones already."""
        with self._store.begin() as conn:
            if len(_valid(conn, dept)) >= MAX_VALID:
                return None
            return _insert(conn, dept, now)

    def rotate(self, dept: str, now: datetime) -> str:
        """A new key; of those before it only the newest stays valid, until it is revoked or the next rotation."""
        with self._store.begin() as conn:
            for old in _valid(conn, dept)[1:]:
                _revoke(conn, old, now)
            return _insert(conn, dept, now)

    def revoke(self, dept: str, now: datetime, which: Literal["old", "all"] = "all", hint: str = "") -> int:
        """Revoke a department's keys: all, all but the newest, or the one that ends in `hint`; how many."""
        with self._store.begin() as conn:
            valid = _valid(conn, dept)
            older = valid[1:] if which == "old" else valid
            chosen = [row for row in older if row.hint == hint] if hint else older
            for row in chosen:
                _revoke(conn, row, now)
            return len(chosen)

    def listed(self, dept: str | None = None) -> list[Key]:
        """Every key ever issued, newest first."""
        query = sa.select(KEYS).order_by(KEYS.c.dept, KEYS.c.issued.desc())
        with self._store.read() as conn:
            rows = conn.execute(query if dept is None else query.where(KEYS.c.dept == dept)).all()
        return [
            Key(row.dept, row.hint, instant(row.issued), None if row.revoked is None else instant(row.revoked))
            for row in rows
        ]


def digest(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _valid(conn: sa.Connection, dept: str) -> list[sa.Row[tuple[object, ...]]]:
    """Valid keys of a department, newest first."""
    query = sa.select(KEYS).where(KEYS.c.dept == dept, KEYS.c.revoked.is_(None)).order_by(KEYS.c.issued.desc())
    return list(conn.execute(query).all())


def _insert(conn: sa.Connection, dept: str, now: datetime) -> str:
    key = f"gk_{dept}_{secrets.token_urlsafe(32)}"
    row = {"sha256": digest(key), "dept": dept, "hint": key[-4:], "issued": milliseconds(now), "revoked": None}
    conn.execute(KEYS.insert(), [row])
    return key


def _revoke(conn: sa.Connection, row: sa.Row[tuple[object, ...]], now: datetime) -> None:
    conn.execute(KEYS.update().where(KEYS.c.sha256 == row.sha256).values(revoked=milliseconds(now)))
