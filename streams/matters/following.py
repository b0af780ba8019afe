"""What is kept of publications, and which steps of matters follow from them: `Lifecycle.triggers`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from rules.calendar import day_of
from rules.lifecycle.advance import Told
from rules.lifecycle.values import text_of
from schemas.city import Pack
from schemas.city.expressions import read
from schemas.city.matters import Lifecycle, Trigger
from schemas.events.common import Link

On = Literal["accepted", "published", "withdrawn"]
_ASKED = ("kind", "item", "dept", "title", "docno", "index_no", "five_open")


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a publication, or its withdrawal, as verdict and receipt told of it, whichever came first."""

    subject: str
    version: int
    withdrawal: bool = False
    accepted: bool = False
    """Whether its verdict came."""
    source: str = ""
    event_id: str = ""
    type: str = ""
    time: str = ""
    kind: str | None = None
    item: str | None = None
    dept: str | None = None
    title: str | None = None
    docno: str | None = None
    index_no: str | None = None
    five_open: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    backfill: bool = False
    expires: date | None = None
    public_at: datetime | None = None
    removed_at: datetime | None = None
    told: tuple[str, ...] = ()
    """What its triggers were already asked for."""


ENCODE = msgspec.json.Encoder().encode
DECODE = msgspec.json.Decoder(Seen).decode


def followed(pack: Pack, seen: Seen, on: On, at: datetime) -> Iterator[tuple[Lifecycle, Told]]:
    """The steps that a publication takes, each with the lifecycle whose trigger it is."""
    for lifecycle in pack.lifecycles:
        for trigger in lifecycle.triggers:
            if trigger.on == on and (not trigger.kinds or seen.kind in trigger.kinds):
                for told in _told(lifecycle, trigger, seen, at):
                    yield lifecycle, told


def _told(lifecycle: Lifecycle, trigger: Trigger, seen: Seen, at: datetime) -> Iterator[Told]:
    said = _sayings(seen, at)
    if trigger.when is not None and not read(trigger.when).ask(said):
        return
    asked = {name: text_of(read(expression).ask(said)) for name, expression in trigger.fields.items()}
    fields = {name: text for name, text in asked.items() if text}
    named = [target for rel, target in seen.links if rel == trigger.rel] if trigger.rel else [seen.subject]
    for target in dict.fromkeys(named):
        links = tuple(Link(rel=rel, target=other) for rel, other in seen.links) if trigger.rel is None else ()
        yield Told(target + trigger.suffix, trigger.step, at, lifecycle.id, fields, links)


def _sayings(seen: Seen, at: datetime) -> Mapping[str, Any]:
    publication = {name: getattr(seen, name) for name in _ASKED}
    day = day_of(at)

    def links(rel: str) -> int:
        return len({target for word, target in seen.links if word == rel})

    return {
        "publication": publication, "day": day, "today": day, "at": at, "links": links, "title": seen.title,
        "len": lambda value: len(value) if value is not None else 0,
        "same": lambda one, other: one is not None and one == other,
    }  # fmt: skip
