"""Pages and JSON of what is due, what is overdue, and the figures that the pack counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bus.web import environment
from consumers.assessment import matters
from consumers.assessment.rows import city_day, day_end, instant, micros
from consumers.assessment.web.context import Context

AHEAD = timedelta(days=14)
"""How far the page of what falls due looks ahead."""
SHOWN = 500
"""Rows of a page; the counts beside them are of all."""


def routes(context: Context) -> APIRouter:
    """The pages of what is due, and their figures as JSON."""
    router = APIRouter()
    made = _Matters(context)
    for path, page in (("/due", made.due), ("/overdue", made.overdue)):
        router.add_api_route(path, page, methods=["GET", "HEAD"], include_in_schema=False)
    router.add_api_route("/api/v1/counters", made.counters)
    return router


class _Matters:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._templates = environment("consumers.assessment.web")

    def due(self) -> HTMLResponse:
        """What falls due in the coming days, by department and day."""
        now = self._context.clock()
        return self._page("due.html", micros(now), micros(day_end(city_day(now) + AHEAD)))

    def overdue(self) -> HTMLResponse:
        """What should be done and is not, with the rung reached, and the figures."""
        return self._page("overdue.html", 0, micros(self._context.clock()), figures=self._figures())

    def counters(self) -> dict[str, Any]:
        """Every figure that the pack counts, in all and by department."""
        return {"as_of": self._context.clock(), "counters": self._figures()}

    def _figures(self) -> list[dict[str, Any]]:
        now = micros(self._context.clock())
        found = []
        with self._context.store.read() as conn:
            for counter in self._context.pack.counters:
                by_dept = self._owing(matters.count(conn, counter, now))
                found.append({
                    "id": counter.id, "name": counter.name, "basis": counter.basis,
                    "count": len(by_dept) if counter.of == "units" else sum(by_dept.values()),
                    "departments": [
                        {"code": code, "name": self._context.name_of(code), "count": number}
                        for code, number in by_dept.items()
                    ],
                })  # fmt: skip
        return found

    def _page(self, template: str, first: int, last: int, **values: object) -> HTMLResponse:
        with self._context.store.read() as conn:
            rows = matters.due_between(conn, first, last, SHOWN)
            counts = self._owing(matters.open_by_dept(conn, first, last))
        board = self._context.board()
        shown = self._templates.get_template(template).render(
            context=self._context, now=self._context.clock(), red=[each for each in board if each.state == "red"],
            part_names={}, rows=rows, counts=counts, owner=self._owner, at=instant,
            day=lambda row: city_day(instant(row.due - 1)), shown=SHOWN, **values,
        )  # fmt: skip
        return HTMLResponse(shown)

    def _owner(self, dept: str) -> str:
        """Who owes it now: an ended department's successor in its place."""
        heir = self._context.pack.heir_of(dept, city_day(self._context.clock()))
        return heir.code if heir else dept

    def _owing(self, counts: dict[str, int]) -> dict[str, int]:
        found: dict[str, int] = {}
        for dept, number in counts.items():
            owner = self._owner(dept)
            found[owner] = found.get(owner, 0) + number
        return found
