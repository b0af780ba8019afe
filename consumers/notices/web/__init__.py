"""The page of what was carried to whom, and the same as JSON under `/api/v1`; they write nothing, show no secret."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse

from bus.city import Packs
from bus.store import Store
from bus.web import create_app, environment
from consumers.notices import views
from consumers.notices.addresses import Addresses
from consumers.notices.views import FAILED, DeliveryView, TargetView
from schemas.records import DeliveryState

STATES: dict[str, tuple[str, str]] = {
    "waiting": ("待送达", "warn"),
    "delivered": ("已送达", "good"),
    "dead": ("未送达", "bad"),
    "cancelled": ("已撤回", ""),
    "unaddressed": ("无收件地址", "bad"),
    "old": ("时间过久未送", "bad"),
}
ROLES = {"owner": "责任单位", "leader": "第一责任人", "lead-office": "牵头机构", "public": "公开"}
SHOWN = 100

States = Annotated[tuple[DeliveryState, ...], Query(description="states, or all that failed")]
Limit = Annotated[int, Query(ge=1, le=500)]
Target = Annotated[str | None, Query(max_length=100, description="id of a target")]


def build_app(store: Store, addresses: Addresses, packs: Packs) -> FastAPI:
    """Pages and JSON over the store, which they only read."""
    app = create_app("notices")
    pages = environment("consumers.notices.web")

    @app.get("/api/v1/targets")
    def get_targets() -> list[TargetView]:
        """Who is told, and how it goes."""
        with store.read() as conn:
            return views.targets(conn, addresses)

    @app.get("/api/v1/deliveries")
    def get_deliveries(state: States = FAILED, target: Target = None, limit: Limit = SHOWN) -> list[DeliveryView]:
        """Deliveries, the newest first."""
        with store.read() as conn:
            return views.deliveries(conn, state, target=target, limit=limit)

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    def home() -> str:
        with store.read() as conn:
            shown = {
                "targets": views.targets(conn, addresses),
                "failed": views.deliveries(conn, FAILED, limit=SHOWN),
                "waiting": views.deliveries(conn, ("waiting",), limit=SHOWN),
                "recent": views.deliveries(conn, ("delivered", "cancelled"), limit=SHOWN),
            }
        city = packs.current().pack.name
        return pages.get_template("home.html").render(states=STATES, roles=ROLES, city=city, **shown)

    return app
