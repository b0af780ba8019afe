"""`/v1/departments/me/held`: what a department has the door hold until its minute; nobody else sees it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel

from producers.answers import instant
from producers.http.door import Here, Who
from producers.tables import HELD

router = APIRouter(tags=["events 事件"])

_MOST = 1_000
_c = HELD.c


class HeldItem(BaseModel):
    """一件定时发布。An event that waits."""

    id: str
    source: str
    subject: str
    version: int
    release_at: datetime


@router.get("/v1/departments/me/held", summary="定时发布 What is held until its minute")
def get_held(here: Here, who: Who) -> list[HeldItem]:
    """本单位尚未到时的定时发布,按时间先后 (the department's own, by their minute)."""
    asked = sa.select(_c.event_id, _c.source, _c.subject, _c.version, _c.release_at)
    mine = asked.where(_c.dept.in_(here.mine(who.dept))).order_by(_c.release_at, _c.event_id).limit(_MOST)
    with here.store.read() as conn:
        rows = conn.execute(mine).all()
    return [
        HeldItem(id=row.event_id, source=row.source, subject=row.subject, version=row.version,
                 release_at=instant(row.release_at))
        for row in rows
    ]  # fmt: skip
