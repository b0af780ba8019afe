"""A FastAPI application with everything that all of ours share."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from bus import metrics
from bus.web import problems
from bus.web.middleware import Headers, Timing

STATIC = Path(__file__).parent / "static"


def create_app(title: str, *, csp: str = "", **options: Any) -> FastAPI:
    """An application with `/healthz`, `/metrics`, `/assets`, our errors and our headers.

    `csp` replaces the strict Content-Security-Policy. The interactive documents are left out: they load scripts
    from elsewhere; `/openapi.json` is there. `bus.program.run` sets `app.state.health`.
    """
    options = {"docs_url": None, "redoc_url": None, "version": version("gongkai"), **options}
    app = FastAPI(title=title, **options)
    app.state.health = lambda: {"program": title, "ok": True, "services": {}}
    app.add_api_route("/healthz", _healthz, include_in_schema=False)
    app.add_api_route("/metrics", _metrics, include_in_schema=False)
    app.mount("/assets", StaticFiles(directory=STATIC), name="assets")
    problems.install(app)
    app.add_middleware(problems.NoNul)
    app.add_middleware(Headers, csp=csp)
    app.add_middleware(Timing)
    return app


def _healthz(request: Request) -> JSONResponse:
    said = request.app.state.health()
    return JSONResponse(said, 200 if said["ok"] else 503, headers={"Cache-Control": "no-store"})


def _metrics() -> Response:
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)
