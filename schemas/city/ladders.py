"""Ladders of reminders: what is said of a due thing before, on and after its day, and to whom (RULES §2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Code
from schemas.city.matters import Name
from schemas.city.models import Part

if TYPE_CHECKING:
    from schemas.city.tables import Reader

FILE = "ladders.toml"


class Rung(Part):
    """One rung of a ladder: when a word goes out, to whom."""

    id: Name
    name: Code
    rule: Code
    offset: int = 0
    """So many units from the due day, before it where negative."""
    unit: Literal["WD", "CD", "H"] = "WD"
    time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")] | None = None
    """Time of day in Asia/Shanghai; with unit H the offset is from the due instant and there is none."""
    percent: Annotated[int, Field(ge=1, le=99)] | None = None
    """So much of the way from where the duty counts to its due time; it stands in the place of offset and time."""
    to: Annotated[tuple[Literal["owner", "leader", "lead-office", "public"], ...], Field(min_length=1)] = ("owner",)
    overdue: bool = False
    """Whether it says that the due time is over."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.time is None) != (self.unit == "H" or self.percent is not None):
            raise ValueError("a rung of days says its time of day, one of hours or of a share has none")
        return self


class Ladder(Part):
    """提醒 催办 督办 通报: what is said of a duty, rung by rung (RULES §2.4)."""

    id: Name
    name: Code
    basis: Code
    rungs: Annotated[tuple[Rung, ...], Field(min_length=1)]


def read_ladders(reader: Reader) -> tuple[Ladder, ...]:
    """The ladders of a pack, a table each in `ladders.toml`."""
    return tuple(reader.parts(FILE, Ladder, "id").values()) if reader.has(FILE) else ()
