"""A matter as it stands: its state, what was done, who is responsible, what is due. Small, whatever it went through."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

DutyState = Literal["open", "paused", "closed", "exempt"]


class Taken(msgspec.Struct, frozen=True, array_like=True):
    """A step that was taken: how often, and when first and last."""

    count: int
    first: datetime
    last: datetime


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Something due: by whom, by when, by which clock, and what it went through."""

    id: str
    """`<matter>#<clock>#<n>`, n counting how often that clock was opened."""
    subject: str
    clock: str
    """Of the lifecycle, or of a standing duty."""
    name: str
    rule: str
    law: str
    """The statutory clock that runs; empty where a step said the due day itself."""
    basis: str
    depts: tuple[str, ...]
    since: datetime
    """What it counts from."""
    due: datetime
    complete: bool = True
    """Whether every year it touches has its official schedule (CAL-04)."""
    state: DutyState = "open"
    opened_at: datetime
    closed_at: datetime | None = None
    late: bool = False
    pauses: tuple[tuple[date, date], ...] = ()
    """Days from and to, both included, that did not count."""
    paused_on: date | None = None
    extended: tuple[str, ...] = ()
    """Statutory clocks that ran on from the due day, in order."""
    ladder: str | None = None
    lapse: str | None = None
    """Step that is taken where it is still open when due."""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state in {"open", "paused"}


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """One matter between two steps."""

    subject: str
    lifecycle: str
    state: str
    version: int = 1
    """How many steps were taken."""
    title: str = ""
    opened_at: datetime
    cause: str
    """The step that led into its state."""
    since: datetime
    """When that step was taken."""
    sender: str = ""
    """Department that opened it; empty where a citizen did."""
    roles: dict[str, tuple[str, ...]] = {}
    fields: dict[str, str] = {}
    """What later steps ask for (`Lifecycle.kept`)."""
    taken: dict[str, Taken] = {}
    links: tuple[tuple[str, str], ...] = ()
    """Word and target of every link."""
    gaps: dict[str, str] = {}
    """Guard that did not hold to the step that was taken all the same."""
    branches: tuple[str, ...] = ()
    """Branches begun and not ended."""
    duties: dict[str, Duty] = {}
    """Clock to its newest duty."""
    public: bool = False


ENCODE = msgspec.json.Encoder().encode
DECODE = msgspec.json.Decoder(Matter).decode
