"""`POST /v1/events`: every form, every answer."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from schemas import headers as h
from schemas.records import RejectionIssued
from tests.producers.door import Caller, code_of
from tests.support.events import submitted, to_bytes, updated, withdrawn


def test_a_valid_event_is_taken_and_waits_for_its_topic_unchanged(caller: Caller) -> None:
    value = to_bytes(event := submitted("fgw"))

    response = caller.post(value)

    assert (response.status_code, response.json()["outcome"]) == (202, "forwarded")
    [sent] = caller.waiting()
    assert (sent.topic, sent.key, sent.value, sent.headers) == ("publications", event["subject"].encode(), value, ())


def test_arrival_is_the_doors_own_and_the_records_timestamp(caller: Caller) -> None:
    response = caller.post(submitted("fgw"))

    [sent] = caller.waiting()
    assert sent.timestamp == 1_789_963_200_000
    assert response.json()["arrival"] == "2026-09-21T04:00:00+00:00"


def test_the_same_event_again_gets_the_first_answer_and_travels_once(caller: Caller) -> None:
    value = to_bytes(submitted("fgw"))

    first, second = caller.post(value), caller.post(value)

    assert second.json() == first.json() | {"outcome": "repeated", "message": second.json()["message"]}
    assert second.status_code == 202
    assert len(caller.waiting()) == 1
    assert caller.outcomes() == {"forwarded": 1, "repeated": 1}


def test_another_body_under_the_same_id_is_refused_and_recorded(caller: Caller) -> None:
    event = submitted("fgw")
    caller.post(event)

    response = caller.post(event | {"time": "2026-09-21T04:00:01+00:00"})

    assert (response.status_code, response.json()["code"]) == (409, "ID-REUSED")
    (rejection,) = [sent for sent in caller.waiting() if sent.topic == "rejections"]
    assert code_of(rejection) == "ID-REUSED"
    said = RejectionIssued.model_validate_json(rejection.value or b"").data
    assert (said.by, said.origin, said.dept) == ("door", None, caller.dept)


def test_an_event_that_the_judge_refuses_is_answered_with_findings_and_travels(caller: Caller) -> None:
    response = caller.post(submitted("fgw", item="99-99"))

    assert response.status_code == 422
    assert response.json()["outcome"] == "forwarded"
    assert "REJ-NOITEM" in [finding["rule"] for finding in response.json()["findings"]]
    assert [sent.topic for sent in caller.waiting()] == ["publications"]


def test_binary_mode_is_made_structured(caller: Caller) -> None:
    event = submitted("fgw")
    data = json.dumps(event.pop("data"), ensure_ascii=False).encode()
    headers = {f"ce-{name}": quote(str(value)) for name, value in event.items() if name != "datacontenttype"}

    response = caller.http.post("/v1/events", content=data, headers={**headers, "Content-Type": "application/json"})

    assert response.status_code == 202, response.text
    [sent] = caller.waiting()
    assert json.loads(sent.value or b"")["data"] == json.loads(data)
    assert json.loads(sent.value or b"")["id"] == event["id"]


def test_a_batch_is_answered_one_by_one(caller: Caller) -> None:
    events = [submitted("fgw"), submitted("jyj"), withdrawn("fgw")]

    response = caller.post(json.dumps(events).encode(), "application/cloudevents-batch+json")

    assert response.status_code == 207
    assert [answer["outcome"] for answer in response.json()] == ["forwarded", "rejected", "forwarded"]


def test_a_stream_is_answered_line_by_line_in_order(caller: Caller) -> None:
    lines = [to_bytes(submitted("fgw")), b"no json", to_bytes(updated("fgw")), b""]

    response = caller.post(b"\r\n".join(lines), "application/x-ndjson")

    answers = [json.loads(line) for line in response.text.splitlines()]
    assert [(answer["line"], answer["outcome"]) for answer in answers] == [
        (1, "forwarded"), (2, "dead"), (3, "forwarded"),
    ]  # fmt: skip


def test_history_travels_in_a_lane_of_its_own_under_the_lead_offices_key_alone(caller: Caller) -> None:
    event = submitted("fgw", backfill=True, published_on="2020-01-01")

    refused = caller.post(event)
    assert (refused.status_code, refused.json()["code"]) == (403, "BACKFILL-KEY")
    with Caller(caller.gateway, "zfb") as lead:
        taken = lead.post(event | {"id": "history-1"})

    assert taken.json()["outcome"] == "forwarded"
    with caller.gateway.door.store.read() as conn:
        lanes = {waiting.lane for waiting in caller.gateway.intake.outbox.waiting(conn)}
    assert lanes == {"fgw", "fgw#backfill"}


def test_a_full_outbox_answers_503_and_takes_nothing_more(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller.gateway.intake, "_limit", 2)
    events = [submitted("fgw") for _ in range(3)]

    answers = [caller.post(event) for event in events]

    assert [answer.status_code for answer in answers] == [202, 202, 503]
    assert answers[2].json()["code"] == "OUTBOX-FULL"
    assert answers[2].headers["retry-after"]
    assert len(caller.waiting()) == 2
    assert caller.post(events[0]).json()["outcome"] == "repeated"


def test_a_department_may_write_for_the_one_it_succeeded(caller: Caller) -> None:
    with Caller(caller.gateway, "wlj") as heir:
        response = heir.post(submitted("wlj", envelope={"subject": "lvyj/2019-0001"}))

    assert response.json()["outcome"] == "forwarded"


def test_dead_letters_keep_the_value_and_say_who_sent_it(caller: Caller) -> None:
    caller.post(b'{"no": "event"}')

    [dead] = caller.waiting()
    assert (dead.topic, dead.value) == ("dead-letters", b'{"no": "event"}')
    assert (h.get(dead.headers, h.SENDER), h.get(dead.headers, h.ERROR)) == ("fgw", "NOT-CLOUDEVENT")
    assert h.get(dead.headers, h.ID)
