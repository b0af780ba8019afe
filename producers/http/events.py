"""`/v1/events`: taking events in every CloudEvents form, and saying what became of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from bus.web import Problem
from producers.answers import Answer
from producers.corrections import heirs_of
from producers.forms import Given, Oversize, batch, binary, structured
from producers.http.body import MAX_BATCH_BYTES, whole
from producers.http.door import Here, Who
from producers.http.ndjson import MEDIA_TYPE as NDJSON
from producers.http.ndjson import NdjsonAnswers
from producers.http.submit import submit
from producers.http.views import EventView, event_view
from producers.matters import erased_event
from producers.refusals import Refused
from schemas.base import MAX_EVENT_BYTES
from schemas.reasons import Reason

router = APIRouter(tags=["events 事件"])

STRUCTURED = ("application/cloudevents+json", "application/json")
BATCH = "application/cloudevents-batch+json"
_EVENT = {"type": "object", "description": "CloudEvents 1.0, JSON"}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED[0]: {"schema": _EVENT},
            BATCH: {"schema": {"type": "array", "items": _EVENT, "maxItems": 1000}},
            NDJSON: {
                "schema": {"type": "string", "description": "one event a line, any number; 每行一个事件,行数不限"}
            },
        },
    }
}
_RESPONSES: dict[int | str, dict[str, object]] = {
    200: {"description": "NDJSON:逐行答复。A line of answer for each line of the stream."},
    202: {"description": "已接收。Taken; the verdict follows in the feed."},
    207: {"description": "批量:逐个答复。A batch of which some were refused; see each answer."},
    400: {"description": "无法识别,已记入死信。Not readable; kept among the dead letters."},
    401: {"description": "没有有效密钥。No valid key."},
    403: {"description": "来源或发文机关不符。Another department's source or issuer."},
    409: {"description": "编号已用于其他内容(ID-REUSED)。The id was used for another content."},
    413: {"description": "超过1,000,000字节。Larger than 1,000,000 bytes."},
    422: {"description": "已接收但预审未通过,或已退回。Taken but refused by the preliminary judgement, or rejected."},
    503: {"description": "暂存已满,请稍后以同一id重发。Not taken; send it again later under the same id."},
}


@router.post("/v1/events", status_code=202, responses=_RESPONSES, openapi_extra=_BODY,
             summary="发送事件 Send events")  # fmt: skip
async def post_events(request: Request, here: Here, who: Who) -> Response:
    """接收结构化、二进制、批量或NDJSON流形式的CloudEvents (all four forms).

    Takes CloudEvents in structured, binary or batched mode, or a stream of them as NDJSON, which is answered line by
    line while it is read. A repeat of the same event gets its first answer again.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise _unsupported(f"content-encoding {request.headers['content-encoding'][:50]}")
    if kind in {NDJSON, "application/ndjson", "application/jsonl"}:
        return NdjsonAnswers(request, who, here.writer, here.portal)
    if kind == BATCH:
        return _batched(await submit(here.writer, who, _members(await whole(request, MAX_BATCH_BYTES))), here.portal)
    given: Given = await whole(request, MAX_EVENT_BYTES)
    if any(name.startswith("ce-") for name in request.headers) and isinstance(given, bytes):
        if not (kind.endswith("+json") or kind == "application/json"):
            raise _unsupported(kind)
        given = binary(request.headers.items(), given)
    elif kind not in STRUCTURED:
        raise _unsupported(kind)
    elif isinstance(given, bytes):
        given = structured(given)
    return _single((await submit(here.writer, who, [given]))[0], here.portal)


@router.get("/v1/events/{event_id:path}", summary="查询事件 What became of an event", response_model=EventView)
def get_event(
    here: Here,
    who: Who,
    event_id: Annotated[str, Path(description="事件编号 The event's id", max_length=400)],
    source: Annotated[
        str | None, Query(description="主管部门可查其他来源 Another source, for the lead office", max_length=400)
    ] = None,
) -> EventView:
    """事件的首次答复、裁定、渠道回执和期限。The first answer, the verdict, each outlet with its receipt, and dues."""
    own = f"/departments/{who.dept}"
    with here.store.read() as conn:
        if erased_event(conn, source if source and who.lead else own, event_id):
            refused = Refused(Reason.ERASED, id=event_id[:200])
            raise Problem(410, refused.code, refused.zh, refused.en)
    view = event_view(here.store, source if source and who.lead else own, event_id, heirs_of(here.pack))
    if view is None:
        refused = Refused(Reason.EVENT_UNKNOWN, id=event_id[:200])
        raise Problem(404, refused.code, refused.zh, refused.en)
    return view


def _members(body: bytes | Oversize) -> list[Given]:
    return [body] if isinstance(body, Oversize) else batch(body)


def _single(answer: Answer, portal: str) -> Response:
    return Response(answer.to_json(portal=portal), answer.status, _headers(answer.status), "application/json")


def _batched(answers: list[Answer], portal: str) -> Response:
    body = b"[" + b",".join(answer.to_json(number, portal) for number, answer in enumerate(answers, start=1)) + b"]"
    statuses = {answer.status for answer in answers}
    status = (statuses or {202}).pop() if len(statuses) <= 1 else 207
    return Response(body, status, _headers(status), "application/json")


def _headers(status: int) -> dict[str, str]:
    return {"Retry-After": "5"} if status == 503 else {}


def _unsupported(detail: str) -> Problem:
    refused = Refused(Reason.MEDIA_TYPE, detail=detail[:100] or "-")
    return Problem(415, refused.code, refused.zh, refused.en)
