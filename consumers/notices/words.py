"""Records of topic `deliveries`, written and read: what was planned, how it ended, what is wanted again."""

from __future__ import annotations

from datetime import datetime

from pydantic import TypeAdapter

from bus.record import Outgoing, Record
from schemas import headers as h
from schemas.envelope import Envelope
from schemas.ids import delivery_record_id
from schemas.records import (
    DeliveryEnd,
    DeliveryEnded,
    DeliveryPlan,
    DeliveryPlanned,
    DeliveryRequest,
    DeliveryRequested,
)
from schemas.topics import DELIVERIES, DUTIES

SOURCE, OPERATORS = "/engine/notices", "/engine/operators"
Word = DeliveryPlanned | DeliveryEnded | DeliveryRequested
_READ: TypeAdapter[Word] = TypeAdapter(Word)


def plan_id(cause: str) -> str:
    """Id of the one plan that a rung, its cancellation or a wish gives."""
    return delivery_record_id(cause, "planned")


def lane(partition: int) -> str:
    """The one lane of the outbox for what is said of duties of that partition: it keeps its order on the way out."""
    return f"{DUTIES.name}/{partition}"


def planned(plan: DeliveryPlan, subject: str, partition: int, at: datetime) -> Outgoing:
    """The record of a plan."""
    said = DeliveryPlanned(
        specversion="1.0", id=plan_id(plan.cause), source=SOURCE, type="cn.gongkai.delivery.planned.v1",
        subject=subject, time=at, data=plan,
    )  # fmt: skip
    return _outgoing(said, partition)


def ended(end: DeliveryEnd, subject: str, partition: int) -> Outgoing:
    """The record of an end."""
    said = DeliveryEnded(
        specversion="1.0", id=delivery_record_id(end.delivery, "ended", end.round), source=SOURCE,
        type="cn.gongkai.delivery.ended.v1", subject=subject, time=end.at, data=end,
    )  # fmt: skip
    return _outgoing(said, partition)


def requested(wish: DeliveryRequest, subject: str, partition: int, at: datetime) -> Outgoing:
    """The record of an operator's wish; the same wish again is the same record."""
    said = DeliveryRequested(
        specversion="1.0", id=delivery_record_id(wish.delivery, "requested", wish.round), source=OPERATORS,
        type="cn.gongkai.delivery.requested.v1", subject=subject, time=at, data=wish,
    )  # fmt: skip
    return _outgoing(said, partition)


def read(value: bytes | None) -> Word:
    """A record of this topic."""
    return _READ.validate_json(value or b"")


def read_plan(value: bytes | None) -> DeliveryPlan:
    """A plan, by its record."""
    return DeliveryPlanned.model_validate_json(value or b"").data


def trace_of(record: Record) -> h.Headers:
    """What a record hands on to those that follow from it."""
    return tuple(each for each in record.headers if each[0] == h.TRACEPARENT)


def _outgoing(said: Envelope, partition: int) -> Outgoing:
    """Into the partition of the duty's own words: what is said of one rung keeps its order."""
    value = said.model_dump_json(exclude_none=True).encode()
    return Outgoing(
        DELIVERIES.name, said.subject.encode(), value, ((h.ID, said.id.encode()),), int(said.time.timestamp() * 1000),
        partition,
    )  # fmt: skip
