"""A portal's pages over a store that a real projection fills: what is published and released shows at once."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.testclient import TestClient

from bus.store import Relay
from consumers.portal.bell import Bell
from consumers.portal.catalogue.releases import Releases
from consumers.portal.counter.handing import Counter
from consumers.portal.platforms.readers import Readers
from consumers.portal.web.app import build_app
from consumers.portal.web.context import Context, templates
from schemas.city.released import records_of
from tests.consumers.portal.feeding import SITE, City, Feed, Shelf, opened, plain
from tests.support.events import NOON, JsonObject
from tests.support.releasing import released
from tests.support.waiting import eventually

NO_DOOR = "http://127.0.0.1:9"
"""Its forms have tokens, and are not taken."""


@dataclass
class Portal:
    shelf: Shelf
    client: TestClient
    feed: Feed
    city: City
    now: list[datetime]

    def publish(self, *events: JsonObject) -> None:
        self.shelf.apply([self.feed.add(event) for event in events])

    def release(self, number: int, files: Mapping[str, bytes], note: str = "", since: datetime | None = None) -> None:
        """What a release writes to topic `city`, taken in by the sink."""
        said = released(files, number, since or self.now[0], written=self.now[0])
        said = said.model_copy(update={"data": said.data.model_copy(update={"note": note})})
        self.shelf.apply(self.city.add(*records_of(said, files)))

    def text(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return str(answer.text)

    def json(self, path: str, status: int = 200) -> JsonObject:
        found: JsonObject = json.loads(self.text(path, status))
        return found


@contextmanager
def served(home: Path, door: httpx.Client | None = None) -> Iterator[Portal]:
    """A portal of no broker, whose clock goes on a minute with each transaction; forms go to `door`."""
    settings, now = plain(home), [NOON]

    def clock() -> datetime:
        now[0] += timedelta(minutes=1)
        return now[0]

    with opened(settings, clock=clock) as shelf:
        context = Context(
            shelf.store, SITE, Readers(settings), settings.file_of, lambda: now[0], Bell(), shelf.store,
            Relay(settings, shelf.store), templates(), Releases(SITE.pack),
            Counter(door or httpx.Client(base_url=NO_DOOR, transport=httpx.MockTransport(_token_alone))),
        )  # fmt: skip
        with TestClient(build_app(context), raise_server_exceptions=False) as client:
            yield Portal(shelf, client, Feed(), City(), now)


@contextmanager
def address(portal: Portal) -> Iterator[str]:
    """Where the portal's pages are, for who reads them over HTTP."""
    with serving(portal.client.app) as base:
        yield base


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Where an application answers."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    eventually(lambda: server.started)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def _token_alone(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"token": "given"}) if request.method == "GET" else httpx.Response(503)
