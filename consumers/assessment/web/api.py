"""JSON: departments with their figures, the duties behind them, and the channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request

from bus.web import Problem
from consumers.assessment.departments import Figures, Listed
from consumers.assessment.duties import LABELS, SCORED, Filter, Status
from consumers.assessment.periods import Quarter
from consumers.assessment.web.context import Context, Standing

QuarterName = Annotated[str | None, Query(max_length=10, description="2026Q3; the present quarter by default")]
Page = Annotated[int, Query(ge=1, le=100_000)]
Statuses = Annotated[Sequence[Status], Query()]
Size = Annotated[int, Query(ge=1, le=1_000)]
LIST = "/api/v1/publications"


def routes(context: Context) -> APIRouter:
    """The API of one assessment."""
    router = APIRouter(prefix="/api/v1")
    api = _Api(context)
    router.add_api_route("/departments", api.departments)
    router.add_api_route("/departments/{code}", api.department)
    router.add_api_route("/publications", api.publications)
    router.add_api_route("/channels", api.channels)
    return router


class _Api:
    def __init__(self, context: Context) -> None:
        self._context = context

    def departments(self, request: Request, quarter: QuarterName = None) -> dict[str, Any]:
        """Every department's figures in a quarter (K01, 主动公开及时率)."""
        wanted = self._context.quarter(quarter)
        standings = self._context.standings(wanted)
        return {
            "quarter": str(wanted), "as_of": self._context.clock(),
            "departments": [self._standing(request, wanted, standing) for standing in standings],
        }  # fmt: skip

    def department(self, request: Request, code: str, quarter: QuarterName = None) -> dict[str, Any]:
        """One department's figures, each with the list of its members."""
        wanted = self._context.quarter(quarter)
        standing = self._context.standing(code, wanted)
        if standing is None:
            raise Problem(404)
        return {
            "quarter": str(wanted), "as_of": self._context.clock(), **self._standing(request, wanted, standing),
        }  # fmt: skip

    def publications(
        self, request: Request, *, dept: Annotated[str | None, Query(max_length=100)] = None,
        quarter: QuarterName = None,
        status: Statuses = (), page: Page = 1, size: Size = 100,
    ) -> dict[str, Any]:  # fmt: skip
        """Duties, the latest due first; without a quarter, of all time."""
        wanted = Filter(dept, Quarter.parse(quarter) if quarter else None, tuple(status))
        found = self._context.members(wanted, (page - 1) * size, size)
        asked = [pair for pair in request.query_params.multi_items() if pair[0] != "page"]
        return {
            "publications": [self._duty(duty) for duty in found[:size]],
            "next": f"{_base(request)}{LIST}?{urlencode([*asked, ('page', page + 1)])}" if len(found) > size else None,
        }

    def channels(self) -> dict[str, Any]:
        """Whether every reader of the bus keeps up."""
        board = self._context.board()
        return {
            "as_of": self._context.clock(),
            "ok": all(channel.state != "red" for channel in board),
            "channels": [asdict(channel) for channel in board],
        }

    def _standing(self, request: Request, quarter: Quarter, standing: Standing) -> dict[str, Any]:
        return {
            "code": standing.code, "name": standing.name, "class": standing.group,
            **_figures(standing.figures, f"{_base(request)}{LIST}", standing.code, quarter),
        }  # fmt: skip

    def _duty(self, duty: Listed) -> dict[str, Any]:
        return {**asdict(duty), "status_zh": LABELS[duty.status], "url": self._context.item_url(duty.subject)}


def _figures(figures: Figures, base: str, dept: str, quarter: Quarter) -> dict[str, Any]:
    """Figures, each with the address of the list it was counted from."""
    members = f"{base}?{urlencode({'dept': dept, 'quarter': quarter})}"
    return {
        "rate": figures.rate, "scored": {"count": figures.scored, "members": members + _SCORED},
        "total": figures.total, "members": members, "overridden": figures.overridden,
        "counts": {
            status.value: {"count": figures.counts.get(status, 0), "members": f"{members}&status={status.value}"}
            for status in Status
        },
    }  # fmt: skip


_SCORED = "".join(f"&status={status.value}" for status in SCORED)


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")
