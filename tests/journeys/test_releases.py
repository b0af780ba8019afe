"""A rule that is changed in a file judges events from its day on: over the door, through the router, in the verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bus.city import City, plan, release, release_first
from bus.settings import Settings
from bus.store.rebuilding import read_to_end
from producers.gateway import Gateway, build_gateway
from schemas import headers as h
from schemas.topics import VERDICTS
from tests.producers.door import Caller
from tests.streams.bench import Worker
from tests.support.events import NOON, JsonObject, submitted
from tests.support.releasing import example_files, replaced
from tests.support.waiting import eventually

pytestmark = pytest.mark.integration

DEPT, ITEM = "fgw", "01-06"
CHANGED = datetime(2026, 9, 22, 16, 0, tzinfo=UTC)
"""Midnight of the 23rd in the city."""


def shortened() -> dict[str, bytes]:
    """Release 2: up to the 22nd five working days, from the 23rd on three."""
    files = example_files(2)
    path = "catalogues/basic.csv"
    header, *_ = files[path].decode().splitlines()
    [line] = [each for each in files[path].decode().splitlines() if each.startswith(f"{ITEM},")]
    names, cells = header.split(","), line.split(",")
    old, new = list(cells), list(cells)
    old[names.index("to")], new[names.index("from")] = "2026-09-22", "2026-09-23"
    new[names.index("公开时限")] = cells[names.index("公开时限")].replace("5个", "3个")
    new[names.index("n")] = "3" if cells[names.index("n")] else ""
    files[path] = replaced(files[path], line, f"{','.join(old)}\n{','.join(new)}")
    return files


class Hands:
    """The clock of the door."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def bus(settings: Settings, clock: Hands) -> Iterator[tuple[Gateway, Worker]]:
    """A door under that clock, and the router as a process."""
    release_first(settings, NOON - timedelta(days=1))
    gateway = build_gateway(settings, clock)
    router = Worker(settings, "streams.router")
    for service in gateway.services:
        service.start()
    try:
        yield gateway, router
    finally:
        for service in reversed(gateway.services):
            service.stop()
        router.end()


def sent(caller: Caller, at: datetime) -> str:
    """The id of an event of that time that the door has taken."""
    event: JsonObject = submitted(DEPT, envelope={"at": at})
    answer = caller.post(event)
    assert answer.status_code == 202, answer.text
    return str(event["id"])


def due(caller: Caller, event_id: str) -> Any:
    """Its verdict's due day, when there is one."""
    view = caller.http.get(f"/v1/events/{event_id}").json()
    return view["dues"][0]["due"] if view["verdict"] else None


@pytest.mark.feature("1-08")
def test_a_limit_changed_in_a_file_judges_from_its_day_on_and_nothing_before(settings: Settings) -> None:
    clock = Hands()
    with bus(settings, clock) as (gateway, router), Caller(gateway, DEPT) as caller:
        first = sent(caller, NOON)
        eventually(lambda: due(caller, first), 60, f"the first verdict; {router.text()[-2000:]}")
        files = shortened()
        planned = plan(settings, files, at=NOON + timedelta(hours=1), now=NOON, note="通知公告改为三个工作日")
        release(settings, planned, lambda: NOON)
        clock.now = NOON + timedelta(hours=2)
        city = next(service for service in gateway.services if isinstance(service, City))
        eventually(lambda: city.current().release.number == 2)
        eventually(lambda: router_knows(settings, "2"))  # it looks at the topic by its own clock, months ahead of ours
        second = sent(caller, NOON)
        clock.now = CHANGED + timedelta(hours=1)  # formed on the 22nd: by five days it would be the 30th
        third = sent(caller, CHANGED + timedelta(minutes=30))
        eventually(lambda: due(caller, second) and due(caller, third), 60)

        assert [due(caller, each) for each in (first, second, third)] == ["2026-09-29", "2026-09-29", "2026-09-28"]
        assert packs(settings) == {first: "1", second: "2", third: "2"}


def router_knows(settings: Settings, number: str) -> bool:
    """Whether the router has read that release."""
    said: str = httpx.get(f"http://{settings.host}:{settings.router_port}/healthz", timeout=30).json()["city"][
        "release"
    ]
    return said == number


def packs(settings: Settings) -> dict[str, str]:
    """Event to the release that its verdict names."""
    given = [record for batch in read_to_end(settings, VERDICTS) for record in batch]
    return {json.loads(each.value or b"")["data"]["event"]["id"]: h.get(each.headers, h.PACK) or "" for each in given}
