"""The keys of matters: random, one a matter (one more for each comment), wrapped, and gone for good once erased.

Reads:    the master key's file.
Writes:   nothing to Kafka: a key is in no topic, so nothing but this store and its backups can bring one back.
Keeps:    table `door_matter_keys`, whose rows stay when their keys are erased.
Fails to: Fatal where the master key is missing or wrong; `Refused` with ERASED for what was erased.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

import sqlalchemy as sa
from cryptography.fernet import InvalidToken

from bus.clock import Clock
from bus.errors import Fatal
from bus.settings import Settings
from bus.store import Store, bulk
from producers.answers import milliseconds
from producers.personal import master
from producers.refusals import Refused
from producers.tables import MATTER_KEYS
from schemas.reasons import Reason

_BYTES = 64
"""AES-SIV with 256 bits takes two keys in one."""
_c = MATTER_KEYS.c
_OWN = "~"
"""Subject of the door's own secrets; no matter's begins so."""


class MatterKey(NamedTuple):
    """A key, open."""

    id: str
    secret: bytes


class Vault:
    """The keys of one door."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._path = settings.master_key
        self._store = store
        self._clock = clock
        with store.read() as conn:
            new = conn.execute(sa.select(_c.scope).where(_c.wrapped.is_not(None)).limit(1)).first() is None
        self._ring = master.open_or_make(self._path, new=new)
        self._rewrap()

    def key(self, scope: str, subject: str) -> MatterKey:
        """The key of `scope`, made where there is none yet.

        Raises:
            Refused: ERASED, where it or that of the whole matter was erased.
        """
        found = self._find(scope, subject)
        if found is None:
            self._make(scope, subject)
            found = self._find(scope, subject)
        assert found is not None
        return found

    def known(self, scope: str, subject: str) -> MatterKey | None:
        """The key of `scope`, or None where there never was one.

        Raises:
            Refused: ERASED.
        """
        return self._find(scope, subject)

    def secret(self, name: str) -> bytes:
        """A secret of the door's own, the same for ever and for every copy."""
        return self.key(f"{_OWN}{name}", _OWN).secret

    def _find(self, scope: str, subject: str) -> MatterKey | None:
        with self._store.read() as conn:
            rows = conn.execute(sa.select(MATTER_KEYS).where(_c.scope.in_({scope, subject}))).all()
        if any(row.wrapped is None for row in rows):
            raise Refused(Reason.ERASED, id=scope)
        row = next((row for row in rows if row.scope == scope), None)
        return None if row is None else MatterKey(row.key_id, self._unwrap(row.wrapped))

    def _make(self, scope: str, subject: str) -> None:
        self._ring = master.read(self._path)  # another copy of the door may have turned it, and forgotten the old
        row = {
            "scope": scope, "subject": subject, "key_id": secrets.token_hex(12),
            "wrapped": self._ring.encrypt(secrets.token_bytes(_BYTES)).decode(),
            "made": milliseconds(self._clock()), "erased": None, "by": None, "why": None,
        }  # fmt: skip
        with self._store.begin() as conn:
            bulk.insert_or_leave(conn, MATTER_KEYS, [row])

    def _unwrap(self, wrapped: str) -> bytes:
        try:
            return self._ring.decrypt(wrapped)
        except InvalidToken:
            self._ring = master.read(self._path)  # another copy of the door has wrapped it anew meanwhile
        try:
            return self._ring.decrypt(wrapped)
        except InvalidToken as error:
            raise Fatal(f"the master key {self._path} is not the one that wrapped the keys of this store") from error

    def _rewrap(self) -> None:
        """Wrap every key by the newest master key, then forget the older ones (`gongkai master-key rotate`)."""
        if len(master.lines(self._path)) == 1:
            return
        with self._store.begin() as conn:
            rows = conn.execute(sa.select(_c.scope, _c.wrapped).where(_c.wrapped.is_not(None))).all()
            turned = [{"of": row.scope, "to": self._ring.rotate(row.wrapped.encode()).decode()} for row in rows]
            kept = (_c.scope == sa.bindparam("of"), _c.wrapped.is_not(None))  # one erased meanwhile stays so
            wanted = MATTER_KEYS.update().where(*kept).values(wrapped=sa.bindparam("to"))
            bulk.run(conn, wanted, turned)
        master.prune(self._path)
