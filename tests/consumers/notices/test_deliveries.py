"""Rungs come out as mails and calls: a row each, sent until it is confirmed and never after; taken back; rebuilt."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from bus.record import Outgoing
from bus.store import digest
from consumers.notices.guard import Guard
from consumers.notices.pace import ATTEMPTS
from consumers.notices.signing import key_of
from consumers.notices.webhooks import Hook
from schemas.ids import delivery_id
from schemas.topics import DELIVERIES
from tests.consumers.notices.harness import (
    LEADER,
    SECRET,
    Desk,
    JsonObject,
    cancelled,
    desk,
    mailbox,
    rung,
    smtp,
    webhook,
)
from tests.consumers.office import NOW
from tests.support.sinks import Call, HookSink, MailSink, hook_sink, mail_sink, papers


@pytest.fixture(scope="module")
def post() -> Iterator[MailSink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def server() -> Iterator[HookSink]:
    with hook_sink() as sink:
        yield sink


@pytest.fixture
def hook(server: HookSink) -> HookSink:
    server.calls.clear()
    server.answers.clear()
    server.body = b""
    return server


@pytest.fixture
def mail(post: MailSink) -> MailSink:
    for each in (post.mails, post.recipients, post.secured, post.answers, post.after_data):
        each.clear()
    return post


@pytest.fixture
def calls(tmp_path: Path, hook: HookSink) -> Iterator[Desk]:
    """A desk with one webhook for everything."""
    with desk(tmp_path, webhook=[webhook("oa", hook.port)]) as made:
        yield made


def verified(call: Call, secret: str = SECRET) -> bool:
    """As a receiver looks at it."""
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    wanted = "v1," + base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(wanted, each) for each in call.headers["webhook-signature"].split())


# webhooks


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


# mail


def test_a_mail_names_the_responsible_post_and_no_person(tmp_path: Path, mail: MailSink) -> None:
    with desk(tmp_path, smtp=smtp(mail.port), mailbox=[mailbox("chief", "leader"), mailbox("desk", "owner")]) as made:
        made.read(rung())
        made.work()
        assert made.states() == {"chief": "delivered", "desk": "delivered"}
    letters = {str(letter["To"].addresses[0].addr_spec): letter for letter in mail.mails}
    chief, office = letters["chief@shilishi.example"], letters["desk@shilishi.example"]
    assert chief["To"].addresses[0].display_name == LEADER
    assert office["To"].addresses[0].display_name == "示例市发展和改革委员会"
    assert chief["Subject"] == "【催办】示例市发展和改革委员会：路灯不亮（答复来信，已逾期）"
    for each in (chief, office):
        text = each.get_content()
        assert f"责任岗位：{LEADER}（第一责任人）" in text and f"Responsible post of fgw: {LEADER}." in text
        assert "现已逾期。现予催办" in text and "is overdue" in text and "规则 CMP-03" in text
    assert chief["Message-ID"] == f"<{delivery_id(rung()['id'], 'chief')}@www.shilishi.example>"
    assert chief["Auto-Submitted"] == "auto-generated" and chief["Date"].datetime == NOW


def test_a_reminder_says_by_when_and_not_that_it_is_late(tmp_path: Path, mail: MailSink) -> None:
    with desk(tmp_path, smtp=smtp(mail.port), mailbox=[mailbox("desk", "owner")]) as made:
        made.read(rung(name="reminded", to=["owner"], calendar_complete=False))
        made.work()
    (text,) = mail.texts()
    assert (
        "将于2026-09-23到期。现予提醒" in text
        and "逾期。" not in text
        and "overdue" not in text.replace("/overdue", "")
    )
    assert "为暂定" in text and mail.mails[0]["Subject"].endswith("（答复来信，2026-09-23到期）")


def test_nothing_that_is_quoted_begins_a_header_or_a_line(tmp_path: Path, mail: MailSink) -> None:
    evil = "路灯\r\nBcc: all@elsewhere.example\r\n\r\n<b>\x00\x1b[31m\u2028\u202e" + "长" * 5_000
    with desk(tmp_path, smtp=smtp(mail.port), mailbox=[mailbox("chief", "leader", "owner")]) as made:
        made.read(rung(title=evil, name=evil[:90], rung_name="催办\nX-Bad: 1", leader_post="主任\r\nCc: x@y.example"))
        made.work()
        assert made.states() == {"chief": "delivered"}
    (letter,) = mail.mails
    assert mail.recipients == ["chief@shilishi.example"]
    assert letter["Bcc"] is None and letter["X-Bad"] is None and letter["Cc"] is None
    assert len(letter["Subject"]) <= 200
    assert not any(line.startswith("Bcc") for line in letter.get_content().splitlines())
    assert max(map(len, letter.get_content().splitlines())) < 700


def test_replies_of_the_server_end_a_mail_or_have_it_tried_again(tmp_path: Path, mail: MailSink) -> None:
    with desk(tmp_path, smtp=smtp(mail.port), mailbox=[mailbox("desk", "owner")]) as made:
        mail.answers[:] = ["450 greylisted"]
        made.read(rung(1, to=["owner"]))
        made.work()
        assert made.rows()[0].detail == "recipient refused: 450" and made.states() == {"desk": "waiting"}
        made.work(seconds=10)
        assert made.states() == {"desk": "delivered"}
        mail.answers[:] = ["550 no such mailbox"]
        made.read(rung(2, to=["owner"]))
        made.work()
        mail.after_data[:] = ["554 refused"]
        made.read(rung(3, to=["owner"]))
        made.work()
        assert [each["detail"] for each in made.said("ended") if each["state"] == "dead"] == [
            "recipient refused: 550", "mail refused: 554",
        ]  # fmt: skip
        assert len(mail.mails) == 1


def test_mail_goes_by_starttls_to_a_server_that_is_who_it_says(tmp_path: Path) -> None:
    made = papers(tmp_path, ("127.0.0.1",))
    with mail_sink(made.server) as secure:
        safe = smtp(secure.port, security="starttls", cafile=str(made.cafile))
        with desk(tmp_path / "a", smtp=safe, mailbox=[mailbox("desk", "owner")]) as trusting:
            trusting.read(rung(to=["owner"]))
            trusting.work()
        assert secure.secured == [True]
        unknown = smtp(secure.port, security="starttls")
        with desk(tmp_path / "b", smtp=unknown, mailbox=[mailbox("desk", "owner")]) as careful:
            careful.read(rung(to=["owner"]))
            careful.work()
            assert careful.rows()[0].detail.startswith("certificate refused")
        plain = smtp(secure.port)
        with desk(tmp_path / "c", smtp=plain, mailbox=[mailbox("desk", "owner")]) as open_:
            open_.read(rung(to=["owner"]))
            open_.work()
            assert open_.states() == {"desk": "waiting"}
        assert len(secure.mails) == 1


def test_mail_goes_with_a_password_or_by_tls_from_the_first_byte(tmp_path: Path) -> None:
    made = papers(tmp_path, ("127.0.0.1",))
    boxes, told = [mailbox("desk", "owner")], rung(to=["owner"])
    with mail_sink(made.server, password="geheim") as asking:
        given = smtp(asking.port, security="starttls", cafile=str(made.cafile), username="duban")
        with desk(tmp_path / "a", smtp={**given, "password": "geheim"}, mailbox=boxes) as known:
            known.read(told)
            known.work()
            assert known.states() == {"desk": "delivered"}
        with desk(tmp_path / "b", smtp={**given, "password": "falsch"}, mailbox=boxes) as unknown:
            unknown.read(told)
            unknown.work()
            (row,) = unknown.rows()
            assert row.state == "waiting" and row.detail.startswith("SMTP") and "falsch" not in row.detail
        assert asking.secured == [True]
    with mail_sink(implicit=made.server) as secure:
        given = smtp(secure.port, security="tls", cafile=str(made.cafile))
        with desk(tmp_path / "c", smtp=given, mailbox=boxes) as whole:
            whole.read(told)
            whole.work()
            assert whole.states() == {"desk": "delivered"}


# taken back


def test_a_rung_that_was_taken_back_before_it_was_sent_is_not_sent(calls: Desk, hook: HookSink) -> None:
    told = rung()
    calls.read(told, cancelled(told))
    assert calls.work(days=3) == 0 and not hook.calls
    assert calls.states() == {"oa": "cancelled"}


def test_one_that_was_taken_back_after_it_was_sent_is_corrected_to_whom_it_was_sent(
    tmp_path: Path, mail: MailSink, hook: HookSink
) -> None:
    given: JsonObject = {"mailbox": [mailbox("chief", "leader")], "webhook": [webhook("oa", hook.port)]}
    with desk(tmp_path, smtp=smtp(mail.port), **given) as made:
        hook.answer(500)
        told = rung()
        made.read(told, rung(2))
        made.work()
        back = cancelled(told)
        made.read(back)
        made.work(hours=1)
        first, second = (one for one in mail.mails if "letter-1" in one.get_content())
        assert second["In-Reply-To"] == first["Message-ID"] != second["Message-ID"]
        assert second["Subject"].startswith("【更正】") and "通知作废" in second.get_content()
        assert "Correction" in second.get_content() and "已逾期" not in second["Subject"]
        bodies = [json.loads(call.body)["id"] for call in hook.calls]
        assert bodies.count(back["id"]) == 1, "the try that failed may have been heard"
        assert bodies.count(told["id"]) == 1, "and is not made again"
        withdrawn = [each for each in made.said("planned") if each["correction"]]
        assert [len(each["deliveries"]) for each in withdrawn] == [2]


def test_a_cancellation_that_does_not_name_its_rung_takes_the_last_one_back(calls: Desk, hook: HookSink) -> None:
    earlier, later = rung(version=2), rung(version=5)
    calls.read(earlier)
    calls.work()
    calls.read(later, cancelled(later, 6, cancels=None))
    calls.work()
    assert [json.loads(call.body)["id"] for call in hook.calls] == [earlier["id"]]


def test_the_try_under_way_when_a_rung_is_taken_back_is_told_as_it_ended(calls: Desk, hook: HookSink) -> None:
    told = rung()
    calls.read(told)
    (postman, *_) = calls.postmen
    carry = postman._way.carry

    def slowly(parcel, at):  # type: ignore[no-untyped-def]
        postman._way.carry = carry  # type: ignore[method-assign]
        calls.read(cancelled(told))
        return carry(parcel, at)

    postman._way.carry = slowly  # type: ignore[method-assign]
    calls.work()
    rows = {row.notice: row.state for row in calls.rows()}
    assert rows == {told["id"]: "delivered", cancelled(told)["id"]: "delivered"}
    assert [json.loads(call.body)["data"]["what"] for call in hook.calls] == ["rung", "rung-cancelled"]


# nobody, too old, gone from the settings


def test_whom_nobody_stands_for_is_seen_and_told_when_somebody_does(calls: Desk, hook: HookSink) -> None:
    given = calls.addresses
    calls.open(given.model_copy(update={"webhook": ()}))
    calls.read(rung(to=["leader"]))
    assert calls.work() == 0 and calls.states() == {"nobody/leader/fgw": "unaddressed"}
    (row,) = calls.rows()
    calls.ask_again(row.id)
    assert calls.states() == {"nobody/leader/fgw": "unaddressed"}, "still nobody"
    calls.open(given)
    calls.ask_again(row.id)
    calls.work()
    assert calls.states() == {"nobody/leader/fgw": "cancelled", "oa": "delivered"} and len(hook.calls) == 1


def test_what_was_reached_long_ago_is_kept_and_told_to_nobody_by_itself(calls: Desk, hook: HookSink) -> None:
    calls.read(rung(1), age=8)
    calls.read(rung(2), age=6)
    calls.work()
    assert sorted(row.state for row in calls.rows()) == ["delivered", "old"]
    calls.ask_again(next(row.id for row in calls.rows() if row.state == "old"))
    calls.work()
    assert len(hook.calls) == 2


def test_what_waits_for_a_target_that_is_in_the_settings_no_longer_is_dead_and_seen(calls: Desk) -> None:
    calls.read(rung())
    calls.open(calls.addresses.model_copy(update={"webhook": ()}))
    calls.work()
    assert [(row.state, row.detail) for row in calls.rows()] == [("dead", "notices.toml has no target oa any more")]


# repeats and rebuilds


def test_other_words_and_repeats_make_no_delivery(calls: Desk) -> None:
    told = rung()
    calls.read(rung(3, what="opened", rung=None), told, told)
    calls.read(told)
    assert calls.work() == 1 and len(calls.rows()) == 1


def live(home: Path, hook: HookSink, database: str = "") -> tuple[list[Outgoing], list[JsonObject], str, int]:
    """A part's life with everything in it: what was told to it, what it said, its rows' digest, how many calls."""
    with desk(home, database, webhook=[webhook("oa", hook.port, "owner")]) as made:
        one, two, three, four = rung(1), rung(2), rung(3, to=["leader", "public"]), rung(4)
        hook.answer(204, 410)
        made.read(one, two, three)
        made.work()
        made.read(four, cancelled(one), cancelled(four, 10))
        made.work()
        dead, nobody = (next(row.id for row in made.rows() if row.state == state) for state in ("dead", "unaddressed"))
        made.ask_again(dead, nobody)
        made.work()
        made.hear_itself()
        assert {row.state for row in made.rows()} == {"delivered", "dead", "cancelled", "unaddressed"}
        return made.told, made.log, digest(made.player.store), len(hook.calls)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_rebuild_gives_the_same_rows_and_tells_nobody_again(
    tmp_path: Path, hook: HookSink, kind: str, request: pytest.FixtureRequest
) -> None:
    """Whatever the addresses are by then."""
    database = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    told, said, before, made = live(tmp_path / "a", hook, database)
    with desk(tmp_path / "b", database, webhook=[webhook("other", hook.port, "leader", "public")]) as anew:
        anew.player.remember([one for one in said if one["source"] == "/engine/notices"])
        for each in told:
            anew.put(each)
        anew.read(*said, topic=DELIVERIES.name)
        assert not anew.player.sent(), "it says nothing anew"
        assert digest(anew.player.store) == before
        anew.work(days=10)
        assert len(hook.calls) == made


def test_rows_are_the_same_in_whatever_order_the_topics_are_read(tmp_path: Path, hook: HookSink) -> None:
    """A store that was put back from a copy, and reads on from there: it knows nothing of what it had said."""
    told, said, before, made = live(tmp_path / "a", hook)
    for seed in range(8):
        order, duties, own = Random(seed), list(told), list(said)
        with desk(tmp_path / f"b{seed}", webhook=[webhook("oa", hook.port, "owner")]) as anew:
            while duties or own:
                if own and (not duties or order.random() < 0.5):
                    anew.read(own.pop(0), topic=DELIVERIES.name)
                else:
                    anew.put(duties.pop(0))
            assert digest(anew.player.store) == before, f"in the order of seed {seed}"
            anew.work(days=10)
    assert len(hook.calls) == made
