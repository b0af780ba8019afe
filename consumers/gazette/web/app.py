"""Routes of the gazette. Every page reads one moment of the store and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from bus.store import Store
from bus.web import Problem, create_app, environment
from consumers.gazette import contents as toc
from consumers.gazette.contents import STATEMENT, Contents, Editor, Entry, Issue


def build_app(store: Store, editor: Callable[[], Editor], portal: str) -> FastAPI:
    """The application; `portal` is where citizens read the same text with its history."""
    app = create_app("gazette")
    app.include_router(_Routes(store, editor, portal).router())
    return app


class _Routes:
    def __init__(self, store: Store, editor: Callable[[], Editor], portal: str) -> None:
        self._store = store
        self._editor_now = editor
        self._portal = portal
        self._templates = environment("consumers.gazette.web")

    @property
    def _editor(self) -> Editor:
        """Of the release in force now."""
        return self._editor_now()

    def router(self) -> APIRouter:
        router = APIRouter()
        for path, route in (
            ("/", self.home),
            ("/issues/{total}", self.issue),
            ("/issues/{total}/documents/{issuer}/{local}", self.document),
        ):
            router.add_api_route(path, route, methods=["GET", "HEAD"], include_in_schema=False)
        router.add_api_route("/api/v1/issues/open", self.open_json)
        router.add_api_route("/api/v1/issues/{total}", self.issue_json)
        return router

    def home(self) -> Response:
        """The open issue."""
        with self._store.read() as conn:
            found = toc.open_issue(conn)
            held, waiting = self._contents(conn, found), toc.waiting(conn)
        return self._page("issue.html", issue=found, contents=held, waiting=waiting)

    def issue(self, total: int) -> Response:
        """Any issue."""
        with self._store.read() as conn:
            found = toc.issue(conn, total)
            held, waiting = self._contents(conn, found), toc.waiting(conn)
        if found is None:
            raise Problem(404)
        return self._page("issue.html", issue=found, contents=held, waiting=0 if found.closed else waiting)

    def document(self, total: int, issuer: str, local: str) -> Response:
        """One document's text, as it will be printed."""
        with self._store.read() as conn:
            found, entry = toc.issue(conn, total), toc.entry(conn, total, f"{issuer}/{local}")
        if found is None or entry is None:
            raise Problem(404)
        return self._page("document.html", issue=found, entry=entry, section=self._editor.section_of(entry))

    def open_json(self, request: Request) -> dict[str, Any]:
        """The open issue: its sections in order, each with its documents."""
        with self._store.read() as conn:
            found = toc.open_issue(conn)
            return self._json(request, found, self._contents(conn, found))

    def issue_json(self, total: int, request: Request) -> dict[str, Any]:
        """Any issue by 总期号."""
        with self._store.read() as conn:
            found = toc.issue(conn, total)
            if found is None:
                raise Problem(404)
            return self._json(request, found, self._contents(conn, found))

    def _contents(self, conn: Any, issue: Issue | None) -> list[Contents]:
        return self._editor.contents(toc.entries(conn, issue.total)) if issue else []

    def _json(self, request: Request, issue: Issue | None, held: list[Contents]) -> dict[str, Any]:
        return {
            "gazette": self._editor.title, "statement": STATEMENT,
            "issue": {**asdict(issue), "label": issue.label} if issue else None,
            "sections": [
                {"id": each.section.id, "name": each.section.name, "basis": each.section.basis,
                 "documents": [self._entry_json(request, issue, entry) for entry in each.entries]}
                for each in held
            ],
        }  # fmt: skip

    def _entry_json(self, request: Request, issue: Issue | None, entry: Entry) -> dict[str, Any]:
        path = self._path(issue, entry).lstrip("/")
        return {
            "subject": entry.subject, "version": entry.version, "title": entry.title, "docno": entry.docno,
            "formed": entry.formed, "kind": entry.kind,
            "dept": {"code": entry.dept, "name": self._editor.name_of(entry.dept)},
            "url": f"{request.base_url}{path}", "portal_url": self._portal_url(entry),
        }  # fmt: skip

    def _page(self, template: str, **values: object) -> HTMLResponse:
        shown = self._templates.get_template(template).render(
            editor=self._editor, statement=STATEMENT, path_of=self._path, portal_of=self._portal_url, **values
        )
        return HTMLResponse(shown)

    def _path(self, issue: Issue | None, entry: Entry) -> str:
        issuer, _, local = entry.subject.partition("/")
        return f"/issues/{issue.total if issue else 0}/documents/{quote(issuer, safe='')}/{quote(local, safe='')}"

    def _portal_url(self, entry: Entry) -> str:
        issuer, _, local = entry.subject.partition("/")
        return f"{self._portal}/items/{quote(issuer, safe='')}/{quote(local, safe='')}"
