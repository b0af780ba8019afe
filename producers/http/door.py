"""What every route works with, and who stands before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bus import log
from bus.city import Packs
from bus.metrics import DOOR_UNAUTHORISED
from bus.store import Store
from bus.web import Problem
from producers.checks import Principal, principal
from producers.keys import Keys
from producers.refusals import Refused
from producers.uploads import Uploads
from producers.writer import Writer
from schemas.city import Pack

_log = log.get("producers.gateway")


@dataclass(frozen=True, slots=True)
class Door:
    """The parts behind the routes."""

    packs: Packs
    keys: Keys
    writer: Writer
    uploads: Uploads
    store: Store
    portal: str = ""
    """How citizens reach the portal: findings name its pages."""

    @property
    def pack(self) -> Pack:
        """The pack in force now."""
        return self.packs.current().pack


class Unauthorised(Problem):
    """No valid key: a log line and a metric, and no record."""


async def door(request: Request) -> Door:
    """The parts of this application; asynchronous, so that no thread is woken for it."""
    return _of(request)


def _of(request: Request) -> Door:
    found = request.app.state.door
    assert isinstance(found, Door)
    return found


_BEARER = HTTPBearer(
    scheme_name="departmentKey", bearerFormat="gk_<dept>_<random>", auto_error=False,
    description="部门密钥,由政务公开主管部门发放。A department's key, from the lead office (`gongkai keys issue`).",
)  # fmt: skip


def who(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]) -> Principal:
    """The department whose key the request carries."""
    here = _of(request)
    try:
        dept = here.keys.owner(request.headers.get("authorization"))
    except Refused as refused:
        DOOR_UNAUTHORISED.labels(refused.code).inc()
        client = request.client.host if request.client else ""
        _log.warning("unauthorised", reason=refused.code, client=client, path=request.url.path)
        raise Unauthorised(401, refused.code, refused.zh, refused.en) from refused
    return principal(here.pack, dept, "http")


Here = Annotated[Door, Depends(door)]
Who = Annotated[Principal, Depends(who)]
