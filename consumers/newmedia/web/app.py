"""The application: `/`, `/items`, and the same as JSON under `/api/v1`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse

from bus.clock import Clock
from bus.store import Store
from bus.web import create_app, environment
from consumers.newmedia.web import views
from consumers.newmedia.web.views import AccountView, DeliveryView
from schemas.base import Subject
from schemas.city import Outlet, Pack

STATES = {
    "waiting": ("待门户首发", "warn"),
    "queued": ("排队", "warn"),
    "sending": ("发送中", "warn"),
    "live": ("已发布", "good"),
    "removing": ("撤下中", "warn"),
    "removed": ("已撤下", "bad"),
    "noted": ("未发布", ""),
}
ALERTS = {
    "quota-missed": "应急信息错过群发次数",
    "refused": "平台拒绝",
    "configuration": "账号配置有误",
    "stuck": "平台多次无结果",
    "not-removed": "撤下未成",
    "send-failed": "群发失败",
}
PERIODS = {"day": "今日", "month": "本月"}
PLATFORMS = {"wechat": "微信公众号", "weibo": "微博"}

AccountFilter = Annotated[str | None, Query(max_length=100, description="id of an account")]
Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the routes read."""

    store: Store
    pack: Pack
    outlets: tuple[Outlet, ...]
    clock: Clock

    @property
    def order(self) -> tuple[str, ...]:
        """Quota classes, most urgent first."""
        return self.pack.city.quota_classes


def build_app(store: Store, pack: Pack, outlets: Sequence[Outlet], clock: Clock) -> FastAPI:
    """Pages and JSON over the store, which they only read."""
    app = create_app("newmedia")
    shelf = Shelf(store, pack, tuple(outlets), clock)
    _add_json(app, shelf)
    _add_pages(app, shelf)
    return app


def _add_json(app: FastAPI, shelf: Shelf) -> None:
    @app.get("/api/v1/accounts")
    def get_accounts() -> list[AccountView]:
        """Accounts with quota and queue length."""
        with shelf.store.read() as conn:
            return views.accounts(conn, shelf.outlets, shelf.clock())

    @app.get("/api/v1/queue")
    def get_queue(account: AccountFilter = None, limit: Limit = 100, offset: Offset = 0) -> list[DeliveryView]:
        """What still owes its receipt, in the order in which it is to go."""
        with shelf.store.read() as conn:
            return views.queue(conn, shelf.order, account, limit, offset)

    @app.get("/api/v1/deliveries")
    def get_deliveries(subject: Subject) -> list[DeliveryView]:
        """What became of one item on each account."""
        with shelf.store.read() as conn:
            return views.deliveries(conn, subject)


def _add_pages(app: FastAPI, shelf: Shelf) -> None:
    pages = environment("consumers.newmedia.web")
    words = {
        "states": STATES, "alerts_zh": ALERTS, "periods": PERIODS, "platforms": PLATFORMS,
        "names": {each.id: each.name for each in shelf.outlets}, "city": shelf.pack.name,
    }  # fmt: skip

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    def home() -> str:
        with shelf.store.read() as conn:
            shown = {
                "accounts": views.accounts(conn, shelf.outlets, shelf.clock()), "alerts": views.alerts(conn, 50),
                "queue": views.queue(conn, shelf.order, None, 100, 0), "recent": views.recent(conn, 50),
            }  # fmt: skip
        return pages.get_template("home.html").render(**words, **shown)

    @app.get("/items", response_class=HTMLResponse, include_in_schema=False)
    def item(subject: Subject) -> str:
        with shelf.store.read() as conn:
            found = views.deliveries(conn, subject)
        return pages.get_template("item.html").render(**words, subject=subject, deliveries=found)
