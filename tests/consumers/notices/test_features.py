"""From the door to a leader's mailbox: what is overdue escalates, and names the post that answers for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from rules.calendar import SHANGHAI
from schemas.topics import DUTIES
from tests.consumers.notices.harness import Desk, desk, mailbox, smtp, webhook
from tests.support.events import NOON
from tests.support.sinks import HookSink, MailSink, hook_sink, mail_sink
from tests.town.town import Town, town


class Office:
    """A town with its notices, a mail server and the lead office's own system."""

    def __init__(self, city: Town, notices: Desk, mail: MailSink, hook: HookSink) -> None:
        self.city = city
        self.notices = notices
        self.mail = mail
        self.hook = hook
        self._read = 0

    def until(self, text: str) -> list[tuple[str, str]]:
        """What comes out by then: to whom, with which subject."""
        when = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
        before = len(self.mail.mails)
        self.city.until(when)
        fresh, self._read = self.city.log[self._read :], len(self.city.log)
        self.notices.now = self.notices.player.now = when
        self.notices.player.play(*(record for record in fresh if record.topic == DUTIES.name))
        self.notices.work()
        return sorted((letter["To"].addresses[0].addr_spec, letter["Subject"]) for letter in self.mail.mails[before:])


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    boxes = [
        mailbox("office-jtj", "owner", depts=["jtj"]) | {"address": "office@jtj.shilishi.example"},
        mailbox("chief-jtj", "leader", depts=["jtj"]) | {"address": "chief@jtj.shilishi.example"},
        mailbox("duban", "lead-office", depts=["zfb"]) | {"address": "duban@zfb.shilishi.example"},
    ]
    with mail_sink() as mail, hook_sink() as hook, town(tmp_path / "town", NOON) as city:
        oa = [webhook("oa", hook.port, "lead-office", depts=["zfb"])]
        with desk(tmp_path / "notices", smtp=smtp(mail.port), mailbox=boxes, webhook=oa) as notices:
            yield Office(city, notices, mail, hook)


def order(city: Town, number: int, severity: str) -> str:
    """A work order about something that stands on the city's site."""
    key = f"zfb/W-{number}"
    view = city.open("work-order", key, f"错别字{number}", lead_dept="jtj", severity=severity, finding="TX-01",
                     place=f"https://www.shilishi.example/items/{number}")  # fmt: skip
    assert view["state"] == "accepted", view["findings"]
    return key


@pytest.mark.feature("1-22")
def test_mail_about_what_is_overdue_names_the_leaders_post_from_the_departments_record(office: Office) -> None:
    leader = office.city.gateway.door.pack.department["jtj"].leader_post
    order(office.city, 1, "严重")
    assert office.until("2026-09-22 23:59") != [], "the reminder"
    escalated = office.until("2026-09-23 00:01")
    assert [to for to, _ in escalated] == [
        "chief@jtj.shilishi.example", "duban@zfb.shilishi.example", "office@jtj.shilishi.example",
    ]  # fmt: skip
    for letter in office.mail.mails[-3:]:
        assert f"责任岗位：{leader}（第一责任人）" in letter.get_content()
        assert f"Responsible post of jtj: {leader}." in letter.get_content()
        assert "【督办】" in letter["Subject"] and "已逾期" in letter["Subject"]
    to_leader = next(one for one in office.mail.mails[-3:] if one["To"].addresses[0].username == "chief")
    assert to_leader["To"].addresses[0].display_name == leader
    assert to_leader.get_content().startswith(f"{leader}：")


@pytest.mark.feature("4-41")
def test_a_work_order_escalates_after_one_working_day_where_it_is_serious_and_after_three_otherwise(
    office: Office,
) -> None:
    serious, plain, mended = (order(office.city, *each) for each in ((1, "严重"), (2, "一般"), (3, "严重")))
    owed = {one["subject"]: one["due"] for one in office.city.duties("jtj") if one["clock"] == "fix"}
    assert owed == {serious: "2026-09-22", plain: "2026-09-24", mended: "2026-09-22"}
    office.until("2026-09-22 16:00")
    office.city.does(mended, "fixed", dept="jtj", change="已更正")

    first = [subject for _, subject in office.until("2026-09-23 00:01") if "督办" in subject]
    assert len(first) == 3 and all("错别字1" in subject for subject in first), (
        "to those who owe, their leader, the lead"
    )
    assert [json.loads(call.body)["subject"] for call in office.hook.calls] == [serious]
    assert not [subject for _, subject in office.until("2026-09-24 23:59") if "督办" in subject]
    second = [subject for _, subject in office.until("2026-09-25 00:01") if "督办" in subject]
    assert len(second) == 3 and all("错别字2" in subject for subject in second), (
        "a holiday, and it is overdue all the same"
    )

    late = office.until("2026-10-15 09:00")
    assert {subject[:4] for _, subject in late} == {"【通报】"}
    assert not [
        letter for letter in office.mail.mails if "错别字3" in letter["Subject"] and "逾期" in letter["Subject"]
    ]
    assert office.city.words("jtj", serious)[-2:] == ["fix supervised", "fix circulated"]
