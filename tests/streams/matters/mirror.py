"""The part that judges matters told a second time: lists and dictionaries, in the order in which records were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from pydantic import ValidationError

from bus.record import Record
from rules import judge
from rules.lifecycle import Move, move_of
from schemas.city import Pack
from schemas.decode import Unreadable, decode
from schemas.records import MatterLinked
from schemas.topics import LINKS, RECEIPTS, VERDICTS
from streams.matters.following import Seen, followed
from tests.rules.lifecycles.naive import Naive

Key = tuple[str, str]
"""Source and id of an event."""
ORDER = frozenset({"SM-UNKNOWN", "SM-ILLEGAL"})


class Said(NamedTuple):
    """What the verdict on a record must say."""

    outcome: str
    state: str | None = None
    version: int | None = None
    waiting: bool = False


class Waits(NamedTuple):
    """A step that waits."""

    move: Move
    patient: bool
    until: int
    place: tuple[str, int]


class Step(NamedTuple):
    """A step for another matter, which one record brings."""

    target: str
    step: str
    lifecycle: str | None
    cause: Key


@dataclass
class Mirror:
    """Everything that was read, and what must have come of it."""

    pack: Pack
    matters: dict[str, Naive] = field(default_factory=dict)
    outcomes: dict[Key, str] = field(default_factory=dict)
    waiting: dict[Key, Waits] = field(default_factory=dict)
    verdicts: dict[str, Said] = field(default_factory=dict)
    """By the record's place."""
    links: Counter[Step] = field(default_factory=Counter)
    shown: set[Key] = field(default_factory=set)
    """Events that the portal must hear of."""
    publications: dict[str, Seen] = field(default_factory=dict)
    clocks: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Up to when each partition tells of what happened (ms)."""
    taken: Counter[str] = field(default_factory=Counter)
    """Lifecycle to its accepted steps."""

    def read(self, record: Record) -> None:
        """One record, the next of its partition."""
        self.look((record.topic, record.partition), record.timestamp)
        if record.topic in {VERDICTS.name, RECEIPTS.name}:
            return self._followed(record)
        said = self._linked(record) if record.topic == LINKS.name else self._sent(record)
        self.verdicts[record.origin] = said
        return None

    def look(self, place: tuple[str, int], at: int) -> None:
        """A partition tells up to then."""
        self.clocks[place] = max(self.clocks[place], at)

    def called(self, cause: dict[str, str]) -> None:
        """A step was called for the last time: its day must be over."""
        waits = self.waiting.get((cause["source"], cause["id"]))
        assert waits is None or self.clocks[waits.place] >= waits.until, f"{cause} has its day still"

    def forgotten(self) -> list[Key]:
        """Steps that wait though nothing is missing any more."""
        return [key for key, one in self.waiting.items() if not self._still_waits(one)]

    def _sent(self, record: Record) -> Said:
        try:
            event = decode(record.value)
        except Unreadable:
            return Said("unreadable")
        key, arrival = (event.source, event.id), _instant(record.timestamp)
        if key in self.outcomes:
            return Said(self.outcomes[key])
        if judge(self.pack, event, arrival).outcome == "rejected":
            return self._keep(key, Said("rejected"))
        return self._moved(record, key, key, move_of(event, arrival), patient=False)

    def _linked(self, record: Record) -> Said:
        try:
            event = MatterLinked.model_validate_json(record.value or b"")
        except ValidationError:
            return Said("unreadable")
        key = event.source, event.id
        if key in self.outcomes:
            return Said(self.outcomes[key])
        data, cause = event.data, event.data.cause
        if data.retry is not None:
            assert cause is not None
            own = cause.source, cause.id
            waits = self.waiting.get(own)
            if waits is None:
                return Said("accepted")
            return self._moved(record, key, own, waits.move, patient=waits.patient, last=data.retry == "last")
        move = Move(
            event.subject, "", data.step, event.source, event.id, data.at, _instant(record.timestamp), data.lifecycle,
            title=data.title, fields=data.fields, reason=data.reason, links=data.links,
        )  # fmt: skip
        naive = self.matters.get(event.subject)
        if naive is not None and move.lifecycle not in {None, naive.lifecycle.id}:
            return self._keep(key, Said("rejected"))
        patient = cause is not None and (cause.subject != event.subject or ".publication." in cause.type)
        return self._moved(record, key, key, move, patient=patient)

    def _moved(self, record: Record, said_by: Key, own: Key, move: Move, *, patient: bool, last: bool = False) -> Said:
        outcome, naive = self._tried(move, patient, last)
        if outcome == "accepted":
            assert naive is not None
            return self._accepted(said_by, own, naive)
        if outcome == "waiting":
            if own not in self.waiting:
                self.outcomes[own] = "accepted"
                until = record.timestamp + 24 * 3600 * 1000
                self.waiting[own] = Waits(move, patient, until, (record.topic, record.partition))
            return Said("accepted", waiting=True)
        return self._keep(own, Said("rejected"))

    def _tried(self, move: Move, patient: bool, last: bool) -> tuple[str, Naive | None]:
        """What becomes of a move, and the matter it was tried on; that of an unknown one is new."""
        naive = self.matters.get(move.subject)
        lifecycle = naive.lifecycle if naive else self.pack.lifecycle.get(move.lifecycle or "")
        early = "waiting" if patient and not last else "rejected"
        if lifecycle is None:
            return (early if move.lifecycle is None else "rejected"), None
        if move.family and move.family != lifecycle.family:
            return "rejected", None
        tried = copy(naive) if naive else Naive(self.pack, lifecycle)
        tried.history = list(tried.history)
        outcome = tried.take(move, last=last)
        if outcome == "rejected" and tried.is_out_of_order(move):
            outcome = early
        return outcome, tried

    def _accepted(self, said_by: Key, own: Key, naive: Naive) -> Said:
        done = naive.history[-1]
        self.matters[done.move.subject] = naive
        self.waiting.pop(own, None)
        self.outcomes[own] = "accepted"
        self.taken[naive.lifecycle.id] += 1
        for target, effect in naive.effects():
            self.links[Step(target, effect.step, effect.opens, said_by)] += 1
        if any(one.step.public for one in naive.history) and not naive.lifecycle.confidential:
            self.shown.add(said_by)
        return Said("accepted", naive.state(), len(naive.history))

    def _keep(self, own: Key, said: Said) -> Said:
        self.outcomes[own] = said.outcome
        self.waiting.pop(own, None)
        return said

    def _still_waits(self, one: Waits) -> bool:
        return self._tried(one.move, one.patient, last=False)[0] == "waiting"

    def _followed(self, record: Record) -> None:
        """A publication steps on as soon as both its verdict and what it waits for are there, in either order."""
        given: Any = msgspec.json.decode(record.value or b"")
        data, source = given["data"], given["source"]
        if source not in {"/engine/router", "/engine/portal"}:
            return
        subject = data["event"]["subject"]
        seen = self.publications.get(subject) or Seen(subject=subject, version=1)
        if source == "/engine/router":
            facts = {name: data.get(name) for name in ("kind", "item", "dept", "title", "docno", "five_open")}
            event = {name: data["event"][name] for name in ("source", "type", "time")}
            links = tuple((link["rel"], link["target"]) for link in data["links"])
            fresh = {} if seen.accepted else {**facts, **event, "event_id": data["event"]["id"], "links": links}
            seen = msgspec.structs.replace(seen, accepted=True, **fresh)
        else:
            seen = msgspec.structs.replace(seen, public_at=datetime.fromisoformat(data["at"]))
        self.publications[subject] = self._told(record, seen)

    def _told(self, record: Record, seen: Seen) -> Seen:
        for on, at in (("accepted", _instant(record.timestamp)), ("published", seen.public_at)):
            if seen.accepted and at is not None and on not in seen.told:
                seen = msgspec.structs.replace(seen, told=(*seen.told, on))
                for lifecycle, told in followed(self.pack, seen, on, at):  # type: ignore[arg-type]
                    cause = seen.source, f"{seen.event_id}#{on}"
                    self.links[Step(told.target, told.step, lifecycle.id, cause)] += 1
        return seen


def steps_of(links: list[dict[str, Any]]) -> Iterator[Step]:
    """The steps that were sent for other matters, without those that are but tried again."""
    for one in links:
        data = one["data"]
        if data.get("retry") is None and data.get("cause") is not None:
            cause = data["cause"]
            yield Step(one["subject"], data["step"], data.get("lifecycle"), (cause["source"], cause["id"]))


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
