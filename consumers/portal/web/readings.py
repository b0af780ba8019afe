"""The portal feed over HTTP, for outside portals: `platforms.outside` behind a token, with long-poll and SSE.

Reads the store; writes what readers report (`platforms.reports`) into an outbox, for `receipts`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import Field

from bus.errors import Invalid
from bus.store import Outbox
from bus.web import Problem
from consumers.portal.platforms import outside, reports
from consumers.portal.platforms.outside import Cursor, FeedPage
from consumers.portal.platforms.reports import Report, Taken
from consumers.portal.web.context import Context
from schemas.base import Model

LONGEST = 30.0
"""Seconds a reader may wait for news."""
LOOK_AGAIN = 1.0
"""Seconds after which a waiting reader looks without a ring: another process may have written."""
_bearer = HTTPBearer(auto_error=False)


class Reports(Model):
    """Receipts that a reader posts, all or none."""

    receipts: Annotated[tuple[Report, ...], Field(min_length=1, max_length=500)]


class Answer(Model):
    """What became of one of them."""

    feed_id: str
    receipt_id: str
    repeated: bool


class Answers(Model):
    """What became of each."""

    receipts: list[Answer]


def routes(context: Context) -> APIRouter:
    """The feed of one portal."""
    router = APIRouter(prefix="/api/v1/portal-feed", tags=["portal-feed"])
    readings = Readings(context)
    router.get("")(readings.page)
    router.get("/stream")(readings.stream)
    router.post("/receipts", response_model=Answers)(readings.receipts)
    return router


class Readings:
    """Each method is a way to read, or to report."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def page(
        self,
        token: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        after: Annotated[str, Query(max_length=8_000)] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 100,
        wait: Annotated[float, Query(ge=0, le=LONGEST)] = 0,
    ) -> Response:
        """What comes behind the cursor; with `wait`, as soon as there is something."""
        await run_in_threadpool(self._reader, token)
        found = await self._news(Cursor.parse(after), limit, wait)
        return Response(
            msgspec.json.encode(found), media_type="application/json", headers={"Cache-Control": "no-store"}
        )

    async def stream(
        self,
        token: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        after: Annotated[str, Query(max_length=8_000)] = "",
        last_event_id: Annotated[str, Header(max_length=8_000)] = "",
    ) -> Response:
        """The same as server-sent events: `id` is the cursor, `data` the record."""
        await run_in_threadpool(self._reader, token)
        events = self._events(token, Cursor.parse(last_event_id or after))
        return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    def receipts(
        self, token: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)], given: Reports
    ) -> Answers:
        """Report how feed records ended at the reader's own portal."""
        reader, store = self._reader(token), self._context.reports
        with self._context.store.read() as conn:
            rows = reports.spoken_of(conn, given.receipts)
        with _conflicts(), store.begin() as conn:
            taken, fresh = reports.take(conn, rows, reader, given.receipts, self._context.clock())
            Outbox(store).append(conn, f"platforms/{reader}", fresh)
        self._context.relay.wake()
        return Answers(receipts=[_answer(each) for each in taken])

    def _known(self, token: HTTPAuthorizationCredentials | None) -> str | None:
        return self._context.readers.name_of(token.credentials) if token else None

    def _reader(self, token: HTTPAuthorizationCredentials | None) -> str:
        name = self._known(token)
        if name is None:
            raise Problem(401, "READER-TOKEN", "读取凭证缺失或无效。", "A valid reader's token is needed.")
        return name

    async def _news(self, after: Cursor, limit: int, wait: float) -> FeedPage:
        end = time.monotonic() + wait
        with self._context.bell.listening() as rung:
            while True:
                rung.clear()
                found = await run_in_threadpool(self._look, after, limit)
                left = end - time.monotonic()
                if found.records or left <= 0:
                    return found
                await _heard(rung, min(left, LOOK_AGAIN))

    def _look(self, after: Cursor, limit: int) -> FeedPage:
        with _conflicts(), self._context.store.read() as conn:
            return outside.page(conn, after, limit)

    async def _events(self, token: HTTPAuthorizationCredentials | None, at: Cursor) -> AsyncIterator[bytes]:
        """Until the reader goes, or its token is revoked."""
        known_at = -LOOK_AGAIN
        while True:
            if time.monotonic() - known_at >= LOOK_AGAIN:
                if not await run_in_threadpool(self._known, token):
                    return
                known_at = time.monotonic()
            found = await self._news(at, 100, LONGEST / 2)
            if not found.records:
                yield b": nothing new\n\n"
            for record in found.records:
                yield b"id: %s\ndata: %s\n\n" % (record.cursor.encode(), _one_line(msgspec.json.encode(record)))
            at = Cursor.parse(found.cursor)


@contextmanager
def _conflicts() -> Iterator[None]:
    """409 for what contradicts what is there; 422 stays for what is wrong by itself."""
    try:
        yield
    except Invalid as error:
        if error.code not in {"RECEIPT-REUSED", "CURSOR-LOG"}:
            raise
        raise Problem(409, error.code, error.zh, error.en, place=error.place) from error


async def _heard(rung: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(rung.wait(), seconds)
    except TimeoutError:
        return


def _one_line(value: bytes) -> bytes:
    """The event is kept byte for byte, so it may hold line breaks between its members."""
    return value.replace(b"\r", b" ").replace(b"\n", b" ")


def _answer(taken: Taken) -> Answer:
    return Answer(feed_id=taken.feed_id, receipt_id=taken.receipt_id, repeated=taken.repeated)
