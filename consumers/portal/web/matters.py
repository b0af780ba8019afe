"""Matters for citizens: lists, the board of what runs by the hour, the calendar, and one page for any lifecycle.

No lifecycle is named here: what is shown beyond title, state and steps is what `pages` of the lifecycle says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from bus.web import Problem
from consumers.portal import queries as item_queries
from consumers.portal.matters import duties, queries
from consumers.portal.matters.queries import Wanted
from consumers.portal.shelf import SHANGHAI
from consumers.portal.tables import Row
from consumers.portal.web.context import Context
from consumers.portal.web.listing import HTML
from consumers.portal.web.matter_views import DueView, MatterLine, MatterView, sentence
from consumers.portal.web.replies import reply
from consumers.portal.web.views import Line, today_of
from consumers.portal.web.voice import voice_of
from schemas.base import Model
from schemas.city import Column
from schemas.city.matters import Lifecycle

PAGE, BOARD, CALENDAR, SOLVED = 20, 100, 500, 10
COLUMN = Column(
    id="matters", name="事项进展", type="其他", keywords="重大决策,意见征集,政务舆情回应,会议公开,新闻发布,督查整改",
    description="决策、征集、回应、会议等事项从开始到办结的每一步",
)  # fmt: skip
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"(?P<year>[12]\d{3})-(?P<month>0[1-9]|1[0-2])", re.ASCII)
_TAG = "tag_"
Choices = Sequence[tuple[str, str, int]]


class Asked(Model):
    """What a list of matters is asked for; `tag_<field>` beside it narrows by a field."""

    kind: Annotated[str, Field(max_length=60)] = ""
    state: Annotated[str, Field(max_length=40)] = ""
    dept: Annotated[str, Field(max_length=100)] = ""
    q: Annotated[str, Field(max_length=100)] = ""
    since: Annotated[str, Field(max_length=10)] = ""
    until: Annotated[str, Field(max_length=10)] = ""
    after: Annotated[str, Field(max_length=600)] = ""
    """`next` of the page before."""


def routes(context: Context) -> APIRouter:
    """The pages of one portal."""
    router = APIRouter(include_in_schema=False)
    pages = Matters(context)
    for path, page in (
        ("/matters", pages.listed),
        ("/matters/board", pages.board),
        ("/matters/calendar", pages.calendar),
        ("/matters/{subject:path}", pages.shown),
    ):
        router.add_api_route(path, page, methods=["GET", "HEAD"])
    return router


class Matters:
    """Each method is a page; they read, and write nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._site = context.site

    def listed(self, request: Request, asked: Annotated[Asked, Query()]) -> Response:
        """Matters by kind, state, words and days, those moved last first."""
        with self._context.store.read() as conn:
            lifecycle = self._context.pack(conn).lifecycle.get(asked.kind)
            tags = _tags(lifecycle, request)
            page = queries.listed(conn, _wanted(asked, tags), asked.after or None, PAGE)
            kinds, states = _facets(queries.counts(conn), asked.kind)
            narrows = self._narrowing(conn, lifecycle, tags) if lifecycle else []
            alike = queries.alike(conn, asked.q) if lifecycle and lifecycle.pages.library else []
            solved = queries.newest_days(conn, asked.kind, SOLVED) if lifecycle and lifecycle.pages.solved else []
            most = self._most(conn, lifecycle) if lifecycle and lifecycle.pages.solved else []
        chosen = {name: value for name, value in asked.model_dump(exclude={"after"}).items() if value}
        chosen |= {f"{_TAG}{name}": value for name, value in tags.items()}
        filled = self._context.page(
            "matters.html", column=COLUMN, asked=asked, kinds=kinds, states=states, narrows=narrows, narrowed=chosen,
            lines=self._lines(page.rows), alike=self._lines(alike), solved=self._lines(solved), most=most,
            lifecycle=lifecycle,
            next=f"/matters?{urlencode({**chosen, 'after': page.after})}" if page.after else None,
        )  # fmt: skip
        return reply(request, filled, HTML)

    def board(self, request: Request) -> Response:
        """What runs by the hour, with what is left of it; then what was done of late."""
        now = self._context.clock()
        with self._context.store.read() as conn:
            clocks = {one.id: one.pages.board for one in self._context.pack(conn).lifecycles if one.pages.board}
            rows = queries.running(conn, clocks, False, BOARD), queries.running(conn, clocks, True, PAGE)
            told = duties.of_matters(conn, {row.subject for some in rows for row in some})
        running, ended = (
            [(line, line.dues(clocks[line.row.lifecycle], now, told)) for line in self._lines(some)] for some in rows
        )
        running.sort(key=lambda one: _first_due(one[1]))
        page = self._context.page("matter_board.html", column=COLUMN, running=running, ended=ended)
        return reply(request, page, HTML)

    def calendar(self, request: Request, month: str = "") -> Response:
        """What is held when, day by day, and by whom how often."""
        first = _month(month, today_of(self._context.clock()))
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        with self._context.store.read() as conn:
            kinds = [one.id for one in self._context.pack(conn).lifecycles if one.pages.calendar]
            rows = queries.by_day(conn, kinds, _around(first, following), CALENDAR)
        lines = [(_day_of(line.row.day), line) for line in self._lines(rows)]
        inside = sorted((pair for pair in lines if first <= pair[0].date() < following), key=lambda one: one[0])
        days = [(day, list(some)) for day, some in groupby(inside, key=lambda one: one[0].date())]
        units = Counter(line.dept_name for _, line in inside if line.row.dept).most_common()
        page = self._context.page(
            "matter_calendar.html", column=COLUMN, first=first, days=days, units=units, number=len(inside),
            before=(first - timedelta(days=1)).replace(day=1), following=following,
        )  # fmt: skip
        return reply(request, page, HTML)

    def shown(self, request: Request, subject: str) -> Response:
        """One matter: where it stands, every public step, what is due, what is missing."""
        with self._context.store.read() as conn:
            found = queries.matter(conn, subject)
            if found is None:
                raise Problem(404, "NO-MATTER", "没有这个事项，或者它尚未公开。", "There is no such public matter.")
            lifecycle = self._context.pack(conn).lifecycle.get(found.row.lifecycle)
            view = MatterView(found, self._site, lifecycle, self._context.clock(), duties.of_matters(conn, [subject]))
            pack, today = self._context.pack(conn), today_of(self._context.clock())
            voice = voice_of(pack, lifecycle, found, queries.tallies(conn, subject), today)
            targets = [target for _, target in found.named]
            rows = {row.subject: row for row in item_queries.named(conn, targets)}
            rows |= {row.subject: row for row in item_queries.naming(conn, [found.row.subject])}
            items = [Line(row, self._site) for row in rows.values()]
            named = self._lines(list(queries.some(conn, targets).values()))
            alike = self._alike(conn, lifecycle, found.fields, subject)
        page = self._context.page(
            "matter.html", column=COLUMN, sentence=sentence, matter=view, voice=voice, items=items, named=named,
            alike=self._lines(alike), naming=self._lines([row for _, row in found.naming]),
        )  # fmt: skip
        return reply(request, page, HTML)

    def _alike(
        self, conn: Connection, lifecycle: Lifecycle | None, fields: Mapping[str, str], subject: str
    ) -> Sequence[Row]:
        question = fields.get(lifecycle.pages.library or "", "") if lifecycle else ""
        return queries.alike(conn, question, subject) if question else []

    def _narrowing(
        self, conn: Connection, lifecycle: Lifecycle, chosen: Mapping[str, str]
    ) -> list[tuple[str, str, str, Choices]]:
        """Label, parameter, what was chosen, and the choices of each field that narrows the list."""
        known = {field.id: field for step in lifecycle.steps for field in step.fields}
        made: list[tuple[str, str, str, Choices]] = []
        for name in lifecycle.pages.narrows:
            labels = dict(zip(known[name].choices, known[name].labels, strict=False))
            found = queries.tags(conn, lifecycle.id, name)
            choices = [(row.value, labels.get(row.value, row.value), row.number) for row in found]
            made.append((known[name].name, f"{_TAG}{name}", chosen.get(name, ""), choices))
        return made

    def _most(self, conn: Connection, lifecycle: Lifecycle) -> list[tuple[str, Row]]:
        """What was in the way most often, by the first field that narrows the list: its own list, and how many."""
        return [
            (f"/matters?{urlencode({'kind': lifecycle.id, f'{_TAG}{name}': row.value})}", row)
            for name in lifecycle.pages.narrows[:1] for row in queries.most(conn, lifecycle.id, name, SOLVED)
        ]  # fmt: skip

    def _lines(self, rows: Sequence[Row]) -> list[MatterLine]:
        return [MatterLine(row, self._site) for row in rows]


def _wanted(asked: Asked, tags: Mapping[str, str]) -> Wanted:
    return Wanted(
        asked.kind, asked.state, asked.dept, asked.q, _a_day(asked.since), _a_day(asked.until), tuple(tags.items())
    )


def _tags(lifecycle: Lifecycle | None, request: Request) -> dict[str, str]:
    """Of what the address says, the fields that the lifecycle lets lists be narrowed by."""
    given = ((name, request.query_params.get(f"{_TAG}{name}", "")[:200]) for name in _narrows(lifecycle))
    return {name: value for name, value in given if value and "\0" not in value}


def _narrows(lifecycle: Lifecycle | None) -> Sequence[str]:
    return lifecycle.pages.narrows if lifecycle else ()


def _facets(rows: Sequence[Row], kind: str) -> tuple[Choices, Choices]:
    """Kinds, and the states of the chosen one, counted."""
    kinds: Counter[tuple[str, str]] = Counter()
    for row in rows:
        kinds[row.lifecycle, row.name] += row.number
    states = [(row.state, row.state_name, row.number) for row in rows if row.lifecycle == kind]
    return [(id_, name, number) for (id_, name), number in kinds.items()], states


def _first_due(dues: Sequence[DueView]) -> str:
    """What must be done next stands first; what is done, last."""
    return min((f"{due.duty.due_at or due.duty.due}" for due in dues if due.duty.state == "open"), default="~")


def _a_day(text: str) -> str:
    return text if _DAY.fullmatch(text) else ""


def _month(text: str, today: date) -> date:
    found = _MONTH.fullmatch(text)
    return date(int(found["year"]), int(found["month"]), 1) if found else today.replace(day=1)


def _around(first: date, following: date) -> tuple[str, str]:
    """The texts between which days and instants of a month stand, whatever their offset."""
    return (first - timedelta(days=1)).isoformat(), (following + timedelta(days=1)).isoformat()


def _day_of(text: str) -> datetime:
    """A day or an instant, in local time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime(1, 1, 1, tzinfo=SHANGHAI)
    return found.replace(tzinfo=SHANGHAI) if found.tzinfo is None else found.astimezone(SHANGHAI)
