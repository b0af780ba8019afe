"""Boards of campaigns: what is owed once by many departments, who has done it and who has not, as of now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import APIRouter, Request, Response

from bus.web import Problem
from consumers.portal.matters.duties import Owed, of_campaign
from consumers.portal.shelf import instant
from consumers.portal.site import Site, matter_path
from consumers.portal.web.context import Context
from consumers.portal.web.listing import HTML
from consumers.portal.web.matter_views import DueView, due_view
from consumers.portal.web.matters import COLUMN
from consumers.portal.web.replies import reply
from schemas.city.standing import Standing


def routes(context: Context) -> APIRouter:
    """The boards of one portal."""
    router = APIRouter(prefix="/campaigns", include_in_schema=False)
    boards = Campaigns(context)
    router.add_api_route("", boards.listed, methods=["GET", "HEAD"])
    router.add_api_route("/{campaign}", boards.shown, methods=["GET", "HEAD"])
    return router


@dataclass(frozen=True)
class Line:
    """A department on the board."""

    owed: Owed
    site: Site
    due: DueView

    @property
    def dept(self) -> str:
        """Who owes it."""
        return self.owed.notice.dept

    @property
    def path(self) -> str:
        """Of its matter, once that is public."""
        return matter_path(self.owed.notice.subject)

    @property
    def done(self) -> bool:
        """Whether it is done, or need not be."""
        return self.owed.notice.state in {"closed", "exempt"}

    @property
    def closed(self) -> datetime | None:
        """When."""
        return self.owed.notice.closed_at

    @property
    def rungs(self) -> Sequence[tuple[str, datetime]]:
        """What was said because it was not."""
        return [(rung.name, instant(rung.at)) for rung in self.owed.rungs]


@dataclass(frozen=True)
class Board:
    """A campaign with everybody who owes it, those who have not done it first."""

    campaign: Standing
    lines: Sequence[Line]

    @property
    def done(self) -> int:
        """How many have."""
        return sum(line.done for line in self.lines)

    @property
    def due(self) -> date | None:
        """Its last day; the last of several."""
        return max((line.owed.notice.due for line in self.lines), default=None)


class Campaigns:
    """Each method is a page."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def listed(self, request: Request) -> Response:
        """Every campaign."""
        boards = [self._board(one) for one in self._context.site.pack.standing if one.since is not None]
        return reply(request, self._context.page("campaigns.html", column=COLUMN, boards=boards), HTML)

    def shown(self, request: Request, campaign: str) -> Response:
        """One campaign."""
        found = next((one for one in self._context.site.pack.standing if one.id == campaign and one.since), None)
        if found is None:
            raise Problem(404)
        page = self._context.page("campaign.html", column=COLUMN, board=self._board(found), now=self._context.clock())
        return reply(request, page, HTML)

    def _board(self, campaign: Standing) -> Board:
        now, site = self._context.clock(), self._context.site
        with self._context.store.read() as conn:
            owed = of_campaign(conn, campaign.id)
        lines = [Line(one, site, due_view(one.notice, now)) for one in owed]
        order = {code: n for n, code in enumerate(site.departments)}
        return Board(campaign, sorted(lines, key=lambda line: (line.done, order.get(line.dept, len(order)))))
