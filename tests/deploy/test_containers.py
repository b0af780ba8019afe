"""docker-compose.yml for real: a department publishes, a file is served, copies are killed, and nothing is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from tests.deploy.compose import SERVICES
from tests.deploy.engine import City, city
from tests.support.events import JsonObject, submitted, to_bytes
from tests.support.waiting import eventually

pytestmark = [pytest.mark.full, pytest.mark.timeout(1_800)]

EVENTS = 300
COMES_UP = 300.0
WITH_PAGES = {"gateway": 1, "newmedia": 1, "gazette": 1, "portal": 2, "assessment": 2, "notices": 1}
"""Services with a published port, and how many copies the test runs."""
TEXT = "示例市供暖分区表\n".encode()


@pytest.fixture(scope="module")
def containers() -> Iterator[City]:
    with city(router=2, assessment=2, portal=2) as running:
        for name, copies in WITH_PAGES.items():
            for index in range(1, copies + 1):
                eventually(partial(_is_well, running, name, index), COMES_UP, f"{name} {index} is well")
        yield running


@pytest.fixture(scope="module")
def key(containers: City) -> str:
    return str(containers.asked("gongkai", "keys", "issue", "fgw")["key"])


def test_nothing_runs_as_root(containers: City) -> None:
    for name in ("gateway", "router", "matters", "portal", "newmedia", "gazette", "assessment", "notices"):
        assert containers.inside(name, "id", "-u").strip() == "10001"


def test_an_event_with_a_file_is_published_and_the_file_served(containers: City, key: str) -> None:
    gateway = _gateway(containers, key)
    uploaded = gateway.post("/v1/files", params={"name": "分区表.txt"}, content=TEXT)
    assert uploaded.status_code in (200, 201), uploaded.text
    event = _event("with-file", attachments=[uploaded.json()], channels=["政府网站", "两微一端"])
    answer = gateway.post("/v1/events", content=to_bytes(event), headers=_JSON)
    assert answer.status_code == 202, answer.text
    digest = hashlib.sha256(TEXT).hexdigest()
    path = f"/attachments/{digest}/{event['subject']}"
    for index in (1, 2):
        served = eventually(partial(_found, containers, index, path), 60, f"copy {index} serves the file")
        assert served == TEXT


def test_killed_copies_lose_nothing(containers: City, key: str) -> None:
    lines = b"".join(to_bytes(_event(f"n{number}")) + b"\n" for number in range(EVENTS))
    containers.inside("gateway", "sh", "-c", "cat > /tmp/events.ndjson", given=lines)
    before = containers.asked("gongkai", "reconcile")["accepted"]
    containers.inside("gateway", "gongkai", "publish", "--key", key, "/tmp/events.ndjson")
    for name, index in (("router", 1), ("assessment", 1), ("portal", 2), ("newmedia", 1)):
        containers.kill(name, index)
    balance = eventually(partial(_at_rest, containers, before + EVENTS), 180, "every event has its receipts")
    assert balance is not None
    assert balance["gap"] == 0, balance
    assert balance["parts"]["newmedia"]["receipts"]["published"] >= 1
    items = httpx.get(containers.url("portal", 8081) + "/api/v1/items").json()
    assert items["items"]


def test_topics_are_as_they_must_be_and_stay_so(containers: City) -> None:
    assert "every topic is there" in containers.run("run", "--rm", "-T", "topics")
    assert "as it must be" in containers.inside("router", "gongkai", "topics", "check")


_JSON = {"Content-Type": "application/cloudevents+json"}


def _event(local_id: str, channels: list[str] | None = None, **data: Any) -> JsonObject:
    at = datetime.now(UTC) - timedelta(minutes=1)
    return submitted(local_id=local_id, channels=channels or ["政府网站"], envelope={"at": at}, **data)


def _gateway(containers: City, key: str) -> httpx.Client:
    return httpx.Client(base_url=containers.url("gateway", 8080), headers={"Authorization": f"Bearer {key}"})


def _is_well(containers: City, name: str, index: int) -> bool:
    port = int(SERVICES[name]["healthcheck"]["test"][-1])
    try:
        return httpx.get(f"{containers.url(name, port, index)}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def _found(containers: City, index: int, path: str) -> bytes | None:
    answer = httpx.get(containers.url("portal", 8081, index) + path)
    return answer.content if answer.status_code == 200 else None


def _at_rest(containers: City, accepted: int) -> dict[str, Any] | None:
    """The balance as soon as all is judged and the portal has said what it made of it."""
    balance = containers.asked("gongkai", "reconcile")
    done = balance["accepted"] == accepted and not balance["in_flight"] and not balance["parts"]["portal"]["waiting"]
    return balance if done else None
