"""`/v1/citizens`: forms without a key, and what became of them; an account's adapter brings comments with its key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError

from bus.web import Problem
from producers.checks import Principal
from producers.citizens.forms import FORMS, MAX_BODY, Answer, Answers, Comment, FoiRequest, Form, Kind, Letter
from producers.citizens.later import Wanted
from producers.citizens.limits import network
from producers.citizens.query import Status
from producers.citizens.tokens import MAX_AGE_MS, MIN_AGE_MS
from producers.forms import Oversize
from producers.http.body import whole
from producers.http.door import Door, Here, who
from producers.refusals import Refused
from schemas.reasons import Reason

router = APIRouter(prefix="/v1/citizens", tags=["citizens 公众"])

_STATUS = {
    Reason.TOO_MANY: 429, Reason.QUERY_WRONG: 404, Reason.MATTER_UNKNOWN: 404, Reason.ERASED: 410,
    Reason.FORM_TOKEN: 403, Reason.UPLOAD_TYPE: 415, Reason.SOURCE_WRONG: 403,
}  # fmt: skip
_RESPONSES: dict[int | str, dict[str, object]] = {
    403: {"description": "表单标识不对、过期或已使用。The form's token is not right, too old or used."},
    404: {"description": "没有该事项。There is no such matter."},
    410: {"description": "已依法删除。It was erased."},
    413: {"description": "内容过大。Too large."},
    422: {"description": "内容不合要求,说明在detail。Something is to be put right."},
    429: {"description": "过于频繁。Too many attempts."},
}
F = TypeVar("F", bound=Form)


class FormToken(BaseModel):
    """表单标识。What a form is sent with: not before `min_seconds`, not after `max_seconds`, once."""

    token: str
    min_seconds: int = MIN_AGE_MS // 1000
    max_seconds: int = MAX_AGE_MS // 1000


class ReceiptGiven(BaseModel):
    """受理编号和查询码,查询码只显示一次。The number, and the code, which is shown this once."""

    number: str
    code: str


class Asked(BaseModel):
    """查询。Both numbers."""

    number: Annotated[str, Field(min_length=1, max_length=40)]
    code: Annotated[str, Field(min_length=1, max_length=20)]


class LaterStep(Asked):
    """后续环节。A step that whoever handed it in takes afterwards."""

    step: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    fields: Answers = {}


class Taken(BaseModel):
    """已提交,办理情况另行查询。Sent on; the query tells what became of it."""

    taken: bool = True


def address(request: Request) -> str:
    """Whose limits count."""
    return network(request.client.host if request.client else "-")


Address = Annotated[str, Depends(address)]


def _body(model: type[BaseModel]) -> dict[str, object]:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.get("/form", summary="领取表单 A form's token", responses=_RESPONSES)
def get_form(
    here: Here, address: Address,
    kind: Annotated[Kind, Query(description="表单种类 Which form")],
) -> FormToken:  # fmt: skip
    """每张表单用一次 (a token serves once)."""
    return FormToken(token=_or_problem(lambda: here.desk.form(kind, address)))


@router.post("/letters", status_code=201, summary="写信 A letter", responses=_RESPONSES, openapi_extra=_body(Letter))
async def post_letter(request: Request, here: Here, address: Address) -> ReceiptGiven:
    """市长信箱、部门信箱来信 (to the mayor's mailbox, the hotline's or a department's)."""
    return await _taken(request, here, "letters", address)


@router.post("/foi-requests", status_code=201, summary="申请公开 A request for information", responses=_RESPONSES,
             openapi_extra=_body(FoiRequest))  # fmt: skip
async def post_request(request: Request, here: Here, address: Address) -> ReceiptGiven:
    """须有身份证明和联系方式 (with a proof of identity and a way to reach you; 条例 Art. 29)."""
    return await _taken(request, here, "foi-requests", address)


@router.post("/answers", status_code=201, summary="填问卷 Answers to a questionnaire", responses=_RESPONSES,
             openapi_extra=_body(Answer))  # fmt: skip
async def post_answer(request: Request, here: Here, address: Address) -> ReceiptGiven:
    """选择题公开计数,文字封存 (choices are counted, words are sealed)."""
    return await _taken(request, here, "answers", address)


@router.post(
    "/comments", status_code=201, summary="提意见 A comment", responses=_RESPONSES, openapi_extra=_body(Comment)
)
async def post_comment(request: Request, here: Here, address: Address) -> Response:
    """公众意见;带部门密钥的,是账号转来的意见,同一foreign_id只收一次 (with a key: an account's, once for each id).

    An account's adapter sends `channel` (the outlet's id), `foreign_id` and `at`, and needs no token; a repeat gets the
    first answer again.
    """
    if "authorization" not in request.headers:
        given = await _taken(request, here, "comments", address)
        return Response(given.model_dump_json(), 201, media_type="application/json")
    form = await _form(request, Comment)
    speaker = await to_thread.run_sync(_account, request, here, form.channel)
    answer = await to_thread.run_sync(lambda: _or_problem(lambda: here.desk.comment(form, speaker)))
    return Response(answer.to_json(portal=here.portal), answer.status, media_type="application/json")


@router.post("/query", summary="查询办理情况 What became of it", responses=_RESPONSES)
def post_query(here: Here, address: Address, asked: Asked) -> Status:
    """受理编号和查询码都对才答复;哪个不对都是同一句话 (the same answer whichever is wrong)."""
    return _or_problem(lambda: here.desk.query(asked.number, asked.code, address))


@router.get("/query", summary="查询办理情况 What became of it", responses=_RESPONSES)
def get_query(
    here: Here, address: Address, number: Annotated[str, Query(min_length=1, max_length=40)],
    query_code: Annotated[str, Header(max_length=20, description="查询码,不写入网址 Never in the address")],
) -> Status:  # fmt: skip
    """同上 (as above)."""
    return _or_problem(lambda: here.desk.query(number, query_code, address))


@router.post("/steps", status_code=202, summary="满意度评价等后续环节 A later step", responses=_RESPONSES)
def post_step(here: Here, address: Address, taken: LaterStep) -> Taken:
    """凭受理编号和查询码评价答复;可办环节见表单的later (rate the reply; pressed twice it counts once)."""
    wanted = Wanted(taken.number, taken.code, taken.step, taken.fields)
    _or_problem(lambda: here.desk.step(wanted, address))
    return Taken()


async def _taken(request: Request, here: Door, kind: Kind, address: str) -> ReceiptGiven:
    form = await _form(request, FORMS[kind])
    given = await to_thread.run_sync(lambda: _or_problem(lambda: here.desk.take(kind, form, address)))
    return ReceiptGiven(number=given.number, code=given.code)


async def _form(request: Request, model: type[F]) -> F:
    """The form in the body, which is read no further than its limit."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415)
    body = await whole(request, MAX_BODY)
    if isinstance(body, Oversize):
        raise Problem(413)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = "/".join(map(str, first["loc"]))[:100]
        raise _problem(
            Refused(Reason.FORM_FIELD, f"/{field}", field=field or "-", why_zh="不合要求", why_en=first["msg"])
        ) from error


def _account(request: Request, here: Door, channel: str) -> Principal:
    """An account speaks through the department it belongs to, or the lead office."""
    caller = who(request, None)
    outlet = here.pack.outlet.get(channel)
    if outlet is None or not (caller.lead or outlet.department in here.mine(caller.dept)):
        raise _problem(Refused(Reason.SOURCE_WRONG, "/channel", source=f"/accounts/{channel}", dept=caller.dept))
    return Principal(caller.dept, "account", source=f"/accounts/{channel}")


T = TypeVar("T")


def _or_problem(action: Callable[[], T]) -> T:
    try:
        return action()
    except Refused as refused:
        raise _problem(refused) from refused


def _problem(refused: Refused) -> Problem:
    return Problem(_STATUS.get(Reason(refused.code), 422), refused.code, refused.zh, refused.en, place=refused.place)
