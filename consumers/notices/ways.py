"""What every way out is: it carries a parcel, and says what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

import sqlalchemy as sa

from consumers.notices.shelf import Parcel, Shelf, of_no_target

REPRIEVE = 30.0
"""Seconds beyond a call that a worker may be silent."""
Result = Literal["delivered", "later", "refused", "gone"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try."""

    result: Result
    detail: str
    """For operators: a status, never what a server wrote."""
    retry_after: timedelta | None = None
    answered: bool = True
    """False where nobody was there at all: then the next one need not be tried at once."""


class Way(Protocol):
    """A mail server, or one webhook."""

    name: str
    patience: float
    """Seconds after which a copy takes it over from a worker that is silent: longer than its longest call."""

    @property
    def mine(self) -> sa.ColumnElement[bool]:
        """Which deliveries go this way."""

    def shut(self, parcel: Parcel, shelf: Shelf) -> str | None:
        """Why this parcel is not even tried, or None."""

    def carry(self, parcel: Parcel, at: datetime) -> Outcome:
        """Try once; whatever the other side does, it is an outcome and no exception."""

    def note(self, shelf: Shelf, outcome: Outcome, at: datetime) -> None:
        """Remember what the end of a delivery says of the way itself."""

    def close(self) -> None:
        """Give back what is held, in the thread that carried."""


class Nowhere:
    """Where deliveries go whose target is in the settings no longer: they are dead, and seen."""

    name = "nowhere"
    patience = REPRIEVE

    def __init__(self, known: tuple[str, ...]) -> None:
        self._known = known

    @property
    def mine(self) -> sa.ColumnElement[bool]:
        """What no other way takes."""
        return of_no_target(self._known)

    def shut(self, parcel: Parcel, shelf: Shelf) -> str | None:  # noqa: ARG002 - as a way is asked
        """Always."""
        return f"notices.toml has no target {parcel.target} any more"

    def carry(self, parcel: Parcel, at: datetime) -> Outcome:  # noqa: ARG002
        """Never called."""
        return Outcome("refused", "nowhere to go")

    def note(self, shelf: Shelf, outcome: Outcome, at: datetime) -> None:
        """Nothing to remember."""

    def close(self) -> None:
        """Nothing is held."""
