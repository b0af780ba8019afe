"""`/v1/departments/me/feed` and `/v1/rejections`: what came of a department's events, in order, from any cursor."""

from __future__ import annotations

import asyncio
import time
from datetime import date
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query

from bus.web import Problem
from producers.corrections import heirs_of
from producers.http.door import Here, Who
from producers.http.views import FeedPage, RejectionPage, Wanted, feed_page, rejections_page
from producers.refusals import Refused
from schemas.reasons import Reason

router = APIRouter(tags=["feed 回流"])

LOOK_SECONDS = 0.1
"""Between looks of a request that waits for news; a look is one read of an index."""

After = Annotated[int, Query(ge=0, description="游标:只取此后的记录 Cursor: only what came after it")]
Limit = Annotated[int, Query(ge=1, le=1000, description="每页条数 Records a page")]


@router.get("/v1/departments/me/feed", summary="本部门回流 A department's feed", response_model=FeedPage)
async def get_feed(
    here: Here, who: Who, after: After = 0, limit: Limit = 100,
    wait: Annotated[float, Query(ge=0, le=30, description="无新内容时最多等待的秒数 Seconds to wait for news")] = 0,
) -> FeedPage:  # fmt: skip
    """本部门事件的裁定、退回、回执和死信,按到达顺序 (the feed, in order).

    Verdicts, rejections, receipts and dead letters of the department's events, and of those whose tasks it has
    taken over, in order. With `wait` the answer comes as soon as there is something, or empty at the end of that time.
    """
    end = time.monotonic() + wait
    while True:
        page = await to_thread.run_sync(feed_page, here.store, here.mine(who.dept), after, limit)
        if page.items or time.monotonic() >= end:
            return page
        await asyncio.sleep(LOOK_SECONDS)


@router.get(
    "/v1/rejections", summary="退回清单 Rejections", response_model=RejectionPage,
    responses={403: {"description": "不能查看其他部门的记录。Another department's, and no lead office."}},
)  # fmt: skip
def get_rejections(  # noqa: PLR0917 - one a query parameter
    here: Here, who: Who, after: After = 0, limit: Limit = 100,
    dept: Annotated[
        str | None, Query(max_length=100, description="主管部门可查其他部门或all For the lead office: one, or all")
    ] = None,
    code: Annotated[str | None, Query(max_length=40, description="退回代码 A rule's code")] = None,
    day: Annotated[date | None, Query(description="收到日期 Day of arrival")] = None,
    state: Annotated[
        Literal["open", "corrected"] | None, Query(description="尚未改正或已改正 Not mended yet, or mended")
    ] = None,
) -> RejectionPage:  # fmt: skip
    """被退回的事件:依据、位置、改正办法,以及由哪个事件改正 (rejections, with what corrected them).

    Rejected events, with basis, place, remedy, and the accepted event that corrected each.
    """
    if dept not in (None, who.dept) and not who.lead:
        refused = Refused(Reason.OTHER_DEPT, dept=dept)
        raise Problem(403, refused.code, refused.zh, refused.en)
    chosen = None if dept == "all" else dept or who.dept
    return rejections_page(here.store, Wanted(chosen, code, day, state), after, limit, heirs_of(here.pack))
