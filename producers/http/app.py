"""The gateway's application: the shell that all servers share, and the routes."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response

from bus import web
from bus.web.problems import answer
from producers.http import citizens, duties, events, feed, files, held, matters
from producers.http.door import Door, Unauthorised

DESCRIPTION = """政务公开发布总线的入口:发送事件、上传附件、查询裁定与回执。

The way into the publishing bus: send events, upload files, read verdicts and receipts.
Errors are problem details (RFC 9457) with a stable `code` and a sentence in Chinese (`zh`) and English (`en`)."""


def create_app(door: Door | None) -> FastAPI:
    """The application over `door`."""
    app = web.create_app("gateway", description=DESCRIPTION)
    app.state.door = door
    for module in (events, feed, files, held, matters, citizens, duties):
        app.include_router(module.router)

    @app.exception_handler(Unauthorised)
    def _unauthorised(request: Request, problem: Unauthorised) -> Response:
        return answer(request, problem, {"WWW-Authenticate": "Bearer"})

    return app


def openapi() -> dict[str, Any]:
    """The OpenAPI document, for `gongkai contracts export`."""
    return create_app(None).openapi()
