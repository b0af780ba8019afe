"""Errors as answers: RFC 9457 problem details in Chinese and English for machines, a page for people."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from bus import log
from bus.errors import Invalid, Retriable
from bus.web.middleware import security
from bus.web.pages import environment

_ORDINARY = {
    400: ("BAD-REQUEST", "请求格式有误。", "The request is malformed."),
    401: ("UNAUTHORISED", "需要有效的密钥。", "A valid key is needed."),
    403: ("FORBIDDEN", "没有访问权限。", "This is not allowed."),
    404: ("NOT-FOUND", "找不到该页面或资源。", "There is nothing here."),
    405: ("METHOD", "不支持该请求方法。", "This method is not supported here."),
    406: ("NOT-ACCEPTABLE", "没有所要求的格式。", "The wanted format is not available."),
    409: ("CONFLICT", "与已有内容冲突。", "This conflicts with what is there."),
    410: ("GONE", "该内容已删除。", "This is gone."),
    413: ("SIZE", "内容超过大小限制。", "The content is too large."),
    415: ("MEDIA-TYPE", "不支持该内容类型。", "This media type is not supported."),
    422: ("INVALID", "内容不符合要求。", "The content breaks a rule."),
    429: ("TOO-MANY", "请求过于频繁，请稍后再试。", "Too many requests; try again later."),
    500: ("INTERNAL", "系统内部错误，请稍后再试。", "Something failed here; try again later."),
    503: ("UNAVAILABLE", "服务暂不可用，请稍后再试。", "The service is not available now; try again later."),
}

_log = log.get("bus.web")


class Problem(Exception):
    """An error that is the answer: `code` is stable, `zh` tells a clerk what to do, `en` says the same."""

    def __init__(self, status: int, code: str = "", zh: str = "", en: str = "", **more: object) -> None:
        ordinary = _ORDINARY.get(status, ("ERROR", "请求未能完成。", "The request failed."))
        self.status = status
        self.code = code or ordinary[0]
        self.zh = zh or ordinary[1]
        self.en = en or ordinary[2]
        self.more = more
        """Further members of the problem object: `findings`, `place` …"""
        super().__init__(f"{status} {self.code}: {self.en}")

    def body(self) -> dict[str, object]:
        """The problem details object."""
        return {
            "type": "about:blank", "title": HTTPStatus(self.status).phrase, "status": self.status,
            "detail": f"{self.zh} {self.en}", "code": self.code, "zh": self.zh, "en": self.en, **self.more,
        }  # fmt: skip


def answer(request: Request, problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """`problem` as a page where a browser asks, else as JSON; a failure passes no middleware, so headers are here."""
    headers = {**security(), **(headers or {})}
    if _wants_page(request):
        page = environment().get_template("error.html").render(problem=problem)
        return HTMLResponse(page, problem.status, headers=headers)
    return JSONResponse(problem.body(), problem.status, headers=headers, media_type="application/problem+json")


class NoNul:
    """Lets no U+0000 of an address through: a database that is asked for one fails, and none is kept in any.

    What is asked has U+FFFD in its place, which finds what a NUL would: nothing; a path that holds one leads nowhere.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is left."""
        if scope["type"] == "http" and b"%00" in scope["query_string"]:
            scope = {**scope, "query_string": scope["query_string"].replace(b"%00", b"%EF%BF%BD")}
        if scope["type"] == "http" and "\0" in scope["path"]:
            await answer(Request(scope), Problem(404))(scope, receive, send)
            return
        await self._app(scope, receive, send)


def install(app: FastAPI) -> None:
    """Let every error leave `app` as a problem; the inside of a failure is logged and never told."""

    @app.exception_handler(Problem)
    def _problem(request: Request, error: Problem) -> Response:
        return answer(request, error, {"Retry-After": "5"} if error.status == 503 else None)

    @app.exception_handler(Invalid)
    def _invalid(request: Request, error: Invalid) -> Response:
        return answer(request, Problem(422, error.code, error.zh, error.en, place=error.place))

    @app.exception_handler(Retriable)
    def _retriable(request: Request, error: Retriable) -> Response:
        _log.warning("not available", path=request.url.path, error=str(error))
        return answer(request, Problem(503), {"Retry-After": "5"})

    @app.exception_handler(RequestValidationError)
    def _malformed(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = "/" + "/".join(str(part) for part in first["loc"])
        zh, en = f"请求参数有误：{place}。", f"A parameter is wrong: {place}: {first['msg']}."
        return answer(request, Problem(422, "PARAMETER", zh, en, place=place))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        return answer(request, Problem(error.status_code), dict(error.headers or {}))

    @app.exception_handler(Exception)
    def _failure(request: Request, error: Exception) -> Response:
        _log.error("request failed", path=request.url.path, exc_info=error)
        return answer(request, Problem(500))


def _wants_page(request: Request) -> bool:
    """Whether the first thing a client takes is a page, as browsers say; machines say JSON, `*/*` or nothing."""
    return request.headers.get("accept", "").partition(",")[0].strip().startswith("text/html")
