"""The catalogue as a machine reads it: every catalogue and field with its coverage, and one catalogue's rows."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter, Request, Response

from bus.web import Problem
from consumers.portal.catalogue import tree
from consumers.portal.catalogue.releases import Version, versions
from consumers.portal.site import Site, catalogue_path, field_path, row_path
from consumers.portal.web.catalogue import Now, now_of
from consumers.portal.web.context import Context
from consumers.portal.web.replies import reply
from schemas.base import Model
from schemas.city import Catalogue, CatalogueRow

JSON = "application/json"


class VersionEntry(Model):
    """A version of a catalogue, and the release that brought it."""

    version: int
    release: int
    released_at: datetime
    by: str
    note: str
    rows: int
    sha256: str


class CatalogueEntry(Model):
    """A catalogue; `version` is null before the first release."""

    stem: str
    name: str
    set: str
    dept: str | None
    parent: str | None
    basis: str
    rows: int
    covered: int
    """Rows with a live item, of those published without being asked for."""
    of: int
    version: VersionEntry | None
    url: str
    xlsx: str
    csv: str


class FieldEntry(Model):
    """A field of government work and how much of it is public."""

    name: str
    sets: list[str]
    responsible: list[str]
    basis: str
    rows: int
    covered: int
    of: int
    url: str


class CatalogueList(Model):
    """Every catalogue and field of the release in force."""

    release: str
    catalogues: list[CatalogueEntry]
    fields: list[FieldEntry]


class RowEntry(Model):
    """A row of a catalogue."""

    code: str
    level1: str
    level2: str
    elements: list[str]
    optional_elements: list[str]
    basis: str
    time_limit: str
    publisher: str
    channels: list[str]
    audience: list[str]
    modes: list[str]
    levels: list[str]
    field: str
    five_open: str
    principles: list[str]
    standard: str
    procedure: str
    parent: str | None
    clock: str
    since: date
    until: date | None
    items: int
    """Live items published under it."""
    url: str


class WholeCatalogue(CatalogueEntry):
    """A catalogue with its rows and all its versions."""

    versions: list[VersionEntry]
    entries: list[RowEntry]


def routes(context: Context) -> APIRouter:
    """The API of one portal."""
    router = APIRouter(prefix="/api/v1", tags=["portal"])
    api = CatalogueApi(context)
    router.get("/catalogue", response_model=CatalogueList)(api.all)
    router.get("/catalogue/{stem:path}", response_model=WholeCatalogue)(api.one)
    return router


class CatalogueApi:
    """Each method is a resource."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._site: Site = context.site

    def all(self, request: Request) -> Response:
        """Every catalogue and every field."""
        with self._context.store.read() as conn:
            now = now_of(self._context, conn)
            newest = {each.stem: each for each in reversed(versions(conn, self._context.clock()))}
        fields = dict.fromkeys(field.name for field in now.pack.fields)
        views = (tree.field_view(now.pack, name, now.today, now.live) for name in fields)
        made = CatalogueList(
            release=now.pack.release,
            catalogues=[
                self._catalogue(now, each, newest.get(stem)) for stem, each in tree.catalogues(now.pack).items()
            ],
            fields=[self._field(view) for view in views if view],
        )  # fmt: skip
        return reply(request, made.model_dump_json(), JSON)

    def one(self, request: Request, stem: str) -> Response:
        """One catalogue as it is in force."""
        with self._context.store.read() as conn:
            now = now_of(self._context, conn)
            known = versions(conn, self._context.clock(), stem)
        catalogue = tree.catalogues(now.pack).get(stem)
        if catalogue is None:
            raise Problem(404, "NO-CATALOGUE", "没有这份目录。", "There is no such catalogue.")
        entry = self._catalogue(now, catalogue, known[0] if known else None)
        rows = [self._row(now, row) for row in tree.rows_of(now.pack, stem)]
        made = WholeCatalogue(**entry.model_dump(), versions=[_version(each) for each in known], entries=rows)
        return reply(request, made.model_dump_json(), JSON)

    def _catalogue(self, now: Now, each: Catalogue, version: Version | None) -> CatalogueEntry:
        rows = tree.rows_of(now.pack, each.stem)
        covered = tree.coverage([row for row in rows if row.in_force(now.today)], now.live)
        url = self._site.base + catalogue_path(each.stem)
        return CatalogueEntry(
            stem=each.stem, name=each.name, set=each.set, dept=each.dept, parent=each.parent, basis=each.basis,
            rows=len(rows), covered=covered.have, of=covered.of, version=_version(version) if version else None,
            url=url, xlsx=f"{url}.xlsx", csv=f"{url}.csv",
        )  # fmt: skip

    def _field(self, view: tree.FieldView) -> FieldEntry:
        return FieldEntry(
            name=view.name, sets=list(view.sets), responsible=list(view.responsible), basis=view.basis,
            rows=len(view.rows), covered=view.covered.have, of=view.covered.of,
            url=self._site.base + field_path(view.name),
        )  # fmt: skip

    def _row(self, now: Now, row: CatalogueRow) -> RowEntry:
        return RowEntry(
            code=row.code, level1=row.level1, level2=row.level2, elements=list(row.elements),
            optional_elements=list(row.optional_elements), basis=row.basis, time_limit=row.time_limit.raw,
            publisher=row.publisher, channels=list(row.channels), audience=list(row.audience), modes=list(row.modes),
            levels=list(row.levels), field=row.field, five_open=row.five_open, principles=list(row.principles),
            standard=row.standard, procedure=row.procedure, parent=row.parent, clock=row.clock, since=row.from_,
            until=row.to, items=now.live.get(row.code, 0), url=self._site.base + row_path(row.code),
        )  # fmt: skip


def _version(each: Version) -> VersionEntry:
    return VersionEntry(
        version=each.number, release=each.release, released_at=each.released_at, by=each.by, note=each.note,
        rows=each.rows, sha256=each.sha256,
    )  # fmt: skip
