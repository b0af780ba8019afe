"""Rejections as a department reads them: filters, whose they are, and the event that mended each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bus.record import Record
from bus.store.positions import Extent, take_over
from bus.store.slices import Slices
from producers.gateway import Gateway
from producers.projection import DoorProjection
from schemas.city import Pack
from streams.judging import Judging
from tests.producers.door import Caller
from tests.rules.making import pack
from tests.support.events import NOON, JsonObject, submitted, to_input

WRONG = {"elements": {"事项": "供暖"}}


class Bus:
    """The router and the door's own sink, without a broker between: what is judged comes back at once."""

    def __init__(self, gateway: Gateway, city: Pack | None = None) -> None:
        self._slices = Slices(gateway.door.store, DoorProjection(), lambda: NOON)
        self._store = gateway.door.store
        self._judge = Judging(city or pack())
        self._ends: dict[str, int] = {}

    def take(self, *events: JsonObject, later: timedelta = timedelta(0)) -> None:
        """Judge `events`, which came so long after noon, in their order, and let the door hear of it."""
        at = NOON + later
        for event in events:
            sent = to_input(event, at)
            place = sent.topic, self._next(sent.topic)
            record = Record(sent.topic, 0, place[1], sent.timestamp or 0, sent.key, sent.value, ())
            for out in self._judge(record):
                if out.topic in {"verdicts", "rejections"}:
                    self._apply(Record(out.topic, 0, self._next(out.topic), 0, out.key, out.value, out.headers))

    def _apply(self, record: Record) -> None:
        with self._store.begin() as conn:
            position = take_over(conn, self._store, record.topic, 0, Extent("topic", 0, 10**9))
        self._slices.apply(position, [record])

    def _next(self, topic: str) -> int:
        self._ends[topic] = self._ends.get(topic, -1) + 1
        return self._ends[topic]


@pytest.fixture
def bus(gateway: Gateway) -> Bus:
    return Bus(gateway)


def listed(caller: Caller, query: str = "") -> list[JsonObject]:
    answer = caller.http.get(f"/v1/rejections?{query}")
    assert answer.status_code == 200, answer.text
    items: list[JsonObject] = answer.json()["items"]
    return items


def named(caller: Caller, query: str = "") -> list[str | None]:
    return [item["event_id"] for item in listed(caller, query)]


def test_a_rejection_names_the_event_that_corrected_it_and_when(caller: Caller, bus: Bus) -> None:
    wrong, still = submitted("fgw", "a", **WRONG), submitted("fgw", "a", **WRONG)
    still["data"]["corrects"] = wrong["id"]
    bus.take(wrong, still)
    assert [item["corrected"] for item in listed(caller)] == [None, None]

    right = submitted("fgw", "a", corrects=wrong["id"])
    bus.take(submitted("fgw", "a", corrects=wrong["id"]), later=timedelta(hours=1))
    bus.take(right)

    first, second = listed(caller)
    at = NOON.isoformat().replace("+00:00", "Z")
    assert first["corrected"] == {"event_id": right["id"], "at": at}
    assert second["corrected"] is None
    assert named(caller, "state=corrected") == [wrong["id"]]
    assert named(caller, "state=open") == [still["id"]]


def test_what_names_the_rejections_own_id_corrects_it_too_and_another_department_corrects_nothing(
    caller: Caller, bus: Bus
) -> None:
    wrong = submitted("fgw", "a", **WRONG)
    bus.take(wrong)
    (rejection,) = listed(caller)
    bus.take(submitted("jyj", "a", corrects=wrong["id"]))
    assert listed(caller)[0]["corrected"] is None
    right = submitted("fgw", "a", corrects=rejection["record"]["id"])
    bus.take(right)
    assert listed(caller)[0]["corrected"]["event_id"] == right["id"]


def test_rejections_are_found_by_rule_day_and_state(caller: Caller, bus: Bus) -> None:
    by_rule = submitted("fgw", "a", **WRONG)
    later = submitted("fgw", "b", secrecy_review=None, envelope={"at": NOON + timedelta(days=1)})
    bus.take(by_rule)
    bus.take(later, later=timedelta(days=1))
    assert named(caller) == [by_rule["id"], later["id"]]
    assert named(caller, "code=REJ-ELEMENTS") == [by_rule["id"]]
    assert named(caller, "code=REJ") == []
    assert named(caller, "code=%25") == []
    assert named(caller, "day=2026-09-22") == [later["id"]]
    assert named(caller, "day=2026-09-21&code=REJ-REVIEW") == []
    assert caller.http.get("/v1/rejections?day=tomorrow").status_code == 422
    assert caller.http.get("/v1/rejections?state=lost").status_code == 422


def test_another_departments_rejections_are_refused_and_the_lead_office_reads_all(
    gateway: Gateway, caller: Caller, bus: Bus
) -> None:
    wrong = submitted("fgw", "a", **WRONG)
    bus.take(wrong)
    with Caller(gateway, "jyj") as other, Caller(gateway, "zfb") as lead:
        for dept in ("fgw", "all"):
            answer = other.http.get(f"/v1/rejections?dept={dept}")
            assert (answer.status_code, answer.json()["code"]) == (403, "OTHER-DEPT")
            assert named(lead, f"dept={dept}") == [wrong["id"]]
        assert named(other, "dept=jyj") == []
        assert named(lead) == []


def test_the_events_own_page_names_what_corrected_it(caller: Caller, bus: Bus) -> None:
    wrong = submitted("fgw", "a", **WRONG)
    caller.post(wrong)
    bus.take(wrong)
    assert caller.http.get(f"/v1/events/{wrong['id']}").json()["corrected"] is None
    right = submitted("fgw", "a", corrects=wrong["id"])
    bus.take(right)
    assert caller.http.get(f"/v1/events/{wrong['id']}").json()["corrected"]["event_id"] == right["id"]


def test_an_event_that_the_door_buried_is_shown_once_it_was_sent_again_and_judged(caller: Caller, bus: Bus) -> None:
    event = submitted("fgw", "a")
    assert caller.http.get(f"/v1/events/{event['id']}").status_code == 404
    bus.take(event)
    shown = caller.http.get(f"/v1/events/{event['id']}").json()
    assert (shown["state"], shown["subject"]) == ("accepted", "fgw/a")
