"""五公开 in five tabs, and how citizens speak: pages that lead to what the other pages hold."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from bus.web import Problem
from consumers.portal import queries
from consumers.portal.queries import Filter
from consumers.portal.site import CONSULTATIONS
from consumers.portal.web.context import Context
from consumers.portal.web.listing import FIVE, HTML, Heading, Listing
from consumers.portal.web.replies import reply
from consumers.portal.web.resources import Wanted
from schemas.city import Column

OPEN = Column(
    id="open", name="五公开", type="其他", keywords="五公开,决策公开,执行公开,管理公开,服务公开,结果公开",
    description="按决策、执行、管理、服务、结果公开分列的政府信息",
)  # fmt: skip
LETTERS = Column(
    id="letters", name="来信", type="互动交流", keywords="来信,意见建议,咨询,投诉",
    description="公众提出意见、建议和咨询的渠道",
)  # fmt: skip
Asked = Annotated[Wanted, Query()]


def routes(context: Context) -> APIRouter:
    """The pages of one portal."""
    router = APIRouter(include_in_schema=False)
    rights = Rights(context)
    for path, page in (("/open", rights.first), ("/open/{tag}", rights.tab), ("/letters", rights.letters)):
        router.add_api_route(path, page, methods=["GET", "HEAD"])
    return router


class Rights:
    """Each method is a page."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._listing = Listing(context)

    def first(self, request: Request, asked: Asked) -> Response:
        """The first tab."""
        return self.tab(request, FIVE[0], asked)

    def tab(self, request: Request, tag: str, asked: Asked) -> Response:
        """Items of one of the five."""
        if tag not in FIVE:
            raise Problem(404)
        with self._context.store.read() as conn:
            counts = queries.counts(conn, "five_open")
        tabs = [(name, f"/open/{quote(name)}", counts.get(name, 0), name == tag) for name in FIVE]
        heading = Heading(f"{tag}公开", f"/open/{quote(tag)}", [("五公开", "/open")], column=OPEN, tabs=tabs)
        return self._listing.page(request, Filter(five_open=tag), asked, heading)

    def letters(self, request: Request) -> Response:
        """Which ways there are to write, and where each is."""
        site = self._context.site
        consultations = site.columns.get(CONSULTATIONS)
        lead = site.departments[site.pack.lead_office]
        return reply(
            request, self._context.page("letters.html", column=LETTERS, consultations=consultations, lead=lead), HTML
        )
