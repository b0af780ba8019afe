"""The editor's desk for one transaction: the subjects a slice touches, taken from the tables and put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bus.store import bulk
from consumers.gazette.merge import EventKey, Offer, Standing
from consumers.gazette.tables import documents, issues, portal_said, standings
from schemas.records import ReceiptKind

Row = dict[str, Any]


@dataclass(slots=True)
class Desk:
    """What is known of some subjects, and what the portal said of the events they wait for."""

    standings: dict[str, Standing] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    """By feed id: a row of `documents` for every offer on the desk."""
    said: dict[EventKey, ReceiptKind] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    @classmethod
    def load(cls, conn: sa.Connection, subjects: Iterable[str]) -> Desk:
        """Everything held of `subjects`."""
        desk = cls()
        wanted = sorted(set(subjects))
        off_to: dict[str, int] = {}
        off_to |= {row.subject: row.off_to for row in bulk.among(conn, standings.c.subject, wanted)}
        for row in bulk.among(conn, documents.c.subject, wanted):
            desk.rows[row.feed_id] = dict(row._mapping)
        for subject in wanted:
            desk.standings[subject] = desk._standing(subject, off_to.get(subject, 0))
        desk.hear(conn, [offer_of(row).event for row in desk.rows.values()])
        return desk

    def hear(self, conn: sa.Connection, events: Iterable[EventKey]) -> None:
        """Learn what the portal said of `events`."""
        for row in bulk.among(conn, portal_said.c.event_id, (event.id for event in events)):
            self.said[EventKey(row.source, row.event_id)] = row.kind

    def save(self, conn: sa.Connection) -> None:
        """Put every changed subject back: its standing, and the offers that are still on it."""
        if not self.changed:
            return
        names = [{"s": subject} for subject in sorted(self.changed)]
        conn.execute(sa.delete(standings).where(standings.c.subject == sa.bindparam("s")), names)
        conn.execute(sa.delete(documents).where(documents.c.subject == sa.bindparam("s")), names)
        conn.execute(
            sa.insert(standings),
            [{"subject": each, "off_to": self.standings[each].off_to} for each in sorted(self.changed)],
        )
        if kept := [row for subject in sorted(self.changed) for row in self._kept(subject)]:
            conn.execute(sa.insert(documents), kept)

    def _standing(self, subject: str, off_to: int) -> Standing:
        mine = [row for row in self.rows.values() if row["subject"] == subject]
        taken = next((offer_of(row) for row in mine if row["state"] == "taken"), None)
        waiting = sorted((offer_of(row) for row in mine if row["state"] == "waiting"), key=lambda o: o.version)
        return Standing(off_to, taken, tuple(waiting))

    def _kept(self, subject: str) -> Iterator[Row]:
        standing = self.standings[subject]
        if standing.taken is not None:
            yield {**self.rows[standing.taken.feed_id], "state": "taken"}
        for offer in standing.waiting:
            yield self.rows[offer.feed_id]


def offer_of(row: Row) -> Offer:
    """The offer that a row of `documents` holds."""
    return Offer(row["version"], EventKey(row["source"], row["event_id"]), row["content"], row["feed_id"])


def open_issue(conn: sa.Connection, at: int) -> int:
    """The open issue's 总期号. It was opened when the first record for it was written, which the log alone says."""
    row = conn.execute(sa.select(issues).where(issues.c.closed_at.is_(None))).first()
    if row is None:
        total = (conn.execute(sa.select(sa.func.max(issues.c.total))).scalar() or 0) + 1
        conn.execute(sa.insert(issues).values(total=total, opened_at=at))
        return int(total)
    if at < row.opened_at:
        conn.execute(sa.update(issues).where(issues.c.total == row.total).values(opened_at=at))
    return int(row.total)


def present_issue(conn: sa.Connection) -> int:
    """The open issue's 总期号."""
    return int(conn.execute(sa.select(issues.c.total).where(issues.c.closed_at.is_(None))).scalar_one())
