"""Document numbers that two live documents of one organ claim: the later one is told (DOCNO-TWICE, RULES §1.10).

A number belongs to whoever had it first in the log. It is free again once that document is withdrawn, or its later
version has another number, as far as this ledger knows when it looks. History is never told: it claims, and that is
all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from bus.store import Tx, bulk
from consumers.assessment.conflict import number_taken
from consumers.assessment.tables import doubles, outcomes

Claim = Mapping[str, Any]


def note_doubles(conn: sa.Connection, docnos: Iterable[str]) -> None:
    """Remember every accepted publication among those of these numbers whose number another holds."""
    organs: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for row in bulk.among(conn, _o.docno, docnos):
        if row.promise and not row.refused:
            organs[row.dept, row.docno].append(dict(row._mapping))
    for claims in organs.values():
        bulk.insert_or_leave(conn, doubles, [dict(found) for found in _doubles(conn, claims)])


def tell_doubles(tx: Tx) -> None:
    """Reject each of them, once."""
    for row in tx.conn.execute(_UNTOLD).mappings().all():
        tx.send(number_taken(dict(row), row["other"], tx.now))
        tx.conn.execute(_TELL, {"s": row["source"], "e": row["event_id"]})


def _doubles(conn: sa.Connection, claims: Sequence[Claim]) -> Iterable[Claim]:
    if len({claim["subject"] for claim in claims}) < 2:
        return
    ordered = sorted(claims, key=lambda claim: (claim["arrival"], claim["topic"], claim["partition"], claim["offset"]))
    for place, claim in enumerate(ordered):
        rivals = (one for one in ordered[:place] if one["subject"] != claim["subject"])
        other = next((one for one in rivals if _is_live(conn, one)), None)
        if other is not None and not claim["backfill"]:
            yield {"source": claim["source"], "event_id": claim["event_id"], "other": other["subject"], "told": False}


def _is_live(conn: sa.Connection, claim: Claim) -> bool:
    """Whether neither a withdrawal nor a version with another number has come since."""
    later = conn.execute(_LATER, {"subject": claim["subject"], "version": claim["version"]}).all()
    return not any(row.withdrawal or (row.version > claim["version"] and row.docno != claim["docno"]) for row in later)


_o = outcomes.c
_LATER = sa.select(_o.withdrawal, _o.version, _o.docno).where(
    _o.subject == sa.bindparam("subject"), _o.version >= sa.bindparam("version"), _o.refused == 0
)
_d = doubles.c
_UNTOLD = (
    sa.select(outcomes, _d.other)
    .join(doubles, (_d.source == _o.source) & (_d.event_id == _o.event_id))
    .where(sa.not_(_d.told))
)
_TELL = (
    sa.update(doubles)
    .where(_d.source == sa.bindparam("s"), _d.event_id == sa.bindparam("e"))
    .values(told=True)
)  # fmt: skip
