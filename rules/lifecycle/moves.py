"""From any event of a matter to the one form that lifecycles know: a step, taken by somebody, with its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec

from schemas.base import Model
from schemas.envelope import Envelope, TypeName, department_of
from schemas.events.common import Attachment, Link, Sealed, Step

ENGINE = "/engine/"
_STEPPED = "stepped"
_OWN = frozenset({"lifecycle", "title", "links", "attachments", "personal", "fields", "at", "reason"})
"""Parts of an opening event that are no fields of its step."""


class Move(NamedTuple):
    """A step that somebody says was taken."""

    subject: str
    family: str
    step: str
    source: str
    id: str
    at: datetime
    arrival: datetime
    lifecycle: str | None = None
    """Where it may open a matter."""
    sender: str | None = None
    """The department that sent it; None for citizens and the engine."""
    actor: str | None = None
    """The department that took it."""
    title: str = ""
    fields: Mapping[str, str] = {}
    reason: str = ""
    basis: str = ""
    links: tuple[Link, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    personal: bool = False
    facts: Mapping[str, str] = {}
    """What the door measured of the sealed data, where it holds any."""

    @property
    def by_engine(self) -> bool:
        """Whether a clock or another stream took it."""
        return self.source.startswith(ENGINE)


def move_of(event: Envelope, arrival: datetime) -> Move:
    """The step that an event of a matter says.

    A step's name is the event type's verb, and for `stepped` the one its data give.
    """
    name = TypeName.parse(event.type)
    data: Any = event.data  # type: ignore[attr-defined]
    family, verb = (name.family, name.verb) if name else ("", "")
    sender = department_of(event.source)
    common: dict[str, Any] = {
        "subject": event.subject, "family": family, "source": event.source, "id": event.id, "arrival": arrival,
        "sender": sender, "links": getattr(data, "links", ()), "attachments": getattr(data, "attachments", ()),
        "personal": getattr(data, "personal", None) is not None, "facts": _facts(getattr(data, "personal", None)),
    }  # fmt: skip
    if hasattr(data, "actor_dept"):  # a model, or its struct
        step = data.step if verb == _STEPPED else verb
        return Move(
            **common, step=step, at=data.at, actor=_actor(event.source, data), fields=data.fields, reason=data.reason,
            basis=data.basis, lifecycle=data.lifecycle,
        )  # fmt: skip
    return Move(
        **common, step=verb, at=_at(event, data), actor=sender, title=getattr(data, "title", ""),
        fields=_fields(data), reason=getattr(data, "reason", ""), lifecycle=getattr(data, "lifecycle", None),
    )  # fmt: skip


def _actor(source: str, step: Step) -> str | None:
    """The department that took a step: none that a citizen's portal, account or platform could name."""
    return step.actor_dept if department_of(source) is not None else None


def _facts(personal: Sealed | None) -> Mapping[str, str]:
    return personal.facts if personal is not None else {}


def _at(event: Envelope, data: Model) -> datetime:
    """When it happened: the data's own time, where it has one."""
    for name in ("at", "submitted_at"):
        if isinstance(own := getattr(data, name, None), datetime):
            return own
    return event.time


def _fields(data: Model) -> dict[str, str]:
    """An opening event's own parts as fields: text, and nothing where nothing is said."""
    given: Mapping[str, str] = getattr(data, "fields", {})
    return {name: text for name, text in _own(data) if text} | dict(given)


def _own(data: Model) -> Iterator[tuple[str, str]]:
    """The parts of `data` with their texts; a part that has parts gives those."""
    for name in _names(type(data)):
        value = getattr(data, name)
        if name in _OWN:
            continue
        if isinstance(value, Model | msgspec.Struct):
            yield from _own(value)  # type: ignore[arg-type]
        else:
            yield name, _text(value)


@cache
def _names(made: type) -> tuple[str, ...]:
    """The parts of a model, or of the struct in whose form `schemas.decode` gives it."""
    return tuple(getattr(made, "model_fields", None) or made.__struct_fields__)  # type: ignore[attr-defined]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
