"""Registers for citizens: which there are, their records by filter and search, one with its versions, the report."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from pydantic import Field
from sqlalchemy import Connection

from bus.web import Problem
from consumers.portal.registers import queries, report
from consumers.portal.registers.merge import Key
from consumers.portal.registers.projection import record_path, register_path
from consumers.portal.registers.queries import Wanted
from consumers.portal.tables import Row
from consumers.portal.web.context import Context
from consumers.portal.web.listing import HTML
from consumers.portal.web.replies import reply
from consumers.portal.web.views import today_of
from schemas.base import Model
from schemas.city import Pack, Register
from schemas.city.registers import steps_of

PAGE = 20
LEVELS = ("市", "区", "街镇", "村居")


class Asked(Model):
    """What a list of records is asked for."""

    q: Annotated[str, Field(max_length=100)] = ""
    """Words, all of which code, title or searched fields hold."""
    kind: Annotated[str, Field(max_length=100)] = ""
    unit: Annotated[str, Field(max_length=100)] = ""
    level: Annotated[str, Field(max_length=100)] = ""
    dept: Annotated[str, Field(max_length=100)] = ""
    """Who recorded."""
    after: Annotated[str, Field(max_length=800)] = ""
    """`next` of the page before."""
    limit: Annotated[int, Field(ge=1, le=500)] = 50

    def wanted(self, register: str) -> Wanted:
        """The same for the store."""
        return Wanted(register, self.q.strip(), self.kind, self.unit, self.level, self.dept)

    @property
    def narrowing(self) -> dict[str, str]:
        """What of it narrows a list, for its addresses."""
        return {name: value for name in ("q", "kind", "unit", "level", "dept") if (value := getattr(self, name))}


def routes(context: Context) -> APIRouter:
    """The pages of registers; the widest paths last."""
    router = APIRouter(include_in_schema=False)
    pages = Registers(context)
    for path, page in (
        ("/registers", pages.index),
        ("/registers/{register}", pages.records),
        ("/registers/{register}/report", pages.report),
        ("/registers/{register}/download.csv", pages.as_csv),
        ("/registers/{register}/download.json", pages.as_json),
        ("/registers/{register}/records/{issuer}/{record:path}", pages.record),
        ("/registers/{register}/{record:path}", pages.named),
    ):
        router.add_api_route(path, page, methods=["GET", "HEAD"])
    return router


@dataclass(frozen=True)
class Choice:
    """A value of a filter, how many records it leaves, and whether it is chosen."""

    value: str
    words: str
    count: int
    chosen: bool


class Registers:
    """Each method is a page; they read, and write nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._site = context.site

    def index(self, request: Request) -> Response:
        """Every register and its size."""
        with self._context.store.read() as conn:
            pack, sizes = self._context.pack(conn), queries.sizes(conn)
        entries = [(one, register_path(one.id), sizes.get(one.id, 0)) for one in pack.registers]
        return reply(request, self._context.page("registers.html", entries=entries), HTML)

    def records(self, request: Request, register: str, asked: Annotated[Asked, Query()]) -> Response:
        """One register's records."""
        wanted, path, narrowing = asked.wanted(register), register_path(register), asked.narrowing
        with self._context.store.read() as conn:
            pack, found = self._found(conn, register)
            page = queries.records(conn, wanted, asked.after or None, PAGE)
            count, filters = queries.count(conn, wanted), self._filters(conn, pack, found, wanted)
        shown = self._context.page(
            "register.html", register=found, path=path, wanted=wanted, count=count, filters=filters,
            rows=[(row, record_path(row.register, row.issuer, row.record), pack.department.get(row.unit))
                  for row in page.rows],
            next=f"{path}?{urlencode({**narrowing, 'after': page.after})}" if page.after else None,
            narrowed=bool(narrowing),
            downloads=[f"{path}/download.{form}?{urlencode(narrowing)}".rstrip("?") for form in ("csv", "json")],
        )  # fmt: skip
        return reply(request, shown, HTML)

    def record(self, request: Request, register: str, issuer: str, record: str) -> Response:
        """One record: what it says now, and what each version changed."""
        with self._context.store.read() as conn:
            pack, schema = self._found(conn, register)
            found = queries.record(conn, str(Key(register, issuer, record)))
        if found is None:
            raise Problem(404)
        department = pack.department.get(issuer)
        shown = self._context.page(
            "register_record.html", register=schema, path=register_path(register), found=found,
            names=_names(schema, found.editions[0].fields), issuer=department.name if department else issuer,
            steps_of=steps_of,
        )  # fmt: skip
        return reply(request, shown, HTML, None, 200 if found.row.state == "live" else 410)

    def named(self, register: str, record: str) -> Response:
        """The record of that code; where several departments have one, the list of them."""
        with self._context.store.read() as conn:
            self._found(conn, register)
            rows = queries.named(conn, register, record)
        if not rows:
            raise Problem(404)
        if len(rows) == 1:
            return RedirectResponse(record_path(register, rows[0].issuer, record))
        return RedirectResponse(f"{register_path(register)}?q={quote(record)}")

    def report(self, request: Request, register: str) -> Response:
        """What does not fit together, and what is missing."""
        with self._context.store.read() as conn:
            pack, schema = self._found(conn, register)
            found = report.report(conn, pack, schema, today_of(self._context.clock()))
        shown = self._context.page(
            "register_report.html", register=schema, path=register_path(register), report=found, pack=pack,
            record_path=record_path,
        )  # fmt: skip
        return reply(request, shown, HTML)

    def as_csv(self, request: Request, register: str, asked: Annotated[Asked, Query()]) -> Response:
        """Everything wanted as a table, piece by piece."""
        schema = self._schema(register)
        pieces = queries.pieces(self._context.store, asked.wanted(register))
        return _download(request, _csv(schema, pieces), f"{register}.csv", "text/csv; charset=utf-8")

    def as_json(self, request: Request, register: str, asked: Annotated[Asked, Query()]) -> Response:
        """Everything wanted as one JSON array, piece by piece."""
        self._schema(register)
        pieces = queries.pieces(self._context.store, asked.wanted(register))
        return _download(request, _json(pieces), f"{register}.json", "application/json")

    def _schema(self, register: str) -> Register:
        with self._context.store.read() as conn:
            return self._found(conn, register)[1]

    def _found(self, conn: Connection, register: str) -> tuple[Pack, Register]:
        pack = self._context.pack(conn)
        found = pack.register.get(register)
        if found is None:
            raise Problem(404, "NO-REGISTER", "没有这个清单。", "There is no such register.")
        return pack, found

    def _filters(
        self, conn: Connection, pack: Pack, register: Register, wanted: Wanted
    ) -> list[tuple[str, str, list[Choice]]]:
        """Label, parameter and choices: the kinds that the schema has, and the levels and units that records have."""
        filters, counts = [], queries.counts(conn, register.id)
        if register.kind is not None:
            values = [(value, value) for value in register.field[register.kind].values]
            filters.append((register.kind, "kind", _choices(values, counts["kind"], wanted.kind)))
        named = [(level, level) for level in LEVELS if level in register.levels]
        filters.append(("层级", "level", _choices(named, counts["level"], wanted.level)))
        known = [(code, one.name) for code, one in pack.department.items() if code in counts["unit"]]
        filters.append(("单位", "unit", _choices(known, counts["unit"], wanted.unit)))
        return filters


def _choices(values: Sequence[tuple[str, str]], counts: dict[str, int], chosen: str) -> list[Choice]:
    return [Choice(value, words, counts.get(value, 0), value == chosen) for value, words in values]


def _names(register: Register, fields: dict[str, str]) -> list[str]:
    """The schema's fields in their order, then those that it no longer knows."""
    return [*register.field, *(name for name in fields if name not in register.field)]


def _download(request: Request, pieces: Iterator[bytes], name: str, media_type: str) -> StreamingResponse:
    """`pieces` are not asked for where the headers alone are."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-cache"}
    return StreamingResponse(iter(()) if request.method == "HEAD" else pieces, media_type=media_type, headers=headers)


def _csv(register: Register, pieces: Iterator[Sequence[Row]]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    yield _lines([[register.key, "版本", "登记单位", *register.field, "生效日期"]])
    for rows in pieces:
        cells = ((row, queries.fields_of(row)) for row in rows)
        yield _lines(
            [row.record, str(row.version), row.issuer, *(f.get(name, "") for name in register.field),
             row.effective_on or ""]
            for row, f in cells
        )  # fmt: skip


def _lines(rows: Iterator[list[str]] | list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; a number may begin with a minus."""
    if cell[:1] in "=+-@\t\r" and cell[:1] and not cell[1:].replace(".", "", 1).isdecimal():
        return "'" + cell
    return cell


def _json(pieces: Iterator[Sequence[Row]]) -> Iterator[bytes]:
    first = True
    yield b"["
    for rows in pieces:
        lines = [msgspec.json.encode(entry_of(row)) for row in rows]
        if lines:
            yield (b"" if first else b",\n") + b",\n".join(lines)
            first = False
    yield b"]\n"


def entry_of(row: Row) -> dict[str, object]:
    """A record as the API and the download tell it."""
    return {
        "register": row.register, "dept": row.issuer, "record": row.record, "version": row.version, "title": row.title,
        "kind": row.kind, "unit": row.unit, "level": row.level, "effective_on": row.effective_on,
        "fields": queries.fields_of(row),
    }  # fmt: skip
