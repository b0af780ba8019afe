"""Which rejections were mended, by which event and when: an accepted event names in `corrects` what it mends.

A department mends its own alone: both are of one source. The first accepted event holds, by its arrival, so that any
order of partitions gives the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from pydantic import BaseModel

from bus.record import Record
from bus.store import bulk, storable
from producers.tables import CORRECTIONS, REJECTIONS
from rules.calendar import day_of


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


def corrections_of(
    conn: sa.Connection, rejected: Sequence[tuple[str | None, str]]
) -> dict[tuple[str, str], Correction]:
    """What corrected the ids given, each with its source: ids of events or of their rejections."""
    rows = bulk.among(conn, _c.corrected, {corrected for _, corrected in rejected})
    return {
        (row.source, row.corrected): Correction(event_id=row.event_id, at=datetime.fromisoformat(row.arrival))
        for row in rows
    }


def is_corrected() -> sa.ColumnElement[bool]:
    """Whether a row of `door_rejections` was mended, as a condition."""
    r = REJECTIONS.c
    return sa.exists().where(_c.source == r.source, _c.corrected.in_([r.event_id, r.gk_id]))


def _correction(value: bytes) -> list[dict[str, Any]]:
    said = _VERDICT.decode(value).data
    if said.outcome != "accepted" or not said.corrects or said.event is None:
        return []
    return [{
        "corrected": storable(said.corrects), "source": storable(said.event.source),
        "event_id": storable(said.event.id), "arrival": said.arrival.astimezone(UTC).isoformat(),
    }]  # fmt: skip


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
