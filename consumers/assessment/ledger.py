"""The ledger: one outcome for every event, every receipt, and a rejection for every conflict, told once.

Reads `verdicts`, `receipts`, `duties`.
Writes `rejections` (rules VER-CONFLICT and DOCNO-TWICE, by the assessment).
Keeps `outcomes`, `repeats`, `dead`, `receipts`, `conflicts`, `doubles`, `dues`, `rungs`, `moves`.
Fails to exit code 3 where the store or Kafka stays away; the next start goes on from the same offset.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import sqlalchemy as sa

from bus.record import Record
from bus.store import Projection, Tx, bulk
from consumers.assessment import matters, reading, tables
from consumers.assessment.conflict import version_taken
from consumers.assessment.numbers import note_doubles, rank, tell_doubles
from consumers.assessment.rows import Row, dead_row, outcome_row, place, receipt_row
from schemas.topics import DUTIES, RECEIPTS, VERDICTS


class Ledger(Projection):
    """Verdicts and receipts, merged so that any interleaving of partitions gives the same rows."""

    name = "assessment"
    topics = (VERDICTS, RECEIPTS, DUTIES)
    metadata = tables.metadata

    def apply(self, tx: Tx, records: Sequence[Record]) -> None:
        """Take the records of one partition into the ledger."""
        if records[0].topic == DUTIES.name:
            matters.take_words(tx.conn, records)
            return
        if records[0].topic == VERDICTS.name:
            matters.take_moves(tx.conn, records)
            _take_verdicts(tx.conn, records)
        else:
            _take_receipts(tx.conn, records)
        _tell_conflicts(tx)

    def settle(self, tx: Tx) -> None:
        """Tell of numbers used twice: what has not been read yet may free a number, so a rebuild tells at its end."""
        tell_doubles(tx)


def _take_verdicts(conn: sa.Connection, records: Sequence[Record]) -> None:
    dead: list[Row] = []
    judged: list[Row] = []
    for record in records:
        verdict = reading.verdict(record.value or b"")
        if verdict.outcome == "dead" or verdict.event is None:
            dead.append(dead_row(verdict))
        else:
            judged.append(outcome_row(record, verdict, verdict.event))
    bulk.insert(conn, tables.dead, dead)
    note_doubles(conn, judged, _merge(conn, judged))


def _merge(conn: sa.Connection, judged: list[Row]) -> list[Row]:
    """Keep for each event the outcome that is first in the log; the others are repeats. Returns what was replaced."""
    held = _held(conn, {cast("str", row["event_id"]) for row in judged})
    first: dict[tuple[object, object], Row] = {}
    repeats: list[Row] = []
    for row in judged:
        key = row["source"], row["event_id"]
        rival = first.get(key) or held.get(key)
        if rival is None:
            first[key] = row
            continue
        later, earlier = (row, rival) if rank(rival) < rank(row) else (rival, row)
        repeats.append({**place(later), "source": key[0], "event_id": key[1]})
        if earlier is row:
            first[key] = row
    replaced = [held[key] for key in first if key in held]
    bulk.run(conn, _DELETE_OUTCOME, [{"s": row["source"], "e": row["event_id"]} for row in replaced])
    bulk.insert(conn, tables.outcomes, list(first.values()))
    bulk.insert(conn, tables.repeats, repeats)
    return replaced


def _held(conn: sa.Connection, ids: Iterable[str]) -> dict[tuple[object, object], Row]:
    """The outcomes already kept under these event ids."""
    columns = (_o.source, _o.event_id, _o.subject, _o.docno, _o.arrival, _o.topic, _o.partition, _o.offset)
    rows = bulk.among(conn, _o.event_id, ids, *columns)
    return {(row.source, row.event_id): dict(row._mapping) for row in rows}


def _take_receipts(conn: sa.Connection, records: Sequence[Record]) -> None:
    rows = {row["feed_id"]: row for row in (receipt_row(reading.receipt(r.value or b"")) for r in records)}
    bulk.insert(conn, tables.receipts, list(rows.values()))
    conflicts = {(row["source"], row["event_id"]) for row in rows.values() if row["kind"] == "conflict"}
    for source, event_id in conflicts:
        _note_conflict(conn, source, event_id)


def _note_conflict(conn: sa.Connection, source: object, event_id: object) -> None:
    """Remember that an outlet refused this event; several outlets make one conflict."""
    event = {"source": source, "event_id": event_id}
    if conn.execute(_SELECT_CONFLICT, event).first() is None:
        conn.execute(sa.insert(tables.conflicts), [{**event, "told": False}])


def _tell_conflicts(tx: Tx) -> None:
    """Reject every event in conflict whose verdict is here too, whichever of the two came first."""
    for row in tx.conn.execute(_UNTOLD).mappings().all():
        tx.send(version_taken(dict(row), tx.now))
        tx.conn.execute(_TELL, {"s": row["source"], "e": row["event_id"]})


_o = tables.outcomes.c
_DELETE_OUTCOME = sa.delete(tables.outcomes).where(_o.source == sa.bindparam("s"), _o.event_id == sa.bindparam("e"))
_c = tables.conflicts.c
_SELECT_CONFLICT = sa.select(_c.told).where(
    _c.source == sa.bindparam("source"), _c.event_id == sa.bindparam("event_id")
)
_UNTOLD = (
    sa.select(tables.outcomes)
    .join(tables.conflicts, (_c.source == _o.source) & (_c.event_id == _o.event_id))
    .where(sa.not_(_c.told))
)
_TELL = (
    sa.update(tables.conflicts)
    .where(_c.source == sa.bindparam("s"), _c.event_id == sa.bindparam("e"))
    .values(told=True)
)
