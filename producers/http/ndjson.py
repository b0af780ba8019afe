"""The answer to an NDJSON stream, written line by line while the stream is still being read.

Starlette's own streaming answer listens for the client's end by reading the request's body away; this one reads it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bus.errors import GongkaiError
from bus.web import Problem
from producers.checks import Principal
from producers.forms import Given
from producers.http.body import Lines, chunks
from producers.http.submit import submit
from producers.writer import Writer

MEDIA_TYPE = "application/x-ndjson"
IDLE_SECONDS = 300.0
"""A stream may rest so long, as one that follows a growing file does."""
SEND_SECONDS = 60.0
"""A client that does not read its answers for so long is left."""
_GROUP = 500
_AHEAD = 4
"""Chunks (64 KB each) read ahead of what is written."""


class NdjsonAnswers(Response):
    """Reads lines, submits them in groups as they come, and answers each on a line of its own, in order."""

    media_type = MEDIA_TYPE

    def __init__(self, request: Request, who: Principal, writer: Writer, portal: str = "") -> None:
        super().__init__()
        self._portal = portal
        del self.headers["content-length"]
        self._request = request
        self._who = who
        self._writer = writer
        self._line = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's own shape
        """Answer as the lines come; what was answered is committed."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        queue: asyncio.Queue[list[Given] | Problem | None] = asyncio.Queue(_AHEAD)
        reader = asyncio.create_task(self._read(queue))
        try:
            async for body in self._answers(queue):
                async with asyncio.timeout(SEND_SECONDS):
                    await send({"type": "http.response.body", "body": body, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            reader.cancel()

    async def _read(self, queue: asyncio.Queue[list[Given] | Problem | None]) -> None:
        """Put lines into `queue` as they come; last a None, or what ended the stream early."""
        lines = Lines()
        try:
            async for chunk in chunks(self._request, IDLE_SECONDS):
                if found := lines.feed(chunk):
                    await queue.put(found)
            await queue.put(lines.close())
            await queue.put(None)
        except Problem as problem:
            await queue.put(problem)

    async def _answers(self, queue: asyncio.Queue[list[Given] | Problem | None]) -> AsyncIterator[bytes]:
        ended: Problem | None = None
        more = True
        while more:
            values: list[Given] = []
            while more and (not values or (not queue.empty() and len(values) < _GROUP)):
                came = await queue.get()
                if isinstance(came, list):
                    values += came
                else:
                    more, ended = False, came
            try:
                yield await self._take(values)
            except GongkaiError:
                more, ended = False, Problem(503)
        if ended is not None:
            yield msgspec.json.encode({"line": self._line + 1, **ended.body()}) + b"\n"

    async def _take(self, values: list[Given]) -> bytes:
        answers = await submit(self._writer, self._who, values)
        body = bytearray()
        for answer in answers:
            self._line += 1
            body += answer.to_json(self._line, self._portal) + b"\n"
        return bytes(body)
