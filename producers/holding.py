"""Events that ask for a minute of release: held until then, or cancelled by a withdrawal that comes first.

That one is held is told at once, without its content.
Written with the answer; `producers.releasing` sends them. Nothing else than table `door_held` has a body before its
minute.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

import sqlalchemy as sa

from bus.record import Outgoing
from bus.store import bulk
from producers.answers import instant, milliseconds
from producers.cases import Case
from producers.tables import EVENTS, HELD, SUBMISSIONS
from schemas.decode import decode
from schemas.envelope import Envelope
from schemas.events.publications import Publication, PublicationScheduled, Scheduled, Withdrawal
from schemas.ids import NAMESPACE
from schemas.topics import PUBLICATIONS

_TYPE = "cn.gongkai.publication.scheduled.v1"
_FIRST = 1
_c = HELD.c


@dataclass(frozen=True, slots=True)
class Notice:
    """A `publication.scheduled` of the door's own, to be sent and remembered like any event."""

    event: PublicationScheduled
    lane: str
    dept: str
    arrival: int

    def outgoing(self) -> Outgoing:
        """As it travels."""
        value = self.event.model_dump_json().encode()
        return Outgoing(PUBLICATIONS.name, self.event.subject.encode(), value, (), self.arrival)


class Holding:
    """What one transaction holds and lets go of."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn
        self._rows: list[dict[str, Any]] = []
        self._gone: list[dict[str, str]] = []

    def hold(self, case: Case) -> Notice:
        """Hold the event of `case`; what is told of it."""
        assert case.event is not None
        assert case.release_at is not None
        assert isinstance(case.value, bytes)
        data: Publication = case.event.data  # type: ignore[attr-defined]
        self._rows.append({
            "event_id": case.event.id, "source": case.event.source, "subject": case.event.subject,
            "version": data.version, "dept": case.dept, "lane": case.lane, "topic": case.topic,
            "release_at": milliseconds(case.release_at), "arrival": case.arrival, "value": case.value,
        })  # fmt: skip
        return _notice(case.event, case, cancelled=False)

    def cancel(self, case: Case) -> tuple[list[Notice], bool]:
        """Let go of what the withdrawal in `case` covers; whether that was all there ever was of it."""
        assert case.event is not None
        data: Withdrawal = case.event.data  # type: ignore[attr-defined]
        covered = [row for row in self._held(case.event.subject) if row["version"] <= data.version]
        self._gone += [{"held_id": row["event_id"], "held_source": row["source"]} for row in covered]
        notices = [_notice(decode(row["value"]), case, cancelled=True) for row in covered]
        versions = {row["version"] for row in covered}
        return notices, _FIRST in versions and data.version == max(versions)

    def write(self) -> None:
        """Put it down."""
        gone = {(one["held_source"], one["held_id"]) for one in self._gone}
        bulk.insert(self._conn, HELD, [row for row in self._rows if (row["source"], row["event_id"]) not in gone])
        id_: sa.BindParameter[str] = sa.bindparam("held_id")
        source: sa.BindParameter[str] = sa.bindparam("held_source")
        bulk.run(self._conn, HELD.delete().where(_c.event_id == id_, _c.source == source), self._gone)
        settle(self._conn, self._gone, "cancelled")

    def _held(self, subject: str) -> list[dict[str, Any]]:
        gone = {(one["held_source"], one["held_id"]) for one in self._gone}
        asked = sa.select(HELD).where(_c.subject == subject).order_by(_c.version)
        kept = self._conn.execute(asked.with_for_update()).mappings()  # what a copy is releasing is let go no more
        rows = [dict(row) for row in kept] + [row for row in self._rows if row["subject"] == subject]
        return [row for row in rows if (row["source"], row["event_id"]) not in gone]


def settle(conn: sa.Connection, held: Iterable[dict[str, str]], outcome: str) -> None:
    """Say of events that were held what became of them: `forwarded` or `cancelled`."""
    rows = [{**each, "became": outcome, "was": "held"} for each in held]
    id_: sa.BindParameter[str] = sa.bindparam("held_id")
    source: sa.BindParameter[str] = sa.bindparam("held_source")
    for table in (EVENTS, SUBMISSIONS):
        here = (table.c.event_id == id_, table.c.source == source, table.c.outcome == sa.bindparam("was"))
        bulk.run(conn, table.update().where(*here).values(outcome=sa.bindparam("became")), rows)


def _notice(event: Envelope, case: Case, *, cancelled: bool) -> Notice:
    data: Publication = event.data  # type: ignore[attr-defined]
    assert data.release_at is not None
    word = "cancelled" if cancelled else "scheduled"
    said = PublicationScheduled(
        specversion="1.0", id=str(uuid5(NAMESPACE, f"{word}\n{event.source}\n{event.id}")), source=event.source,
        subject=event.subject, type=_TYPE, time=instant(case.arrival),
        data=Scheduled(event=event.id, item=data.item, kind=data.kind, version=data.version,
                       release_at=data.release_at, cancelled=cancelled),
    )  # fmt: skip
    return Notice(said, case.lane, case.dept, case.arrival)
