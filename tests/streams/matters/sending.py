"""A move as the event, or the record on `links`, that says it; and what is said of a publication."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bus.record import Record
from rules.lifecycle import Move
from schemas.city import Pack
from schemas.city.matters import Lifecycle
from schemas.events import EVENTS
from schemas.topics import LINKS, RECEIPTS, TOPIC_OF_FAMILY, VERDICTS
from streams.telling import instant
from tests.support.events import event, to_bytes


def record_of(pack: Pack, lifecycle: Lifecycle, move: Move) -> Record:
    """A step as it comes in."""
    key, arrival = move.subject.encode(), int(move.arrival.timestamp() * 1000)
    if move.by_engine:
        body = event_of_link(move)
        return Record(LINKS.name, 0, 0, arrival, key, to_bytes(body))
    opens = move.lifecycle is not None and f"cn.gongkai.{lifecycle.family}.{move.step}.v1" in EVENTS
    verb = move.step if opens or (lifecycle.family == "review" and move.step in {"signed", "returned"}) else "stepped"
    data = _opening(move, verb, lifecycle) if verb != "stepped" else _step(move)
    body = event(lifecycle.family, verb, "", "", data, at=move.arrival, event_id=move.id, source=move.source,
                 subject=move.subject)  # fmt: skip
    return Record(TOPIC_OF_FAMILY[lifecycle.family].name, 0, 0, arrival, key, to_bytes(body))


def event_of_link(move: Move) -> dict[str, Any]:
    """A step that a clock takes."""
    data = {
        "step": move.step, "lifecycle": move.lifecycle, "at": move.at.isoformat(), "fields": dict(move.fields),
        "links": [link.model_dump() for link in move.links], "title": move.title, "reason": move.reason,
    }  # fmt: skip
    return event("matter", "linked", "", "", data, at=move.arrival, event_id=move.id, source=move.source,
                 subject=move.subject)  # fmt: skip


def _step(move: Move) -> dict[str, Any]:
    return {
        "step": move.step, "lifecycle": move.lifecycle, "actor_dept": move.actor or "-", "actor_role": "经办",
        "at": move.at.isoformat(), "basis": move.basis, "reason": move.reason, "fields": dict(move.fields),
        "links": [link.model_dump() for link in move.links],
        "attachments": [one.model_dump() for one in move.attachments], "personal": _sealed(move),
    }  # fmt: skip


def _opening(move: Move, verb: str, lifecycle: Lifecycle) -> dict[str, Any]:
    """The data of an event of its own kind: what its model has a place for stands there, the rest in `fields`."""
    model: Any = EVENTS[f"cn.gongkai.{lifecycle.family}.{verb}.v1"].model_fields["data"].annotation
    named, given = model.model_fields, dict(move.fields)
    at = move.at.isoformat()
    whole: dict[str, Any] = {
        "lifecycle": move.lifecycle or lifecycle.id, "title": move.title, "at": at, "submitted_at": at,
        "links": [link.model_dump() for link in move.links], "personal": _sealed(move), "reason": move.reason or "改",
        "attachments": [one.model_dump() for one in move.attachments], "publication": move.subject,
        "sign_off": {
            "level": 1 + len(given.pop("level", "")) % 3, "role": given.pop("role", "审") or "审",
            "person": "s1", "content_sha256": ("ab" if move.attachments else "cd") * 32, "at": at,
        },
        "version": 1,
    }  # fmt: skip
    given = {name: text for name, text in given.items() if name not in {"version", "publication"}}
    own = {name: _typed(named[name].annotation, given.pop(name)) for name in list(given) if name in named}
    rest = {"fields": given} if "fields" in named else {}
    return {name: value for name, value in whole.items() if name in named} | own | rest


def _typed(annotation: Any, text: str) -> Any:
    told = str(annotation)
    if "tuple" in told:
        return text.split()
    if annotation is bool:
        return text == "是"
    return int(text) if text.isdecimal() else text


def _sealed(move: Move) -> dict[str, Any] | None:
    return {"key_id": "k1", "sealed": "x", "facts": dict(move.facts)} if move.personal else None


def publication(subject: str, kind: str, links: list[dict[str, str]], arrival: int) -> Iterator[Record]:
    """What the router and the portal say of a publication."""
    at = instant(arrival).isoformat()
    about = {"id": f"{subject}-e", "source": "/departments/fgw", "type": "cn.gongkai.publication.submitted.v1",
             "subject": subject, "time": at}  # fmt: skip
    judged = {
        "origin": {"topic": "publications", "partition": 0, "offset": 0}, "outcome": "accepted", "arrival": at,
        "event": about, "dept": "fgw", "item": "01-06", "kind": kind, "version": 1, "title": "通知", "links": links,
        "value_sha256": "0" * 64,
    }  # fmt: skip
    shown = {"kind": "published", "event": about, "version": 1, "at": at, "outlet": "portal", "index_no": "1"}
    for topic, source, data in ((VERDICTS, "/engine/router", judged), (RECEIPTS, "/engine/portal", shown)):
        whole = {**about, "specversion": "1.0", "id": f"{subject}-{topic.name}", "source": source, "data": data}
        yield Record(topic.name, 0, 0, arrival, subject.encode(), to_bytes(whole))
