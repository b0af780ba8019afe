"""Opening what is sealed: for the department that handles the matter now, each time written down before it is shown.

Keeps:    table `door_openings`: when, which department, of which matter, what.
Fails to: `Refused` with MATTER-UNKNOWN, NOT-RESPONSIBLE or ERASED, and nothing shown.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel

from bus.store import Store
from producers.answers import instant, milliseconds
from producers.matters import is_erased, responsible
from producers.personal.files import SealedFiles
from producers.personal.sealing import context, open_texts
from producers.personal.vault import Vault
from producers.refusals import Refused
from producers.tables import MOVES, OPENINGS, PAPERS
from schemas.reasons import Reason

PERSONAL = "personal"


class OpenedPaper(BaseModel):
    """一份材料中的个人信息。What one event of the matter holds, in plain."""

    event_id: str
    source: str
    step: str
    arrival: datetime
    texts: dict[str, str]


class OpenedMatter(BaseModel):
    """事项中的个人信息。All of a matter, in the order in which it came."""

    subject: str
    papers: list[OpenedPaper]


class Opening(BaseModel):
    """一次查阅记录。Who opened what, and when."""

    seq: int
    at: datetime
    dept: str
    subject: str
    what: str


class Opener:
    """Opens for departments, and tells the lead office who did."""

    def __init__(self, store: Store, vault: Vault, files: SealedFiles) -> None:
        self._store = store
        self._vault = vault
        self._files = files

    def matter(self, subject: str, dept: str, mine: Collection[str], now: datetime) -> OpenedMatter:
        """Everything personal in the accepted events of a matter."""
        rows = self._allowed(subject, dept, mine, PERSONAL, now)
        return OpenedMatter(subject=subject, papers=[paper for row in rows for paper in self._opened(row)])

    def file(self, subject: str, sha256: str, dept: str, mine: Collection[str], now: datetime) -> bytes:
        """A citizen's file, by the digest of its sealed bytes."""
        self._allowed(subject, dept, mine, sha256, now)
        return self._files.open(subject, sha256)

    def openings(self, after: int, limit: int) -> list[Opening]:
        """The log, for the lead office."""
        asked = sa.select(OPENINGS).where(OPENINGS.c.seq > after).order_by(OPENINGS.c.seq).limit(limit)
        with self._store.read() as conn:
            rows = conn.execute(asked).all()
        return [
            Opening(seq=row.seq, at=instant(row.at), dept=row.dept, subject=row.subject, what=row.what) for row in rows
        ]

    def texts(self, row: sa.Row[tuple[object, ...]]) -> dict[str, str]:
        """The texts of one paper; none where it holds none or was erased."""
        if row.sealed is None:
            return {}
        try:
            key = self._vault.known(row.scope, row.subject)
        except Refused:
            return {}
        bound = context(row.source, row.event_id, row.subject)
        return open_texts(key.secret, row.sealed, bound) if key else {}

    def _allowed(
        self, subject: str, dept: str, mine: Collection[str], what: str, now: datetime
    ) -> list[sa.Row[tuple[object, ...]]]:
        """The papers of a matter, once it is written down that they are opened."""
        moved = (MOVES.c.event_id == PAPERS.c.event_id) & (MOVES.c.source == PAPERS.c.source)
        asked = sa.select(PAPERS).join(MOVES, moved).where(PAPERS.c.subject == subject).order_by(PAPERS.c.arrival)
        with self._store.begin() as conn:
            if is_erased(conn, subject):
                raise Refused(Reason.ERASED, id=subject)
            depts = responsible(conn, subject)
            if not depts:
                raise Refused(Reason.MATTER_UNKNOWN, id=subject)
            if not set(depts) & set(mine):
                raise Refused(Reason.NOT_RESPONSIBLE, id=subject)
            row = {"at": milliseconds(now), "dept": dept, "subject": subject, "what": what}
            conn.execute(OPENINGS.insert(), [row])
            return list(conn.execute(asked).all())

    def _opened(self, row: sa.Row[tuple[object, ...]]) -> list[OpenedPaper]:
        texts = self.texts(row)
        if not texts:
            return []
        return [OpenedPaper(event_id=row.event_id, source=row.source, step=row.step, arrival=instant(row.arrival),
                            texts=texts)]  # fmt: skip
