"""What one feed record changes about one item: pure, and the same whatever order the records come in.

An item is the set of its versions and the set of its withdrawals, each held once for its number; everything a
reader sees is a function of the two sets. Where two records claim one number, the first in the log wins, by the
place of the input record and not by the order in which they reached us.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

from schemas.records import ReceiptKind

State = Literal["absent", "live", "withdrawn", "down"]
"""`absent`: nothing to show; `down`: its newest version no longer names this outlet."""

Place = tuple[int, int]
"""Partition and offset."""


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What a list shows of a version, and fingerprints of its parts to say later what changed."""

    title: str
    dept: str
    row: str
    kind: str
    five_open: str
    docno: str | None = None
    given_index_no: str | None = None
    published_on: str | None = None
    """With history (历史迁移): the day it was first public."""
    backfill: bool = False
    parts: dict[str, str] = {}
    links: tuple[tuple[str, str], ...] = ()
    """Word and target of what it names."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version as the merge needs it; its text stays in the feed's own row at `entry`."""

    number: int
    carried: bool
    """Whether this outlet is to carry it; if not, it takes the item down."""
    fingerprint: str
    """Of everything in it that a reader can see; two versions with one number and two fingerprints conflict."""
    origin: Place
    """Of the input record: the first in the log wins."""
    entry: Place
    """Of the feed record that holds the whole event."""
    facts: Facts
    public_at: int | None = None
    """When it became what readers see, in µs since 1970; None where it never did."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal of all versions up to `number`."""

    number: int
    fingerprint: str
    origin: Place
    reason: str
    notice: str
    substitute: str | None
    at: int
    """When this portal took it down, in µs since 1970."""


@dataclass(slots=True)
class Item:
    """Everything held about one subject."""

    subject: str
    versions: dict[int, Version] = field(default_factory=dict)
    withdrawals: dict[int, Withdrawal] = field(default_factory=dict)

    @property
    def withdrawn_to(self) -> int:
        """The highest version withdrawn, 0 where none is."""
        return max(self.withdrawals, default=0)

    @property
    def newest(self) -> int:
        """The highest version held, 0 where none is."""
        return max(self.versions, default=0)

    @property
    def shown(self) -> Version | None:
        """The newest version this outlet was to carry: the page, or what the tombstone stands for."""
        shown = None
        for version in self.versions.values():
            if version.carried and (shown is None or version.number > shown.number):
                shown = version
        return shown

    @property
    def state(self) -> State:
        """What a reader finds under this subject."""
        if (shown := self.shown) is None:
            return "absent"
        if shown.number <= self.withdrawn_to:
            return "withdrawn"
        return "live" if shown.number == self.newest else "down"


def take_version(item: Item, version: Version) -> ReceiptKind:
    """Hold `version`, and say how its record ended."""
    was = item.state
    held = item.versions.get(version.number)
    if held is not None:
        if held.origin <= version.origin:
            return "noted" if held.fingerprint == version.fingerprint else "conflict"
        if (held.fingerprint, held.carried) == (version.fingerprint, version.carried):
            item.versions[version.number] = replace(version, public_at=held.public_at)
            return "noted"
    covered = version.number <= item.withdrawn_to or version.number < item.newest
    item.versions[version.number] = version
    if covered:
        return "superseded"
    if version.carried:
        return "published"
    return "removed" if was == "live" else "noted"


def take_withdrawal(item: Item, withdrawal: Withdrawal) -> ReceiptKind:
    """Hold `withdrawal`, and say how its record ended."""
    was = item.state
    held = item.withdrawals.get(withdrawal.number)
    if held is not None and held.origin <= withdrawal.origin:
        return "noted" if held.fingerprint == withdrawal.fingerprint else "conflict"
    older = withdrawal.number < max(item.withdrawn_to, item.newest)
    item.withdrawals[withdrawal.number] = withdrawal
    if older:
        return "superseded"
    return "removed" if was == "live" else "noted"
