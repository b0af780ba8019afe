"""The assessment's web application, made of its routes and the house's shell."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from bus.web import create_app
from consumers.assessment.web import api, matters, pages
from consumers.assessment.web.context import Context

STATIC = Path(__file__).parent / "static"


def build_app(context: Context) -> FastAPI:
    """Every route."""
    app = create_app("assessment")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(api.routes(context))
    app.include_router(pages.routes(context))
    app.include_router(matters.routes(context))
    return app
