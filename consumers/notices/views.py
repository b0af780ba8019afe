"""What the page, the JSON and the commands show, read at one moment; nothing here writes, no address is shown whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel

from consumers.notices.addresses import Addresses, Mailbox
from consumers.notices.tables import DELIVERY, GONE, NOTICE
from schemas.records import DeliveryState, DutyNoticed

FAILED: tuple[DeliveryState, ...] = ("dead", "unaddressed", "old")
"""What nobody tries any more, and an operator may send again."""
_ROWS = sa.select(DELIVERY, NOTICE.c.value, NOTICE.c.corrects, NOTICE.c.partition).join(
    NOTICE, NOTICE.c.id == DELIVERY.c.notice
)


class TargetView(BaseModel):
    """Somebody who is told, and how it goes."""

    target: str
    kind: Literal["mail", "webhook"]
    roles: tuple[str, ...]
    depts: tuple[str, ...]
    host: str
    counts: Mapping[str, int]
    """State to how many deliveries."""
    gone: datetime | None = None


class DeliveryView(BaseModel):
    """A delivery and what it tells of."""

    id: str
    notice: str
    target: str
    dept: str
    roles: tuple[str, ...]
    state: str
    round: int
    attempts: int
    next_at: datetime | None
    changed_at: datetime
    detail: str
    duty: str
    subject: str
    title: str
    rung: str
    rung_name: str
    correction: bool
    partition: int


def targets(conn: sa.Connection, addresses: Addresses) -> list[TargetView]:
    """Everybody in the settings."""
    counts = _counts(conn)
    gone = {row.target: row.at for row in conn.execute(sa.select(GONE.c.target, GONE.c.at))}
    return [
        TargetView(
            target=each.id, kind="mail" if isinstance(each, Mailbox) else "webhook", roles=each.roles,
            depts=each.depts, host=each.address.partition("@")[2] if isinstance(each, Mailbox) else each.host,
            counts=counts.get(each.id, {}), gone=gone.get(each.id),
        )
        for each in addresses.targets
    ]  # fmt: skip


def deliveries(
    conn: sa.Connection, states: Sequence[str], *, target: str | None = None, limit: int = 100
) -> list[DeliveryView]:
    """Deliveries in these states, the newest first."""
    query = _ROWS.where(DELIVERY.c.state.in_(states))
    if target is not None:
        query = query.where(DELIVERY.c.target == target)
    rows = conn.execute(query.order_by(DELIVERY.c.changed_at.desc(), DELIVERY.c.id).limit(limit))
    return [_view(row) for row in rows]


def some(conn: sa.Connection, ids: Sequence[str]) -> list[DeliveryView]:
    """These deliveries, as far as they exist."""
    return [_view(row) for row in conn.execute(_ROWS.where(DELIVERY.c.id.in_(ids)).order_by(DELIVERY.c.id))]


def _view(row: sa.Row[Any]) -> DeliveryView:
    told = DutyNoticed.model_validate_json(bytes(row.value))
    return DeliveryView(
        id=row.id, notice=row.notice, target=row.target, dept=row.dept, roles=tuple(row.roles.split()),
        state=row.state, round=row.round, attempts=row.attempts,
        next_at=row.next_at if row.state == "waiting" else None, changed_at=row.changed_at, detail=row.detail,
        duty=told.data.duty, subject=told.subject, title=told.data.title, rung=told.data.rung or "",
        rung_name=told.data.rung_name, correction=row.corrects is not None, partition=row.partition,
    )  # fmt: skip


def _counts(conn: sa.Connection) -> dict[str, dict[str, int]]:
    query = sa.select(DELIVERY.c.target, DELIVERY.c.state, sa.func.count()).group_by(
        DELIVERY.c.target, DELIVERY.c.state
    )
    found: dict[str, dict[str, int]] = {}
    for target, state, count in conn.execute(query):
        found.setdefault(target, {})[state] = count
    return found
