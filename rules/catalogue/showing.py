"""Which rows somebody wants to see, and how they are shown on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

import typer
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from schemas.city import CatalogueRow, Pack
from schemas.city.catalogues import stem_of
from schemas.city.naming import unknown_department

FILTERS = {"group": "组", "catalogue": "目录", "set": "类", "field": "领域", "principle": "原则", "level": "层级"}
"""What rows may be chosen by, and what each is called in Chinese."""


def chosen(city: Pack, asked: Mapping[str, str | None], dept: str | None) -> list[CatalogueRow]:
    """The rows that every one of `asked` and `dept` leaves; None asks nothing.

    Raises:
        BadParameter: no row says such a word at all; those that are there are named.
    """
    for name, word in asked.items():
        known = list(dict.fromkeys(one for row in city.rows for one in _words(city, row, name) if one))
        if word is not None and word not in known:
            zh, said = FILTERS[name], ", ".join(known)
            raise typer.BadParameter(
                f"目录里没有“{word}”这一{zh}，可选：{said}。\nno {name} {word!r}; there are: {said}"
            )
    if dept is not None and (unknown := unknown_department(city, dept)):
        raise typer.BadParameter(unknown)
    return [
        row for row in city.rows
        if all(word is None or word in _words(city, row, name) for name, word in asked.items())
        and (dept is None or dept in city.publishers_of(row))
    ]  # fmt: skip


def as_table(rows: Iterable[CatalogueRow]) -> Table:
    """The columns that a person looks for."""
    table = Table("序号", "一级事项", "二级事项", "公开时限", "公开主体", "渠道")
    for row in rows:
        cells = (row.code, row.level1, row.level2, row.time_limit.raw, row.publisher, " ".join(row.channels))
        table.add_row(*(escape(cell) for cell in cells))
    return table


def as_tree(city: Pack, rows: Sequence[CatalogueRow]) -> Tree:
    """Each catalogue under the one it inherits from, its rows by 一级事项."""
    root = Tree(escape(city.name))
    by_stem: dict[str, list[CatalogueRow]] = {}
    for row in rows:
        by_stem.setdefault(stem_of(row.catalogue), []).append(row)
    shown = _with_those_above(city, by_stem)
    for stem in shown:
        if _parent(city, stem) not in shown:
            _branch(root, city, stem, by_stem, shown)
    return root


def _with_those_above(city: Pack, stems: Iterable[str]) -> list[str]:
    """The catalogues with rows to show, and all that they inherit from."""
    shown: dict[str, None] = {}
    for stem in stems:
        above: str | None = stem
        while above is not None and above not in shown:
            shown[above] = None
            above = _parent(city, above)
    return list(shown)


def _parent(city: Pack, stem: str) -> str | None:
    known = city.catalogue.get(stem)
    return known.parent if known else None


def _branch(
    above: Tree, city: Pack, stem: str, by_stem: Mapping[str, Sequence[CatalogueRow]], shown: Sequence[str]
) -> None:  # fmt: skip
    known = city.catalogue.get(stem)
    rows = by_stem.get(stem, ())
    branch = above.add(escape(f"{known.name if known else stem} ({stem}, {len(rows)} rows)"))
    for level1, group in groupby(rows, attrgetter("level1")):
        twig = branch.add(escape(level1))
        for row in group:
            inherits = f" ← {row.parent}" if row.parent else ""
            twig.add(escape(f"{row.code} {row.level2}{inherits}"))
    for child in shown:
        if _parent(city, child) == stem and child != stem:
            _branch(branch, city, child, by_stem, shown)


def _words(city: Pack, row: CatalogueRow, name: str) -> tuple[str, ...]:
    """What the row says to an option of that name."""
    stem = stem_of(row.catalogue)
    known = city.catalogue.get(stem)
    return {
        "group": (row.group,), "field": (row.field,), "principle": row.principles, "catalogue": (stem,),
        "set": (known.set,) if known else (), "level": row.levels,
    }[name]  # fmt: skip
