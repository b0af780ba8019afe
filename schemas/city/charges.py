"""What citizens are charged by the item or by the page: tables in `charges.toml`, each band at its own rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Code
from schemas.city.models import Part

if TYPE_CHECKING:
    from schemas.city.tables import Reader

FILE = "charges.toml"
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Yuan = Annotated[int, Field(ge=0, le=1_000_000)]


class Band(Part):
    """So many of the count at one rate."""

    upto: Count
    rate: Yuan
    """Yuan for each."""


class Charge(Part):
    """A table of charges: bands in order, and what each further one costs."""

    id: Code
    """The mode, as steps name it."""
    unit: Code
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    rate: Yuan
    """Yuan for each behind the last band."""
    every: Count | None = None
    """Behind the last band the rate rises by `more` after every so many."""
    more: Yuan = 0
    basis: Code
    status: Literal["", "M", "D"] = ""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        ends = [band.upto for band in self.bands]
        if ends != sorted(set(ends)):
            raise ValueError("each band reaches further than the one before")
        return self

    def of(self, n: int) -> int:
        """Yuan for `n`: each band's part at its own rate."""
        total, below = 0, 0
        for band in self.bands:
            total += max(0, min(n, band.upto) - below) * band.rate
            below = band.upto
        return total + self._behind(max(0, n - below))

    def _behind(self, left: int) -> int:
        if self.every is None:
            return left * self.rate
        whole, rest = divmod(left, self.every)
        rising = whole * self.rate + self.more * (whole * (whole - 1) // 2)
        return self.every * rising + rest * (self.rate + whole * self.more)


def read_charges(reader: Reader) -> tuple[Charge, ...]:
    """The tables of charges, by their ids."""
    return tuple(reader.parts(FILE, Charge, "id").values()) if reader.has(FILE) else ()
