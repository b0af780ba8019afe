"""What is due, as topic `duties` says it: days that were set anew, rungs, and the boards of campaigns.

Reads `duties`. Keeps `duties`, `duty_rungs`: of each duty the newest word by its version, without title and reason, for
of confidential matters no page may say more than that something is due; and every rung. Fails to: nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from bus.errors import Fatal
from bus.record import Record
from bus.store import bulk, storable
from consumers.portal import tables as t
from consumers.portal.shelf import micros
from rules.standing import MARK
from schemas.records import DutyNotice, DutyNoticed

_d, _r = t.duties.c, t.duty_rungs.c
_RUNG, _BACK = "rung", "rung-cancelled"
MOST = 2_000


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung that was reached and not taken back."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty with its rungs."""

    notice: DutyNotice
    rungs: Sequence[Rung]


def take_duties(conn: sa.Connection, records: Sequence[Record]) -> None:
    """Keep what is said of duties.

    Raises:
        Fatal: nobody can read it, and nothing may be skipped.
    """
    said = [_read(record) for record in records]
    rungs = {each.id: each.data for each in said if each.data.what in {_RUNG, _BACK}}
    bulk.upsert(conn, t.duty_rungs, [_rung_row(id_, notice) for id_, notice in sorted(rungs.items())])
    newest = {each.data.duty: each.data for each in sorted(said, key=lambda each: each.data.version)}
    held = {row.id: row.version for row in bulk.among(conn, _d.id, newest)}
    fresh = [notice for duty, notice in sorted(newest.items()) if notice.version > held.get(duty, 0)]
    bulk.upsert(conn, t.duties, [_row(notice) for notice in fresh])


def of_matters(conn: sa.Connection, subjects: Collection[str]) -> dict[str, DutyNotice]:
    """Every duty of these matters by its id, as it was last told of."""
    found = bulk.among(conn, _d.subject, set(subjects))
    return {row.id: DutyNotice.model_validate_json(row.doc) for row in found}


def of_campaign(conn: sa.Connection, campaign: str) -> list[Owed]:
    """Who owes what in a campaign, with the rungs that were reached."""
    rows = conn.execute(sa.select(t.duties).where(_d.campaign == campaign).order_by(_d.dept, _d.id).limit(MOST)).all()
    rungs: dict[str, list[Rung]] = {}
    held = bulk.among(conn, _r.duty, {row.id for row in rows})
    gone = {row.cancels for row in held}
    for row in sorted(held, key=lambda row: (row.at, row.id)):
        if not row.cancels and row.id not in gone:
            rungs.setdefault(row.duty, []).append(Rung(row.name, row.at))
    return [Owed(DutyNotice.model_validate_json(row.doc), rungs.get(row.id, ())) for row in rows]


def campaign_of(subject: str) -> str:
    """The standing duty that a key is of, empty of others: `catalogue-completion`."""
    _, mark, rest = subject.partition(MARK)
    return rest.partition(".")[0] if mark else ""


def _read(record: Record) -> DutyNoticed:
    try:
        return DutyNoticed.model_validate_json(record.value or b"")
    except ValidationError as error:
        raise Fatal(f"{record.origin} is no word about a duty: {error!r}") from error


def _row(notice: DutyNotice) -> dict[str, Any]:
    bare = notice.model_copy(update={"title": "", "reason": ""})
    return {
        "id": storable(notice.duty), "subject": storable(notice.subject), "campaign": campaign_of(notice.subject),
        "dept": notice.dept, "version": notice.version, "doc": storable(bare.model_dump_json(exclude_defaults=True)),
    }  # fmt: skip


def _rung_row(id_: str, notice: DutyNotice) -> dict[str, Any]:
    at = notice.at or notice.opened_at
    return {
        "id": storable(id_), "duty": storable(notice.duty), "cancels": notice.cancels or "", "rung": notice.rung or "",
        "name": storable(notice.rung_name), "at": micros(at) if at else 0,
    }  # fmt: skip
