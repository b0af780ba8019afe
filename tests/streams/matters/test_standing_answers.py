"""What became public answers the standing duty that waited for it: verdict and receipt in, a closed duty out."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from bus.record import Outgoing, Record
from streams.duties.standing import opened
from tests.rules.making import pack
from tests.streams.matters.world import World, world

BEGAN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
PUBLIC = datetime(2026, 1, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def here() -> Iterator[World]:
    with world(pack(), "", f"t{uuid.uuid4().hex[:10]}.") as made:
        yield made


def owed(here: World, subject: str) -> list[str]:
    """How the duties of a subject ended, by the words said of them."""
    return [one["data"]["what"] for one in here.values("duties") if one["subject"] == subject]  # type: ignore[index]


def record(out: Outgoing) -> Record:
    return Record(out.topic, 0, 0, out.timestamp, out.key, out.value, out.headers)


def test_an_annual_report_in_public_ends_the_duty_that_waited_for_it(here: World) -> None:
    subject = open_report(here)
    assert owed(here, subject) == ["opened"]
    here.send([verdict()])
    here.run()
    assert owed(here, subject) == ["opened"], "a verdict alone makes nothing public"
    here.send([receipt()])
    here.run()
    assert owed(here, subject) == ["opened", "closed"]
    here.send([receipt()])
    here.run()
    assert owed(here, subject) == ["opened", "closed"]


def test_a_report_that_was_shown_hours_after_it_was_judged_ends_its_duty_in_any_order(here: World) -> None:
    subject = open_report(here)
    here.send([receipt()])
    here.run()
    here.send([verdict(PUBLIC - timedelta(hours=5))])
    here.run()
    assert owed(here, subject) == ["opened", "closed"]


def open_report(here: World) -> str:
    """The calendar's own steps of a morning in January; the subject of one department's annual report."""
    with here.store.begin() as conn:
        steps = [one for one in opened(conn, pack(), BEGAN) if one.key.startswith(b"mzj/duty.annual-report.")]
    here.send([record(one) for one in steps])
    here.run()
    return steps[0].key.decode()


EVENT = {
    "id": "e-report", "source": "/departments/mzj", "type": "cn.gongkai.publication.submitted.v1",
    "subject": "mzj/2026-9", "time": "2026-01-20T09:59:00+08:00",
}  # fmt: skip


def verdict(at: datetime = PUBLIC) -> Record:
    """The router's word on the department's report."""
    data = {
        "origin": {"topic": "publications", "partition": 0, "offset": 7}, "outcome": "accepted", "arrival": PUBLIC,
        "event": EVENT, "dept": "mzj", "item": "01-09", "kind": "annual-report", "version": 1,
        "title": "示例市民政局2025年政府信息公开工作年度报告", "value_sha256": "0" * 64,
    }  # fmt: skip
    return said("verdicts", "/engine/router", "verdict.given", data, at)


def receipt() -> Record:
    """The portal's word that it is public."""
    data = {"feed_id": "f", "outlet": "portal", "kind": "published", "event": EVENT, "version": 1, "at": PUBLIC}
    return said("receipts", "/engine/portal", "receipt.given", data)


def said(topic: str, source: str, name: str, data: dict[str, Any], at: datetime = PUBLIC) -> Record:
    whole = {
        "specversion": "1.0", "id": f"{topic}-1", "source": source, "type": f"cn.gongkai.{name}.v1",
        "subject": EVENT["subject"], "time": at, "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    key = EVENT["subject"].encode()
    return Record(topic, 0, 0, int(at.timestamp() * 1000), key, msgspec.json.encode(whole), ())
