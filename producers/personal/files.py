"""Citizens' files: sealed under their matter's key before they touch the disk, named by the digest of what lies there.

Keeps: the sealed bytes under `home/sealed/<first two>/<digest>`, and a row each; the name is among the sealed texts.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from bus.settings import Settings
from bus.store import Store, bulk
from producers.personal.sealing import context, open_bytes, seal_bytes
from producers.personal.vault import MatterKey, Vault
from producers.refusals import Refused
from producers.tables import SEALED_FILES
from producers.uploads import sniff
from schemas.reasons import Reason

_c = SEALED_FILES.c


class SealedFile(NamedTuple):
    """A file as it lies there."""

    sha256: str
    type: str
    size: int
    """Of the plain bytes."""


class SealedFiles:
    """The sealed files of one door."""

    def __init__(self, settings: Settings, store: Store, vault: Vault) -> None:
        self.folder = settings.home / "sealed"
        self._store = store
        self._vault = vault

    def keep(self, key: MatterKey, subject: str, name: str, content: bytes) -> SealedFile:
        """Seal and put in place; its row is the caller's to write, with the event that names it.

        Raises:
            Refused: UPLOAD-TYPE, where it is not what its name says.
        """
        kind = sniff(name, content[:262_144])
        sealed = seal_bytes(key.secret, content, context(subject, "file"))
        sha256 = hashlib.sha256(sealed).hexdigest()
        place = self.place(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".sealed-", dir=place.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
        return SealedFile(sha256, kind, len(content))

    def remember(
        self, conn: sa.Connection, subject: str, scope: str, files: Iterable[SealedFile], arrival: int
    ) -> None:
        """Write their rows."""
        rows = [
            {"subject": subject, "scope": scope, "arrival": arrival, "erased": None, **each._asdict()} for each in files
        ]
        bulk.insert_or_leave(conn, SEALED_FILES, rows)

    def open(self, subject: str, sha256: str) -> bytes:
        """The plain bytes of a matter's file.

        Raises:
            Refused: UPLOAD-UNKNOWN, where that matter has no such file; ERASED.
        """
        with self._store.read() as conn:
            row = conn.execute(sa.select(SEALED_FILES).where(_c.sha256 == sha256, _c.subject == subject)).first()
        key = self._vault.known(row.scope, subject) if row else None
        if row is None or key is None:
            raise Refused(Reason.UPLOAD_UNKNOWN, sha256=sha256[:64])
        return open_bytes(key.secret, self.place(sha256).read_bytes(), context(subject, "file"))

    def place(self, sha256: str) -> Path:
        """Where the sealed bytes lie."""
        return self.folder / sha256[:2] / sha256
