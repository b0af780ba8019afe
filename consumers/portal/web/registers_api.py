"""Registers as a machine reads them: lists, records with versions, versions to go on from, the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from bus.web import Problem
from consumers.portal.registers import queries, report
from consumers.portal.registers.merge import Key
from consumers.portal.registers.projection import record_path, register_path
from consumers.portal.registers.queries import Wanted
from consumers.portal.shelf import instant
from consumers.portal.tables import Row
from consumers.portal.web.context import Context
from consumers.portal.web.registers import Asked, entry_of
from consumers.portal.web.replies import reply
from consumers.portal.web.views import today_of
from schemas.base import Model
from schemas.city import Pack, Register

JSON = "application/json"


class RecordEntry(Model):
    """A live record."""

    register_name: Annotated[str, Field(alias="register")]
    dept: str
    record: str
    version: int
    title: str
    kind: str
    unit: str
    level: str
    effective_on: str | None
    fields: dict[str, str]
    url: str


class RecordList(Model):
    """A page of records; `next` goes on behind the last, null at the end."""

    total: int
    records: list[RecordEntry]
    next: str | None


class RegisterEntry(Model):
    """A register."""

    id: str
    name: str
    basis: str
    records: int
    url: str


class RegisterList(Model):
    """Every register."""

    registers: list[RegisterEntry]


def routes(context: Context) -> APIRouter:
    """The API of registers."""
    router = APIRouter(prefix="/api/v1/registers", tags=["registers"])
    api = Api(context)
    router.get("", response_model=RegisterList)(api.index)
    router.get("/{register}", response_model=RecordList)(api.records)
    router.get("/{register}/report")(api.report)
    router.get("/{register}/versions")(api.versions)
    router.get("/{register}/records/{issuer}/{record:path}")(api.record)
    return router


class Api:
    """Each method is a resource."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._base = context.site.base

    def index(self, request: Request) -> Response:
        """Every register."""
        with self._context.store.read() as conn:
            pack, sizes = self._context.pack(conn), queries.sizes(conn)
        entries = [
            {"id": one.id, "name": one.name, "basis": one.basis, "records": sizes.get(one.id, 0),
             "url": self._base + register_path(one.id)}
            for one in pack.registers
        ]  # fmt: skip
        return self._told(request, {"registers": entries})

    def records(self, request: Request, register: str, asked: Annotated[Asked, Query()]) -> Response:
        """Live records of one register."""
        wanted = asked.wanted(register)
        with self._context.store.read() as conn:
            self._found(register, self._context.pack(conn))
            page = queries.records(conn, wanted, asked.after or None, asked.limit)
            total = queries.count(conn, wanted)
        return self._told(request, {"total": total, "records": list(map(self._entry, page.rows)), "next": page.after})

    def record(self, request: Request, register: str, issuer: str, record: str) -> Response:
        """One record with its versions; 410 where it was removed."""
        with self._context.store.read() as conn:
            self._found(register, self._context.pack(conn))
            found = queries.record(conn, str(Key(register, issuer, record)))
        if found is None:
            raise Problem(404, "NO-RECORD", "没有这条记录。", "There is no such record.")
        row = found.row
        told = {
            "register": row.register, "dept": row.issuer, "record": row.record, "state": row.state,
            "title": row.title, "version": row.version,
            "removal": found.removal and {"reason": found.removal.reason, "at": instant(found.removal.at)},
            "versions": [
                {"version": one.version, "effective_on": one.effective_on, "fields": one.fields,
                 "public_at": one.public_at and instant(one.public_at),
                 "changed": [{"field": f, "before": old, "now": new} for f, old, new in one.changed]}
                for one in found.editions
            ],
        }  # fmt: skip
        return self._told(request, told, 200 if row.state == "live" else 410)

    def report(self, request: Request, register: str) -> Response:
        """What does not fit together, and what is missing."""
        with self._context.store.read() as conn:
            pack = self._context.pack(conn)
            found = report.report(conn, pack, self._found(register, pack), today_of(self._context.clock()))
        told: dict[str, Any] = asdict(found)
        told["sets"] = [{**asdict(one), "complete": one.complete, "missing": one.missing} for one in found.sets]
        told["coverage"] = [{**asdict(one), "share": round(one.share, 2)} for one in found.coverage]
        return self._told(request, told)

    def versions(self, register: str, dept: Annotated[str, Query(max_length=100)] = "") -> Response:
        """Code, version and fields of every live record, a line of JSON each: what the next load goes on from."""
        with self._context.store.read() as conn:
            self._found(register, self._context.pack(conn))
        return StreamingResponse(self._lines(Wanted(register, dept=dept)), media_type="application/x-ndjson")

    def _lines(self, wanted: Wanted) -> Iterator[bytes]:
        for rows in queries.pieces(self._context.store, wanted):
            yield b"".join(
                msgspec.json.encode({"record": row.record, "version": row.version, "fields": queries.fields_of(row),
                                     "effective_on": row.effective_on}) + b"\n"
                for row in rows
            )  # fmt: skip

    def _entry(self, row: Row) -> dict[str, object]:
        return {**entry_of(row), "url": self._base + record_path(row.register, row.issuer, row.record)}

    def _found(self, register: str, pack: Pack) -> Register:
        found = pack.register.get(register)
        if found is None:
            raise Problem(404, "NO-REGISTER", "没有这个清单。", "There is no such register.")
        return found

    def _told(self, request: Request, told: dict[str, Any], status: int = 200) -> Response:
        return reply(request, msgspec.json.encode(told), JSON, None, status)
