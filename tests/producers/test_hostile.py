"""Senders who mean harm, and senders who know no better."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers.checks import Principal
from producers.forms import Given, Unformed, binary
from tests.producers.door import Caller, code_of
from tests.support.events import submitted, to_bytes

WHO = Principal("fgw", "http")
KINDS = (
    "application/cloudevents+json",
    "application/json",
    "application/cloudevents-batch+json",
    "application/x-ndjson",
    "text/plain",
    "application/cloudevents+json; charset=gbk",
)


@pytest.mark.parametrize(
    "headers",
    [
        {"ce-id": "a%0d%0aSet-Cookie:x"},
        {"ce-id": "a%00b"},
        {"ce-id": "a%ff"},
        {"ce-i d": "x"},
        {"ce-data": "{}"},
        {"ce-specversion": "1.0", "CE-SPECVERSION": "1.0"},
    ],
)
def test_headers_that_smuggle_are_no_event(headers: dict[str, str]) -> None:
    assert isinstance(binary(headers.items(), b"{}"), Unformed)


def test_data_can_not_close_its_object_and_add_attributes() -> None:
    assert isinstance(binary([("ce-id", "a")], b'{},"id":"b"'), Unformed)


@pytest.mark.parametrize("bad", ["a\nb", "a\x00b", "\ud800", "x" * 300, "", 7, None, {"a": 1}])
def test_ids_that_no_store_or_header_should_see_are_refused(caller: Caller, bad: object) -> None:
    value = json.dumps(submitted("fgw") | {"id": bad}).encode()

    response = caller.post(value)

    assert response.status_code < 500
    assert response.json()["outcome"] in {"dead", "rejected"}
    assert len(caller.waiting()) == 1


def test_another_departments_identity_can_not_be_used_up(caller: Caller) -> None:
    event = submitted("jyj")
    assert caller.post(event).status_code == 403

    with Caller(caller.gateway, "jyj") as owner:
        taken = owner.post(event | {"time": "2026-09-21T03:59:00+00:00"})

    assert taken.status_code != 409
    assert taken.json()["outcome"] == "forwarded"


def test_a_department_does_not_see_anothers_events(caller: Caller) -> None:
    event = submitted("fgw")
    caller.post(event)

    with Caller(caller.gateway, "jyj") as other:
        response = other.http.get(f"/v1/events/{event['id']}", params={"source": "/departments/fgw"})

    assert (response.status_code, response.json()["code"]) == (404, "EVENT-UNKNOWN")


def test_a_judge_that_fails_at_the_door_holds_nothing_up(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(caller.gateway.intake, "_judge", broken)

    assert caller.post(submitted("fgw")).status_code == 202
    assert [sent.topic for sent in caller.waiting()] == ["publications"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """An event with some member replaced, taken out, or its bytes cut or changed."""
    event = submitted("fgw")
    target = event if draw(st.booleans()) else event["data"]
    member = draw(st.sampled_from(sorted(target)))
    if draw(st.booleans()):
        target[member] = draw(JSON_VALUES)
    else:
        del target[member]
    value = json.dumps(event).encode()
    if draw(st.booleans()):
        cut = draw(st.integers(0, len(value)))
        value = value[:cut] + draw(st.binary(max_size=6)) + value[cut + draw(st.integers(0, 6)) :]
    return value


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.one_of(mangled(), st.binary(max_size=200), JSON_VALUES.map(lambda v: json.dumps(v).encode())),
    kind=st.sampled_from(KINDS),
)
def test_whatever_comes_is_answered_and_nothing_is_lost(caller: Caller, value: bytes, kind: str) -> None:
    before = sum(caller.outcomes().values()), len(caller.waiting())

    response = caller.post(value, kind)

    assert response.status_code < 500, response.text
    submissions, sent = sum(caller.outcomes().values()), len(caller.waiting())
    repeated = caller.outcomes()["repeated"]
    assert submissions - repeated == sent
    if response.status_code != 415:
        told = [json.loads(line) for line in response.text.splitlines()] if "ndjson" in kind else response.json()
        answers = told if isinstance(told, list) else [told]
        assert submissions - before[0] == len([each for each in answers if each.get("outcome")])


def test_each_door_record_is_found_by_a_named_code(caller: Caller) -> None:
    values: list[Given] = [b"{", None, to_bytes(submitted("jyj")), Unformed(b"x", "JSON", "no array")]

    answers = caller.gateway.intake.take(WHO, values)

    assert [answer.code for answer in answers] == ["JSON", "NULL-VALUE", "SOURCE-WRONG", "JSON"]
    assert sorted(filter(None, map(code_of, caller.waiting()))) == ["JSON", "JSON", "NULL-VALUE", "SOURCE-WRONG"]
