"""What changed between two states of a catalogue: rows added, rows removed, and each cell that says something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict

from schemas.city import CatalogueRow
from schemas.city.catalogue import cells_of


class CellChange(BaseModel):
    """One cell, before and after; empty where it stood empty."""

    model_config = ConfigDict(frozen=True)

    column: str
    old: str
    new: str


class RowChange(BaseModel):
    """A row that both states have, with its cells that differ, in the order of the columns."""

    model_config = ConfigDict(frozen=True)

    old: CatalogueRow
    new: CatalogueRow
    cells: tuple[CellChange, ...]


class CatalogueDiff(BaseModel):
    """The way from one state to another, in the order of their rows."""

    model_config = ConfigDict(frozen=True)

    added: tuple[CatalogueRow, ...] = ()
    removed: tuple[CatalogueRow, ...] = ()
    changed: tuple[RowChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether both states say the same; the order of rows says nothing."""
        return not (self.added or self.removed or self.changed)


def diff(rows_a: Iterable[CatalogueRow], rows_b: Iterable[CatalogueRow]) -> CatalogueDiff:
    """What leads from `rows_a` to `rows_b`.

    A row is known by its 序号; of its editions, those that begin on one day are the same edition, and of the others
    the first is taken for the first.
    """
    before, after = _by_code(rows_a), _by_code(rows_b)
    pairs = {code: _pairs(before[code], after[code]) for code in before if code in after}
    paired_old = {old.key for found in pairs.values() for old, _ in found}
    paired_new = {new.key for found in pairs.values() for _, new in found}
    return CatalogueDiff(
        added=tuple(row for rows in after.values() for row in rows if row.key not in paired_new),
        removed=tuple(row for rows in before.values() for row in rows if row.key not in paired_old),
        changed=tuple(change for found in pairs.values() for change in _changes(found)),
    )


def _by_code(rows: Iterable[CatalogueRow]) -> dict[str, list[CatalogueRow]]:
    found: dict[str, list[CatalogueRow]] = {}
    for row in rows:
        found.setdefault(row.code, []).append(row)
    return {code: sorted(editions, key=lambda row: row.from_) for code, editions in found.items()}


def _pairs(old: list[CatalogueRow], new: list[CatalogueRow]) -> list[tuple[CatalogueRow, CatalogueRow]]:
    """Editions that are the same: by their first day, then in order."""
    days = {row.from_: row for row in new}
    same = [(row, days[row.from_]) for row in old if row.from_ in days]
    taken = {row.from_ for row, _ in same}
    rest = zip(
        (row for row in old if row.from_ not in taken), (row for row in new if row.from_ not in taken), strict=False
    )
    return sorted((*same, *rest), key=lambda pair: pair[1].from_)


def _changes(pairs: Iterable[tuple[CatalogueRow, CatalogueRow]]) -> Iterator[RowChange]:
    for old, new in pairs:
        before, after = cells_of(old), cells_of(new)
        cells = tuple(
            CellChange(column=column, old=before[column], new=after[column])
            for column in before if before[column] != after[column]
        )  # fmt: skip
        if cells:
            yield RowChange(old=old, new=new, cells=cells)
