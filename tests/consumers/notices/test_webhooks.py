"""A webhook is called with the record itself, signed, until it confirms, by the schedule, and nowhere else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.notices.guard import Guard
from consumers.notices.pace import ATTEMPTS
from consumers.notices.signing import key_of
from consumers.notices.webhooks import Hook
from schemas.ids import delivery_id
from tests.consumers.notices.harness import SECRET, Desk, JsonObject, desk, rung, webhook
from tests.consumers.office import NOW
from tests.support.sinks import Call, HookSink, hook_sink, papers, raw_server


def verified(call: Call, secret: str = SECRET) -> bool:
    """As a receiver looks at it."""
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    wanted = "v1," + base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(wanted, each) for each in call.headers["webhook-signature"].split())


def test_a_webhook_is_given_the_record_itself_signed_under_one_id(calls: Desk, hook: HookSink) -> None:
    told = rung()
    calls.read(told)
    assert calls.work() == 1 and calls.work() == 0
    (call,) = hook.calls
    assert verified(call) and json.loads(call.body) == told
    assert call.headers["webhook-id"] == delivery_id(told["id"], "oa")
    assert call.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert (call.path, call.headers["host"]) == ("/hooks/oa?k=v", f"127.0.0.1:{hook.port}")
    assert call.headers["content-type"].startswith("application/cloudevents+json")
    assert [(row.state, row.attempts, row.detail) for row in calls.rows()] == [("delivered", 1, "HTTP 204")]


def test_a_call_that_fails_is_made_again_by_the_schedule_until_it_is_confirmed(calls: Desk, hook: HookSink) -> None:
    hook.answer(500, 404, 302, location="http://127.0.0.1/elsewhere")
    calls.read(rung())
    for wait in (0, 6, 340, 1_990, 8_000):
        calls.work(seconds=wait)
    assert len(hook.calls) == 4, "not a fifth time, and never to where the redirect leads"
    assert {call.path for call in hook.calls} == {"/hooks/oa?k=v"}
    assert len({call.headers["webhook-id"] for call in hook.calls}) == 1
    assert len({call.headers["webhook-timestamp"] for call in hook.calls}) == 4 and all(map(verified, hook.calls))
    assert calls.states() == {"oa": "delivered"}


def test_a_server_that_asks_for_time_is_given_it(calls: Desk, hook: HookSink) -> None:
    hook.answer(429, retry_after="3600")
    hook.answer(503, retry_after=(NOW + timedelta(hours=3)).strftime("%a, %d %b %Y %H:%M:%S GMT"))
    calls.read(rung())
    calls.work()
    assert calls.work(seconds=3_599) == 0
    assert calls.work(seconds=2) == 1
    assert calls.work(hours=1, minutes=58) == 0
    assert calls.work(minutes=3) == 1
    assert calls.states() == {"oa": "delivered"}


def test_what_never_arrives_is_dead_after_its_tries_and_an_operator_may_send_it_again(
    calls: Desk, hook: HookSink
) -> None:
    hook.answer(*[500] * ATTEMPTS)
    calls.read(rung())
    tries = 0
    while calls.states()["oa"] == "waiting":
        tries += calls.work(days=2)
    assert tries == ATTEMPTS and calls.work(days=30) == 0
    (end,) = calls.said("ended")
    assert (end["state"], end["attempts"], end["detail"]) == ("dead", ATTEMPTS, "HTTP 500")
    (row,) = calls.rows()
    calls.ask_again(row.id)
    calls.ask_again(row.id)  # pressed twice
    assert calls.work() == 1 and calls.work(days=30) == 0
    assert len({call.headers["webhook-id"] for call in hook.calls}) == 1
    assert [each["state"] for each in calls.said("ended")] == ["dead", "delivered"]
    calls.ask_again(row.id)
    assert calls.work(days=1) == 0, "what arrived is not sent again"


def test_a_webhook_that_is_gone_is_not_called_any_more_but_where_somebody_asks(calls: Desk, hook: HookSink) -> None:
    hook.answer(410)
    calls.read(rung(1), rung(2))
    calls.work()
    calls.read(rung(3))
    calls.work()
    assert len(hook.calls) == 1 and {row.state for row in calls.rows()} == {"dead"}
    calls.ask_again(calls.rows()[0].id)
    calls.work()
    assert len(hook.calls) == 2, "a person asked"
    calls.read(rung(4))
    calls.work()
    assert len(hook.calls) == 3, "and it is back"


def test_a_new_address_is_not_gone(calls: Desk, hook: HookSink) -> None:
    hook.answer(410)
    calls.read(rung(1))
    calls.work()
    moved = webhook("oa", hook.port, url=f"http://127.0.0.1:{hook.port}/new")
    calls.open(calls.addresses.model_validate({"allow": ["127.0.0.0/8"], "webhook": [moved]}))
    calls.read(rung(2))
    calls.work()
    assert [call.path for call in hook.calls] == ["/hooks/oa?k=v", "/new"]


def test_a_server_that_does_not_answer_is_left_after_its_time(tmp_path: Path) -> None:
    with hook_sink() as slow, desk(tmp_path, webhook=[webhook("oa", slow.port, timeout=0.2)]) as made:
        slow.hold = threading.Event()
        made.read(rung())
        made.work()
        assert [(row.state, row.detail) for row in made.rows()] == [("waiting", "no answer within 0.2 s")]


def test_an_endless_answer_is_not_read_to_its_end(calls: Desk, hook: HookSink) -> None:
    hook.body = b"x" * 50_000_000
    hook.answer(200)
    calls.read(rung())
    calls.work()
    assert calls.states() == {"oa": "delivered"}


def test_nobody_there_is_no_reason_to_try_all_the_others_at_once(tmp_path: Path) -> None:
    with desk(tmp_path, webhook=[webhook("oa", 1)]) as made:
        made.read(*(rung(number) for number in range(5)))
        assert made.work() == 1
        assert sorted(row.attempts for row in made.rows()) == [0, 0, 0, 0, 1]


def test_an_address_that_is_not_public_is_not_called(tmp_path: Path, hook: HookSink) -> None:
    with desk(tmp_path, allow=["10.0.0.0/8"], webhook=[webhook("oa", hook.port)]) as made:
        made.read(rung())
        made.work()
        assert not hook.calls
        assert "127.0.0.1, which is not public" in made.rows()[0].detail


def test_https_is_spoken_to_the_name_at_the_address_that_was_looked_at(tmp_path: Path) -> None:
    made = papers(tmp_path)
    with hook_sink(made.server) as secure:
        url = f"https://localhost:{secure.port}/hooks"
        given: JsonObject = {"webhook": [webhook("oa", 1, url=url, http=False)]}
        with desk(tmp_path / "a", allow=["localhost"], cafile=str(made.cafile), **given) as trusting:
            trusting.read(rung())
            trusting.work()
            assert trusting.states() == {"oa": "delivered"} and len(secure.calls) == 1
            assert secure.calls[0].headers["host"] == f"localhost:{secure.port}"
        with desk(tmp_path / "b", allow=["localhost"], **given) as careful:
            careful.read(rung())
            careful.work()
            assert careful.states() == {"oa": "waiting"} and len(secure.calls) == 1


def test_where_one_address_is_not_reached_the_next_is(tmp_path: Path, hook: HookSink) -> None:
    looked_up = []

    async def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.9", "127.0.0.1"]

    with desk(tmp_path, webhook=[webhook("oa", hook.port)]) as made:
        way = made.postmen[0]._way
        assert isinstance(way, Hook)
        way._guard = Guard(made.addresses.allow, resolve)
        made.read(rung())
        made.work()
        assert made.states() == {"oa": "delivered"} and len(hook.calls) == 1
        assert looked_up == ["127.0.0.1"], "once: where the name leads a moment later is nobody's concern"


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (b"", "waiting"), (b"\x00\xff\r\n\r\n", "waiting"), (b"HTTP/1.1 999 ?\r\nContent-Length: 0\r\n\r\n", "waiting"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000, "waiting"), (b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000, "waiting"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "waiting"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Encoding: gzip\r\n\r\nnot gzip", "delivered"),
        (b"HTTP/1.1 429 \r\nRetry-After: \xff\xfe\r\nContent-Length: 0\r\n\r\n", "waiting"),
        (b"HTTP/1.1 204 No Content\r\n\r\ntrailing garbage", "delivered"),
    ],
)  # fmt: skip
def test_whatever_a_server_says_is_an_outcome(tmp_path: Path, said: bytes, state: str) -> None:
    with raw_server(said) as port, desk(tmp_path, webhook=[webhook("oa", port, timeout=2)]) as made:
        made.read(rung())
        made.work()
        (row,) = made.rows()
        assert row.state == state and row.detail
