"""`duties.toml`: what is owed each period though nobody asks for it: reports, digests, updates, upkeep, campaigns."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Code
from schemas.city.matters import Name
from schemas.city.models import Dated, Level

if TYPE_CHECKING:
    from schemas.city.tables import Reader

LEAD = "lead-office"
Each = Literal["department", "row", "column", "account", "calendar", "expiry"]
"""What it is owed for: a department by itself, a catalogue row with a day of its own, a column or an account that must
not stand still, a year without its schedule, a document that expires."""


class Standing(Dated):
    """A duty that the calendar opens, one for each department and period; it is a matter of its lifecycle."""

    id: Name
    name: Code
    rule: Code
    basis: Code
    each: Each = "department"
    owes: tuple[Code, ...] = ()
    """Departments, as a row's `depts` name them; `lead-office` is the city's."""
    levels: tuple[Level, ...] = ()
    """Of the departments; empty: all."""
    clock: Code | None = None
    """A day fixed by name gives its periods; a length counts anew from each answer. Rows and columns have their own."""
    since: date | None = None
    """Of a campaign: the day it counts from; it is owed once."""
    ahead: Annotated[int, Field(ge=0, le=366)] = 30
    """Calendar days before its due day at which it is opened."""
    rows: tuple[Code, ...] = ()
    kinds: tuple[Code, ...] = ()
    """What answers it, where it is public: a publication of one of these rows or kinds."""
    lifecycle: Name
    opens: Name = "opened"
    answers: Name = "published"
    """Step that an answer takes; one that is owed on and on is renewed by it."""
    redates: Name | None = None
    """Step by which a release gives it another day."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.each in {"department", "account", "calendar"}) and self.clock is None:
            raise ValueError("it needs a clock")
        if self.since is not None and self.each != "department":
            raise ValueError("a campaign is its departments'")
        return self


def read_standing(reader: Reader) -> tuple[Standing, ...]:
    """The standing duties of a pack, a table each in `duties.toml`."""
    return tuple(reader.parts("duties.toml", Standing, "id").values()) if reader.has("duties.toml") else ()
