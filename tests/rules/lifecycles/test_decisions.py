"""The steps and clocks of decisions, consultations, hearings, hot spots, interpretations, meetings, findings, reviews.

Days around Spring Festival (2026-02-15 to 23 off, 02-14 and 02-28 worked) and National Day are counted by hand.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from rules.calendar import SHANGHAI
from rules.lifecycle import Advance, Matter, Move, advance
from schemas.city.matters import ENGINE
from schemas.events.common import Link
from tests.rules.making import pack

OWN = (
    "decision", "consultation", "hearing", "hot-spot", "interpretation", "prior-consultation", "symposium",
    "request-item", "standing-meeting", "press-conference", "audit-finding", "work-order", "review",
)  # fmt: skip


class Case:
    """A matter and what was done for it, step by step."""

    def __init__(self, lifecycle: str, subject: str = "jtj/1") -> None:
        self.lifecycle, self.subject = pack().lifecycle[lifecycle], subject
        self.matter: Matter | None = None
        self.last: Advance | None = None

    def take(  # noqa: PLR0917 - a line of a walk is read like a sentence
        self, step: str, at: str, by: str = "jtj", reason: str = "", rel: str = "", title: str = "题", **fields: str
    ) -> str:
        """`rejected DEC-02`, or the state it led to with what was lacking."""
        when = datetime.fromisoformat(at if "T" in at else f"{at}T10:00").replace(tzinfo=SHANGHAI)
        if self.matter is None and self.lifecycle.title == "title":
            fields = {"title": title, **fields}
        sent = None if by in {ENGINE, "citizen"} else by
        source = {ENGINE: "/engine/matters", "citizen": "/portal"}.get(by, f"/departments/{by}")
        self.last = advance(pack(), self.matter, Move(
            subject=self.subject, family=self.lifecycle.family, step=step, source=source, id="1", at=when, arrival=when,
            lifecycle=self.lifecycle.id, sender=sent, actor=sent, fields=fields, reason=reason, title=title,
            links=(Link(rel=rel, target="jtj/other"),) if rel else (),
        ))  # fmt: skip
        self.matter = self.last.matter or self.matter
        rules = [one.rule for one in self.last.findings]
        return " ".join([self.last.matter.state if self.last.matter else self.last.outcome, *rules])

    def due(self, clock: str) -> str:
        assert self.matter is not None
        return f"{self.matter.duties[clock].due:%Y-%m-%dT%H:%M}"

    def stands(self, clock: str) -> str:
        assert self.matter is not None
        return self.matter.duties[clock].state

    def told(self) -> list[tuple[str, str]]:
        assert self.last is not None
        return [(one.target, one.step) for one in self.last.told]


def consultation(kind: str, starts: str, ends: str, **more: str) -> tuple[Case, str]:
    case = Case("consultation")
    fields: dict[str, Any] = {
        "explanation": "说明", "starts_on": starts, "ends_on": ends, "ways": "电话 电子邮件 网上", "type": kind,
        "modes": "网络征集", "draft": "草案", "basis_text": "依据", **more,
    }  # fmt: skip
    return case, case.take("opened", starts, rel="consults", **{name: text for name, text in fields.items() if text})


@pytest.mark.parametrize(("kind", "starts", "ends", "told"), [
    # thirty days from 01-20 are over on 02-19, in the festival, and roll to 02-24
    ("重大行政决策", "2026-01-20", "2026-02-23", "rejected DEC-02"),
    ("重大行政决策", "2026-01-20", "2026-02-24", "OPEN"),
    ("规章", "2026-01-20", "2026-02-23", "rejected DEC-10R"),
    ("涉企文件", "2026-09-01", "2026-09-30", "rejected DEC-10B"),
    ("城乡规划", "2026-09-01", "2026-09-30", "rejected DEC-10P"),
    ("房屋征收补偿方案", "2026-09-01", "2026-09-30", "rejected DEC-10H"),
    ("征地补偿安置方案", "2026-09-01", "2026-10-01", "rejected DEC-10L"),
    # thirty days from 09-01 are over on 10-01, in the National Day's, and roll to 10-08
    ("征地补偿安置方案", "2026-09-01", "2026-10-08", "OPEN"),
    # seven working days from 02-10: 11, 12, 13, 14, 24, 25, 26
    ("行政规范性文件", "2026-02-10", "2026-02-25", "rejected DEC-10 DEC-10S"),
    ("行政规范性文件", "2026-02-10", "2026-02-26", "OPEN DEC-10S"),
])  # fmt: skip
def test_comments_are_taken_for_as_long_as_the_law_says(kind: str, starts: str, ends: str, told: str) -> None:
    assert consultation(kind, starts, ends)[1] == told


def test_a_shorter_period_needs_its_reason_and_seven_days_at_least() -> None:
    assert consultation("重大行政决策", "2026-03-02", "2026-03-09", short_reason="防汛")[1] == "OPEN"
    assert consultation("重大行政决策", "2026-03-02", "2026-03-08", short_reason="防汛")[1] == "rejected DEC-02F"


@pytest.mark.parametrize(("ways", "told"), [("网上 电话", "rejected DEC-02W"), ("网上 电子邮件", "rejected DEC-02W")])
def test_a_consultation_offers_telephone_and_mail(ways: str, told: str) -> None:
    assert consultation("其他", "2026-03-02", "2026-03-20", ways=ways)[1] == told


@pytest.mark.parametrize("missing", ["draft", "basis_text", "modes"])
def test_draft_basis_and_modes_are_there_before_it_opens(missing: str) -> None:
    assert consultation("其他", "2026-03-02", "2026-03-20", **{missing: ""})[1] == "rejected SM-FIELD"


def test_a_consultation_ends_by_itself_and_every_comment_has_its_outcome() -> None:
    case, _ = consultation("其他", "2026-09-01", "2026-09-20")
    assert case.told() == [("jtj/other", "collecting")]
    assert case.take("commented", "2026-09-05", "citizen", comment="c1", channel="网上") == "OPEN"
    assert case.take("extended", "2026-09-06", reason="意见较多", ends_on="2026-09-20") == "rejected DEC-02X"
    assert case.take("extended", "2026-09-06", reason="意见较多", ends_on="2026-09-25") == "EXTENDED"
    assert case.due("period") == "2026-09-25T23:59"
    assert case.take("closed", "2026-09-25T23:59:59", ENGINE) == "CLOSED"
    assert case.told() == [("jtj/other", "collected")]
    assert case.stands("period") == "closed"
    assert (
        case.due("feedback") == "2026-10-29T23:59"
    )  # 09-28 to 30: 3; 10-08 to 10: 6; 12 to 16: 11; 19 to 23: 16; 26 to 29: 20
    assert case.take("commented", "2026-09-26", "citizen", comment="c2", channel="网上") == "rejected DEC-02E"
    assert case.last is not None
    assert "2026-09-25 23:59截止" in case.last.findings[0].message.zh
    numbers = {"received": "1", "adopted": "0", "partly": "0", "refused": "1", "unrelated": "0"}
    assert case.take("analysed", "2026-09-28", **numbers) == "rejected DEC-11Y"
    assert case.take("analysed", "2026-09-28", **numbers | {"adopted": "1"}, reasons="无依据") == "rejected DEC-11S"
    two = numbers | {"received": "2", "refused": "2"}
    assert case.take("analysed", "2026-09-28", **two, reasons="无依据") == "rejected DEC-11R"
    assert case.take("analysed", "2026-09-28", **numbers, reasons="无依据") == "ANALYSED"
    assert case.take("feedback-published", "2026-09-30") == "FEEDBACK_PUBLISHED"
    assert case.take("archived", "2026-10-08", archive_no="A-1") == "ARCHIVED"


def test_a_hearing_leaves_seven_days_to_read_and_names_its_participants_before() -> None:
    case = Case("hearing")
    fields = {"lead_dept": "jtj", "type": "重大行政决策", "place": "厅", "selection": "抽签", "draft": "草案"}
    assert case.take("opened", "2026-02-02", held_at="2026-02-27T09:00:00+08:00", **fields) == "ANNOUNCED"
    assert case.due("materials") == "2026-02-14T23:59"  # 26 … 20 are seven days; 19 to 15 are off, the 14th is worked
    assert case.take("materials-delivered", "2026-02-24", delivered_on="2026-02-24") == "ANNOUNCED DEC-03"
    assert case.take("held", "2026-02-26", attending="9", statements="是").startswith("rejected DEC-03T")
    assert case.take("held", "2026-02-27", attending="9", statements="是") == "HELD CHAIN-GAP-PARTICIPANTS"
    assert case.take("record-signed", "2026-02-28", signed="8") == "rejected DEC-03S"
    assert case.take("record-signed", "2026-02-28", signed="9") == "SIGNED"
    assert case.take("closed", "2026-03-02") == "CLOSED"


def test_a_legality_review_takes_seven_working_days_across_the_festival() -> None:
    for day, told in (("2026-02-25", "LEGAL_OK DEC-05"), ("2026-02-26", "LEGAL_OK")):
        case = Case("decision")
        case.take("opened", "2026-02-09", lead_dept="jtj", scope="重大公共政策", catalogued="是")
        case.take("started", "2026-02-09", approved_by="市政府")
        assert case.take("discussed", "2026-02-10").split()[:2] == ["rejected", "DEC-05T"]
        case.take("legality-sent", "2026-02-10")
        assert case.take("legality-passed", day, opinion_no="1") == told


def test_a_decision_published_with_links_missing_shows_them_and_they_go_when_they_come() -> None:
    case = Case("decision")
    opened = case.take("opened", "2026-02-02", lead_dept="jtj", scope="重大公共政策", catalogued="是", title="限行办法")
    assert opened == "PROPOSED CHAIN-SCOPE"
    assert case.take("published", "2026-03-02") == "rejected SM-ACTOR CHAIN-GAP-DISCUSSED"
    assert case.take("published", "2026-03-02", ENGINE, kind="notice") == "PUBLISHED CHAIN-GAP-DISCUSSED"
    assert case.due("interpretation") == "2026-03-05T23:59"
    assert case.due("execution") == "2026-09-02T23:59"
    assert case.take("execution-reported", "2026-08-03", progress="已设标志") == "EXECUTING CHAIN-GAP-INTERPRETATION"
    assert case.take("interpreted", "2026-08-04") == "EXECUTING"
    assert case.matter is not None
    assert "CHAIN-GAP-INTERPRETATION" not in case.matter.gaps


def test_a_branch_that_was_opened_is_closed_before_discussion() -> None:
    case = Case("decision")
    case.take("opened", "2026-03-02", lead_dept="jtj", scope="重大公共政策", catalogued="是")
    case.take("started", "2026-03-02", approved_by="市政府")
    case.take("risk-started", "2026-03-03", assessor="评估所")
    assert "DEC-06B" in case.take("discussed", "2026-03-04")
    assert case.take("risk-assessed", "2026-03-04", risk="高") == "rejected DEC-04R"
    case.take("risk-assessed", "2026-03-04", risk="低")
    assert "DEC-06B" not in case.take("discussed", "2026-03-05")


def test_hot_spots_are_answered_in_hours_through_the_holiday() -> None:
    case = Case("hot-spot", "zfb/h-1")
    fields = {"lead_dept": "zfb", "found_at": "2026-02-16T20:00:00+08:00", "source": "网络"}
    assert case.take("opened", "2026-02-16T21:00", "zfb", **fields) == "FOUND"
    assert case.due("response") == "2026-02-18T20:00"
    assert case.take("verified", "2026-02-16T22:00", "zfb", level="重大", involves="突发事件和自然灾害") == "VERIFIED"
    assert (case.due("information"), case.due("conference")) == ("2026-02-17T01:00", "2026-02-17T20:00")
    assert case.take("assigned", "2026-02-16T22:10", "zfb", responsible="yjj") in {"ASSIGNED", "rejected SM-FIELD"}


@pytest.mark.parametrize(("kind", "day", "due"), [
    ("plan", "2026-02-13", "2026-02-25"),  # the 14th is worked, then 24 and 25
    ("plan", "2026-09-29", "2026-10-09"),  # 30; 8 and 9
    ("normative-document", "2026-02-13", "2026-02-13"),
])  # fmt: skip
def test_a_policy_document_is_interpreted_in_three_working_days_or_at_once(kind: str, day: str, due: str) -> None:
    case = Case("interpretation")
    assert case.take("opened", day, ENGINE, kind=kind, published_on=day) == "DUE"
    assert case.due("interpretation") == f"{due}T23:59"
    assert case.take("interpreted", f"{due}T20:00", ENGINE) == "DONE"


def test_an_interpretation_may_be_late_early_or_exempt() -> None:
    late = Case("interpretation")
    late.take("opened", "2026-03-02", ENGINE, kind="plan", published_on="2026-03-02")
    assert late.take("passed", "2026-03-05T23:59:59", ENGINE) == "LATE"
    assert late.stands("interpretation") == "open"
    assert late.take("interpreted", "2026-03-09", ENGINE) == "DONE_LATE"
    early = Case("interpretation")
    assert early.take("interpreted", "2026-03-02", ENGINE) == "EARLY"
    assert early.take("opened", "2026-03-02T11:00", ENGINE, kind="plan", published_on="2026-03-02") == "DONE"
    exempt = Case("interpretation")
    exempt.take("opened", "2026-03-02", ENGINE, kind="plan", published_on="2026-03-02")
    assert exempt.take("exempted", "2026-03-03", "zfb") == "rejected SM-FIELD"
    assert exempt.take("exempted", "2026-03-03", "zfb", reason="内容简单") == "EXEMPT"


def signed(case: Case, level: int, role: str, person: str, sha: str = "a") -> str:
    return case.take("signed", "2026-03-02", publication="jtj/1", version="1", level=str(level), role=role,
                     person=person, content_sha256=sha)  # fmt: skip


def test_six_sign_offs_by_different_persons_and_an_edit_begins_anew() -> None:
    case = Case("review")
    assert signed(case, 2, "审", "p2") == "rejected REV-01"
    assert signed(case, 1, "审", "p1") == "LEVEL1"
    assert signed(case, 1, "审", "p1") == "rejected REV-BOTH"
    assert signed(case, 1, "校", "p1") == "PASSED1"
    assert signed(case, 2, "审", "p1") == "rejected REV-PERSON"
    assert signed(case, 2, "审", "p2") == "LEVEL2"
    assert signed(case, 2, "校", "p2") == "PASSED2"
    assert signed(case, 3, "审", "p3", "b") == "rejected REV-EDIT"
    assert signed(case, 1, "审", "p1", "b") == "LEVEL1"
    for level, role, state in ((1, "校", "PASSED1"), (2, "审", "LEVEL2"), (2, "校", "PASSED2"), (3, "审", "LEVEL3")):
        assert signed(case, level, role, f"p{level}", "b") == state
    assert signed(case, 3, "校", "p3", "b") == "PASSED"


@pytest.mark.parametrize(("severity", "due"), [("严重", "2026-02-14"), ("一般", "2026-02-25")])
def test_a_work_order_is_mended_in_one_working_day_or_three(severity: str, due: str) -> None:
    case = Case("work-order")
    case.take("opened", "2026-02-13", "zfb", lead_dept="jtj", severity=severity, finding="TX-08", place="首页")
    assert case.due("fix") == f"{due}T23:59"
    assert case.take("fixed", "2026-02-14") == "FIXED"
    assert case.take("closed", "2026-02-14", "zfb") == "CLOSED"


def test_a_meeting_owes_its_release_and_a_conference_or_the_reason_for_none() -> None:
    case = Case("standing-meeting")
    case.take("opened", "2026-03-02", lead_dept="jtj", type="常务会议", number="12", held_on="2026-03-05")
    assert case.take("held", "2026-03-05") == "rejected MTG-04 POL-03"
    assert case.take("topic-added", "2026-03-03", topic="甲", suitable="否") == "rejected MTG-04T"
    case.take("topic-added", "2026-03-03", topic="甲", suitable="是")
    assert case.take("held", "2026-03-05") == "HELD POL-03"
    assert case.due("press-release") == "2026-03-06T23:59"
    case.take("topic-discussed", "2026-03-05", rel="discusses", conclusion="通过")
    assert case.told() == [("jtj/other", "discussed")]
    assert case.take("press-released", "2026-03-06") == "RELEASED"
    assert case.take("closed", "2026-03-07") == "rejected MTG-05"
    case.take("conference-waived", "2026-03-07", reason="无新政策")
    assert case.take("closed", "2026-03-07") == "CLOSED"


def test_a_symposium_closes_when_every_request_has() -> None:
    case = Case("symposium")
    case.take("opened", "2026-03-02", lead_dept="jtj", held_on="2026-03-05", topic="用地")
    case.take("held", "2026-03-05", attending="9")
    case.take("request-raised", "2026-03-05", rel="raises", request="用电", responsible="jtj")
    assert case.told() == [("jtj/other", "raised")]
    assert case.take("closed", "2026-03-06") == "rejected MTG-02"
    case.take("request-closed", "2026-03-09", ENGINE)
    assert case.take("closed", "2026-03-10") == "CLOSED"


def test_a_finding_is_closed_when_somebody_answered_for_it_or_nobody_had_to() -> None:
    case = Case("audit-finding", "zfb/a-1")
    case.take("opened", "2026-03-02", "zfb", lead_dept="jtj", source="审计", problem="挤占")
    assert case.due("rectification") == "2026-05-06T23:59"  # sixty days: 05-01, a holiday, rolls to the 6th
    for step, by, fields in (("rectified", "jtj", {"result": "已退还"}), ("verified", "zfb", {})):
        case.take(step, "2026-03-20", by, **fields)
    assert case.take("closed", "2026-03-21", "zfb") == "rejected AUD-02"
    case.take("not-accounted", "2026-03-21", "zfb", reason="情节轻微")
    assert case.take("closed", "2026-03-21", "zfb") == "CLOSED"


def test_a_press_conference_has_its_slot() -> None:
    case = Case("press-conference")
    case.take("opened", "2026-03-02", lead_dept="jtj", planned_at="2026-03-10T15:00:00+08:00", topic="春运")
    case.take("rescheduled", "2026-03-03", reason="撞期", planned_at="2026-03-12T15:00:00+08:00")
    assert case.due("slot") == "2026-03-12T15:00"
    case.take("held", "2026-03-12T16:00", place="厅", speaker_post="局长")
    assert case.due("transcript") == "2026-03-17T23:59"


@pytest.mark.parametrize("name", OWN)
def test_every_step_has_a_state_it_may_be_taken_in(name: str) -> None:
    lifecycle = pack().lifecycle[name]
    taken = {step.id for state in (None, *lifecycle.state) for step in lifecycle.allowed(state)}
    assert taken == lifecycle.step.keys()
