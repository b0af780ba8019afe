"""One catalogue: its rows, its versions with who released each and when, downloads, and what changed between two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from bus.web import Problem
from consumers.portal.catalogue import tree
from consumers.portal.catalogue.releases import Version, versions
from consumers.portal.web.catalogue import COLUMN, Now, now_of
from consumers.portal.web.context import Context
from consumers.portal.web.listing import HTML
from consumers.portal.web.replies import CACHE, reply
from rules.catalogue import diff
from rules.catalogue.export import to_csv, to_xlsx
from schemas.city import Catalogue, CatalogueRow, Pack

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class Edition:
    """A catalogue at one of its versions; `version` is None before any release."""

    catalogue: Catalogue
    rows: list[CatalogueRow]
    version: Version | None
    all: list[Version]
    """Every version so far, newest first."""


def routes(context: Context) -> APIRouter:
    """The pages of one portal; a stem may hold slashes, so the longer paths come first."""
    router = APIRouter(include_in_schema=False)
    pages = Editions(context)
    found: tuple[tuple[str, Callable[..., Response]], ...] = (
        ("/catalogue/{stem:path}/diff/{old:int}..{new:int}", pages.diff),
        ("/catalogue/{stem:path}/versions/{number:int}.{form}", pages.download_version),
        ("/catalogue/{stem:path}/versions/{number:int}", pages.version),
        ("/catalogue/{stem:path}.{form}", pages.download),
        ("/catalogue/{stem:path}", pages.newest),
    )
    for path, page in found:
        router.add_api_route(path, page, methods=["GET", "HEAD"])
    return router


class Editions:
    """Each method is a page or a file."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def newest(self, request: Request, stem: str) -> Response:
        """The catalogue in force."""
        return self._page(request, stem)

    def version(self, request: Request, stem: str, number: int) -> Response:
        """An earlier version, whole."""
        return self._page(request, stem, number)

    def download(self, request: Request, stem: str, form: str) -> Response:
        """The catalogue in force as a file."""
        return self._file(request, form, stem)

    def download_version(self, request: Request, stem: str, number: int, form: str) -> Response:
        """An earlier version as a file."""
        return self._file(request, form, stem, number)

    def diff(self, request: Request, stem: str, old: int, new: int) -> Response:
        """What changed from one version to another."""
        with self._context.store.read() as conn:
            pack = self._context.pack(conn)
            before, after = self._edition(conn, pack, stem, old), self._edition(conn, pack, stem, new)
        page = self._context.page(
            "catalogue_diff.html", column=COLUMN, catalogue=after.catalogue, old=before.version, new=after.version,
            diff=diff(before.rows, after.rows),
        )  # fmt: skip
        return reply(request, page, HTML)

    def _page(self, request: Request, stem: str, number: int | None = None) -> Response:
        with self._context.store.read() as conn:
            now = now_of(self._context, conn)
            edition = self._edition(conn, now.pack, stem, number)
        page = self._context.page(
            "catalogue_list.html", column=COLUMN, edition=edition, catalogue=edition.catalogue, live=now.live,
            covered=tree.coverage(edition.rows, now.live), sets=tree.SETS,
            parent=tree.catalogues(now.pack).get(edition.catalogue.parent or ""), heirs=_heirs(now, edition.catalogue),
        )  # fmt: skip
        return reply(request, page, HTML)

    def _file(self, request: Request, form: str, stem: str, number: int | None = None) -> Response:
        """A file that no browser runs and no spreadsheet takes for a program."""
        with self._context.store.read() as conn:
            edition = self._edition(conn, self._context.pack(conn), stem, number)
        name = edition.catalogue.name + (f"-第{edition.version.number}版" if edition.version else "")
        if form not in TYPES:
            raise Problem(404)
        content = to_csv(edition.rows) if form == "csv" else to_xlsx(edition.rows, name)
        answer = reply(request, content, TYPES[form])
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}.{form}', safe='')}"
        answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        answer.headers["Cache-Control"] = CACHE
        return answer

    def _edition(self, conn: Connection, pack: Pack, stem: str, number: int | None = None) -> Edition:
        """The catalogue as it is in `pack`, the one in force, or as it was."""
        known = versions(conn, self._context.clock(), stem)
        version = next((each for each in known if number in {None, each.number}), None)
        if number is not None and version is not None:
            pack = self._context.releases.pack(conn, version.release)
        catalogue = tree.catalogues(pack).get(stem)
        if catalogue is None or (number is not None and version is None):
            raise Problem(404)
        return Edition(catalogue, tree.rows_of(pack, stem), version, known)


def _heirs(now: Now, catalogue: Catalogue) -> list[Catalogue]:
    """The catalogues that inherit from it."""
    return [each for each in tree.catalogues(now.pack).values() if each.parent == catalogue.stem]
