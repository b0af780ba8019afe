"""The portal's pages over an empty store, for one pack after another: what citizens see of a pack."""

from __future__ import annotations

import atexit
import re
from contextlib import ExitStack
from functools import cache
from html import unescape
from itertools import count
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import sqlalchemy as sa
from starlette.testclient import TestClient

from bus.store import Relay
from consumers.portal import tables
from consumers.portal.bell import Bell
from consumers.portal.catalogue.releases import Releases
from consumers.portal.counter.handing import Counter
from consumers.portal.platforms.readers import Readers
from consumers.portal.site import Site
from consumers.portal.tables import REGISTER_TERMS
from consumers.portal.web.app import build_app
from consumers.portal.web.context import Context, templates
from schemas.city import Pack
from schemas.city.released import Release
from schemas.city.releases import Span
from schemas.records import PackRelease
from tests.cities.observed.asking import World
from tests.consumers.portal.feeding import BASE, Feed, opened, plain
from tests.support.events import NOON, JsonObject

_MARKS = re.compile(r"<(?:script|style|svg).*?</(?:script|style|svg)>|<[^>]*>", re.DOTALL)
_META = re.compile(r'<meta name="(\w+)" content="([^"]*)"')
_MAIN = re.compile(r"<main.*?</main>", re.DOTALL)


class Shown:
    """The pack on show; each has a number of its own, so that nothing kept of another is shown."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._span: Span | None = None

    def put(self, pack: Pack) -> None:
        """Show this one from now on."""
        if self._span is None or self._span.pack is not pack:
            said = PackRelease(
                release=str(next(self._numbers)), released_at=NOON, files={"city.toml": "0" * 64}, by="-"
            )
            self._span = Span(Release(said, {}), pack, -inf, inf)

    def current(self) -> Span:
        """What is in force."""
        assert self._span is not None
        return self._span


class _Releases(Releases):
    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    def current(self, *_: object) -> Pack:
        return self._shown.current().pack


class Portal:
    """Pages of whatever pack is asked of."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self.shown = Shown()
        settings = plain(home)
        site = Site(self.shown, BASE, "https://kaohe.shilishi.example")  # type: ignore[arg-type]
        self._shelf = stack.enter_context(opened(settings, site=site))
        self._feed = Feed()
        self._holds: tuple[World | None, list[JsonObject]] = (None, [])
        store = self._shelf.store
        context = Context(
            store, site, Readers(settings), settings.file_of, lambda: NOON, Bell(), store, Relay(settings, store),
            templates(), _Releases(self.shown), Counter.at(BASE),
        )  # fmt: skip
        self.client = stack.enter_context(TestClient(build_app(context), raise_server_exceptions=False))

    def register(self, world: World, events: list[JsonObject]) -> None:
        """Hold these records of registers and no others, as this pack reads them."""
        self.shown.put(world.pack)
        if self._holds[0] is world and self._holds[1] is events:
            return
        with self._shelf.store.begin() as conn:
            REGISTER_TERMS.drop(conn, list(conn.execute(sa.select(tables.register_records.c.id)).scalars()))
            for table in (tables.register_records, tables.register_versions, tables.register_removals):
                conn.execute(sa.delete(table))
        new = [each | {"id": str(uuid4())} for each in events]
        self._shelf.apply([self._feed.add(each) for each in new])
        self._feed.records.clear()
        self._holds = world, events

    def html(self, world: World, path: str) -> str:
        """A page."""
        self.shown.put(world.pack)
        answer = self.client.get(path)
        return answer.text if answer.status_code == 200 else f"{answer.status_code} {path}"


@cache
def _portal() -> Portal:
    stack = ExitStack()
    atexit.register(stack.close)
    return Portal(Path(stack.enter_context(TemporaryDirectory())), stack)


def registered(world: World, events: list[JsonObject]) -> None:
    """The records that the register's pages show from now on."""
    _portal().register(world, events)


def page(world: World, path: str) -> str:
    """What a reader sees of a page's own part."""
    html = _portal().html(world, path)
    return _plain(" ".join(_MAIN.findall(html)) or html)


def head(world: World, path: str) -> str:
    """A page's meta tags, title and first heading."""
    html = _portal().html(world, path)
    return " ".join(f"{name}={unescape(text)}" for name, text in _META.findall(html) if name != "viewport")


def foot(world: World) -> str:
    """What stands at the foot of every page."""
    html = _portal().html(world, "/columns")
    return _plain(" ".join(re.findall(r"<title>.*?</title>|<footer.*?</footer>", html, re.DOTALL)))


def _plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(_MARKS.sub(" ", html))).strip()
