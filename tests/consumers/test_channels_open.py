"""渠道通畅: a consumer that stops is seen, comes back, and has lost nothing (feature 0-17)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bus.programs import table
from bus.settings import Settings
from bus.supervise import Supervisor
from consumers.reconcile import reconcile
from producers.keys import KeyRing
from tests.support import events
from tests.support.waiting import eventually, free_port

pytestmark = pytest.mark.integration

THRESHOLD = 4.0


@pytest.fixture
def city(settings: Settings) -> Iterator[Supervisor]:
    """Every program but newmedia, as `gongkai up` runs them."""
    quick = settings.model_copy(update={"channel_threshold": THRESHOLD, "router_port": free_port()})
    supervisor = Supervisor(quick, [each for each in table(quick) if each.name != "newmedia"])
    supervisor.start()
    yield supervisor
    supervisor.stop()


@pytest.mark.feature("0-17")
@pytest.mark.timeout(240)
def test_a_stopped_consumer_turns_the_board_red_and_green_again_and_no_event_is_lost(city: Supervisor) -> None:
    settings = city.settings
    key = issue_key(settings)
    first = send(settings, key)
    eventually(lambda: is_public(settings, first), 60)
    assert red_parts(settings) == set()
    assert "中断" not in page(settings)

    city.stop_program("portal")
    assert {part.name for part in city.status() if not part.ok} == {"portal"}
    second = send(settings, key)
    eventually(lambda: red_parts(settings) == {"portal"}, THRESHOLD + 20)
    assert "中断" in page(settings)

    city.start_program("portal")
    city.await_ready(60)
    eventually(lambda: is_public(settings, second), 60)
    eventually(lambda: red_parts(settings) == set(), THRESHOLD + 20)
    assert all(part.ok for part in city.status())

    found = eventually(lambda: (balance := reconcile(settings)).waiting == 0 and balance, 30)
    assert found is not False
    assert (found.gap, found.accepted, found.in_flight) == (0, 2, 0)
    assert found.parts["portal"].receipts == {"published": 2}


def issue_key(settings: Settings) -> str:
    ring = KeyRing(settings)
    try:
        key = ring.issue(events.DEPT, datetime.now(UTC))
    finally:
        ring.close()
    assert key is not None
    return key


def send(settings: Settings, key: str) -> str:
    """Publish an item for the portal alone; its subject."""
    at = datetime.now(UTC) - timedelta(minutes=1)
    event: dict[str, Any] = events.submitted(channels=["政府网站"], envelope={"at": at})
    answer = httpx.post(
        f"{settings.url_of('gateway')}/v1/events", content=json.dumps(event).encode(), timeout=20,
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/cloudevents+json"},
    )  # fmt: skip
    assert answer.status_code == 202, answer.text
    return str(event["subject"])


def is_public(settings: Settings, subject: str) -> bool:
    """Whether the assessment knows it as public."""
    asked = httpx.get(f"{settings.url_of('assessment')}/api/v1/publications", timeout=20).json()
    return any(each["subject"] == subject and each["public_at"] for each in asked["publications"])


def red_parts(settings: Settings) -> set[str]:
    """What the board shows red; newmedia does not run here."""
    board = httpx.get(f"{settings.url_of('assessment')}/api/v1/channels", timeout=20).json()["channels"]
    return {channel["part"] for channel in board if channel["state"] == "red"} - {"newmedia"}


def page(settings: Settings) -> str:
    """The row of the portal on the board's page."""
    whole = httpx.get(f"{settings.url_of('assessment')}/channels", timeout=20).text
    table_ = whole.partition("<tbody>")[2]
    return next(row for row in table_.split("<tr>") if ">portal<" in row)
