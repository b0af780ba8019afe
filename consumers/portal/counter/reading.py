"""Reading a form that a stranger sends: bounded in size and time, whole in memory, never on a disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from bus.web import Problem

MOST_FILES, MOST_FILE = 5, 5_000_000
MOST_BODY = MOST_FILES * MOST_FILE + 1_500_000
MOST_AT_ONCE = 8 * MOST_BODY
"""Bytes of forms that are held at one time, of all who send any."""
SECONDS = 120.0
_FIELDS = 60


@dataclass(frozen=True)
class Came:
    """What was sent."""

    values: Mapping[str, tuple[str, ...]]
    files: Sequence[tuple[str, bytes]]

    def value(self, name: str) -> str:
        """What one field says, with lines ended as they are kept."""
        return self.values.get(name, ("",))[0].replace("\r\n", "\n").strip()


class Reader:
    """Reads forms, and knows how much of them is held."""

    def __init__(self) -> None:
        self._held = 0

    async def read(self, request: Request) -> Came:
        """The form in a request's body.

        Raises:
            Problem: it is too large, too slow, none, or too much is being read already.
        """
        held = 0
        body = bytearray()
        try:
            async with asyncio.timeout(SECONDS):
                async for chunk in request.stream():
                    held, self._held = held + len(chunk), self._held + len(chunk)
                    if held > MOST_BODY:
                        zh = "表单和附件总共不超过25 MB，每个附件不超过5 MB。"
                        raise Problem(413, "SIZE", zh, "A form with its files is 25 MB at most, each file 5 MB.")
                    if self._held > MOST_AT_ONCE:
                        raise Problem(503)
                    body += chunk
            return await _parsed(request, bytes(body))
        except TimeoutError as error:
            raise Problem(408, "BODY-SLOW", "内容传输过慢。", f"The form took over {SECONDS:.0f} s.") from error
        except ClientDisconnect as error:
            raise Problem(400, "BODY-CUT", "内容没有传完。", "The form was cut off.") from error
        finally:
            self._held -= held


class _InMemory(MultiPartParser):
    """Rolls nothing over to a file: what citizens write must leave no trace here."""

    spool_max_size = MOST_BODY + 1


async def _parsed(request: Request, body: bytes) -> Came:
    async def once() -> AsyncGenerator[bytes]:
        yield body

    sort = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if sort == "multipart/form-data":
            limits = {"max_files": MOST_FILES + 1, "max_fields": _FIELDS}
            return await _came(await _InMemory(request.headers, once(), **limits).parse())
        if sort == "application/x-www-form-urlencoded":
            return await _came(await FormParser(request.headers, once(), max_fields=_FIELDS).parse())
    except (MultiPartException, KeyError, ValueError) as error:
        raise Problem(400, "FORM", "表单内容无法读取。", "The form can't be read.") from error
    raise Problem(415)


async def _came(data: FormData) -> Came:
    values: dict[str, list[str]] = {}
    files = []
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            if value.filename and content:
                files.append((value.filename[:200], content))
            await value.close()
        else:
            values.setdefault(name, []).append(value.replace("\0", ""))
    return Came({name: tuple(some) for name, some in values.items()}, files)
