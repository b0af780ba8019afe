"""An appeal as its platform tells it, read by the pack's words, and the events it becomes. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from producers.citizens.forms import Letter, made
from producers.forms import has_control
from schemas.city.platforms import AppealPlatform, Taking
from schemas.envelope import TypeName
from schemas.ids import NAMESPACE

MAX_ID = 100
MAX_WORD = 200
MAX_BODY = 20_000
_SKEW = timedelta(minutes=5)
"""By so much the platform's clock may go before ours."""
_YES = frozenset({"True", "true", "1", "是"})


class Unfit(Exception):
    """An appeal that can't be taken: what is wrong with it, without a word of what it says."""


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal, as it is on its platform now."""

    id: str
    state: str
    whole: Mapping[str, Any]


def read_appeal(platform: AppealPlatform, given: object) -> Appeal:
    """The appeal in one entry of a page.

    Raises:
        Unfit: it has no id or state that could be kept, or is another city's.
    """
    if not isinstance(given, dict):
        raise Unfit("no object")
    known = _text(given, platform.places.id, MAX_ID), _text(given, platform.places.state, MAX_WORD)
    if not all(known) or any(has_control(text) for text in known) or not known[0].isascii():
        raise Unfit("no id or state")
    if _text(given, platform.places.region, MAX_WORD) != platform.region:
        raise Unfit("of another region")
    return Appeal(*known, given)


def id_in(platform: AppealPlatform, answer: object) -> object:
    """Which appeal an answer is about."""
    return _at(answer, platform.places.id)


def subject_of(platform: AppealPlatform, lead: str, foreign_id: str) -> str:
    """Our key of an appeal, always the same; the platform's own id stands in our store alone."""
    return f"{lead}/P-{platform.id}-{_uuid('matter', platform.id, foreign_id).replace('-', '')[:20]}"


def event_id_of(platform: AppealPlatform, foreign_id: str, *what: str) -> str:
    """Id of the event that opens it, or of one step of it."""
    return _uuid("appeal", platform.id, foreign_id, *what)


def opening(platform: AppealPlatform, lead: str, appeal: Appeal, now: datetime) -> bytes:
    """The event by which it becomes a matter of ours, with its personal data in plain: for the intake alone.

    Raises:
        Unfit: what it must say is missing, too long, or in no word that the pack knows.
    """
    places, whole = platform.places, appeal.whole
    kind = platform.kinds.get(_text(whole, places.kind, MAX_WORD))
    if kind is None:
        raise Unfit("of a kind that the pack does not know")
    urgent = places.urgent is not None and str(_at(whole, places.urgent)) in _YES
    texts = {
        "name": _text(whole, places.name, MAX_WORD), "phone": _text(whole, places.phone, MAX_WORD),
        "title": _text(whole, places.title, MAX_WORD), "body": _text(whole, places.body, MAX_BODY),
    }  # fmt: skip
    form = Letter.model_validate({"mailbox": platform.mailbox, "kind": kind, "urgent": urgent, **texts})
    if not form.body:
        raise Unfit("it says nothing")
    key = subject_of(platform, lead, appeal.id)
    letter = made(form, lead, key.partition("/")[2], _instant(whole, places.at, now))
    letter = letter._replace(data={**letter.data, "lifecycle": platform.lifecycle, "channel": platform.id})
    return letter.event(event_id_of(platform, appeal.id), platform.source, now, form.texts())


def step(platform: AppealPlatform, lead: str, appeal: Appeal, change: str, now: datetime) -> bytes | None:
    """The event of the step that we take at its state, if any; `change` tells this change from others.

    Raises:
        Unfit: a field of the step has no word, or one that the pack does not know.
    """
    taking = platform.takes.get(appeal.state)
    if taking is None:
        return None
    data = {
        "step": taking.step, "actor_dept": lead, "actor_role": "citizen", "at": now.isoformat(),
        "fields": {name: _worded(taking, appeal, place) for name, place in taking.fields.items()},
    }  # fmt: skip
    whole = {
        "specversion": "1.0", "id": event_id_of(platform, appeal.id, taking.step, change),
        "source": platform.source, "type": str(TypeName("complaint", "stepped", 1)),
        "subject": subject_of(platform, lead, appeal.id), "time": now.isoformat(),
        "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _worded(taking: Taking, appeal: Appeal, place: str) -> str:
    said = _text(appeal.whole, place, MAX_WORD)
    word = taking.words.get(said) if taking.words else said
    if not word:
        raise Unfit(f"nothing that {taking.step} could record stands in {place}")
    return word


def _at(whole: object, place: str) -> object:
    found: object = whole
    for name in place.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _text(whole: object, place: str, most: int) -> str:
    found = _at(whole, place)
    if found is None:
        return ""
    if not isinstance(found, str) or len(found) > most:
        raise Unfit(f"{place} is no text of at most {most} characters")
    return found.strip()


def _instant(whole: object, place: str, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(_text(whole, place, MAX_WORD))
    except ValueError as error:
        raise Unfit(f"{place} is no time") from error
    if found.tzinfo is None or found > now + _SKEW:
        raise Unfit(f"{place} has no offset, or lies ahead")
    return min(found, now)


def _uuid(*parts: str) -> str:
    return str(uuid5(NAMESPACE, "\n".join(parts)))
