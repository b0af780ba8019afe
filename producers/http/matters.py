"""`/v1/matters`: departments see their matters and open what is sealed in those they handle; the lead office erases."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from bus.web import Problem
from producers.http.door import Here, Who
from producers.matters import MatterView, is_erased, matter_view, responsible, took_part
from producers.personal.erasing import Erasure
from producers.personal.opening import OpenedMatter, Opening
from producers.refusals import Refused
from schemas.reasons import Reason

router = APIRouter(tags=["matters 事项"])

Issuer = Annotated[str, Path(description="编号中的制发机关 The issuer in its key", max_length=100)]
Local = Annotated[str, Path(description="编号的其余部分 The rest of its key", max_length=200)]
_STATUS = {
    Reason.ERASED: 410, Reason.MATTER_UNKNOWN: 404, Reason.NOT_RESPONSIBLE: 403, Reason.LEAD_ONLY: 403,
    Reason.UPLOAD_UNKNOWN: 404,
}  # fmt: skip
_RESPONSES: dict[int | str, dict[str, object]] = {
    403: {"description": "不由本单位承办。Another department handles it."},
    404: {"description": "没有该事项。There is no such matter."},
    410: {"description": "已依法删除。It was erased."},
}


class ErasureWanted(BaseModel):
    """要删除的编号和理由。What to erase, and why."""

    key: Annotated[str, Field(min_length=1, max_length=300)]
    why: Annotated[str, Field(min_length=2, max_length=500)]


class OpeningPage(BaseModel):
    """查阅记录的一页。A page of the log: read on with `after=next`."""

    items: list[Opening]
    next: int


@router.get("/v1/matters/{issuer}/{local}", summary="事项办理情况 A matter", responses=_RESPONSES)
def get_matter(here: Here, who: Who, issuer: Issuer, local: Local) -> MatterView:
    """状态、已办环节和期限;承办、参办单位和主管部门可查 (state, steps, dues; for who takes part in it).

    Without personal data, which are a route of their own.
    """
    subject, mine = f"{issuer}/{local}", here.mine(who.dept)
    with here.store.read() as conn:
        if is_erased(conn, subject):
            raise _problem(Refused(Reason.ERASED, id=subject))
        view = matter_view(conn, subject)
        handle = set(responsible(conn, subject))
        allowed = view and (who.lead or issuer in mine or mine & handle or took_part(conn, subject, mine))
    if view is None or not allowed:
        raise _problem(Refused(Reason.MATTER_UNKNOWN, id=subject))
    return view


@router.get("/v1/matters/{issuer}/{local}/personal", summary="查阅个人信息 Open personal data", responses=_RESPONSES)
def get_personal(here: Here, who: Who, issuer: Issuer, local: Local) -> OpenedMatter:
    """仅现在的承办单位可查,每次查阅都有记录 (for the department that handles it now; every opening is logged)."""
    try:
        return here.opener.matter(f"{issuer}/{local}", who.dept, here.mine(who.dept), here.clock())
    except Refused as refused:
        raise _problem(refused) from refused


@router.get("/v1/matters/{issuer}/{local}/files/{sha256}", summary="查阅公民提交的文件 Open a citizen's file",
            responses=_RESPONSES, response_class=Response)  # fmt: skip
def get_file(here: Here, who: Who, issuer: Issuer, local: Local,
             sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Response:  # fmt: skip
    """同上,一律作为下载 (as above, always as a download)."""
    try:
        content = here.opener.file(f"{issuer}/{local}", sha256, who.dept, here.mine(who.dept), here.clock())
    except Refused as refused:
        raise _problem(refused) from refused
    headers = {"Content-Disposition": f'attachment; filename="{sha256[:16]}"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/v1/openings", summary="查阅记录 Who opened personal data", responses={403: _RESPONSES[403]})
def get_openings(
    here: Here, who: Who, after: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> OpeningPage:
    """主管部门查看谁在何时查阅了哪个事项 (for the lead office)."""
    _lead_alone(who.lead)
    items = here.opener.openings(after, limit)
    return OpeningPage(items=items, next=items[-1].seq if items else after)


@router.post("/v1/erasures", summary="删除个人信息 Erase personal data", responses=_RESPONSES)
def post_erasure(here: Here, who: Who, wanted: ErasureWanted) -> Erasure:
    """销毁密钥,此后该编号一律答复410 (destroys the key; its ids answer 410 from then on). For the lead office."""
    _lead_alone(who.lead)
    try:
        return here.eraser.erase(wanted.key, who.dept, wanted.why, here.clock())
    except Refused as refused:
        raise _problem(refused) from refused


def _lead_alone(lead: bool) -> None:
    if not lead:
        raise _problem(Refused(Reason.LEAD_ONLY))


def _problem(refused: Refused) -> Problem:
    return Problem(_STATUS.get(Reason(refused.code), 422), refused.code, refused.zh, refused.en)
