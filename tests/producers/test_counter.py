"""The counter: receipts, codes, forms' tokens, limits, and what a citizen is told."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bus.settings import Settings
from producers.citizens.limits import network
from producers.gateway import Gateway
from producers.tables import PAPERS, RECEIPTS
from tests.producers.counter import (
    BODY,
    IDENTITY,
    NAME,
    PHONE,
    Citizen,
    MovingClock,
    accepted,
    door_with,
    newest_paper,
)
from tests.producers.door import Caller
from tests.support.events import NOON, event

Json = dict[str, Any]


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def gateway(plain: Settings, clock: MovingClock) -> Iterator[Gateway]:
    with door_with(plain, clock) as opened:
        yield opened


@pytest.fixture
def citizen(gateway: Gateway, clock: MovingClock) -> Citizen:
    return Citizen(gateway, clock)


@pytest.fixture
def dept(gateway: Gateway) -> Caller:
    return Caller(gateway, "zjj")


def consultation(gateway: Gateway, dept: Caller) -> str:
    """A consultation that is open, as far as the gateway knows."""
    opened = event("consultation", "opened", "zjj", "", {
        "title": "示例条例征求意见", "explanation": "说明", "starts_on": "2026-09-21", "ends_on": "2026-10-21",
        "ways": ["网络"],
    })  # fmt: skip
    assert dept.post(opened).json()["outcome"] == "forwarded"
    accepted(gateway, opened["subject"], event=opened, step="opened")
    return str(opened["subject"])


@pytest.mark.feature("4-24")
def test_a_letter_to_the_mayor_gives_a_number_with_m_and_a_code_that_shows_its_state(
    citizen: Citizen, gateway: Gateway
) -> None:
    given = citizen.letter()

    assert given.status_code == 201, given.text
    number, code = given.json()["number"], given.json()["code"]
    assert number.startswith("M20260921")
    assert len(code) == 10
    assert code.isdecimal()
    assert citizen.query(number, code).json()["state_name"] == "已收到"
    paper = newest_paper(gateway)
    assert paper["subject"] == f"zfb/{number}"
    accepted(gateway, paper["subject"], event=paper, state="ASSIGNED")
    told = citizen.query(number, code).json()
    assert (told["state"], told["steps"][0]["step_name"]) == ("ASSIGNED", "环节1")
    by_header = citizen.http.get("/v1/citizens/query", params={"number": number}, headers={"Query-Code": code})
    assert by_header.json() == told


def test_what_the_department_answers_is_shown_to_whoever_has_both_numbers(
    citizen: Citizen, gateway: Gateway, dept: Caller
) -> None:
    given = citizen.letter().json()
    paper = newest_paper(gateway)
    accepted(gateway, paper["subject"], event=paper)
    step = event("complaint", "stepped", "zjj", "", {
        "step": "replied", "actor_dept": "zjj", "actor_role": "handler", "at": NOON.isoformat(),
        "personal": {"reply": f"{NAME}您好，路灯已修复。"},
    }, subject=paper["subject"])  # fmt: skip
    assert dept.post(step).json()["outcome"] == "forwarded"
    assert citizen.query(given["number"], given["code"]).json()["replies"] == []

    accepted(gateway, paper["subject"], event=step, version=2, state="REPLIED")

    [reply] = citizen.query(given["number"], given["code"]).json()["replies"]
    assert reply["texts"] == {"答复": f"{NAME}您好，路灯已修复。"}


def test_a_wrong_code_and_an_unknown_number_are_answered_alike(citizen: Citizen) -> None:
    given = citizen.letter().json()

    wrong, unknown = citizen.query(given["number"], "0" * 10), citizen.query("M20260921000000000", given["code"])

    assert (wrong.status_code, unknown.status_code) == (404, 404)
    assert wrong.json() == unknown.json()
    assert citizen.query("x\0'--", "\0").status_code == 404


def test_ten_wrong_codes_lock_a_number_whether_it_is_there_or_not(gateway: Gateway, clock: MovingClock) -> None:
    given = Citizen(gateway, clock).letter().json()
    for number in (given["number"], "M20260921000000000"):
        guesses = [Citizen(gateway, clock, f"198.51.100.{n}").query(number, f"{n:010}").status_code for n in range(12)]
        assert guesses == [404] * 10 + [429] * 2
    owner = Citizen(gateway, clock, "192.0.2.9")
    assert owner.query(given["number"], given["code"]).status_code == 429

    clock.pass_(timedelta(minutes=61))

    assert owner.query(given["number"], given["code"]).status_code == 200


def test_one_address_is_locked_when_it_guesses_at_many_numbers(gateway: Gateway, clock: MovingClock) -> None:
    guesser = Citizen(gateway, clock, "2001:db8::1")
    answers = [guesser.query(f"M{n:017}", "1234567890").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]
    assert Citizen(gateway, clock, "2001:db8::ffff:1").query("M1", "1").status_code == 429
    assert Citizen(gateway, clock, "2001:db8:0:1::1").query("M1", "1").status_code == 404


def test_codes_are_compared_in_constant_time_and_kept_as_a_keyed_hash(
    citizen: Citizen, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = citizen.letter().json()
    with gateway.door.store.read() as conn:
        kept = conn.execute(RECEIPTS.select()).one().code
    assert given["code"] not in kept
    assert len(kept) == 64
    compared: list[str] = []
    real = hmac.compare_digest

    def watched(one: str, other: str) -> bool:
        compared.append(one)
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", watched)

    citizen.query(given["number"], "1" * 10)
    citizen.query("M20260921000000000", "1" * 10)

    assert [len(one) for one in compared] == [64, 64]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda token: token[:-4] + "AAA=", "不对"),
        (lambda _: "", "不对"),
        (lambda _: "\0\r\nX-Evil: 1", "不对"),
        (lambda _: base64.urlsafe_b64encode(b"letters|0|x|" + b"0" * 64).decode(), "不对"),
    ],
)
def test_a_forged_token_is_refused(citizen: Citizen, spoil: Any, said: str) -> None:
    answer = citizen.letter(token=spoil(citizen.token("letters")))
    assert (answer.status_code, answer.json()["code"]) == (403, "FORM-TOKEN")
    assert said in answer.json()["zh"]


def test_a_token_serves_once_for_its_own_form_neither_too_soon_nor_too_late(
    citizen: Citizen, clock: MovingClock
) -> None:
    token = citizen.token("letters")
    first = citizen.letter(token=token)
    assert first.status_code == 201
    assert citizen.letter(token=token).json() == first.json()
    assert "已经提交过" in citizen.letter(token=token, title="新桥路北段路灯已经坏了").json()["zh"]
    assert "不对" in citizen.letter(token=citizen.token("comments")).json()["zh"]
    soon = citizen.http.get("/v1/citizens/form", params={"kind": "letters"}).json()["token"]
    assert "过快" in citizen.letter(token=soon).json()["zh"]
    late = citizen.token("letters")
    clock.pass_(timedelta(hours=5))
    assert "过期" in citizen.letter(token=late).json()["zh"]


def test_a_field_that_people_do_not_see_betrays_a_machine(citizen: Citizen) -> None:
    assert citizen.letter(website="https://example.com").json()["code"] == "FORM-TOKEN"


def test_asking_with_one_token_what_matters_there_are_comes_to_an_end(citizen: Citizen) -> None:
    token = citizen.token("comments")
    tried = [
        citizen.hand_in("comments", token=token, consultation=f"zfb/M{n}", body="意见").status_code for n in range(21)
    ]
    assert tried == [404] * 20 + [429]


def test_addresses_of_the_old_kind_share_no_limit_on_a_socket_of_both() -> None:
    assert [network(f"::ffff:198.51.100.{n}") for n in (1, 2)] == ["198.51.100.1", "198.51.100.2"]
    assert network("2001:db8::1") == network("2001:db8::2")


def test_twenty_letters_an_hour_come_from_one_address(citizen: Citizen) -> None:
    assert [citizen.letter().status_code for _ in range(21)] == [201] * 20 + [429]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 100_000, 422), (b'{"mailbox": "\\ud800"}', 422), (b"\xff\xfe", 422), (b"null", 422),
        (b'{"body": "' + b"x" * 37_000_000 + b'"}', 413), (b'{"token": 1, "extra": {}}', 422),
    ],
    ids=["deep", "surrogate", "bytes", "null", "huge", "extra"],
)  # fmt: skip
def test_hostile_bodies_are_refused(citizen: Citizen, body: bytes, status: int) -> None:
    answer = citizen.http.post("/v1/citizens/letters", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status


@pytest.mark.parametrize(
    "form", [{"body": "a\0b"}, {"mailbox": "nobody"}, {"body": " "}, {"kind": "其他"}, {"name": "x" * 201}]
)
def test_a_form_that_is_not_right_is_refused_with_a_sentence(citizen: Citizen, form: Json) -> None:
    answer = citizen.letter(**form)
    assert (answer.status_code, answer.json()["code"]) == (422, "FORM-FIELD")
    assert answer.json()["zh"].endswith("。")


def test_a_request_without_identity_or_contact_is_refused(citizen: Citizen) -> None:
    """FOI-A29."""
    whole = {
        "applicant": "自然人",
        "name": NAME,
        "id": IDENTITY,
        "phone": PHONE,
        "body": "申请公开新桥路照明养护合同。",
        "form_wanted": "电子文本",
    }
    assert citizen.hand_in("foi-requests", **whole).json()["number"].startswith("F")
    for lacking in ("id", "phone", "name"):
        answer = citizen.hand_in("foi-requests", **(whole | {lacking: ""}))
        assert (answer.status_code, answer.json()["code"]) == (422, "FOI-IDENTITY")
        assert "身份证明" in answer.json()["zh"]


@pytest.mark.feature("1-18")
def test_comments_from_portal_and_account_are_one_pool_each_once(
    citizen: Citizen, gateway: Gateway, dept: Caller
) -> None:
    subject = consultation(gateway, dept)
    assert citizen.hand_in("comments", consultation=subject, body="建议增加过渡期安排。").status_code == 201
    lead = Caller(gateway, "zfb")
    account = next(one.id for one in gateway.door.pack.outlets if one.platform == "wechat")
    form = {"consultation": subject, "body": "支持。", "channel": account, "foreign_id": "wx-1", "at": NOON.isoformat()}

    first, again = (lead.http.post("/v1/citizens/comments", json=form).json() for _ in range(2))

    assert (first["outcome"], again["outcome"]) == ("forwarded", "repeated")
    sent = [json.loads(one.value or b"{}") for one in lead.waiting() if b"commented" in (one.value or b"")]
    assert sorted(one["source"] for one in sent) == [f"/accounts/{account}", "/portal"]
    assert {one["data"]["channel"] for one in sent} == {account, "portal"}
    other = Caller(gateway, "jyj").http.post("/v1/citizens/comments", json=form | {"foreign_id": "wx-2"})
    assert other.status_code == 403


def test_a_comment_after_the_end_or_on_nothing_is_refused(
    citizen: Citizen, gateway: Gateway, dept: Caller, clock: MovingClock
) -> None:
    subject = consultation(gateway, dept)
    assert citizen.hand_in("comments", consultation="zjj/none", body="x" * 20).json()["code"] == "MATTER-UNKNOWN"
    clock.pass_(timedelta(days=31))
    late = citizen.hand_in("comments", consultation=subject, body="晚了一天。")
    assert (late.status_code, late.json()["code"]) == (422, "COMMENT-CLOSED")
    assert "2026-10-21" in late.json()["zh"]


def test_an_answer_is_counted_openly_and_its_words_are_sealed(citizen: Citizen, gateway: Gateway, dept: Caller) -> None:
    opened = event("matter", "opened", "zjj", "", {
        "lifecycle": "questionnaire", "title": "出行调查", "lead_dept": "zjj", "at": NOON.isoformat(),
    })  # fmt: skip
    dept.post(opened)
    accepted(gateway, opened["subject"], event=opened, step="opened")

    given = citizen.hand_in("answers", questionnaire=opened["subject"], step="answered", choices={"a1": "B"},
                            words={"q2": f"我是{NAME}"})  # fmt: skip

    assert given.status_code == 201, given.text
    [sent] = [json.loads(one.value or b"{}") for one in dept.waiting() if b"answered" in (one.value or b"")]
    assert sent["data"]["fields"]["a1"] == "B"
    assert NAME not in json.dumps(sent, ensure_ascii=False)


@pytest.mark.feature("4-24")
def test_a_letter_that_breaks_the_mailbox_s_limits_is_refused_at_the_counter_with_its_field(
    citizen: Citizen, gateway: Gateway
) -> None:
    """CMP-04: title 10 to 25 characters, body at most 600, a contact, something concrete."""
    wrong: dict[str, Json] = {
        "/title": {"title": "路灯"}, "/body": {"body": BODY * 30}, "/phone": {"phone": ""}, "/kind": {"kind": "举报"},
    }  # fmt: skip
    for place, change in wrong.items():
        answer = citizen.letter(**change)
        assert (answer.status_code, answer.json()["place"]) == (422, place), answer.text
        assert "未被接收" in answer.json()["zh"]
    with gateway.door.store.read() as conn:
        assert conn.execute(RECEIPTS.select()).first() is None


def test_a_form_sent_twice_has_one_receipt_and_one_letter(citizen: Citizen, gateway: Gateway) -> None:
    token = citizen.token("letters")
    answers = [citizen.letter(token=token).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    with gateway.door.store.read() as conn:
        assert len(conn.execute(RECEIPTS.select()).all()) == 1
        assert len(conn.execute(PAPERS.select()).all()) == 1
    assert citizen.query(**answers[0]).status_code == 200
