"""Document numbers that two live documents of one organ claim: the later one is told (DOCNO-TWICE, RULES §1.10).

A number belongs to whoever had it first in the log. It is free again once that document is withdrawn, or its later
version has another number: before the other claim arrived, whatever happened to it since. So the answer is one of the
records alone, in whatever order they are read. History is never told: it claims, and that is all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bus.store import Tx, bulk
from consumers.assessment.conflict import number_taken
from consumers.assessment.tables import doubles, outcomes

Said = Mapping[str, Any]
"""A row of `outcomes`."""
Event = tuple[str, str]
"""Source and id."""


def rank(row: Said) -> tuple[object, ...]:
    """What comes first: the earlier arrival, then the lower place in the log."""
    return row["arrival"], row["topic"], row["partition"], row["offset"]


def note_doubles(conn: sa.Connection, rows: Sequence[Said], replaced: Sequence[Said]) -> None:
    """Judge again every number that these outcomes touch, and those that stood in the place of some of them."""
    touched = bulk.among(conn, _o.subject, {str(row["subject"]) for row in [*rows, *replaced]}, _o.docno)
    numbers = {row.docno for row in touched} | {row["docno"] for row in replaced}
    claims = [dict(row._mapping) for row in bulk.among(conn, _o.docno, numbers - {None}) if row.promise]
    if claims or replaced:
        _keep(conn, {_event(row) for row in [*claims, *replaced]}, dict(_doubles(conn, claims)))


def tell_doubles(tx: Tx) -> None:
    """Reject each of them, once."""
    for row in tx.conn.execute(_UNTOLD).mappings().all():
        tx.send(number_taken(dict(row), row["other"], tx.now))
        tx.conn.execute(_TELL, {"s": row["source"], "e": row["event_id"]})


def _doubles(conn: sa.Connection, claims: Sequence[Said]) -> Iterator[tuple[Event, str]]:
    """Each claim that came too late, with the subject that has its number."""
    organs: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for claim in claims:
        if not claim["refused"]:
            organs[claim["dept"], claim["docno"]].append(claim)
    contested = [each for each in organs.items() if len({one["subject"] for one in each[1]}) > 1]
    lives: dict[str, list[Said]] = defaultdict(list)
    for row in bulk.among(conn, _o.subject, {one["subject"] for _, each in contested for one in each}):
        lives[row.subject].append(dict(row._mapping))
    for (_, docno), each in contested:
        yield from _late(docno, [row for subject in {one["subject"] for one in each} for row in lives[subject]])


def _late(docno: str, rows: Iterable[Said]) -> Iterator[tuple[Event, str]]:
    """Walk through the lives of all documents that ever claimed `docno`, in the order of the log."""
    standing: dict[str, _Standing] = defaultdict(_Standing)
    holders: dict[str, None] = {}
    for row in sorted(rows, key=rank):
        subject = row["subject"]
        if row["refused"] or row["version"] is None or not (row["promise"] or row["withdrawal"]):
            continue
        if row["promise"] and row["docno"] == docno and not row["backfill"]:
            other = next((one for one in holders if one != subject), None)
            if other is not None:
                yield _event(row), other
        if standing[subject].after(row, docno):
            holders.setdefault(subject)
        else:
            holders.pop(subject, None)


@dataclass(slots=True)
class _Standing:
    """The highest version of a document that claimed the number, was withdrawn, or had another."""

    claimed: int = 0
    withdrawn: int = 0
    other: int = 0

    def after(self, row: Said, docno: str) -> bool:
        """Whether the document has the number once this is taken in."""
        if row["withdrawal"]:
            self.withdrawn = max(self.withdrawn, row["version"])
        elif row["docno"] == docno:
            self.claimed = max(self.claimed, row["version"])
        else:
            self.other = max(self.other, row["version"])
        return self.claimed > self.withdrawn and self.claimed >= self.other


def _keep(conn: sa.Connection, judged: set[Event], late: Mapping[Event, str]) -> None:
    """Have the table say of the `judged` what is so now; who was told stays told."""
    rows = bulk.among(conn, _d.event_id, {event_id for _, event_id in judged})
    held = {(row.source, row.event_id): row.other for row in rows if (row.source, row.event_id) in judged}
    gone = [{"s": source, "e": event_id} for source, event_id in held.keys() - late.keys()]
    bulk.run(conn, _DELETE, gone)
    changed = [(event, other) for event, other in late.items() if event in held and held[event] != other]
    bulk.run(conn, _CHANGE, [{"s": source, "e": event_id, "o": other} for (source, event_id), other in changed])
    fresh = [
        {"source": source, "event_id": event_id, "other": other, "told": False}
        for (source, event_id), other in sorted(late.items()) if (source, event_id) not in held
    ]  # fmt: skip
    bulk.insert_or_leave(conn, doubles, fresh)


def _event(row: Said) -> Event:
    return row["source"], row["event_id"]


_o, _d = outcomes.c, doubles.c
_THIS = (_d.source == sa.bindparam("s"), _d.event_id == sa.bindparam("e"))
_DELETE = sa.delete(doubles).where(*_THIS)
_CHANGE = sa.update(doubles).where(*_THIS).values(other=sa.bindparam("o"))
_TELL = sa.update(doubles).where(*_THIS).values(told=True)
_UNTOLD = (
    sa.select(outcomes, _d.other)
    .join(doubles, (_d.source == _o.source) & (_d.event_id == _o.event_id))
    .where(sa.not_(_d.told))
)
