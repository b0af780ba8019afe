"""Issue, revoke and recognise the tokens of outside portals."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

import sqlalchemy as sa

from bus.errors import Fatal, Invalid
from bus.settings import Settings
from bus.store import Store
from consumers.portal.platforms.readers.tables import metadata, readers
from consumers.portal.tables import Row

PART = "portal-readers"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,39}", re.ASCII)
_TOKEN = re.compile(r"gkr_[A-Za-z0-9_-]{43}", re.ASCII)


class Roll:
    """The list as the commands write it; each call opens the store and gives it back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def issue(self, name: str, now: datetime) -> str:
        """A new token for `name`, which an earlier one of that name no longer opens anything.

        Raises:
            Invalid: the name is not of small letters, digits and hyphens.
        """
        if not _NAME.fullmatch(name):
            raise Invalid("READER-NAME", "名称只能用小写字母、数字和连字符。", f"{name!r}: a-z, 0-9 and - only", "name")
        token = f"gkr_{secrets.token_urlsafe(32)}"
        row = {"name": name, "token_sha256": _digest(token), "issued_at": now}
        with closing(self._open()) as store, store.begin() as conn:
            conn.execute(readers.delete().where(readers.c.name == name))
            conn.execute(readers.insert(), [row])
        return token

    def revoke(self, name: str, now: datetime) -> bool:
        """Whether there was a token of `name` to shut out."""
        here = (readers.c.name == name) & readers.c.revoked_at.is_(None)
        with closing(self._open()) as store, store.begin() as conn:
            return conn.execute(readers.update().where(here).values(revoked_at=now)).rowcount == 1

    def listed(self) -> Sequence[Row]:
        """Every name with its times, never a token."""
        query = sa.select(readers.c.name, readers.c.issued_at, readers.c.revoked_at)
        with closing(self._open()) as store, store.read() as conn:
            return conn.execute(query.order_by(readers.c.name)).all()

    def _open(self) -> Store:
        store = Store(self._settings, PART, metadata)
        store.migrate()
        return store


class Readers:
    """The list as the portal reads it, with no lock on it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store: Store | None = None

    def name_of(self, token: str) -> str | None:
        """Whose token it is; None where nobody's, or no longer."""
        if not _TOKEN.fullmatch(token) or (store := self._opened()) is None:
            return None
        here = (readers.c.token_sha256 == _digest(token)) & readers.c.revoked_at.is_(None)
        with store.read() as conn:
            return conn.execute(sa.select(readers.c.name).where(here)).scalar()

    def close(self) -> None:
        """Give back the connections."""
        if self._store is not None:
            self._store.close()

    def _opened(self) -> Store | None:
        """The store, once the first token was issued."""
        if self._store is None:
            try:
                store = Store.reader(self._settings, PART, metadata)
            except Fatal:
                return None
            with store.read() as conn:
                if not sa.inspect(conn).has_table(readers.name):
                    store.close()
                    return None
            self._store = store
        return self._store


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
