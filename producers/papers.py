"""What the door keeps of each event of a matter: what it records openly, and what is sealed in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from producers.personal.sealing import scope_of
from rules.lifecycle import move_of
from schemas.envelope import Envelope
from schemas.topics import COMPLAINTS, CONSULTATIONS, FOI_REQUESTS, MATTERS

TOPICS = frozenset(topic.name for topic in (COMPLAINTS, CONSULTATIONS, FOI_REQUESTS, MATTERS))
"""Where matters live; what travels elsewhere is no step of one."""


class Paper(NamedTuple):
    """One event of a matter."""

    subject: str
    scope: str
    """Whose key seals it."""
    type: str
    step: str
    actor: str | None
    fields: Mapping[str, str]
    sealed: str | None

    def row(self, event_id: str, source: str, arrival: int) -> dict[str, Any]:
        """Its row in `door_papers`."""
        return {
            "event_id": event_id, "source": source, "subject": self.subject, "scope": self.scope, "type": self.type,
            "step": self.step, "actor": self.actor, "fields": msgspec.json.encode(dict(self.fields)).decode(),
            "sealed": self.sealed, "arrival": arrival,
        }  # fmt: skip


def paper_of(topic: str, event: Envelope, arrival: datetime) -> Paper | None:
    """The paper of an event that goes to `topic`, sealed already; None where it is no matter's."""
    if topic not in TOPICS:
        return None
    move = move_of(event, arrival)
    personal = getattr(getattr(event, "data", None), "personal", None)
    fields = dict(move.fields) | ({"title": move.title} if move.title else {})
    sealed = personal.sealed if personal else None
    return Paper(event.subject, scope_of(event), event.type, move.step, move.actor, fields, sealed)
