"""Receipts that outside portals post back: each once, in the reader's own name, never public time.

Public time is our portal's receipt alone (DESIGN §2), told by its source `/engine/portal`; these come from
`/platforms/<name>` for an outlet `platforms/<name>` that no pack can have, since no outlet's id holds a slash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Annotated

import msgspec
import sqlalchemy as sa
from pydantic import Field, HttpUrl

from bus.errors import Invalid
from bus.record import Outgoing
from consumers.portal import receipts
from consumers.portal.feed import Head
from consumers.portal.platforms.tables import reported
from consumers.portal.tables import Row, entries
from schemas.base import Instant, Model
from schemas.ids import receipt_id
from schemas.records import ReceiptKind

LEEWAY = timedelta(minutes=5)
"""By which another portal's clock may be ahead of ours."""


class Report(Model):
    """How a feed record ended at an outside portal."""

    feed_id: Annotated[str, Field(min_length=1, max_length=100)]
    kind: ReceiptKind
    at: Instant
    url: HttpUrl | None = None
    platform_id: Annotated[str, Field(max_length=200)] | None = None
    detail: Annotated[str, Field(max_length=500)] | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a report."""

    feed_id: str
    receipt_id: str
    repeated: bool


class _Event(msgspec.Struct, frozen=True):
    class Data(msgspec.Struct, frozen=True):
        version: int

    data: Data


def take(
    conn: sa.Connection, rows: Mapping[str, Row], reader: str, reports: Sequence[Report], now: datetime
) -> tuple[list[Taken], list[Outgoing]]:
    """Keep `reports` about `rows`, all or none; returns what became of each, and the receipts to send.

    Raises:
        Invalid: one is of an unknown feed record, of a time to come, or differs from what was reported before.
    """
    for place, report in enumerate(reports):
        _check(report, rows, now, f"/{place}")
    taken, fresh = [], []
    for place, report in enumerate(reports):
        gk_id = receipt_id(f"{report.feed_id}\n/platforms/{reader}")
        repeated = not _keep(conn, reader, gk_id, report, f"/{place}")
        taken.append(Taken(report.feed_id, gk_id, repeated))
        if not repeated:
            fresh.append(_receipt(gk_id, reader, report, rows[report.feed_id], now))
    return taken, fresh


def spoken_of(conn: sa.Connection, reports: Sequence[Report]) -> dict[str, Row]:
    """The feed records that `reports` are about, from the portal's store."""
    feed_ids = {report.feed_id for report in reports}
    query = sa.select(entries.c.feed_id, entries.c.partition, entries.c.value)
    found = conn.execute(query.where(entries.c.feed_id.in_(feed_ids))).all()
    return {row.feed_id: row for row in found}


def _check(report: Report, rows: Mapping[str, Row], now: datetime, place: str) -> None:
    if report.feed_id not in rows:
        raise Invalid(
            "FEED-ID-UNKNOWN", "没有这条分发记录,请核对 feed_id。", f"no feed record {report.feed_id!r}", place
        )
    if report.at > now + LEEWAY:
        raise Invalid(
            "RECEIPT-TIME", "回执时间晚于当前时间,请校准时钟。", f"{report.at.isoformat()} is still to come", place
        )


def _keep(conn: sa.Connection, reader: str, gk_id: str, report: Report, place: str) -> bool:
    """Whether the report is new."""
    fingerprint = blake2b(report.model_dump_json().encode(), digest_size=16).hexdigest()
    query = sa.select(reported.c.fingerprint).where(reported.c.receipt_id == gk_id)
    held = conn.execute(query).scalar()
    if held is None:
        row = {"receipt_id": gk_id, "reader": reader, "fingerprint": fingerprint}
        conn.execute(reported.insert(), [row])
        return True
    if held != fingerprint:
        raise Invalid(
            "RECEIPT-REUSED", "该记录已回执且内容不同,每条记录只能回执一次。",
            f"feed record {report.feed_id} was reported before with other content", place,
        )  # fmt: skip
    return False


def _receipt(gk_id: str, reader: str, report: Report, row: Row, now: datetime) -> Outgoing:
    head = msgspec.json.decode(row.value, type=Head)
    data: dict[str, object] = {
        "feed_id": report.feed_id, "outlet": f"platforms/{reader}", "kind": report.kind, "event": head,
        "version": msgspec.json.decode(row.value, type=_Event).data.version, "at": report.at,
        "url": str(report.url) if report.url else None, "platform_id": report.platform_id, "detail": report.detail,
    }  # fmt: skip
    source = f"/platforms/{reader}"
    return receipts.outgoing(gk_id, source, now, data, subject=head.subject, partition=row.partition)
