"""Atom (RFC 4287) and JSON Feed 1.1 of the site, of each department and of each column.

An entry's id is its item's address, for ever. A withdrawn item stays as the same entry, updated, with the tombstone's
words in the place of its text, so that readers who hold the text drop it; Atom's deleted-entry (RFC 6721) is read by
next to nobody. History (历史迁移) is never announced.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import msgspec
from fastapi import APIRouter, Request, Response
from feedgen.feed import FeedGenerator

from bus.web import Problem
from consumers.portal import queries, render
from consumers.portal.queries import Filter
from consumers.portal.web.context import Context
from consumers.portal.web.replies import reply
from consumers.portal.web.views import Line, publication_of

ENTRIES = 30
ATOM, JSON = "application/atom+xml; charset=utf-8", "application/feed+json; charset=utf-8"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
Ending = Literal["atom", "json"]
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One item as subscribers are told of it."""

    line: Line
    html: str

    @property
    def title(self) -> str:
        """Its title, and that it is withdrawn where it is."""
        return self.line.row.title if self.line.row.state == "live" else f"【已撤回】{self.line.row.title}"


@dataclass(frozen=True)
class Channel:
    """What a feed is about."""

    title: str
    path: str
    """Of the page it follows."""
    feed: str
    """Of the feed, without its ending."""
    wanted: Filter


def routes(context: Context) -> APIRouter:
    """The feeds of one portal."""
    router = APIRouter(include_in_schema=False)
    feeds = Feeds(context)
    router.get("/feed.{ending}")(feeds.of_site)
    router.get("/departments/{code}/feed.{ending}")(feeds.of_department)
    router.get("/columns/{column}/feed.{ending}")(feeds.of_column)
    return router


class Feeds:
    """Each method is a feed."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._site = context.site

    def of_site(self, request: Request, ending: Ending) -> Response:
        """Everything."""
        name = self._site.pack.city.site_name
        return self._reply(request, ending, Channel(name, "/", "/feed", Filter()))

    def of_department(self, request: Request, code: str, ending: Ending) -> Response:
        """What one department published."""
        if code not in self._site.departments:
            raise Problem(404)
        path, name = f"/departments/{code}", self._site.department_name(code)
        return self._reply(request, ending, Channel(name, path, f"{path}/feed", Filter(dept=code)))

    def of_column(self, request: Request, column: str, ending: Ending) -> Response:
        """What stands in one column."""
        if column not in self._site.columns:
            raise Problem(404)
        path, name = f"/columns/{column}", self._site.columns[column].name
        return self._reply(request, ending, Channel(name, path, f"{path}/feed", Filter(column=column)))

    def _reply(self, request: Request, ending: Ending, channel: Channel) -> Response:
        entries = self._entries(channel.wanted)
        changed = max((entry.line.changed for entry in entries), default=_BEGINNING)
        if ending == "atom":
            return reply(request, atom(channel, entries, self._site.base, changed), ATOM, changed)
        return reply(request, json_feed(channel, entries, self._site.base), JSON, changed)

    def _entries(self, wanted: Filter) -> list[Entry]:
        with self._context.store.read() as conn:
            rows = queries.changed(conn, wanted, ENTRIES)
            texts = queries.texts(conn, rows)
            notices = queries.notices(conn, [row.subject for row in rows if row.state == "withdrawn"])
        told = (_html(texts.get(row.subject), notices.get(row.subject)) for row in rows)
        return [Entry(Line(row, self._site), html) for row, html in zip(rows, told, strict=True)]


def atom(channel: Channel, entries: Sequence[Entry], base: str, changed: datetime) -> bytes:
    """The feed as Atom."""
    feed = FeedGenerator()
    feed.id(f"{base}{channel.feed}.atom")
    feed.title(channel.title)
    feed.author(name=channel.title)
    feed.language("zh-CN")
    feed.updated(changed)
    feed.link([{"href": f"{base}{channel.feed}.atom", "rel": "self"}, {"href": f"{base}{channel.path}"}])
    for entry in entries:
        _add(feed, entry)
    return bytes(feed.atom_str(pretty=False))


def json_feed(channel: Channel, entries: Sequence[Entry], base: str) -> bytes:
    """The feed as JSON Feed 1.1."""
    return msgspec.json.encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": channel.title,
            "home_page_url": f"{base}{channel.path}",
            "feed_url": f"{base}{channel.feed}.json",
            "language": "zh-CN",
            "items": [_json_item(entry) for entry in entries],
        }
    )


def _add(feed: FeedGenerator, entry: Entry) -> None:
    line, made = entry.line, feed.add_entry(order="append")
    made.id(line.url)
    made.title(_clean(entry.title))
    made.link(href=line.url)
    made.published(line.released)
    made.updated(line.changed)
    made.author(name=line.dept_name)
    made.category(term=line.column.id, label=line.column.name)
    made.content(_clean(entry.html), type="html")


def _json_item(entry: Entry) -> dict[str, object]:
    line = entry.line
    return {
        "id": line.url, "url": line.url, "title": entry.title, "content_html": entry.html,
        "date_published": line.released, "date_modified": line.changed,
        "authors": [{"name": line.dept_name}], "tags": [line.column.name],
    }  # fmt: skip


def _html(value: bytes | None, notice: str | None) -> str:
    if value is not None:
        return str(render.body(publication_of(value).body))
    return str(render.body(notice or "该信息不再通过本网站公开。"))


def _clean(text: str) -> str:
    """`text` without what XML 1.0 can't hold."""
    return _FORBIDDEN.sub("�", text)
