"""The JSON API: items, departments and columns as a machine reads them, paged by a stable cursor."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from bus.web import Problem
from consumers.portal import queries
from consumers.portal.queries import Filter, Found
from consumers.portal.shelf import instant
from consumers.portal.web.context import Context, file_path
from consumers.portal.web.listing import narrowed
from consumers.portal.web.replies import reply
from consumers.portal.web.resources import (
    Asked,
    ColumnEntry,
    ColumnList,
    DepartmentEntry,
    DepartmentList,
    File,
    ItemLine,
    ItemList,
    Overridden,
    Tombstone,
    VersionChange,
    WholeItem,
)
from consumers.portal.web.views import ItemView, Line, today_of, validity
from schemas.base import Model

JSON = "application/json"


def routes(context: Context) -> APIRouter:
    """The API of one portal."""
    router = APIRouter(prefix="/api/v1", tags=["portal"])
    api = Api(context)
    router.get("/items", response_model=ItemList)(api.items)
    router.get("/items/{subject:path}", response_model=WholeItem, responses={410: {"model": Tombstone}})(api.item)
    router.get("/departments", response_model=DepartmentList)(api.departments)
    router.get("/columns", response_model=ColumnList)(api.columns)
    return router


class Api:
    """Each method is a resource."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._site = context.site

    def items(self, request: Request, asked: Annotated[Asked, Query()]) -> Response:
        """Live items, newest first."""
        base = Filter(asked.dept, asked.column)
        with self._context.store.read() as conn:
            wanted = narrowed(self._context.pack(conn), base, asked)
            page = queries.live(conn, wanted, asked.after or None, asked.limit)
        lines = [ItemLine(**_line(Line(row, self._site))) for row in page.rows]
        return self._reply(request, ItemList(items=lines, next=page.after))

    def item(self, request: Request, subject: str) -> Response:
        """One item; 410 with the tombstone where it was taken down."""
        with self._context.store.read() as conn:
            found = queries.item(conn, subject)
            if found is None:
                raise Problem(404, "NO-ITEM", "没有这条信息。", "There is no such item.")
            history = queries.history(conn, subject) if found.value else []
        if found.row.state != "live":
            return self._reply(request, self._tombstone(found), found, 410)
        return self._reply(request, self._whole(ItemView(found, self._site, history, [])), found)

    def departments(self, request: Request) -> Response:
        """Every department, past ones too."""
        with self._context.store.read() as conn:
            counts = queries.counts(conn, "dept")
        found = [
            DepartmentEntry(
                code=d.code, name=d.name, short_name=d.short_name, level=d.level, uscc=d.uscc, parent=d.parent,
                successor=d.successor, url=f"{self._site.base}/departments/{d.code}", items=counts.get(d.code, 0),
            )
            for d in self._site.departments.values()
        ]  # fmt: skip
        return self._reply(request, DepartmentList(departments=found))

    def columns(self, request: Request) -> Response:
        """Every column."""
        with self._context.store.read() as conn:
            counts = queries.counts(conn, "column")
        found = [
            ColumnEntry(
                id=c.id, name=c.name, type=c.type, parent=c.parent, url=f"{self._site.base}/columns/{c.id}",
                items=counts.get(c.id, 0),
            )
            for c in self._site.columns.values()
        ]  # fmt: skip
        return self._reply(request, ColumnList(columns=found))

    def _whole(self, view: ItemView) -> WholeItem:
        data, row = view.publication, view.row
        dates: dict[str, date] = {name: day for name, day in data.dates.items()}  # noqa: C416 - a name is a str
        return WholeItem(
            **_line(view), body=data.body, summary=data.summary, elements=data.elements, dates=dates,
            topic=data.topic, disclosure_attr=data.disclosure_attr,
            validity=validity(dates, today_of(self._context.clock())),
            attachments=[
                File(name=f.name, type=f.type, size=f.size, sha256=f.sha256,
                     url=self._site.base + file_path(row.subject, f.sha256))
                for f in data.attachments
            ],
            overrides=[Overridden(rule=o.rule, excerpt_sha256=o.excerpt_sha256) for o in data.overrides],
            history=[
                VersionChange(version=c.version, public_at=instant(c.public_at), changes=c.changes)
                for c in view.history
            ],
        )  # fmt: skip

    def _tombstone(self, found: Found) -> Tombstone:
        line, told = Line(found.row, self._site), found.withdrawal
        return Tombstone(
            subject=line.row.subject, title=line.row.title, state=line.row.state, index_no=line.row.index_no,
            gone_at=line.changed, reason=told.reason if told else None, notice=told.notice if told else None,
            substitute=told.substitute if told else None,
        )  # fmt: skip

    def _reply(self, request: Request, model: Model, found: Found | None = None, status: int = 200) -> Response:
        changed = Line(found.row, self._site).changed if found else None
        return reply(request, model.model_dump_json(), JSON, changed, status)


def _line(line: Line) -> dict[str, Any]:
    row = line.row
    return {
        "subject": row.subject, "url": line.url, "title": row.title,
        "department": {"code": row.dept, "name": line.dept_name},
        "column": {"code": line.column.id, "name": line.column.name}, "kind": row.kind, "five_open": row.five_open,
        "docno": row.docno,
        "index_no": row.index_no, "version": row.version, "published_at": line.released,
        "updated_at": line.changed, "backfill": row.backfill, "published_on": row.published_on,
    }  # fmt: skip
