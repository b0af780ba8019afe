"""`/v1/duties`: what a department has to do by when, and why; for the lead office, what is overdue anywhere."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import quote

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from bus.web import Problem
from bus.web.pages import SHANGHAI
from producers import worklists
from producers.answers import milliseconds
from producers.http.door import Door, Here, Who
from producers.http.feed import LOOK_SECONDS, After, Limit
from producers.refusals import Refused
from producers.worklists import DutyState, Place, Worklist
from rules.catalogue.export import GUARDED
from schemas.reasons import Reason
from schemas.records import DutyNotice

router = APIRouter(tags=["duties 待办"])

Only = Annotated[
    str | None, Query(max_length=100, description="主管部门可查其他部门或all For the lead office: one, or all")
]
State = Annotated[DutyState, Query(description="open 待办, paused 中止, closed 办结, exempt 免办")]
Until = Annotated[date | None, Query(description="到期日不晚于 Due on that day or before")]
Kind = Annotated[str | None, Query(max_length=60, description="事项种类 A lifecycle")]
Cursor = Annotated[str | None, Query(max_length=800, description="上一页的next Cursor of the page before")]
DutyId = Annotated[str, Path(max_length=400, description="待办编号;#写作%23 The duty's id, # as %23")]
_FORBIDDEN: dict[int | str, dict[str, object]] = {
    403: {"description": "不能查看其他部门的记录。Another department's, and no lead office."}
}
_HEADINGS = ("到期时间", "逾期", "事项", "标题", "单位", "状态", "依据", "编号", "待办编号")
CSV_LIMIT = 10_000


class DutyView(BaseModel):
    """一项待办。Something due, explained; times are Asia/Shanghai's where they are days."""

    duty: DutyNotice
    overdue: bool
    """已逾期。Open, and its time is over."""
    owed_by: tuple[str, ...]
    """现在的责任单位,撤并的已换为承接单位。Who owes it now: an ended department's successor in its place."""
    rule_page: str
    matter: str | None
    """事项的接口地址。The matter's own address; None of a standing duty."""


class DutyPage(BaseModel):
    """待办的一页。A page of duties, the soonest due first: what is overdue leads."""

    items: list[DutyView]
    days: dict[date, int]
    """本页每天到期的件数。How many of this page fall due on each day."""
    next: str | None
    """下一页的after;没有时为空。Cursor of the next page."""


class DutyHistory(DutyView):
    """一项待办的全部经过。A duty with every word about it."""

    words: list[DutyNotice]


class DutyWordItem(BaseModel):
    """待办动态中的一条。One word of the feed; `id` is its own, the same at every reading."""

    seq: int
    dept: str
    id: str
    word: DutyNotice


class DutyFeed(BaseModel):
    """待办动态的一页。A page of the feed: read on with `after=next`."""

    items: list[DutyWordItem]
    next: Annotated[int, Field(description="下一页的after;没有新内容时不变 Cursor for the next page")]


class OverdueCount(BaseModel):
    """一个单位的逾期件数。How much of a department's is overdue."""

    dept: str
    name: str
    count: int


class Overdue(BaseModel):
    """全市逾期情况。What is overdue in the whole city: a count by department, and a page of it."""

    as_of: datetime
    departments: list[OverdueCount]
    page: DutyPage


@router.get("/v1/duties", summary="待办清单 A worklist", response_model=DutyPage, responses=_FORBIDDEN)
def get_duties(  # noqa: PLR0917 - one a query parameter
    here: Here, who: Who, dept: Only = None, state: State = "open", until: Until = None, lifecycle: Kind = None,
    after: Cursor = None, limit: Limit = 100,
    form: Annotated[Literal["json", "csv"], Query(alias="format", description="json或csv JSON, or CSV")] = "json",
) -> Response | DutyPage:  # fmt: skip
    """本单位到期事项,按到期先后,逾期在前;含所承接单位的 (what is due, the overdue first, each explained).

    Duties of the department and of those whose tasks it has taken over. As CSV it is up to 10,000 lines at once.
    """
    wanted = Worklist(_depts(here, who.dept, dept, lead=who.lead), state, _end_of(until), lifecycle)
    if form == "csv":
        return _as_csv(_page(here, wanted, after, CSV_LIMIT).items)
    return _page(here, wanted, after, limit)


@router.get("/v1/duties/overdue", summary="全市逾期 Overdue in the city", responses=_FORBIDDEN)
def get_overdue(here: Here, who: Who, after: Cursor = None, limit: Limit = 100) -> Overdue:
    """主管部门查看各单位逾期件数和清单 (for the lead office: what is overdue, by department)."""
    now = here.clock()
    depts = _depts(here, who.dept, "all", lead=who.lead)
    with here.store.read() as conn:
        counts = worklists.overdue_by_dept(conn, milliseconds(now))
    owing: dict[str, int] = {}
    for code, count in counts.items():
        now_owing = _heir(here, code)
        owing[now_owing] = owing.get(now_owing, 0) + count
    return Overdue(
        as_of=now, departments=[OverdueCount(dept=code, name=_name(here, code), count=owing[code]) for code in owing],
        page=_page(here, Worklist(depts, "open", milliseconds(now)), after, limit),
    )  # fmt: skip


@router.get("/v1/duties/feed", summary="待办动态 A feed of duties", response_model=DutyFeed)
async def get_duty_feed(
    here: Here, who: Who, after: After = 0, limit: Limit = 100,
    wait: Annotated[float, Query(ge=0, le=30, description="无新内容时最多等待的秒数 Seconds to wait for news")] = 0,
) -> DutyFeed:  # fmt: skip
    """本单位待办的开启、提醒、逾期、办结,按到达顺序 (every word about its duties, in order, from any cursor)."""
    end = time.monotonic() + wait
    while True:
        page = await to_thread.run_sync(_feed, here, here.mine(who.dept), after, limit)
        if page.items or time.monotonic() >= end:
            return page
        await asyncio.sleep(LOOK_SECONDS)


@router.get(
    "/v1/duties/{duty:path}", summary="一项待办 A duty",
    responses={404: {"description": "没有该待办,或不是本单位的。No such duty of this department."}},
)  # fmt: skip
def get_duty(here: Here, who: Who, duty: DutyId) -> DutyHistory:
    """一项待办及其全部经过;曾经的责任单位和主管部门可查 (a duty and its history; for who owes or owed it)."""
    with here.store.read() as conn:
        body = worklists.standing(conn, duty)
        allowed = body and (who.lead or worklists.was_owed_by(conn, duty, here.mine(who.dept)))
        words = worklists.history(conn, duty) if allowed else ()
    if body is None or not allowed:
        refused = Refused(Reason.MATTER_UNKNOWN, id=duty)
        raise Problem(404, refused.code, refused.zh, refused.en)
    view = _view(here, body)
    return DutyHistory(**dict(view), words=[DutyNotice.model_validate_json(word) for word in words])


def _depts(here: Door, own: str, asked: str | None, *, lead: bool) -> frozenset[str] | None:
    """Whose duties are meant: None of all departments.

    Raises:
        Problem: another department's are asked for, and this is not the lead office.
    """
    if asked not in (None, own) and not lead:
        refused = Refused(Reason.OTHER_DEPT, dept=asked)
        raise Problem(403, refused.code, refused.zh, refused.en)
    return None if asked == "all" else here.mine(asked or own)


def _page(here: Door, wanted: Worklist, after: str | None, limit: int) -> DutyPage:
    with here.store.read() as conn:
        found = worklists.listed(conn, wanted, _place(after), limit + 1)
    items = [_view(here, each.body) for each in found[:limit]]
    days: dict[date, int] = {}
    for item in items:
        days[item.duty.due] = days.get(item.duty.due, 0) + 1
    return DutyPage(items=items, days=days, next=_cursor(found[limit - 1].place) if len(found) > limit else None)


def _feed(here: Door, depts: frozenset[str], after: int, limit: int) -> DutyFeed:
    with here.store.read() as conn:
        told = worklists.told_after(conn, depts, after, limit)
    items = [
        DutyWordItem(seq=each.seq, dept=each.dept, id=each.gk_id, word=DutyNotice.model_validate_json(each.body))
        for each in told
    ]
    return DutyFeed(items=items, next=items[-1].seq if items else after)


def _view(here: Door, body: str) -> DutyView:
    duty = DutyNotice.model_validate_json(body)
    over = duty.state == "open" and duty.due_at is not None and duty.due_at < here.clock()
    matter = f"/v1/matters/{quote(duty.subject)}" if duty.lifecycle else None
    owed_by = tuple(dict.fromkeys(_heir(here, dept) for dept in duty.depts or (duty.dept,)))
    page = f"{here.portal}/rules/{quote(duty.rule, safe='')}"
    return DutyView(duty=duty, overdue=over, owed_by=owed_by, rule_page=page, matter=matter)


def _heir(here: Door, dept: str) -> str:
    heir = here.pack.heir_of(dept, here.today)
    return heir.code if heir else dept


def _name(here: Door, dept: str) -> str:
    known = here.pack.department.get(dept)
    return known.name if known else dept


def _end_of(day: date | None) -> int | None:
    if day is None or day == date.max:
        return None
    return milliseconds(datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI)) + 1


def _cursor(place: Place) -> str:
    return urlsafe_b64encode(f"{place.due} {place.duty}".encode()).decode().rstrip("=")


def _place(cursor: str | None) -> Place | None:
    """Where a cursor points.

    Raises:
        Problem: it is none of ours.
    """
    if cursor is None:
        return None
    try:
        due, duty = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode().split(" ", 1)
        place = Place(int(due), duty)
    except ValueError as error:
        raise Problem(422, "CURSOR", "after不是上一页给出的next。", "`after` is no cursor of a page before.") from error
    if abs(place.due) >= 1 << 62 or "\0" in duty:
        raise Problem(422, "CURSOR", "after不是上一页给出的next。", "`after` is no cursor of a page before.")
    return place


def _as_csv(items: list[DutyView]) -> Response:
    """For a spreadsheet; a text that it would take for a formula is one no longer."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADINGS)
    for item in items:
        duty = item.duty
        due = duty.due_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if duty.due_at else duty.due.isoformat()
        cells = (due, "是" if item.overdue else "否", duty.name, duty.title, "、".join(item.owed_by), duty.state,
                 duty.basis, duty.subject, duty.duty)  # fmt: skip
        writer.writerow([f"'{cell}" if cell.startswith(GUARDED) else cell for cell in cells])
    headers = {"Content-Disposition": 'attachment; filename="duties.csv"'}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
