"""`/v1/files`: files that events name by digest."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse

from bus.extracting import AT_ONCE
from bus.web import Problem
from producers.http.body import chunks
from producers.http.door import Here, Who
from producers.refusals import Refused
from producers.uploads import Incoming
from schemas.events.common import Attachment
from schemas.reasons import Reason

router = APIRouter(tags=["files 附件"])

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}}}
_STATUS = {Reason.UPLOAD_SIZE: 413, Reason.UPLOAD_TYPE: 415}


@router.post("/v1/files", status_code=201, summary="上传附件 Upload a file", response_model=Attachment,
             openapi_extra=_BODY)  # fmt: skip
async def post_file(
    request: Request, here: Here, who: Who,
    name: Annotated[str, Query(min_length=1, max_length=300, description="文件名,含扩展名 File name with its ending")],
) -> Attachment:  # fmt: skip
    """请求体即文件内容;答复可原样放入事件的attachments (the body is the file).

    The answer can be put into an event's `attachments` as it is. A file that is there already
    is taken again without harm.
    """
    try:
        incoming = here.uploads.begin(name)
    except Refused as refused:
        raise _problem(refused) from refused
    try:
        return await _receive(request, incoming, who.dept)
    except Refused as refused:
        raise _problem(refused) from refused
    finally:
        incoming.discard()


@router.get("/v1/files/{sha256}", summary="下载附件 Download a file", response_class=FileResponse)
def get_file(
    here: Here, _who: Who, sha256: Annotated[str, Path(description="SHA-256,小写十六进制 lower-case hexadecimal")]
) -> FileResponse:  # fmt: skip
    """按摘要取回文件,一律作为下载。The file with that digest, always as a download."""
    found = here.uploads.find(sha256) if _SHA256.match(sha256) else None
    if found is None:
        refused = Refused(Reason.UPLOAD_UNKNOWN, sha256=sha256[:64])
        raise Problem(404, refused.code, refused.zh, refused.en)
    return FileResponse(here.uploads.place(sha256), media_type=found.type, filename=found.name)


async def _receive(request: Request, incoming: Incoming, dept: str) -> Attachment:
    async for chunk in chunks(request):
        await to_thread.run_sync(incoming.write, chunk)
    return await to_thread.run_sync(incoming.finish, dept, limiter=_finishing())


@lru_cache(maxsize=1)
def _finishing() -> CapacityLimiter:
    """Files that are opened at once: the others wait on the loop, and take no thread that a key is checked in."""
    return CapacityLimiter(AT_ONCE)


def _problem(refused: Refused) -> Problem:
    return Problem(_STATUS.get(Reason(refused.code), 422), refused.code, refused.zh, refused.en)
