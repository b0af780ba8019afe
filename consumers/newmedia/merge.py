"""What a feed record changes for one item on one account: pure, and the same in whatever order records come."""

from __future__ import annotations

from typing import Literal, NamedTuple

from schemas.records import ReceiptKind

State = Literal["waiting", "queued", "sending", "live", "removing", "removed", "noted"]
"""Of a delivery. The first three, and `removing`, still owe their feed record its receipt."""

OPEN: frozenset[State] = frozenset({"waiting", "queued", "sending", "removing"})


class Mark(NamedTuple):
    """Where a record stands among those of its item: a withdrawal comes after the version that it names."""

    version: int
    rank: Literal[0, 1]
    """1 for a withdrawal."""
    fingerprint: str
    """Of everything the event says, but its id and time."""

    @property
    def order(self) -> tuple[int, int]:
        """What is newer has the larger."""
        return self.version, self.rank


Ruling = Literal["take", "superseded", "noted", "conflict"]


def rule(held: Mark | None, new: Mark) -> Ruling:
    """Whether `new` takes the place of what is held, or how its record ends at once."""
    if held is None or new.order > held.order:
        return "take"
    if new.order < held.order:
        return "superseded"
    return "noted" if new.fingerprint == held.fingerprint else "conflict"


def after_portal(said: ReceiptKind) -> ReceiptKind | None:
    """How a record that waited for the portal ends, or None where it may now be sent (NM-06)."""
    if said == "published":
        return None
    return said if said in {"superseded", "conflict"} else "noted"
