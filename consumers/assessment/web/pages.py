"""Pages for the assessment office: the city, one department, the channels."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bus.web import Problem, environment
from consumers.assessment.channels import Channel
from consumers.assessment.departments import PAGE, quarters, together
from consumers.assessment.duties import LABELS, SCORED, Filter, Status
from consumers.assessment.periods import Quarter
from consumers.assessment.rows import city_day
from consumers.assessment.web.api import Page, QuarterName, Statuses
from consumers.assessment.web.bars import WIDTH, bar, percent
from consumers.assessment.web.context import Context, Standing

PART_NAMES = {
    "gateway": "发布入口", "router": "规则审核", "portal": "门户网站", "newmedia": "政务新媒体", "gazette": "政府公报",
    "assessment": "考核台账", "notices": "督办送达",
}  # fmt: skip


def routes(context: Context) -> APIRouter:
    """The pages of one assessment."""
    router = APIRouter(include_in_schema=False)
    pages = _Pages(context)
    for path, page in (
        ("/", pages.city), ("/departments/{code}", pages.department), ("/publications", pages.publications),
        ("/channels", pages.channels),
    ):  # fmt: skip
        router.add_api_route(path, page, methods=["GET", "HEAD"])
    return router


class _Pages:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._templates = environment("consumers.assessment.web")

    def city(self, quarter: QuarterName = None) -> HTMLResponse:
        """Every department, the least timely first, those without anything due last."""
        wanted = self._context.quarter(quarter)
        standings = self._context.standings(wanted)
        ranked = sorted(standings, key=_rank)
        with self._context.store.read() as conn:
            choices = quarters(conn, city_day(self._context.clock()))
        whole = together([standing.figures for standing in standings])
        return self._page("city.html", quarter=wanted, choices=choices, standings=ranked, whole=whole)

    def department(self, code: str, quarter: QuarterName = None, status: Statuses = (), page: Page = 1) -> HTMLResponse:
        """One department: its figures, and the duties behind the one that was picked."""
        wanted = self._context.quarter(quarter)
        standing = self._context.standing(code, wanted)
        if standing is None:
            raise Problem(404)
        return self._list(wanted, tuple(status), page, standing)

    def publications(self, quarter: QuarterName = None, status: Statuses = (), page: Page = 1) -> HTMLResponse:
        """The duties of all departments behind a figure of the city's."""
        return self._list(self._context.quarter(quarter), tuple(status), page, None)

    def _list(
        self, quarter: Quarter, statuses: tuple[Status, ...], page: int, standing: Standing | None
    ) -> HTMLResponse:
        wanted = Filter(standing.code if standing else None, quarter, statuses)
        found = self._context.members(wanted, (page - 1) * PAGE, PAGE)
        with self._context.store.read() as conn:
            choices = quarters(conn, city_day(self._context.clock()))
        return self._page(
            "list.html", quarter=quarter, choices=choices, standing=standing, picked=statuses, page=page,
            duties=found[:PAGE], more=len(found) > PAGE,
        )  # fmt: skip

    def channels(self) -> HTMLResponse:
        """Whether every reader of the bus keeps up."""
        return self._page("channels.html")

    def _page(self, template: str, **values: object) -> HTMLResponse:
        board = self._context.board()
        shown = self._templates.get_template(template).render(
            context=self._context, now=self._context.clock(), board=board, red=_red(board), labels=LABELS,
            scored=SCORED, statuses=tuple(Status), bar=bar, percent=percent, width=WIDTH, names=_names,
            pending=(Status.PENDING, Status.REJECTED_PENDING),
            part_names=PART_NAMES, **values,
        )  # fmt: skip
        return HTMLResponse(shown)


def _names(statuses: Sequence[Status]) -> str:
    if statuses == SCORED:
        return "到期事项"
    return "、".join(LABELS[status] for status in statuses)


def _red(board: Sequence[Channel]) -> list[Channel]:
    return [channel for channel in board if channel.state == "red"]


def _rank(standing: Standing) -> tuple[bool, float, int]:
    rate = standing.figures.rate
    return rate is None, rate or 0.0, -standing.figures.scored
