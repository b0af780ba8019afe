"""What every route works with, and who stands before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bus import log
from bus.city import Packs
from bus.clock import Clock, now
from bus.metrics import DOOR_UNAUTHORISED
from bus.store import Store
from bus.web import Problem
from bus.web.pages import SHANGHAI
from producers.checks import Principal, principal
from producers.citizens.desk import Desk
from producers.keys import Keys
from producers.personal.erasing import Eraser
from producers.personal.opening import Opener
from producers.refusals import Refused
from producers.uploads import Uploads
from producers.writer import Writer
from schemas.city import Pack
from schemas.reasons import Reason

_log = log.get("producers.gateway")


@dataclass(frozen=True, slots=True)
class Door:
    """The parts behind the routes."""

    packs: Packs
    keys: Keys
    writer: Writer
    uploads: Uploads
    store: Store
    opener: Opener
    eraser: Eraser
    desk: Desk
    portal: str = ""
    """How citizens reach the portal: findings name its pages."""
    clock: Clock = now

    @property
    def pack(self) -> Pack:
        """The pack in force now."""
        return self.packs.current().pack

    @property
    def today(self) -> date:
        """The day it is in the city."""
        return self.clock().astimezone(SHANGHAI).date()

    def mine(self, dept: str) -> frozenset[str]:
        """The departments whose records `dept` reads: its own, and those of whom it has taken over."""
        pack, day = self.pack, self.today
        return frozenset(each for each in pack.predecessors.get(dept, {dept}) if pack.speaks_for(dept, each, day))


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
        check_in_force(here.pack, dept, here.today)
    except Refused as refused:
        DOOR_UNAUTHORISED.labels(refused.code).inc()
        client = request.client.host if request.client else ""
        _log.warning("unauthorised", reason=refused.code, client=client, path=request.url.path)
        raise Unauthorised(401, refused.code, refused.zh, refused.en) from refused
    return principal(here.pack, dept, "http")


def check_in_force(pack: Pack, dept: str, day: date) -> None:
    """A key ends with its department; whoever has the tasks now speaks with a key of their own.

    Raises:
        Refused: KEY-ENDED, which names the successor.
    """
    known = pack.department.get(dept)
    if known is None or known.to is None or day <= known.to:
        return
    heir = pack.heir_of(dept, day)
    since = known.to + timedelta(days=1)
    zh, en = (f"其职能由{heir.name}（{heir.code}）承接", f"{heir.code} has its tasks") if heir else _NOBODY
    raise Refused(Reason.KEY_ENDED, dept=known.name, day=since.isoformat(), why_zh=zh, why_en=en)


_NOBODY = ("名录中没有承接单位", "nobody is named who has its tasks")


Here = Annotated[Door, Depends(door)]
Who = Annotated[Principal, Depends(who)]
