"""Statutory clocks (`clocks.toml`): their editions, and the law above each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.city.editions import read_editions
from schemas.city.inheritance import Above, Fault, is_own_ancestor, looser
from schemas.city.models import CatalogueRow, Clock, TimeLimit
from schemas.city.pack import Pack
from schemas.city.tables import Reader

FILE = "clocks.toml"


def read_clocks(reader: Reader) -> tuple[Clock, ...]:
    """Every clock of the pack, each edition by itself, in the order of time."""
    clocks: list[Clock] = []
    for name, table in reader.toml(FILE).items():
        if isinstance(table, dict):
            clocks += read_editions(reader, FILE, Clock, "id", reader.named(FILE, "id", name, table))
        else:
            reader.note(FILE, 0, name, "PACK-VALUE", f"must be a table [{name}]")
    return tuple(clocks)


def clock_faults(pack: Pack) -> Iterator[Fault]:
    """What is wrong with the clocks among one another."""
    for clock in pack.clocks:
        if clock.trigger == "cron" and not clock.cron:
            yield f"{clock.id}.cron", "PACK-VALUE", "trigger cron needs its day, such as 01-31, *-01, Q3-31"
        if clock.parent is not None:
            yield from _under(pack, clock)


def row_clock_faults(pack: Pack, row: CatalogueRow) -> Iterator[Fault]:
    """What is wrong between a row and every edition of its clock that is in force beside it."""
    for clock in pack.clock_editions.get(row.clock, ()):
        if clock.overlaps(row) and clock.sense == "within" and looser(row.time_limit, clock.limit):
            message = f"{said(row.time_limit)} is looser than {clock.id} ({said(clock)}, {clock.basis})"
            yield "公开时限", "CAT-E07", message
        if clock.applies_by == "arrival":
            message = f"{clock.id} applies by arrival, and a publication's clock by the day it counts from"
            yield "clock", "PACK-VALUE", message


def _under(pack: Pack, clock: Clock) -> Iterator[Fault]:
    parents = pack.clock_editions.get(clock.parent or "", ())
    if not parents:
        yield f"{clock.id}.parent", "PACK-REF", f"{clock.parent!r} is not a clock of this pack"
    elif is_own_ancestor(clock.id, _above(pack)):
        yield f"{clock.id}.parent", "PACK-REF", f"{clock.id} is under itself by way of {clock.parent}"
    elif not any(parent.in_force(clock.from_) for parent in parents):
        days = "; ".join(f"from {parent.from_} to {parent.to or 'open'}" for parent in parents)
        message = f"is in force from {clock.from_}, when its parent {clock.parent} is not ({days})"
        yield f"{clock.id}.from", "PACK-REF", message
    else:
        yield from _looser_than(clock, [parent for parent in parents if parent.overlaps(clock)])


def _looser_than(clock: Clock, parents: Sequence[Clock]) -> Iterator[Fault]:
    for parent in parents:
        if _is_looser(clock, parent):
            own, above = f"{said(clock)} ({clock.basis})", f"{parent.id}: {said(parent)} ({parent.basis})"
            yield f"{clock.id}.n", "CAT-E07", f"{own} is looser than its parent {above}"


def _is_looser(clock: Clock, parent: Clock) -> bool:
    """Of periods that must run in full, the shorter is the looser."""
    if clock.sense != parent.sense:
        return True
    return looser(parent.limit, clock.limit) if clock.sense == "least" else looser(clock.limit, parent.limit)


def said(clock: Clock | TimeLimit) -> str:
    """The length of a clock or a time limit, for a message."""
    behind = f"{clock.n} {clock.unit}"
    if clock.cron is not None:
        return f"{clock.cron} + {behind}" if clock.n else clock.cron
    return f"{behind} before" if clock.way == "before" else behind


def _above(pack: Pack) -> Above:
    return lambda name: (one.parent for one in pack.clock_editions.get(name, ()))
