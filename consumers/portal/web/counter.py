"""Citizens' forms, and the query: shown here, taken by the door; what is written passes through and is not kept.

Reads: matters, for what a form is about. Writes: nothing here; the door's counter, over HTTP.
Fails to: the same form again, with everything typed still in it and what is wrong beside each field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from bus.web import Problem
from consumers.portal.counter.filled import FILES, Wrong, body_of, faults
from consumers.portal.counter.handing import Done, Receipt, Refusal, Status
from consumers.portal.counter.reading import Came, Reader
from consumers.portal.counter.sheet import Sheet, is_open, later_of, sheet_of
from consumers.portal.matters import queries
from consumers.portal.site import matter_path
from consumers.portal.web.context import Context
from consumers.portal.web.listing import HTML
from consumers.portal.web.matter_views import MatterLine
from consumers.portal.web.rights import LETTERS
from consumers.portal.web.views import today_of

LOOK = "look"
"""The button that asks for like cases and hands nothing in."""
_ANEW = "FORM-TOKEN"
"""What the counter says to a form whose token has to be another."""
_FIELDS = {"UPLOAD-TYPE": FILES, "UPLOAD-SIZE": FILES}
"""Controls that some refusals are about."""
_PRIVATE = {"Cache-Control": "no-store"}


def routes(context: Context) -> APIRouter:
    """The forms of one portal."""
    router = APIRouter(prefix="/counter", include_in_schema=False)
    pages = CounterPages(context)
    router.add_api_route("/query", pages.ask, methods=["GET", "HEAD"])
    router.add_api_route("/query", pages.asked, methods=["POST"])
    router.add_api_route("/steps", pages.stepped, methods=["POST"])
    for path in ("/{sort}", "/{sort}/{subject:path}"):
        router.add_api_route(path, pages.form, methods=["GET", "HEAD"])
        router.add_api_route(path, pages.taken, methods=["POST"])
    return router


class About(NamedTuple):
    """What a form is about: a matter that is there, or nothing yet."""

    subject: str = ""
    title: str = ""
    fields: Mapping[str, str] = {}


@dataclass(frozen=True)
class Shown:
    """A form on its page."""

    sheet: Sheet
    about: About
    token: str
    came: Came
    wrongs: Sequence[Wrong] = ()
    alike: Sequence[MatterLine] = ()
    """Cases of the library that are nearest to what was typed."""

    @property
    def path(self) -> str:
        """Where it is sent."""
        own = f"/counter/{self.sheet.form.id}"
        return f"{own}{matter_path(self.about.subject).removeprefix('/matters')}" if self.about.subject else own

    def wrong(self, name: str) -> Wrong | None:
        """What is wrong with one control."""
        return next((one for one in self.wrongs if one.name == name), None)


class CounterPages:
    """Each method is a page."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._reader = Reader()

    def form(self, request: Request, sort: str, subject: str = "") -> Response:
        """An empty form."""
        sheet, about = self._sheet(sort, subject)
        if not is_open(sheet.form, about.fields, today_of(self._context.clock())):
            page = self._context.page("counter_closed.html", column=LETTERS, form=sheet.form, about=about)
            return _reply(page, 409)
        token = self._context.counter.token(sort, _address(request))
        if isinstance(token, Refusal):
            raise Problem(token.status, token.code, token.zh, token.en)
        given = {name: (value[:100],) for name, value in request.query_params.items() if name in sheet.names}
        return self._page(Shown(sheet, about, token, Came(given, ())))

    async def taken(self, request: Request, sort: str, subject: str = "") -> Response:
        """The form filled in: a receipt, or the form again."""
        _own(request, self._context.site.base)
        came = await self._reader.read(request)
        return await run_in_threadpool(self._hand_in, _address(request), sort, subject, came)

    def ask(self) -> Response:
        """Both numbers are asked for; neither ever stands in an address."""
        return self._query("", None)

    async def asked(self, request: Request) -> Response:
        """What became of what was handed in."""
        _own(request, self._context.site.base)
        came = await self._reader.read(request)
        return await run_in_threadpool(self._answer, _address(request), came)

    async def stepped(self, request: Request) -> Response:
        """A later step, such as a rating; then how it stands."""
        _own(request, self._context.site.base)
        came = await self._reader.read(request)
        return await run_in_threadpool(self._step, _address(request), came)

    def _hand_in(self, address: str, sort: str, subject: str, came: Came) -> Response:
        sheet, about = self._sheet(sort, subject)
        token = came.value("token")
        alike = self._alike(sheet, came)
        if came.value(LOOK):
            return self._page(Shown(sheet, about, token, came, alike=alike))
        if wrongs := faults(sheet, came):
            return self._page(Shown(sheet, about, token, came, wrongs, alike), 422)
        said = self._context.counter.hand_in(sort, body_of(sheet, came, about.subject), address)
        if isinstance(said, Receipt):
            page = self._context.page(
                "counter_receipt.html", column=LETTERS, form=sheet.form, receipt=said, about=about, alike=alike
            )
            return _reply(page, 201)
        if said.code == _ANEW:
            fresh = self._context.counter.token(sort, address)
            token = token if isinstance(fresh, Refusal) else fresh
        field = _FIELDS.get(said.code, said.field)
        wrong = Wrong(field if field in {*sheet.names, FILES} else "", said.zh, said.en)
        return self._page(Shown(sheet, about, token, came, [wrong], alike), said.status)

    def _alike(self, sheet: Sheet, came: Came) -> list[MatterLine]:
        """The cases nearest to what was typed, where matters of this kind have a library; it is asked and not kept."""
        with self._context.store.read() as conn:
            lifecycle = self._context.pack(conn).lifecycle.get(sheet.form.lifecycle)
            if lifecycle is None or not lifecycle.pages.library:
                return []
            asked = " ".join(filter(None, (came.value("title"), came.value("body"))))
            return [MatterLine(row, self._context.site) for row in queries.alike(conn, asked)]

    def _answer(self, address: str, came: Came) -> Response:
        number, code = came.value("number")[:40], came.value("code")[:20]
        if not number or not code:
            zh, en = (
                "请填写受理编号和10位查询码。",
                "Please fill in the receipt number and the query code of ten digits.",
            )
            return self._query(number, Refusal(status=422, code="FORM-FIELD", zh=zh, en=en))
        return self._query(number, self._context.counter.query(number, code, address), code=code)

    def _step(self, address: str, came: Came) -> Response:
        number, code, step = came.value("number")[:40], came.value("code")[:20], came.value("step")[:60]
        names = {name for form in self._context.site.pack.forms for name in form.later.get(step, ())}
        fields = {name: came.value(name) for name in sorted(names) if came.value(name)}
        wanted = {"number": number, "code": code, "step": step, "fields": fields}
        done = self._context.counter.step(wanted, address)
        said = self._context.counter.query(number, code, address)
        return self._query(number, said, done, code)

    def _query(
        self, number: str, said: Status | Refusal | None, done: Done | Refusal | None = None, code: str = ""
    ) -> Response:
        wrong = next((one for one in (said, done) if isinstance(one, Refusal)), None)
        status = None if isinstance(said, Refusal) else said
        form = self._context.site.pack.form.get(status.kind) if status else None
        later = list(later_of(self._context.site.pack, form, status.state)) if status and form else []
        page = self._context.page(
            "counter_query.html", column=LETTERS, number=number, status=status, wrong=wrong, code=code,
            later=[] if isinstance(done, Done) else later, taken=isinstance(done, Done),
        )  # fmt: skip
        return _reply(page, wrong.status if wrong else 200)

    def _sheet(self, sort: str, subject: str) -> tuple[Sheet, About]:
        """The form, and the matter it is for.

        Raises:
            Problem: there is no such form or matter, or it asks for another.
        """
        with self._context.store.read() as conn:
            pack = self._context.pack(conn)
            form = next((one for one in pack.forms if one.id == sort), None)
            found = queries.matter(conn, subject) if subject else None
        if form is None or (found is None) == bool(form.until) or (found and found.row.lifecycle != form.lifecycle):
            raise Problem(404)
        about = About(subject, found.row.title, found.fields) if found else About()
        return sheet_of(pack, form, about.fields, today_of(self._context.clock())), about

    def _page(self, shown: Shown, status: int = 200) -> Response:
        lifecycle = self._context.site.pack.lifecycle.get(shown.sheet.form.lifecycle)
        library = lifecycle is not None and lifecycle.pages.library is not None
        return _reply(self._context.page("counter_form.html", column=LETTERS, shown=shown, library=library), status)


def _reply(page: str, status: int) -> Response:
    return Response(page, status, _PRIVATE, HTML)


def _address(request: Request) -> str:
    """Whose limits count at the door."""
    return request.client.host if request.client else "-"


def _own(request: Request, base: str) -> None:
    """A form of another site's making is not taken: a browser says where it stands.

    Raises:
        Problem: it comes from elsewhere.
    """
    origin = request.headers.get("origin")
    here = {urlsplit(base).netloc, request.headers.get("host", "")}
    elsewhere = origin is not None and urlsplit(origin).netloc not in here
    if elsewhere or request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise Problem(
            403, "FORM-ORIGIN", "请从本网站打开表单后再提交。", "Open the form on this site and send it from there."
        )
