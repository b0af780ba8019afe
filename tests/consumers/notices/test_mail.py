"""A mail names the responsible post, says what is due in two languages, and reaches a server that is who it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.ids import delivery_id
from tests.consumers.notices.harness import LEADER, desk, mailbox, rung, smtp
from tests.consumers.office import NOW
from tests.support.sinks import MailSink, mail_sink, papers, raw_server


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
        with desk(tmp_path / "b", smtp={**given, "password": "falsch", "timeout": 0.5}, mailbox=boxes) as unknown:
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


@pytest.mark.parametrize(
    "said", [b"", b"\x00\xff\xfe\r\n", b"220 " + b"a" * 100_000, b"999 ?\r\n", b"220-go on\r\n" * 5_000, b"554 no\r\n"]
)
def test_whatever_a_server_says_is_an_outcome(tmp_path: Path, said: bytes) -> None:
    boxes = [mailbox("desk", "owner")]
    with raw_server(said, greets=True) as port, desk(tmp_path, smtp=smtp(port, timeout=2), mailbox=boxes) as made:
        made.read(rung(to=["owner"]))
        made.work()
        (row,) = made.rows()
        assert row.state == "waiting" and row.detail
