"""The JSON API: items, departments and columns as a machine reads them, paged by a stable cursor."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from bus.web import Problem
from consumers.portal import queries
from consumers.portal.queries import Filter, Found
from consumers.portal.shelf import instant
from consumers.portal.web.context import Context, file_path
from consumers.portal.web.replies import reply
from consumers.portal.web.views import ItemView, Line, today_of, validity
from schemas.base import Model

JSON = "application/json"


class Asked(Model):
    """What a list of items is asked for."""

    dept: Annotated[str, Field(max_length=100)] = ""
    column: Annotated[str, Field(max_length=100)] = ""
    q: Annotated[str, Field(max_length=100)] = ""
    """Part of a title or of a document number."""
    after: Annotated[str, Field(max_length=400)] = ""
    """`next` of the page before."""
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class Named(Model):
    """A department or a column, by code and name."""

    code: str
    name: str


class ItemLine(Model):
    """An item in a list."""

    subject: str
    url: str
    title: str
    department: Named
    column: Named
    kind: str
    docno: str | None
    index_no: str | None
    version: int
    published_at: datetime
    updated_at: datetime
    backfill: bool
    published_on: str | None


class ItemList(Model):
    """A page of items; `next` goes on behind the last, null at the end."""

    items: list[ItemLine]
    next: str | None


class File(Model):
    """An attachment."""

    name: str
    type: str
    size: int
    sha256: str
    url: str


class VersionChange(Model):
    """A version that was public."""

    version: int
    public_at: datetime
    changes: list[str]


class WholeItem(ItemLine):
    """An item with its text."""

    body: str
    summary: str | None
    elements: dict[str, str]
    dates: dict[str, date]
    topic: str | None
    disclosure_attr: str
    five_open: str
    validity: str
    attachments: list[File]
    history: list[VersionChange]


class Tombstone(Model):
    """What is left of an item that was taken down; answered with 410."""

    subject: str
    title: str
    state: str
    index_no: str | None
    gone_at: datetime
    reason: str | None
    notice: str | None
    substitute: str | None


class DepartmentEntry(Model):
    """A department and how many items it has public."""

    code: str
    name: str
    short_name: str
    level: str
    uscc: str
    parent: str | None
    successor: str | None
    url: str
    items: int


class ColumnEntry(Model):
    """A column and how many items stand in it."""

    id: str
    name: str
    type: str
    parent: str | None
    url: str
    items: int


class DepartmentList(Model):
    """Every department."""

    departments: list[DepartmentEntry]


class ColumnList(Model):
    """Every column."""

    columns: list[ColumnEntry]


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
        wanted = Filter(asked.dept, asked.column, asked.q.strip())
        with self._context.store.read() as conn:
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
            topic=data.topic, disclosure_attr=data.disclosure_attr, five_open=data.five_open,
            validity=validity(dates, today_of(self._context.clock())),
            attachments=[
                File(name=f.name, type=f.type, size=f.size, sha256=f.sha256,
                     url=self._site.base + file_path(row.subject, f.sha256))
                for f in data.attachments
            ],
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
        "column": {"code": line.column.id, "name": line.column.name}, "kind": row.kind, "docno": row.docno,
        "index_no": row.index_no, "version": row.version, "published_at": line.released,
        "updated_at": line.changed, "backfill": row.backfill, "published_on": row.published_on,
    }  # fmt: skip
