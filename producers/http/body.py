"""Reading bodies of strangers: bounded in size, in time, and in what is kept of them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from bus.web import Problem
from producers.forms import HEAD_BYTES, Given, Oversize
from schemas.base import MAX_EVENT_BYTES

IDLE_SECONDS = 30.0
"""A body of which nothing comes for so long is given up."""
WHOLE_SECONDS = 120.0
"""A body that is no stream must be there by then, however it trickles."""
MAX_READ = 64_000_000
"""What is read of one body that is no stream; beyond, the connection is closed."""
MAX_BATCH_BYTES = 16_000_000

_BOM = b"\xef\xbb\xbf"


async def chunks(request: Request, idle: float | None = None) -> AsyncIterator[bytes]:
    """The body as it comes; nothing may come for `idle` seconds, else `IDLE_SECONDS`.

    Raises:
        Problem: 408 where it stalls; 400 where the client went away.
    """
    stream, idle = request.stream(), idle or IDLE_SECONDS
    while True:
        try:
            yield await asyncio.wait_for(anext(stream), idle)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            zh, en = "内容传输中断超时。", f"Nothing of the body came for {idle:.0f} s."
            raise Problem(408, "BODY-SLOW", zh, en) from error
        except ClientDisconnect as error:
            raise Problem(400, "BODY-CUT", "内容没有传完。", "The body was cut off.") from error


async def whole(request: Request, limit: int) -> bytes | Oversize:
    """A body up to `limit`, or the head of one that is longer, with its length and digest."""
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            return await _whole(request, limit)
    except TimeoutError as error:
        raise Problem(408, "BODY-SLOW", "内容传输过慢。", f"The body took over {WHOLE_SECONDS:.0f} s.") from error


async def _whole(request: Request, limit: int) -> bytes | Oversize:
    kept, length, digest = bytearray(), 0, hashlib.sha256()
    async for chunk in chunks(request):
        length += len(chunk)
        if length > MAX_READ:
            raise Problem(413, "SIZE", "内容过大。", f"The body is larger than {MAX_READ} bytes.")
        digest.update(chunk)
        kept += chunk[: max(0, limit + 1 - len(kept))]
    if length > limit:
        return Oversize(bytes(kept[:HEAD_BYTES]), length, digest.hexdigest())
    return bytes(kept)


class Lines:
    """Cuts a stream into lines in bounded memory: of a line above the limit the head, length and digest are kept."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._length = 0
        self._digest: hashlib._Hash | None = None
        self._first = True

    def feed(self, chunk: bytes) -> list[Given]:
        """The lines that `chunk` completes."""
        *ended, rest = chunk.split(b"\n")
        found = []
        for part in ended:
            self._add(part)
            found += self._end()
        self._add(rest)
        return found

    def close(self) -> list[Given]:
        """The last line, which need not be ended."""
        return self._end()

    def _add(self, part: bytes) -> None:
        self._length += len(part)
        if self._digest is not None:
            self._digest.update(part)
            return
        self._line += part
        if self._length > MAX_EVENT_BYTES + 2:
            self._digest = hashlib.sha256(self._line)
            del self._line[HEAD_BYTES:]

    def _end(self) -> list[Given]:
        line, length, digest = bytes(self._line), self._length, self._digest
        self._line, self._length, self._digest = bytearray(), 0, None
        if digest is not None:
            return [Oversize(line, length, digest.hexdigest())]
        if self._first:
            self._first, line = False, line.removeprefix(_BOM)
        line = line.strip(b" \t\r")
        if len(line) > MAX_EVENT_BYTES:
            return [Oversize.of(line)]
        return [line] if line else []
