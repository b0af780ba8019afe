"""Every bad input of the bus's contract: a named code, sentences in both languages, and the record found again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from producers.checks import Principal
from tests.producers.door import Caller, code_of
from tests.support.events import NOON, JsonObject, event, submitted, to_bytes

DEEP = b"[" * 10_000 + b"]" * 10_000


def _told(answer: JsonObject, code: str) -> None:
    """An answer names its code and tells a clerk, in Chinese and English, what to do."""
    assert answer["code"] == code
    found = next(finding for finding in answer["findings"] if finding["rule"] == code)
    for said in (found["message"], found["remedy"]):
        assert any("\u4e00" <= character <= "\u9fff" for character in said["zh"])
        assert said["en"].isascii() or code in {"REJ-ATTACHMENT", "REJ-DOCNO"}


@pytest.mark.parametrize(
    ("value", "status", "code"),
    [
        (b"no json at all", 400, "JSON"),
        (b"", 400, "JSON"),
        (b'{"title": "no event"}', 400, "NOT-CLOUDEVENT"),
        (b"[1, 2]", 400, "NOT-CLOUDEVENT"),
        (to_bytes(submitted("fgw")).replace(b"submitted.v1", b"submitted.v9"), 400, "UNKNOWN-VERSION"),
        (to_bytes(submitted("fgw", body="x" * 1_000_001)), 413, "SIZE"),
        (to_bytes(submitted("fgw"))[:-40] + b"\xff\xfe" + b'"}}', 400, "UTF8"),
        (b'{"specversion":"1.0","data":' + DEEP + b"}", 400, "JSON"),
    ],
)
def test_what_can_not_be_read_becomes_a_dead_letter(caller: Caller, value: bytes, status: int, code: str) -> None:
    response = caller.post(value)

    assert (response.status_code, response.json()["outcome"]) == (status, "dead")
    _told(response.json(), code)
    assert [(sent.topic, code_of(sent)) for sent in caller.waiting()] == [("dead-letters", code)]
    assert caller.outcomes() == {"dead": 1}


@pytest.mark.parametrize(
    ("value", "status", "code"),
    [
        (submitted("jyj"), 403, "SOURCE-WRONG"),
        (submitted("fgw", envelope={"source": "/portal"}), 403, "SOURCE-WRONG"),
        (submitted("fgw", envelope={"subject": "jyj/2026-1"}), 403, "REJ-AUTHORITY"),
        (event("publication", "vanished", "fgw", "", {}), 400, "UNKNOWN-TYPE"),
        (submitted("fgw", version="two"), 422, "INVALID"),
        (submitted("fgw", backfill=True), 403, "BACKFILL-KEY"),
        (submitted("fgw", personal={"key_id": "k", "sealed": "x"}), 422, "PERSONAL-SEALED"),
        (submitted("fgw", personal={"name": {"deep": "x"}}), 422, "PERSONAL-FORM"),
        (submitted("fgw", personal={"name": "a\u0000b"}), 422, "PERSONAL-FORM"),
        (submitted("fgw", personal={"Name\r\n": "x"}), 422, "PERSONAL-FORM"),
        (submitted("fgw", personal={"body": "x" * 20_001}), 422, "PERSONAL-FORM"),
        (submitted("fgw", release_at=(NOON - timedelta(hours=1)).isoformat()), 422, "RELEASE-AT"),
        (submitted("fgw", release_at=(NOON + timedelta(days=31)).isoformat()), 422, "RELEASE-AT"),
        (
            submitted(
                "fgw", attachments=[{"sha256": "0" * 64, "name": "表.pdf", "type": "application/pdf", "size": 1}]
            ),
            422,
            "REJ-ATTACHMENT",
        ),
    ],
)
def test_what_the_door_refuses_becomes_a_rejection(caller: Caller, value: JsonObject, status: int, code: str) -> None:
    response = caller.post(value)

    assert (response.status_code, response.json()["outcome"]) == (status, "rejected")
    _told(response.json(), code)
    [sent] = caller.waiting()
    assert (sent.topic, code_of(sent)) == ("rejections", code)
    record = json.loads(sent.value or b"")
    assert record["data"]["by"] == "door"
    assert record["data"]["event"]["id"] == value["id"]
    assert caller.outcomes() == {"rejected": 1}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (submitted("fgw", item="99-99"), "REJ-NOITEM"),
        (submitted("fgw", docno="示发改[26]5"), "REJ-DOCNO"),
        (submitted("fgw", envelope={"at": NOON + timedelta(hours=1)}), "REJ-TIME"),
        (submitted("fgw", envelope={"at": NOON - timedelta(days=2)}), "REJ-TIME"),
    ],
)
def test_what_the_rules_refuse_is_told_at_the_door_and_travels(caller: Caller, value: JsonObject, code: str) -> None:
    response = caller.post(value)

    assert (response.status_code, response.json()["outcome"]) == (422, "forwarded")
    assert code in [finding["rule"] for finding in response.json()["findings"]]
    assert [sent.topic for sent in caller.waiting()] == ["publications"]


def test_a_record_without_a_value_is_a_dead_letter(caller: Caller) -> None:
    [answer] = caller.gateway.intake.take(Principal("fgw", "kafka"), [None])

    assert (answer.outcome, answer.code) == ("dead", "NULL-VALUE")
    [sent] = caller.waiting()
    assert (sent.topic, sent.value, code_of(sent)) == ("dead-letters", None, "NULL-VALUE")


def test_of_a_value_above_the_limit_the_head_the_length_and_the_digest_are_kept(caller: Caller) -> None:
    body = b'{"specversion":"1.0","data":"' + b"x" * 2_000_000 + b'"}'
    lines = to_bytes(submitted("fgw")) + b"\n" + body + b"\n" + to_bytes(submitted("fgw"))

    response = caller.post(lines, "application/x-ndjson")

    answers = [json.loads(line) for line in response.text.splitlines()]
    assert [answer["outcome"] for answer in answers] == ["forwarded", "dead", "forwarded"]
    [dead] = [sent for sent in caller.waiting() if sent.topic == "dead-letters"]
    headers = dict(dead.headers)
    assert len(dead.value or b"") == 65_536
    assert (headers["gk-length"], headers["gk-error"]) == (str(len(body)).encode(), b"SIZE")
    assert headers["gk-sha256"].decode() == answers[1]["sha256"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "KEY-MISSING"),
        ("Basic abc", "KEY-MISSING"),
        ("Bearer gk_fgw_wrong", "KEY-WRONG"),
        ("Bearer " + "x" * 5_000, "KEY-WRONG"),
    ],
)
def test_without_a_valid_key_there_is_401_and_no_record(caller: Caller, header: str | None, code: str) -> None:
    del caller.http.headers["Authorization"]
    headers = {"Authorization": header} if header else {}

    response = caller.http.post("/v1/events", content=to_bytes(submitted("fgw")), headers=headers)

    assert (response.status_code, response.json()["code"]) == (401, code)
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["zh"]
    assert response.json()["en"]
    assert caller.waiting() == []
    assert caller.outcomes() == {}
    metrics = caller.http.get("/metrics").text
    assert f'gongkai_door_unauthorised_total{{reason="{code}"}}' in metrics


def test_no_body_of_any_kind_is_answered_with_500(caller: Caller) -> None:
    for kind in ("text/plain", "application/xml", "", "application/cloudevents+json; charset=utf-16"):
        response = caller.http.post("/v1/events", content=b"\xff\xfe\x00", headers={"Content-Type": kind})
        assert response.status_code in {400, 415}
        assert response.json()["code"]
