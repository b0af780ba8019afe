"""The catalogue's pages: tree, rows that were looked for, one row, one field, who published and who did not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from bus.web import Problem
from consumers.portal import queries
from consumers.portal.catalogue import coverage, tree
from consumers.portal.catalogue.tree import SETS, Asked
from consumers.portal.web.context import Context
from consumers.portal.web.listing import FIVE, HTML, PRINCIPLES
from consumers.portal.web.replies import reply
from consumers.portal.web.views import Line, today_of
from rules.book.words import counting, limit_in_words
from schemas.base import Model
from schemas.city import CHANNELS, CatalogueRow, Column, Pack
from schemas.city.catalogues import stem_of
from schemas.city.models import Level

COLUMN = Column(
    id="catalogue", name="公开目录", type="信息公开目录", keywords="公开目录,基本目录,标准目录,政务公开事项",
    description="本市政务公开事项目录：事项、内容、依据、时限、主体和渠道",
)  # fmt: skip
LEVELS: tuple[str, ...] = get_args(Level)
PAGE, NEWEST = 100, 10
Word = Annotated[str, Field(max_length=100)]
Year = Annotated[int, Query(ge=1949, le=2999)]


class Wanted(Model):
    """What is asked of the catalogue."""

    set: Word = ""
    field: Word = ""
    level: Word = ""
    dept: Word = ""
    five_open: Word = ""
    principle: Word = ""
    q: Word = ""
    page: Annotated[int, Field(ge=1, le=10_000)] = 1

    @property
    def asked(self) -> Asked:
        """Without the page."""
        return Asked(**self.model_dump(exclude={"page", "q"}), q=self.q.strip())


@dataclass(frozen=True)
class Now:
    """What a page is made from: one reading of the store, one pack, one day."""

    pack: Pack
    today: date
    live: dict[str, int]
    """Row to its live items."""


def routes(context: Context) -> APIRouter:
    """The pages of one portal."""
    router = APIRouter(include_in_schema=False)
    pages = CataloguePages(context)
    found: tuple[tuple[str, Callable[..., Response]], ...] = (
        ("/catalogue", pages.home),
        ("/catalogue/rows/{code}", pages.row),
        ("/catalogue/rows/{code}/coverage", pages.coverage),
        ("/catalogue/fields/{name}", pages.field),
    )
    for path, page in found:
        router.add_api_route(path, page, methods=["GET", "HEAD"])
    return router


class CataloguePages:
    """Each method is a page."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def home(self, request: Request, wanted: Annotated[Wanted, Query()]) -> Response:
        """The tree; where something is asked, the rows that fit."""
        with self._context.store.read() as conn:
            now, asked = self._now(conn), wanted.asked
            levels = [] if asked else coverage.by_level(conn, now.pack, now.today)
        if asked:
            return self._found(request, now, wanted, asked)
        return self._page(
            request, "catalogue.html", asked=asked, choices=_choices(now, asked), levels=levels,
            tree=tree.tree(now.pack, now.today, now.live), fields=tree.fields(now.pack, now.today, now.live),
            whole=tree.coverage(tree.in_force(now.pack, now.today), now.live),
        )  # fmt: skip

    def row(self, request: Request, code: str) -> Response:
        """One row: its five elements, its time limit and how that counts, what is public under it."""
        with self._context.store.read() as conn:
            now = self._now(conn)
            row = _row(now, code)
            newest = [Line(each, self._context.site) for each in coverage.newest_of_row(conn, code, NEWEST)]
            covered = coverage.of_row(conn, now.pack, row, now.today.year, now.today)
        catalogue = tree.catalogues(now.pack)[stem_of(row.catalogue)]
        return self._page(
            request, "catalogue_row.html", row=row, catalogue=catalogue, newest=newest, count=now.live.get(code, 0),
            limit=limit_in_words(now.pack, row.time_limit), counting=counting(row.time_limit), channels=CHANNELS,
            clock=now.pack.clock.get(row.clock), parent=now.pack.row.get(row.parent or ""), covered=covered,
            stricter=tree.stricter(now.pack, row), editions=now.pack.editions[code], year=now.today.year,
            kinds=[now.pack.kind[name] for name in row.kinds if name in now.pack.kind],
            publishers=[each for each in now.pack.departments_on(now.today)
                        if each.code in now.pack.publishers_of(row)],
            known_field=row.field in now.pack.field,
        )  # fmt: skip

    def coverage(self, request: Request, code: str, year: Year | None = None) -> Response:
        """Which departments have an item of a year under the row, and which have none."""
        with self._context.store.read() as conn:
            now = self._now(conn)
            row = _row(now, code)
            chosen = year or now.today.year
            covered = coverage.of_row(conn, now.pack, row, chosen, now.today)
            years = coverage.years(conn, code, now.today)
        return self._page(
            request, "catalogue_coverage.html", row=row, covered=covered, year=chosen, years=sorted({*years, chosen})
        )

    def field(self, request: Request, name: str) -> Response:
        """One field: who answers for it, by which clocks, and what of it is public."""
        with self._context.store.read() as conn:
            now = self._now(conn)
        view = tree.field_view(now.pack, name, now.today, now.live)
        if view is None:
            raise Problem(404)
        clocks = [now.pack.clock[each] for each in dict.fromkeys(row.clock for row in view.rows)]
        return self._page(
            request, "catalogue_field.html", field=view, live=now.live,
            clocks=[(clock, limit_in_words(now.pack, clock.limit)) for clock in clocks],
            responsible=[now.pack.department[code] for code in view.responsible if code in now.pack.department],
        )  # fmt: skip

    def _found(self, request: Request, now: Now, wanted: Wanted, asked: Asked) -> Response:
        rows = tree.find(now.pack, now.today, asked)
        first = (wanted.page - 1) * PAGE
        query = {name: value for name, value in asdict(asked).items() if value}
        more = f"/catalogue?{urlencode({**query, 'page': wanted.page + 1})}" if len(rows) > first + PAGE else None
        return self._page(
            request, "catalogue_rows.html", asked=asked, choices=_choices(now, asked), live=now.live, next=more,
            rows=rows[first : first + PAGE], total=len(rows), covered=tree.coverage(rows, now.live),
        )  # fmt: skip

    def _page(self, request: Request, template: str, **values: object) -> Response:
        return reply(request, self._context.page(template, column=COLUMN, **values), HTML)

    def _now(self, conn: Connection) -> Now:
        return now_of(self._context, conn)


def now_of(context: Context, conn: Connection) -> Now:
    """One reading."""
    return Now(context.pack(conn), today_of(context.clock()), queries.counts(conn, "row"))


def _row(now: Now, code: str) -> CatalogueRow:
    """The edition of today, else the newest."""
    found = now.pack.row_on(code, now.today) or now.pack.row.get(code)
    if found is None:
        raise Problem(404)
    return found


def _choices(now: Now, asked: Asked) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """The form's choices: parameter, label, what is chosen, and each value with its words."""
    return [(name, label, getattr(asked, name), values) for name, label, values in _named(now.pack, now.today)]


def _named(pack: Pack, today: date) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    sets = {catalogue.set for catalogue in tree.catalogues(pack).values()}
    yield "set", "目录", [(name, words) for name, words in SETS.items() if name in sets]
    yield "field", "领域", [(name, name) for name in dict.fromkeys(row.field for row in pack.rows) if name]
    yield "level", "层级", [(level, level) for level in LEVELS]
    yield "dept", "部门", [(each.code, each.short_name) for each in pack.departments_on(today)]
    yield "five_open", "五公开", [(name, name) for name in FIVE]
    yield "principle", "四促", [(name, name) for name in PRINCIPLES]
