"""Which rejections were mended, by which event and when: an accepted event names in `corrects` what it mends.

A department mends its own, from one source, and from the day it took over those of the departments that it succeeds.
The first accepted event holds, by its arrival, so that any order of partitions gives the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from pydantic import BaseModel

from bus.record import Record
from bus.store import bulk, storable
from producers.tables import CORRECTIONS, REJECTIONS
from rules.calendar import SHANGHAI, day_of
from schemas.city import Pack


class Correction(BaseModel):
    """改正该退回的事件。The accepted event that mended a rejected one."""

    event_id: str
    at: datetime
    """When it came."""


def note_rejections(conn: sa.Connection, records: Iterable[Record]) -> None:
    """Keep what rejections are asked for by."""
    bulk.insert_or_leave(conn, REJECTIONS, [rejection_row(each.gk_id or "", each.value or b"{}") for each in records])


def rejection_row(gk_id: str, value: bytes) -> dict[str, Any]:
    """The row of table `door_rejections` for a rejection."""
    said = _REJECTION.decode(value).data
    event = said.event
    return {
        "gk_id": gk_id, "source": event and storable(event.source), "event_id": event and storable(event.id),
        "rules": f",{','.join(found.rule for found in said.findings)},", "day": day_of(said.arrival).isoformat(),
    }  # fmt: skip


def note_corrections(conn: sa.Connection, records: Iterable[Record]) -> None:
    """Keep what accepted events correct; of several that correct one, the first."""
    found = [
        row for each in records if b'"corrects":"' in (each.value or b"") for row in _correction(each.value or b"")
    ]
    if not found:
        return
    held = {
        (row.corrected, row.source): row for row in bulk.among(conn, _c.corrected, {row["corrected"] for row in found})
    }
    first = {key: _rank(dict(row._mapping)) for key, row in held.items()}
    for row in found:
        key = row["corrected"], row["source"]
        if key not in first or _rank(row) < first[key]:
            first[key] = _rank(row)
            bulk.upsert(conn, CORRECTIONS, [row])


class Heir(NamedTuple):
    """A source that may mend what was rejected of another, and from when on."""

    source: str
    predecessor: str
    since: str
    """The first arrival, written as those of corrections are."""


def heirs_of(pack: Pack) -> tuple[Heir, ...]:
    """Every source that mends another's."""
    return tuple(
        Heir(
            f"/departments/{heir}",
            f"/departments/{issuer}",
            _written(datetime.combine(ended + timedelta(days=1), time(), SHANGHAI)),
        )
        for heir, issuer, ended in pack.successions
    )


def corrections_of(
    conn: sa.Connection, rejected: Sequence[tuple[str | None, str]], heirs: Iterable[Heir] = ()
) -> dict[tuple[str, str], Correction]:
    """What corrected the ids given, each with its source: ids of events or of their rejections."""
    rows = bulk.among(conn, _c.corrected, {corrected for _, corrected in rejected})
    found: dict[tuple[str, str], Correction] = {}
    for row in sorted((dict(row._mapping) for row in rows), key=_rank):
        mended = Correction(event_id=row["event_id"], at=datetime.fromisoformat(row["arrival"]))
        own = [one.predecessor for one in heirs if one.source == row["source"] and one.since <= row["arrival"]]
        for source in (row["source"], *own):
            found.setdefault((source, row["corrected"]), mended)
    return found


def is_corrected(heirs: Sequence[Heir] = ()) -> sa.ColumnElement[bool]:
    """Whether a row of `door_rejections` was mended, as a condition."""
    r = REJECTIONS.c
    by_heir = (
        sa.and_(_c.source == one.source, r.source == one.predecessor, _c.arrival >= one.since) for one in heirs
    )  # fmt: skip
    return sa.exists().where(sa.or_(_c.source == r.source, *by_heir), _c.corrected.in_([r.event_id, r.gk_id]))


def _correction(value: bytes) -> list[dict[str, Any]]:
    said = _VERDICT.decode(value).data
    if said.outcome != "accepted" or not said.corrects or said.event is None:
        return []
    return [{
        "corrected": storable(said.corrects), "source": storable(said.event.source),
        "event_id": storable(said.event.id), "arrival": _written(said.arrival),
    }]  # fmt: skip


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _rank(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["arrival"], row["event_id"]


class _Ref(msgspec.Struct):
    id: str
    source: str


class _Rule(msgspec.Struct):
    rule: str


class _Rejected(msgspec.Struct):
    arrival: datetime
    findings: list[_Rule]
    event: _Ref | None = None


class _Rejection(msgspec.Struct):
    data: _Rejected


class _Judged(msgspec.Struct):
    outcome: str
    arrival: datetime
    event: _Ref | None = None
    corrects: str | None = None


class _Verdict(msgspec.Struct):
    data: _Judged


_REJECTION = msgspec.json.Decoder(_Rejection)
_VERDICT = msgspec.json.Decoder(_Verdict)
_c = CORRECTIONS.c
