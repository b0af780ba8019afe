"""What follows from a step, as records: steps for other matters, and what the public may see. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bus.record import Outgoing, Record
from rules.calendar import day_of
from rules.lifecycle import Matter, Move, gaps_of
from rules.lifecycle.advance import Told
from schemas import headers as h
from schemas.city import Pack
from schemas.city.matters import Lifecycle, Step
from schemas.city.released import milliseconds
from schemas.envelope import department_of
from schemas.ids import feed_id, link_id
from schemas.reasons import mask
from schemas.records import Routed
from schemas.topics import LINKS, PORTAL_FEED
from streams.matters.room import Waiter
from streams.telling import SUBJECT, Ref, Telling, encode, instant, out, verdict_id

PORTAL = "portal"
MOVED, LINKED = "cn.gongkai.matter.moved.v1", "cn.gongkai.matter.linked.v1"


def link(tell: Telling, record: Record, told: Told, cause: Ref, title: str = "") -> Outgoing | None:
    """The step `told` for another matter, which `cause` brings; None where its target can be no matter's key."""
    if len(told.target) > 200 or not SUBJECT.match(told.target):
        return None
    data = {
        "step": told.step, "lifecycle": told.lifecycle, "at": told.at, "fields": told.fields, "links": told.links,
        "title": title, "cause": cause,
    }  # fmt: skip
    id_ = link_id(cause["source"], cause["id"], told.target, f"{told.lifecycle or ''}/{told.step}")
    return _linked(tell, record, id_, told.target, data, since=told.at)


def retry(tell: Telling, record: Record, waiter: Waiter, how: str, version: int) -> Outgoing:
    """The step that waits is tried again; `reason` is what it waits under."""
    at = instant(record.timestamp)
    cause = {
        "id": waiter.event_id, "source": waiter.source, "type": "", "subject": waiter.subject, "time": at.isoformat()
    }  # fmt: skip
    data = {"step": waiter.step, "at": at, "cause": cause, "reason": waiter.id, "retry": how}
    id_ = link_id(waiter.source, waiter.event_id, waiter.subject, f"{how}/{version}")
    return _linked(tell, record, id_, waiter.subject, data, since=at)


def _linked(
    tell: Telling, record: Record, id_: str, target: str, data: dict[str, Any], *, since: datetime
) -> Outgoing:  # fmt: skip
    """A step on `links`, which arrives no earlier than `since`, when it was taken.

    Of a verdict and a receipt the one that came later may be read first.
    """
    arrival = max(record.timestamp, milliseconds(since))
    value = encode({
        "specversion": "1.0", "id": id_, "source": tell.source, "type": LINKED, "subject": target,
        "time": instant(arrival), "datacontenttype": "application/json", "data": data,
    })  # fmt: skip
    headers = ((h.ID, id_.encode()), *tell.common(record))
    return Outgoing(LINKS.name, target.encode(), value, headers, arrival)


def shown(lifecycle: Lifecycle, matter: Matter) -> tuple[Routed, ...]:
    """The outlets that must hear of a step: the portal, where the public may see the matter."""
    if not matter.public or lifecycle.confidential:
        return ()
    title = matter.title or lifecycle.name
    return (Routed(outlet=PORTAL, feed=PORTAL_FEED.name, action="carry", title=title),)


def progress(tell: Telling, record: Record, ref: Ref, routed: Routed, data: dict[str, Any]) -> Outgoing:
    """The record for an outlet."""
    id_ = feed_id(ref["source"], ref["id"], routed.outlet)
    subject = (record.key or b"").decode("ascii", "replace")
    value = encode({
        "specversion": "1.0", "id": id_, "source": tell.source, "type": MOVED, "subject": subject,
        "time": instant(record.timestamp), "datacontenttype": "application/json", "data": data,
    })  # fmt: skip
    headers = (
        (h.ID, id_.encode()), *tell.common(record), (h.VERDICT, verdict_id(record).encode()),
        (h.OUTLET, encode(routed)),
    )  # fmt: skip
    return out(record, routed.feed, value, headers)


def data_of(pack: Pack, matter: Matter, step: Step, move: Move) -> dict[str, Any]:
    """What the public may see of a matter after a step."""
    lifecycle = pack.lifecycle[matter.lifecycle]
    state = lifecycle.state[matter.state]
    fields = {field.id: move.fields[field.id] for field in step.fields if field.public and move.fields.get(field.id)}
    return {
        "lifecycle": lifecycle.id, "lifecycle_name": lifecycle.name, "title": matter.title, "state": state.id,
        "state_name": state.name, "ended": state.end, "version": matter.version, "step": step.id,
        "step_name": step.name, "step_public": step.public, "at": move.at,
        "dept": move.actor or department_of(move.source),
        "depts": matter.roles.get("main", ()), "fields": fields if step.public else {},
        "chosen": {field.id: text for field in step.fields if field.counted and (text := move.fields.get(field.id))},
        "labels": {name: step.field[name].name for name in fields} if step.public else {},
        "links": [{"rel": rel, "target": target} for rel, target in matter.links],
        "gaps": [gap.model_dump() for gap in gaps_of(pack, matter, move)],
        "counts": {name: taken.count for name, taken in matter.taken.items()},
        "dues": [
            {
                "duty": duty.id, "clock": duty.clock, "dept": duty.depts[0], "subject": duty.subject,
                "due": day_of(duty.due), "name": duty.name, "lifecycle": lifecycle.id, "rule": duty.rule,
                "law": duty.law, "basis": duty.basis, "depts": duty.depts, "since": duty.since, "due_at": duty.due,
                "calendar_complete": duty.complete, "state": duty.state, "opened_at": duty.opened_at,
                "closed_at": duty.closed_at, "late": duty.late, "pauses": duty.pauses, "extended": duty.extended,
            }
            for duty in matter.duties.values() if duty.depts
        ],
    }  # fmt: skip


def moved(lifecycle: Lifecycle, matter: Matter, step: Step, move: Move) -> dict[str, Any]:
    """What a step made of its matter, as verdicts say it."""
    state, main = lifecycle.state[matter.state], matter.roles.get("main", ())
    parts = dict.fromkeys(dept for depts in matter.roles.values() for dept in depts if dept not in main)
    return {
        "lifecycle": lifecycle.id, "state": state.id, "state_name": state.name, "step": step.id,
        "step_name": step.name, "version": matter.version, "at": move.at, "ended": state.end, "waiting": False,
        "gaps": tuple(matter.gaps), "title": "" if lifecycle.confidential else matter.title,
        "depts": main, "beside": tuple(parts), "reason": "" if lifecycle.confidential else mask(move.reason),
        "handlers": tuple(dict.fromkeys(dept for role in lifecycle.opens for dept in matter.roles.get(role, ()))),
    }  # fmt: skip


def waits(lifecycle: Lifecycle | None, matter: Matter | None, move: Move) -> dict[str, Any]:
    """The same of a step that waits: the state it waits in, or none where its matter is not there yet."""
    state = lifecycle.state[matter.state] if lifecycle and matter else None
    steps = lifecycle.step.get(move.step) if lifecycle else None
    return {
        "lifecycle": lifecycle.id if lifecycle else move.lifecycle or "-", "state": state.id if state else "-",
        "state_name": state.name if state else "尚未立项", "step": move.step,
        "step_name": steps[0].name if steps else move.step, "version": matter.version if matter else 0,
        "at": move.at, "waiting": True, "gaps": tuple(matter.gaps) if matter else (),
        "depts": matter.roles.get("main", ()) if matter else (),
    }  # fmt: skip
