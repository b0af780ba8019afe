"""Figures that the city reports of its matters: what is counted, as data (RULES K07)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Code
from schemas.city.matters import Name
from schemas.city.models import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.city.pack import Pack
    from schemas.city.tables import Reader

FILE = "counters.toml"


class Counter(Part):
    """A figure, by department and in all."""

    id: Name
    name: Code
    basis: Code
    of: Literal["steps", "matters", "units", "overdue", "late"]
    """Steps that were taken; matters that took one of them; departments that had a part in such a matter; matters with
    something open past its time, or closed late. All but `units` count for the first department of those responsible.
    """
    lifecycles: Annotated[tuple[Name, ...], Field(min_length=1)]
    steps: tuple[Name, ...] = ()
    clocks: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        of_duties = self.of in {"overdue", "late"}
        if bool(self.steps) == of_duties or bool(self.clocks) != of_duties:
            raise ValueError("steps, matters and units name `steps`; overdue and late name `clocks`")
        return self


def read_counters(reader: Reader) -> tuple[Counter, ...]:
    """The figures of a pack, a table each; none where it has no such file."""
    return tuple(reader.parts(FILE, Counter, "id").values()) if reader.has(FILE) else ()


def counter_faults(pack: Pack) -> Iterator[tuple[str, str, str]]:
    """Key, code and message of what figures name and no lifecycle has: such a figure would stay 0 for ever."""
    for counter in pack.counters:
        known = [pack.lifecycle[name] for name in counter.lifecycles if name in pack.lifecycle]
        for name in counter.lifecycles:
            if name not in pack.lifecycle:
                yield f"{counter.id}.lifecycles", "PACK-REF", f"there is no lifecycle {name!r}"
        for key, names in (("steps", counter.steps), ("clocks", counter.clocks)):
            there = {each for one in known for each in (one.step if key == "steps" else one.clock)}
            for name in names:
                if known and name not in there:
                    yield f"{counter.id}.{key}", "PACK-REF", f"none of its lifecycles has {name!r} among its {key}"
        for one in known:
            if not {*counter.steps, *counter.clocks} & {*one.step, *one.clock}:
                yield f"{counter.id}.lifecycles", "PACK-REF", f"{one.id!r} has nothing of what it counts"
