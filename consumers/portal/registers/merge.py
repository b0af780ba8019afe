"""What one event changes about one record: pure, and the same whatever order versions come in.

All events of one register of one department have one subject and so come in the log's order; of two contents under
one version the first holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from schemas.records import ReceiptKind

State = Literal["absent", "live", "removed"]


class Key(NamedTuple):
    """What names a record: the same code in two departments names two."""

    register: str
    issuer: str
    record: str

    def __str__(self) -> str:
        return "/".join(self)


@dataclass(frozen=True, slots=True)
class Version:
    """A record as one version has it."""

    number: int
    fingerprint: str
    fields: str | None
    """JSON; None of versions that are in the store already, where the merge has no need of it."""
    effective_on: str | None = None
    public_at: int | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal of all versions up to `number`."""

    number: int
    fingerprint: str
    reason: str
    effective_on: str | None
    at: int


@dataclass(slots=True)
class Entry:
    """Everything held about one record."""

    key: Key
    versions: dict[int, Version] = field(default_factory=dict)
    removals: dict[int, Removal] = field(default_factory=dict)
    changed_at: int = 0

    @property
    def newest(self) -> int:
        """The highest version held, 0 where none is."""
        return max(self.versions, default=0)

    @property
    def removed_to(self) -> int:
        """The highest version removed, 0 where none is."""
        return max(self.removals, default=0)

    @property
    def state(self) -> State:
        """What readers find."""
        if not self.versions:
            return "absent"
        return "live" if self.newest > self.removed_to else "removed"


def fits(entry: Entry, version: Version) -> bool:
    """Whether nothing else is held under the version's number."""
    held = entry.versions.get(version.number)
    return held is None or held.fingerprint == version.fingerprint


def take_version(entry: Entry, version: Version) -> ReceiptKind:
    """Hold a version that fits, and say how that ended."""
    if version.number in entry.versions:
        return "noted"
    covered = version.number < entry.newest or version.number <= entry.removed_to
    at = version.public_at
    entry.versions[version.number] = Version(
        version.number, version.fingerprint, version.fields, version.effective_on, None if covered else at
    )
    if covered:
        return "superseded"
    entry.changed_at = at or 0
    return "published"


def take_removal(entry: Entry, removal: Removal) -> ReceiptKind:
    """Hold a removal, and say how its event ended."""
    was = entry.state
    held = entry.removals.get(removal.number)
    if held is not None:
        return "noted" if held.fingerprint == removal.fingerprint else "conflict"
    older = removal.number < max(entry.removed_to, entry.newest)
    entry.removals[removal.number] = removal
    if older:
        return "superseded"
    entry.changed_at = removal.at
    return "removed" if was == "live" else "noted"
