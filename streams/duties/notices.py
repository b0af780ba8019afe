"""What is told of a duty, as records on topic `duties`: who owes it, by when, whose leader answers for it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Any, NamedTuple

import msgspec
from pydantic import BaseModel

from bus.record import Outgoing
from rules.calendar import day_of
from schemas import headers as h
from schemas.city import Pack
from schemas.city.ladders import Rung
from schemas.reasons import mask
from schemas.records import DutyNotice
from schemas.topics import DUTIES
from streams.duties.entry import Entry, Said
from streams.duties.tables import ms

SOURCE = "/engine/matters"
_TYPE = "cn.gongkai.duty.noticed.v1"


class Stamp(NamedTuple):
    """What the record that was judged gives to what is said because of it; a clock gives only the instant."""

    at: datetime
    headers: h.Headers = ()
    """`gk-origin` and `traceparent`, where there is a record."""


def told(pack: Pack, entry: Entry, stamp: Stamp) -> list[Outgoing]:
    """The records of all that is to be said of a duty, each once."""
    said, entry.said = entry.said, []
    return [_outgoing(pack, entry, one, stamp) for one in said]


def notice_of(pack: Pack, lifecycle: str, title: str, said: Said) -> DutyNotice:
    """A duty as it is told of; the title of a confidential matter is left out, its kind and number stand for it."""
    duty, rung = said.duty, _rung(pack, said)
    known = pack.lifecycle.get(lifecycle)
    number = duty.subject.partition("/")[2]
    shown = f"{known.name if known else lifecycle} {number}" if known is None or known.confidential else mask(title)
    first = duty.depts[0] if duty.depts else pack.lead_office
    leader = pack.department.get(first)
    return DutyNotice.model_construct(  # each part was checked when it was read
        duty=duty.id, clock=duty.clock, dept=first, subject=duty.subject, due=day_of(duty.due), reason=said.reason,
        leader_post=leader.leader_post if leader else None, what=said.what, version=said.version, name=duty.name,
        lifecycle=lifecycle, title=shown, rule=duty.rule, law=duty.law, basis=duty.basis, depts=duty.depts,
        since=duty.since, due_at=duty.due, calendar_complete=duty.complete, state=duty.state, opened_at=duty.opened_at,
        closed_at=duty.closed_at, late=duty.late, pauses=duty.pauses, extended=duty.extended, at=said.at,
        rung=rung.id if rung else None, rung_name=rung.name if rung else "", overdue=bool(rung and rung.overdue),
        to=rung.to if rung else (), cancels=said.cancels,
    )  # fmt: skip


def outgoing(topic: str, pack: Pack, envelope: dict[str, Any], stamp: Stamp, partition: int | None) -> Outgoing:
    """A CloudEvent of ours as a record; without a partition its key decides."""
    headers = ((h.ID, envelope["id"].encode()), *stamp.headers, *_stamps(pack))
    value = msgspec.json.encode(envelope, enc_hook=_plain)
    return Outgoing(topic, envelope["subject"].encode(), value, headers, ms(stamp.at), partition)


def _outgoing(pack: Pack, entry: Entry, said: Said, stamp: Stamp) -> Outgoing:
    envelope = {
        "specversion": "1.0", "id": said.id, "source": SOURCE, "type": _TYPE, "subject": said.duty.subject,
        "time": stamp.at, "datacontenttype": "application/json",
        "data": notice_of(pack, entry.lifecycle, entry.title, said),
    }  # fmt: skip
    return outgoing(DUTIES.name, pack, envelope, stamp, entry.partition)


def _rung(pack: Pack, said: Said) -> Rung | None:
    ladder = pack.ladder.get(said.duty.ladder or "") if said.rung else None
    return next((one for one in ladder.rungs if one.id == said.rung), None) if ladder else None


@lru_cache(maxsize=8)
def _stamps(pack: Pack) -> h.Headers:
    return ((h.PACK, pack.release.encode()), (h.ENGINE, version("gongkai").encode()))


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.__dict__
    raise TypeError(f"{type(value).__name__} does not travel")
