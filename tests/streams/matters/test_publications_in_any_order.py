"""A step that a publication brings is taken whichever of verdict and receipt is read first, however far apart."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from bus.record import Record
from tests.rules.making import pack
from tests.streams.matters.world import NOW, World, world
from tests.support.events import event, to_bytes

MEETING = "zfb/M-1"
RELEASE = {
    "id": "e-release", "source": "/departments/zfb", "type": "cn.gongkai.publication.submitted.v1",
    "subject": "zfb/release", "time": NOW.isoformat(),
}  # fmt: skip
SHOWN = NOW + timedelta(hours=5)
"""The portal shows it hours after it was judged, and matters reads both when it comes back."""


@pytest.fixture
def here() -> Iterator[World]:
    with world(pack(), "", f"t{uuid.uuid4().hex[:10]}.") as made:
        yield made


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_release_that_was_shown_late_ends_its_meeting_s_duty_in_any_order(here: World, order: list[int]) -> None:
    held(here)
    told = [said("verdicts", "/engine/router", "verdict.given", NOW, VERDICT),
            said("receipts", "/engine/portal", "receipt.given", SHOWN, RECEIPT)]  # fmt: skip
    for number in order:
        here.send([told[number]])
        here.run()
    (step,) = [one["data"]["matter"] for one in here.values("verdicts")  # type: ignore[index]
               if one["subject"] == MEETING and one["data"]["matter"]["step"] == "press-released"]  # type: ignore[index]  # fmt: skip
    assert step["state"] == "RELEASED"
    assert here.values("rejections") == []


VERDICT = {
    "origin": {"topic": "publications", "partition": 0, "offset": 7}, "outcome": "accepted", "arrival": NOW,
    "event": RELEASE, "dept": "zfb", "item": "01-03", "kind": "press-release", "version": 1, "title": "常务会议召开",
    "value_sha256": "0" * 64, "links": [{"rel": "reports-on", "target": MEETING}],
}  # fmt: skip
RECEIPT = {"feed_id": "f", "outlet": "portal", "kind": "published", "event": RELEASE, "version": 1, "at": SHOWN}


def held(here: World) -> None:
    """A meeting that was held."""
    lead = {"lead_dept": "zfb"}
    opened = {"lifecycle": "standing-meeting", "title": "第12次常务会议", **lead, "at": NOW.isoformat(),
              "fields": {**lead, "type": "常务会议", "number": "第12次", "held_on": "2026-09-21"}}  # fmt: skip
    here.send([came("opened", opened), came("stepped", step("topic-added", topic="供热", suitable="是")),
               came("stepped", step("held"))])  # fmt: skip
    here.run()


def step(name: str, **fields: str) -> dict[str, Any]:
    return {"step": name, "actor_dept": "zfb", "actor_role": "经办", "at": NOW.isoformat(), "fields": fields}


def came(verb: str, data: dict[str, Any]) -> Record:
    one = event("matter", verb, "zfb", "", data, at=NOW, subject=MEETING)
    return Record("matters", 0, 0, int(NOW.timestamp() * 1000), MEETING.encode(), to_bytes(one))


def said(topic: str, source: str, name: str, at: Any, data: dict[str, Any]) -> Record:
    whole = {
        "specversion": "1.0", "id": f"{topic}-1", "source": source, "type": f"cn.gongkai.{name}.v1",
        "subject": RELEASE["subject"], "time": at, "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    key = RELEASE["subject"].encode()
    return Record(topic, 0, 0, int(at.timestamp() * 1000), key, msgspec.json.encode(whole), ())
