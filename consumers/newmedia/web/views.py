"""What the pages and the JSON show, read at one moment; nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel

from consumers.newmedia import slots
from consumers.newmedia.merge import OPEN
from consumers.newmedia.queue import Queue
from consumers.newmedia.tables import ALERT, DELIVERY, POST
from schemas.city import Outlet


class Quota(BaseModel):
    """A quota and how much of its present period is used."""

    n: int
    per: str
    period: str
    used: int


class AccountView(BaseModel):
    """An account and how it stands."""

    account: str
    name: str
    platform: str
    account_type: str
    quota: Quota | None
    waiting: int
    """Items that still owe their receipt."""
    live: int
    next_slot: datetime | None
    last_post: datetime | None


class AlertView(BaseModel):
    """Something that somebody must look at."""

    account: str
    subject: str
    kind: str
    at: datetime
    detail: str


class DeliveryView(BaseModel):
    """How an item stands on one account."""

    subject: str
    account: str
    version: int
    title: str
    quota_class: str
    state: str
    slot_at: datetime | None
    index_no: str | None
    url: str | None
    platform_ids: list[str]
    """Of its posts that are public now."""
    detail: str
    updated_at: datetime


def accounts(conn: sa.Connection, outlets: Sequence[Outlet], now: datetime) -> list[AccountView]:
    """Every account of the pack."""
    waiting = _by_account(conn, sa.func.count(), DELIVERY, DELIVERY.c.state.in_(OPEN))
    slot = _by_account(conn, sa.func.min(DELIVERY.c.slot_at), DELIVERY, DELIVERY.c.state == "queued")
    live = _by_account(conn, sa.func.count(), POST, POST.c.state == "live")
    last = _by_account(conn, sa.func.max(POST.c.at), POST, POST.c.state == "live")
    return [
        AccountView(
            account=each.id, name=each.name, platform=each.platform, account_type=each.account_type,
            quota=_quota(conn, each, now), waiting=waiting.get(each.id, 0), live=live.get(each.id, 0),
            next_slot=slot.get(each.id), last_post=last.get(each.id),
        )
        for each in outlets
    ]  # fmt: skip


def queue(
    conn: sa.Connection, order: Sequence[str], account: str | None, limit: int, offset: int
) -> list[DeliveryView]:
    """What still owes its receipt, in the order in which it is to go."""
    urgency = sa.case(*((DELIVERY.c.quota_class == name, place) for place, name in enumerate(order)), else_=len(order))
    query = sa.select(DELIVERY).where(DELIVERY.c.state.in_(OPEN))
    if account is not None:
        query = query.where(DELIVERY.c.account == account)
    place = (DELIVERY.c.account, DELIVERY.c.slot_at, urgency, DELIVERY.c.ready_at, DELIVERY.c.subject)
    return _views(conn, query.order_by(*place).limit(limit).offset(offset))


def deliveries(conn: sa.Connection, subject: str) -> list[DeliveryView]:
    """What became of one item on each account."""
    return _views(conn, sa.select(DELIVERY).where(DELIVERY.c.subject == subject).order_by(DELIVERY.c.account))


def recent(conn: sa.Connection, limit: int) -> list[DeliveryView]:
    """What came to its end last."""
    ended = sa.select(DELIVERY).where(DELIVERY.c.state.not_in(OPEN))
    return _views(conn, ended.order_by(DELIVERY.c.updated_at.desc()).limit(limit))


def alerts(conn: sa.Connection, limit: int) -> list[AlertView]:
    """What somebody must look at, newest first."""
    query = sa.select(ALERT).order_by(ALERT.c.at.desc()).limit(limit)
    return [AlertView.model_validate(dict(row._mapping)) for row in conn.execute(query)]


def _views(conn: sa.Connection, query: sa.Select[Any]) -> list[DeliveryView]:
    rows = [row._mapping for row in conn.execute(query)]
    ids = _platform_ids(conn, {row["subject"] for row in rows})
    return [
        DeliveryView.model_validate({**row, "platform_ids": ids.get((row["subject"], row["account"]), [])})
        for row in rows
    ]


def _platform_ids(conn: sa.Connection, subjects: set[str]) -> Mapping[tuple[str, str], list[str]]:
    query = sa.select(POST.c.subject, POST.c.account, POST.c.platform_id).where(
        POST.c.subject.in_(subjects), POST.c.state == "live"
    )
    found: dict[tuple[str, str], list[str]] = {}
    for subject, account, platform_id in conn.execute(query):
        found.setdefault((subject, account), []).append(platform_id)
    return found


def _quota(conn: sa.Connection, outlet: Outlet, now: datetime) -> Quota | None:
    if outlet.quota is None:
        return None
    period = slots.period_of(outlet, now)
    rows = Queue(conn, outlet.id)
    used = outlet.quota.n if rows.is_closed(period) else rows.used(period)
    return Quota(n=outlet.quota.n, per=outlet.quota.per, period=period, used=used)


def _by_account(
    conn: sa.Connection, value: sa.ColumnElement[Any], table: sa.Table, condition: sa.ColumnElement[bool]
) -> dict[str, Any]:
    query = sa.select(table.c.account, value).select_from(table).where(condition).group_by(table.c.account)
    return {row[0]: row[1] for row in conn.execute(query)}
