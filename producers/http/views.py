"""What a department reads back: one event with all that came of it, and pages of its feed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, NamedTuple

import sqlalchemy as sa
from pydantic import BaseModel, Field, TypeAdapter

from bus.store import Store
from producers.answers import instant, milliseconds
from producers.corrections import Correction, Heir, corrections_of, is_corrected
from producers.tables import EVENTS, FEED, REJECTIONS
from schemas.records import Due, Finding, Receipt, ReceiptGiven, RejectionIssued, Routed, Verdict, VerdictGiven

Kind = Literal["verdict", "rejection", "receipt", "dead-letter"]


class OutletView(BaseModel):
    """渠道及其回执。An outlet that carries the event, and how that ended."""

    outlet: str
    action: str
    title: str
    due: datetime | None
    receipt: Receipt | None


class EventView(BaseModel):
    """事件办理情况。All that is known of one event."""

    id: str
    source: str
    subject: str
    type: str
    sha256: str
    arrival: datetime
    state: Literal["waiting", "held", "cancelled", "accepted", "rejected", "dead"]
    """waiting: 待裁定; held: 到时发布; cancelled: 发布前已撤回."""
    findings: list[Finding]
    """Of the verdict, or before it of the first answer."""
    outlets: list[OutletView]
    dues: list[Due]
    public_at: datetime | None
    """门户公开时间. When the portal made it public."""
    verdict: Verdict | None
    rejections: list[dict[str, Any]]
    corrected: Correction | None = None
    """改正它的事件。Where it was rejected: the accepted event that mended it."""


class FeedItem(BaseModel):
    """回流中的一条。One record of the feed; `record` is the CloudEvent, or a dead letter's code and digest."""

    seq: int
    kind: Kind
    dept: str
    event_id: str | None
    record: dict[str, Any]


class RejectionItem(FeedItem):
    """一条退回及其改正情况。One rejection, and what corrected it."""

    corrected: Correction | None


class RejectionPage(BaseModel):
    """退回清单的一页。A page of rejections: read on with `after=next`."""

    items: list[RejectionItem]
    next: Annotated[int, Field(description="下一页的after;没有新内容时不变 Cursor for the next page")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rejections: of a department, by a rule, of a day of arrival, mended or not; None is all."""

    dept: str | None = None
    code: str | None = None
    day: date | None = None
    state: Literal["open", "corrected"] | None = None


class FeedPage(BaseModel):
    """回流的一页。A page of the feed: read on with `after=next`."""

    items: list[FeedItem]
    next: Annotated[int, Field(description="下一页的after;没有新内容时不变 Cursor for the next page")]


def event_view(store: Store, source: str, event_id: str, heirs: Sequence[Heir] = ()) -> EventView | None:
    """One event of `source`, or None where the door never took it."""
    with store.read() as conn:
        row = conn.execute(sa.select(EVENTS).where(EVENTS.c.event_id == event_id, EVENTS.c.source == source)).first()
        query = sa.select(FEED).where(FEED.c.event_id == event_id, FEED.c.source == source).order_by(FEED.c.seq)
        came = conn.execute(query).all()
        told = [(source, event_id), *((source, each.gk_id) for each in came if each.kind == "rejection")]
        mended = corrections_of(conn, told, heirs)
    verdicts = [VerdictGiven.model_validate_json(each.body).data for each in came if each.kind == "verdict"]
    verdict = next((one for one in verdicts if one.outcome != "dead"), next(iter(verdicts), None))
    taken = row or _redriven(verdict)
    if taken is None:
        return None
    receipts = [ReceiptGiven.model_validate_json(each.body).data for each in came if each.kind == "receipt"]
    rejections = [
        RejectionIssued.model_validate_json(each.body).model_dump(mode="json")
        for each in came
        if each.kind == "rejection"
    ]
    late = _refused_late(came, verdict)
    return EventView(
        id=event_id, source=source, subject=taken.subject, type=taken.type, sha256=taken.sha256,
        arrival=instant(taken.arrival), state="rejected" if late else _state(taken.outcome, verdict),
        findings=late or list(verdict.findings) if verdict else _FINDINGS.validate_json(taken.findings),
        outlets=[_outlet(routed, receipts) for routed in (verdict.outlets if verdict else ())],
        dues=list(verdict.dues) if verdict else [],
        public_at=next((each.at for each in receipts if each.outlet == "portal" and each.kind == "published"), None),
        verdict=verdict, rejections=rejections, corrected=next((mended[key] for key in told if key in mended), None),
    )  # fmt: skip


def _refused_late(came: Sequence[sa.Row[tuple[object, ...]]], verdict: Verdict | None) -> list[Finding]:
    """Why a step that waited was refused in the end, if it was."""
    if verdict is None or verdict.matter is None or not verdict.matter.waiting:
        return []
    told = (RejectionIssued.model_validate_json(str(each.body)).data for each in came if each.kind == "rejection")
    return next((list(each.findings) for each in told if each.by == "matters"), [])


def feed_page(store: Store, depts: Collection[str], after: int, limit: int) -> FeedPage:
    """Up to `limit` records of these departments after the cursor."""
    query = sa.select(FEED).where(FEED.c.seq > after, FEED.c.dept.in_(depts)).order_by(FEED.c.seq).limit(limit)
    with store.read() as conn:
        rows = conn.execute(query).all()
    items = [
        FeedItem(
            seq=row.seq, kind=row.kind, dept=row.dept, event_id=row.event_id, record=_RECORD.validate_json(row.body)
        )
        for row in rows
    ]
    return FeedPage(items=items, next=items[-1].seq if items else after)


class _Redriven(NamedTuple):
    """What `door_events` would say of an event that the door buried and operators sent again."""

    subject: str
    type: str
    sha256: str
    arrival: int
    outcome: str = "forwarded"
    findings: str = "[]"


def _redriven(verdict: Verdict | None) -> _Redriven | None:
    event = verdict.event if verdict else None
    if verdict is None or event is None:
        return None
    return _Redriven(event.subject, event.type, verdict.value_sha256, milliseconds(verdict.arrival))


def rejections_page(store: Store, wanted: Wanted, after: int, limit: int, heirs: Sequence[Heir] = ()) -> RejectionPage:
    """Up to `limit` rejections after the cursor, each with what corrected it."""
    query = (
        sa.select(FEED).outerjoin(REJECTIONS, REJECTIONS.c.gk_id == FEED.c.gk_id)
        .where(FEED.c.seq > after, FEED.c.kind == "rejection", *_conditions(wanted, heirs))
        .order_by(FEED.c.seq).limit(limit)
    )  # fmt: skip
    with store.read() as conn:
        rows = conn.execute(query).all()
        told = [(row.source, name) for row in rows for name in (row.event_id, row.gk_id) if name]
        mended = corrections_of(conn, told, heirs)
    items = [
        RejectionItem(
            seq=row.seq, kind=row.kind, dept=row.dept, event_id=row.event_id, record=_RECORD.validate_json(row.body),
            corrected=mended.get((row.source, row.event_id)) or mended.get((row.source, row.gk_id)),
        )
        for row in rows
    ]  # fmt: skip
    return RejectionPage(items=items, next=items[-1].seq if items else after)


def _conditions(wanted: Wanted, heirs: Sequence[Heir]) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.dept is not None:
        yield FEED.c.dept == wanted.dept
    if wanted.code is not None:
        yield REJECTIONS.c.rules.contains(f",{wanted.code},", autoescape=True)
    if wanted.day is not None:
        yield REJECTIONS.c.day == wanted.day.isoformat()
    if wanted.state is not None:
        yield is_corrected(heirs) if wanted.state == "corrected" else sa.not_(is_corrected(heirs))


def _state(
    outcome: str, verdict: Verdict | None
) -> Literal["waiting", "held", "cancelled", "accepted", "rejected", "dead"]:
    if verdict is not None:
        return verdict.outcome
    return _ENDED_HERE.get(outcome, "waiting")


_ENDED_HERE: dict[str, Literal["rejected", "held", "cancelled"]] = {
    "rejected": "rejected", "held": "held", "cancelled": "cancelled",
}  # fmt: skip


def _outlet(routed: Routed, receipts: list[Receipt]) -> OutletView:
    receipt = next((each for each in receipts if each.outlet == routed.outlet), None)
    return OutletView(outlet=routed.outlet, action=routed.action, title=routed.title, due=routed.due, receipt=receipt)


_FINDINGS = TypeAdapter(list[Finding])
_RECORD = TypeAdapter(dict[str, Any])
