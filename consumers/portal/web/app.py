"""The portal's web application, made of its routes and the house's shell."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from bus.web import create_app
from consumers.portal.web import (
    api,
    campaigns,
    catalogue,
    catalogue_api,
    counter,
    editions,
    matters,
    pages,
    readings,
    registers,
    registers_api,
    rights,
    rules,
    syndication,
)
from consumers.portal.web.context import Context

STATIC = Path(__file__).parent / "static"


def build_app(context: Context) -> FastAPI:
    """Every route; feeds before pages, whose paths are wider."""
    app = create_app("portal")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    feeds, lists = (readings, api, syndication), (rules, rights, catalogue_api, catalogue, editions)
    for routes in (*feeds, *lists, registers_api, registers, counter, campaigns, matters, pages):
        app.include_router(routes.routes(context))
    return app
