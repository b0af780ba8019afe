"""Lists of items: what may be asked of them, and the page that shows the answer with its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args
from urllib.parse import urlencode

from fastapi import Request, Response
from sqlalchemy import Connection

from consumers.portal import queries
from consumers.portal.queries import Filter, Tally
from consumers.portal.tables import Row
from consumers.portal.web.context import Context
from consumers.portal.web.replies import reply
from consumers.portal.web.resources import Wanted
from consumers.portal.web.views import Line, elements_of
from schemas.city import Column, Kind, Pack
from schemas.city.models import Principle
from schemas.events.common import FiveOpen

HTML = "text/html; charset=utf-8"
PAGE = 20
FACETS = ("five_open", "principle", "kind")
FIVE: tuple[str, ...] = get_args(FiveOpen)
PRINCIPLES: tuple[str, ...] = get_args(Principle)


@dataclass(frozen=True)
class Facet:
    """A way to narrow a list: what may be chosen, and how many items each choice leaves."""

    label: str
    name: str
    """Of the query's parameter."""
    chosen: str
    choices: Sequence[tuple[str, str, int]]
    """Value, words and count."""


@dataclass(frozen=True)
class Heading:
    """What a list is of: its place, its name, and what stands above the items."""

    name: str
    path: str
    crumbs: Sequence[tuple[str, str]] = ()
    feed: str = ""
    show_dept: bool = True
    column: Column | None = None
    about: Sequence[tuple[str, str]] = ()
    others: Sequence[tuple[str, str]] = ()
    tabs: Sequence[tuple[str, str, int, bool]] = ()
    """Words, address, count, and whether it is the one that is open."""
    facets: bool = True


class Listing:
    """Makes list pages."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def page(self, request: Request, base: Filter, asked: Wanted, heading: Heading) -> Response:
        """The items of `base` that fit what was `asked`."""
        with self._context.store.read() as conn:
            pack = self._context.pack(conn)
            wanted = narrowed(pack, base, asked)
            page = queries.live(conn, wanted, asked.after or None, PAGE)
            facets = self._facets(conn, pack, base, asked) if heading.facets else []
            told = self._told(conn, pack, wanted, page.rows)
        query = {name: value for name, value in asked.chosen().items() if value}
        following = f"{heading.path}?{urlencode({**query, 'after': page.after})}" if page.after else None
        filled = self._context.page(
            "list.html", heading=heading, column=heading.column, text=asked.q, facets=facets, narrowed=bool(query),
            items=[Line(row, self._context.site) for row in page.rows], told=told, next=following,
        )  # fmt: skip
        return reply(request, filled, HTML)

    def _facets(self, conn: Connection, pack: Pack, base: Filter, asked: Wanted) -> list[Facet]:
        """Each counted under all that was asked but itself."""
        tallies = queries.tallies(conn, narrowed(pack, base, asked.model_copy(update=dict.fromkeys(FACETS, ""))))
        five = _counted(pack, tallies, asked, "five_open", "five_open")
        kinds = _counted(pack, tallies, asked, "kind", "kind")
        by_principle = by_principles(pack, _counted(pack, tallies, asked, "principle", "row"))
        labels = self._context.site.kind_label
        facets = [
            Facet("五公开", "five_open", asked.five_open, [(name, name, five.get(name, 0)) for name in FIVE]),
            Facet("四促", "principle", asked.principle, [(name, name, by_principle[name]) for name in PRINCIPLES]),
            Facet("体裁", "kind", asked.kind, [(name, labels(name), count) for name, count in sorted(kinds.items())]),
        ]
        return [facet for facet in facets if not getattr(base, facet.name, "")]

    def _told(
        self, conn: Connection, pack: Pack, wanted: Filter, rows: Sequence[Row]
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Of a list of one kind, the elements of each item: its number, who handled it, the result."""
        if not (wanted.kind or (wanted.column and len(_kinds_in(pack, wanted.column)) == 1)):
            return {}
        return {subject: elements_of(value) for subject, value in queries.texts(conn, rows).items()}


def narrowed(pack: Pack, base: Filter, asked: Wanted) -> Filter:
    """`base`, and what was asked on top of it."""
    made = replace(base, text=asked.q.strip())
    if asked.five_open:
        made = replace(made, five_open=asked.five_open)
    if asked.kind:
        made = replace(made, kind=asked.kind)
    if asked.principle:
        codes = frozenset(row.code for row in pack.rows if asked.principle in row.principles)
        made = replace(made, rows=codes if base.rows is None else base.rows & codes)
    return made


def _counted(pack: Pack, tallies: Iterable[Tally], asked: Wanted, facet: str, by: str) -> Counter[str]:
    """Items by one of a tally's words, under all that was asked but the `facet` itself."""
    counts: Counter[str] = Counter()
    for tally in tallies:
        row = pack.row.get(tally.row)
        fits = {
            "five_open": asked.five_open in {"", tally.five_open}, "kind": asked.kind in {"", tally.kind},
            "principle": not asked.principle or (row is not None and asked.principle in row.principles),
        }  # fmt: skip
        if all(fit for name, fit in fits.items() if name != facet):
            counts[getattr(tally, by)] += tally.number
    return counts


def by_principles(pack: Pack, by_row: Mapping[str, int]) -> dict[str, int]:
    """Items by principle, from items by row; an item counts under each principle of its row."""
    counts = dict.fromkeys(PRINCIPLES, 0)
    for code, count in by_row.items():
        row = pack.row.get(code)
        for principle in row.principles if row else ():
            counts[principle] += count
    return counts


def _kinds_in(pack: Pack, column: str) -> set[str]:
    """The kinds that stand in a column."""
    pairs = ((row, kind) for row in pack.rows for kind in _kinds_of(pack, row.kinds))
    return {kind.name for row, kind in pairs if pack.column_of(row, kind) == column}


def _kinds_of(pack: Pack, names: Iterable[str]) -> Iterable[Kind]:
    return (pack.kind[name] for name in names if name in pack.kind)
