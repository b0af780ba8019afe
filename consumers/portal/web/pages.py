"""Pages for citizens: home, lists, items, tombstones, attachments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import Connection

from bus.web import Problem
from consumers.portal import queries
from consumers.portal.queries import Filter, Found
from consumers.portal.tables import Row
from consumers.portal.web.context import Context
from consumers.portal.web.listing import HTML, Heading, Listing
from consumers.portal.web.replies import reply
from consumers.portal.web.resources import Wanted
from consumers.portal.web.views import ItemView, Line, publication_of, today_of
from schemas.city import Column, Department

LATEST, BOX = 10, 6
_LEVELS = {"市": "市级部门", "区": "县区", "街镇": "街道乡镇", "村居": "村和社区"}
_SAFE_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,80}(; charset=utf-8)?", re.ASCII)
Asked = Annotated[Wanted, Query()]


def routes(context: Context) -> APIRouter:
    """The pages of one portal."""
    router = APIRouter(include_in_schema=False)
    pages = Pages(context)
    for path, page in (
        ("/", pages.home),
        ("/items", pages.items),
        ("/items/{subject:path}", pages.item),
        ("/columns", pages.columns),
        ("/columns/{column}", pages.column),
        ("/departments", pages.departments),
        ("/departments/{code}", pages.department),
        ("/attachments/{sha256}/{subject:path}", pages.attachment),
    ):
        router.add_api_route(path, page, methods=["GET", "HEAD"])
    return router


class Pages:
    """Each method is a page; they read, and write nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._site = context.site
        self._listing = Listing(context)

    def home(self, request: Request) -> Response:
        """The newest of everything, and of each column."""
        with self._context.store.read() as conn:
            latest = self._lines(queries.live(conn, Filter(), None, LATEST).rows)
            boxes = [(column, self._lines(self._first(conn, column))) for column in self._site.columns.values()]
        today = today_of(self._context.clock())
        page = self._context.page(
            "home.html", latest=latest, boxes=[(column, lines) for column, lines in boxes if lines],
            departments=[d for d in self._site.departments.values() if d.in_force(today)],
        )  # fmt: skip
        return reply(request, page, HTML)

    def items(self, request: Request, asked: Asked) -> Response:
        """Everything, newest first."""
        return self._listing.page(request, Filter(), asked, Heading("最新公开", "/items"))

    def columns(self, request: Request) -> Response:
        """All columns: the map of the site."""
        with self._context.store.read() as conn:
            counts = queries.counts(conn, "column")
        roots = [column for column in self._site.columns.values() if column.parent is None]
        alone = [root for root in roots if len(self._family(root)) == 1]
        groups = [("", [_column_link(column, counts) for column in alone])] if alone else []
        families = [self._family(root) for root in roots if root not in alone]
        groups += [(family[0].name, [_column_link(column, counts) for column in family]) for family in families]
        return reply(request, self._context.page("directory.html", name="公开栏目", groups=groups), HTML)

    def column(self, request: Request, column: str, asked: Asked) -> Response:
        """One column."""
        found = self._site.columns.get(column)
        if found is None:
            raise Problem(404)
        others = [(child.name, f"/columns/{child.id}") for child in self._family(found)[1:]]
        path = f"/columns/{found.id}"
        heading = Heading(
            found.name, path, [("公开栏目", "/columns")], feed=path + "/feed", column=found, others=others
        )
        return self._listing.page(request, Filter(column=found.id), asked, heading)

    def departments(self, request: Request) -> Response:
        """Every department, by level; past ones last."""
        with self._context.store.read() as conn:
            counts = queries.counts(conn, "dept")
        today = today_of(self._context.clock())
        groups: dict[str, list[tuple[str, str, int]]] = {}
        for department in sorted(self._site.departments.values(), key=lambda d: not d.in_force(today)):
            heading = _LEVELS[department.level] if department.in_force(today) else "已撤并单位"
            link = department.name, f"/departments/{department.code}", counts.get(department.code, 0)
            groups.setdefault(heading, []).append(link)
        return reply(request, self._context.page("directory.html", name="部门公开", groups=list(groups.items())), HTML)

    def department(self, request: Request, code: str, asked: Asked) -> Response:
        """One department's own page."""
        found = self._site.departments.get(code)
        if found is None:
            raise Problem(404)
        path = f"/departments/{found.code}"
        heading = Heading(
            found.name, path, [("部门公开", "/departments")], feed=path + "/feed", show_dept=False,
            column=_as_column(found), about=self._about(found),
        )  # fmt: skip
        return self._listing.page(request, Filter(dept=code), asked, heading)

    def item(self, request: Request, subject: str) -> Response:
        """An item, or the tombstone that stands for it."""
        with self._context.store.read() as conn:
            found = queries.item(conn, subject)
            if found is None:
                raise Problem(404)
            if found.row.state != "live":
                return self._tombstone(request, found, self._substitute(conn, found))
            targets = [link.target for link in publication_of(found.value).links]
            named = {row.subject: row for row in queries.named(conn, targets)}
            own = [subject, *filter(None, [found.row.index_no])]
            named |= {row.subject: row for row in queries.naming(conn, own) if row.subject != subject}
            view = ItemView(found, self._site, queries.history(conn, subject), list(named.values()))
        block = view.block(today_of(self._context.clock()))
        return reply(request, self._context.page("item.html", item=view, block=block), HTML, view.changed)

    def attachment(self, sha256: str, subject: str) -> Response:
        """A file of a live item, as a download that no browser runs."""
        with self._context.store.read() as conn:
            found = queries.item(conn, subject)
        files = publication_of(found.value).attachments if found and found.value else ()
        file = next((file for file in files if file.sha256 == sha256), None)
        path = self._context.files(sha256) if file else None
        if file is None or path is None or not path.is_file():
            raise Problem(404)
        return FileResponse(path, headers=_download(file.name, sha256), media_type=_safe(file.type))

    def _tombstone(self, request: Request, found: Found, substitute: Line | None) -> Response:
        line = Line(found.row, self._site)
        page = self._context.page(
            "tombstone.html", item=line, withdrawal=found.withdrawal, gone=line.changed, substitute=substitute
        )
        return reply(request, page, HTML, line.changed, status=410)

    def _substitute(self, conn: Connection, found: Found) -> Line | None:
        named = found.withdrawal.substitute if found.withdrawal else None
        rows = queries.named(conn, [named]) if named else []
        return Line(rows[0], self._site) if rows else None

    def _first(self, conn: Connection, column: Column) -> Sequence[Row]:
        return queries.live(conn, Filter(column=column.id), None, BOX).rows

    def _lines(self, rows: Sequence[Row]) -> list[Line]:
        return [Line(row, self._site) for row in rows]

    def _family(self, root: Column) -> list[Column]:
        return [root, *(column for column in self._site.columns.values() if column.parent == root.id)]

    def _about(self, department: Department) -> list[tuple[str, str]]:
        heir = self._site.departments.get(department.successor or "")
        told = [
            ("单位简称", department.short_name),
            ("信用代码", department.uscc),
            ("责任岗位", department.leader_post),
        ]
        return [*told, ("承接单位", heir.name)] if heir else told


def _column_link(column: Column, counts: dict[str, int]) -> tuple[str, str, int]:
    return column.name, f"/columns/{column.id}", counts.get(column.id, 0)


def _as_column(department: Department) -> Column:
    """What the meta tags of a department's page say."""
    return Column(
        id=department.code, name=department.name, type="机构职能", keywords=f"{department.short_name},信息公开",
        description=f"{department.name}主动公开的政府信息",
    )  # fmt: skip


def _download(name: str, sha256: str) -> dict[str, str]:
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{sha256}"',
        "Cache-Control": "no-cache",
    }


def _safe(media_type: str) -> str:
    return media_type if _SAFE_TYPE.fullmatch(media_type) else "application/octet-stream"
