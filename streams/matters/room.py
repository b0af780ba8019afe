"""The matters that one slice touches, in memory: what was loaded, what its records made of it. No SQL, no Kafka."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from rules.lifecycle import Changed, Matter
from rules.standing import Published
from streams.duties import Stamp
from streams.matters.following import Seen
from streams.matters.signing import Signature


class Known(NamedTuple):
    """What became of a step that was seen before."""

    outcome: str
    findings: str | None = None
    """Of a refusal, JSON."""


class Waiter(NamedTuple):
    """A step that waits, as table `waiting` keeps it."""

    id: str
    subject: str
    source: str
    event_id: str
    step: str
    topic: str
    partition: int
    arrival: int
    until: int
    asked: bool
    value: bytes


class Done(NamedTuple):
    """A step that was taken, for what is due because of it."""

    record: int
    """Which of the slice's records it came with."""
    matter: Matter
    changes: Sequence[Changed]
    stamp: Stamp


@dataclass(slots=True)
class Room:
    """One slice's working set; `save` of `streams.matters.shelf` writes what changed."""

    matters: dict[str, Matter] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    """As loaded: what a write must still find."""
    known: dict[str, Known] = field(default_factory=dict)
    waiting: dict[str, dict[str, Waiter]] = field(default_factory=dict)
    """Subject to its waiting steps, by id, in the order of their arrival."""
    seen: dict[tuple[str, int], Seen] = field(default_factory=dict)
    """Publications by subject and version."""
    signatures: dict[str, dict[tuple[int, int, str], Signature]] = field(default_factory=dict)
    """Subject to sign-offs by version, level and role."""
    changed: set[str] = field(default_factory=set)
    fresh: dict[str, Known] = field(default_factory=dict)
    revised: set[str] = field(default_factory=set)
    """Steps that have their row already."""
    came: dict[str, Waiter] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    seen_anew: set[tuple[str, int]] = field(default_factory=set)
    signed_anew: set[str] = field(default_factory=set)
    done: list[Done] = field(default_factory=list)
    public: list[tuple[int, Published]] = field(default_factory=list)
    """What became public by which record, for the standing duties that it answers."""
    at: int = 0
    """The record that is being judged, counted from the slice's first."""

    def put(self, matter: Matter) -> None:
        """A matter after a step."""
        self.matters[matter.subject] = matter
        self.changed.add(matter.subject)

    def note(self, move: str, known: Known) -> None:
        """What became of a step."""
        self.known[move] = self.fresh[move] = known

    def wait(self, waiter: Waiter) -> None:
        """A step waits from now on."""
        self.waiting.setdefault(waiter.subject, {})[waiter.id] = waiter
        self.came[waiter.id] = waiter

    def end_wait(self, waiter: Waiter) -> None:
        """It waits no longer."""
        del self.waiting[waiter.subject][waiter.id]
        if self.came.pop(waiter.id, None) is None:
            self.gone.add(waiter.id)

    def waiters(self, subject: str) -> Iterator[Waiter]:
        """What waits at a matter, the oldest first."""
        yield from sorted(self.waiting.get(subject, {}).values(), key=lambda one: (one.arrival, one.id))

    def see(self, seen: Seen) -> None:
        """A publication as it is known now."""
        self.seen[seen.subject, seen.version] = seen
        self.seen_anew.add((seen.subject, seen.version))

    def publish(self, published: Published) -> None:
        """Something became public."""
        self.public.append((self.at, published))

    def sign(self, subject: str, signatures: dict[tuple[int, int, str], Signature]) -> None:
        """The sign-offs of a publication as they stand now."""
        self.signatures[subject] = signatures
        self.signed_anew.add(subject)


def move_id(source: str, event_id: str) -> str:
    """Under which a step is remembered."""
    return blake2b(f"{source}\n{event_id}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
