"""Doors for tests, and a department that stands before one."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import msgspec
import sqlalchemy as sa
from starlette.testclient import TestClient

from bus.city import Standing
from bus.record import Outgoing
from bus.settings import Settings
from bus.store.tables import BODIES, OUTBOX
from producers.gateway import Gateway, build_gateway
from producers.keys import KeyRing
from producers.tables import SUBMISSIONS
from schemas import headers as h
from schemas.headers import Headers
from schemas.topics import DEAD_LETTERS
from tests.support.events import NOON, JsonObject, to_bytes

LEAD = "zfb"
PARTS_WITHOUT_BROKER = ("stores", "writer")


@cache
def standing() -> Standing:
    """The example's pack, always in force: a door without a broker knows no releases."""
    return Standing(Path("cities/example"))


def clock() -> datetime:
    """Noon of the tests' day, for ever."""
    return NOON


@contextlib.contextmanager
def open_door(settings: Settings, parts: Sequence[str] = PARTS_WITHOUT_BROKER) -> Iterator[Gateway]:
    """A door of which only `parts` run."""
    gateway = build_gateway(settings, clock, standing())
    services = [service for service in gateway.services if service.name in parts]
    try:
        for service in services:
            service.start()
        yield gateway
    finally:
        for service in reversed(services):
            service.stop()
        failed = [service.failed for service in services if service.failed]
        assert not failed


@contextlib.contextmanager
def running_door(settings: Settings) -> Iterator[Gateway]:
    """A door of which everything runs."""
    gateway = build_gateway(settings, clock)
    try:
        for service in gateway.services:
            service.start()
        yield gateway
    finally:
        for service in reversed(gateway.services):
            service.stop()
        assert not [service.failed for service in gateway.services if service.failed]


class Caller:
    """A department with a key of its own, and eyes into the door's store."""

    def __init__(self, gateway: Gateway, dept: str, client: httpx.Client | None = None) -> None:
        self.gateway = gateway
        self.dept = dept
        ring = KeyRing(gateway.settings)
        self.key = ring.rotate(dept, NOON)
        ring.close()
        self.http = client or TestClient(gateway.app)
        self.http.headers["Authorization"] = f"Bearer {self.key}"

    def post(self, event: JsonObject | bytes, kind: str = "application/cloudevents+json") -> httpx.Response:
        """Send an event, or a body of any kind."""
        body = event if isinstance(event, bytes) else to_bytes(event)
        return self.http.post("/v1/events", content=body, headers={"Content-Type": kind})

    def waiting(self) -> list[Outgoing]:
        """What waits in the outbox, in its order."""
        query = (
            sa.select(OUTBOX.c.topic, BODIES)
            .join(BODIES, (BODIES.c.lane == OUTBOX.c.lane) & (BODIES.c.seq == OUTBOX.c.seq))
            .order_by(OUTBOX.c.lane, OUTBOX.c.seq)
        )
        with self.gateway.door.store.read() as conn:
            rows = conn.execute(query).all()
        return [Outgoing(row.topic, row.key, row.value, _headers(row.headers), row.timestamp) for row in rows]

    def outcomes(self) -> Counter[str]:
        """The door's own count of submissions."""
        with self.gateway.door.store.read() as conn:
            return Counter(conn.execute(sa.select(SUBMISSIONS.c.outcome)).scalars())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()


def code_of(outgoing: Outgoing) -> str | None:
    """The code that a rejection or dead letter carries."""
    if outgoing.topic == DEAD_LETTERS.name:
        return h.get(outgoing.headers, h.ERROR)
    return str(json.loads(outgoing.value or b"{}")["data"]["findings"][0]["rule"])


def _headers(packed: bytes) -> Headers:
    return tuple((name, value) for name, value in msgspec.msgpack.decode(packed))
