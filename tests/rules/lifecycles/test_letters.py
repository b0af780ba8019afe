"""Letters, hotline orders, petitions, appeals and questionnaires by RULES §1.7 and §2.4; days counted by hand.

2026: off 02-15…23 (work on 02-14 and 02-28) and 10-01…07 (work on 10-10), 09-25…27.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.rules.lifecycles.walking import CITIZEN, ENGINE, Walk

REPLY = "经核查，该路段路灯损坏属实。我局已于2026年2月12日组织维修，目前十二盏路灯全部恢复照明，并列入日常巡查。"


def letter(mailbox: str = "jtj", kind: str = "投诉", when: str = "2026-02-10", **more: str) -> Walk:
    walk = Walk("letter")
    walk.go("submitted", when, CITIZEN, **said(mailbox, kind, when), **more)
    return walk


def said(mailbox: str, kind: str, when: str = "2026-02-10") -> dict[str, str]:
    return {"mailbox": mailbox, "kind": kind, "urgent": "否", "submitted_at": f"{when}T09:00:00+08:00",
            "channel": "政府网站"}  # fmt: skip


def receiver(walk: Walk) -> str:
    assert walk.matter is not None
    return walk.matter.roles["main"][0]


def handled(mailbox: str = "jtj", kind: str = "投诉", co: str = "", day: str = "2026-02-10", **accepted: str) -> Walk:
    """Accepted, given to 市交通局 and taken up, all on the day it came."""
    walk = letter(mailbox, kind, day)
    office = receiver(walk)
    walk.go("accepted", f"{day} 10:00", office, **accepted)
    walk.go("assigned", f"{day} 11:00", office, dept="jtj", co=co)
    walk.go("taken-up", f"{day} 14:00", "jtj")
    return walk


def replied(mailbox: str = "jtj", kind: str = "投诉") -> Walk:
    walk = handled(mailbox, kind)
    walk.go("replied", "2026-02-12", "jtj", reply=REPLY, result="路灯已经修复")
    return walk


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"facts_title_length": "9"}, "CMP-04"),
        ({"facts_title_length": "26"}, "CMP-04"),
        ({"facts_body_length": "601"}, "CMP-04B"),
        ({"facts_contact": "否"}, "CMP-04C"),
        ({"facts_concrete": "否"}, "CMP-04D"),
    ],
)
def test_cmp_04_the_mayors_mailbox_has_its_limits_and_others_do_not(facts: dict[str, str], rule: str) -> None:
    assert Walk("letter").rules("submitted", "2026-02-10", CITIZEN, **said("mayor", "投诉"), **facts) == [rule]
    assert letter("hotline", **facts).state == "SUBMITTED"


@pytest.mark.parametrize("length", ["10", "25"])
def test_cmp_04_a_title_at_its_limits_is_taken(length: str) -> None:
    assert letter("mayor", facts_title_length=length, facts_body_length="600").state == "SUBMITTED"


def test_cmp_04_no_reports_there_and_no_mailbox_that_is_not_there() -> None:
    assert Walk("letter").rules("submitted", "2026-02-10", CITIZEN, **said("mayor", "举报")) == ["CMP-04K"]
    assert Walk("letter").rules("submitted", "2026-02-10", CITIZEN, **said("nowhere", "投诉")) == ["CMP-04M"]


@pytest.mark.parametrize(
    ("mailbox", "kind", "accepted", "clock", "due"),
    [
        ("mayor", "投诉", {}, "mayor", "2026-02-13"),  # CMP-04: 11 12 13
        ("mayor", "投诉", {"complex": "是"}, "mayor", "2026-03-02"),  # CMP-04X: 11-14 | 24-28 | 2
        ("hotline", "投诉", {}, "hotline", "2026-02-24"),  # CMP-02: 11-14 | 24
        ("hotline", "求助", {"complex": "是"}, "hotline", "2026-03-02"),  # CMP-02X
        ("jtj", "咨询", {}, "handle", "2026-02-13"),  # CMP-03Q
        ("jtj", "求助", {}, "handle", "2026-02-24"),  # CMP-03H
        ("jtj", "建议", {}, "handle", "2026-02-24"),  # CMP-03S
        ("jtj", "投诉", {}, "handle", "2026-03-02"),  # CMP-03C
        ("jtj", "投诉", {"urgent": "是"}, "handle", "2026-02-10"),  # CMP-03U
        ("mayor", "投诉", {"urgent": "是"}, "mayor", "2026-02-10"),
        ("hotline", "投诉", {"urgent": "是"}, "hotline", "2026-02-10"),
    ],
)
def test_cmp_02_03_04_each_mailbox_and_kind_has_its_days(
    mailbox: str, kind: str, accepted: dict[str, str], clock: str, due: str
) -> None:
    walk = handled(mailbox, kind, **accepted)
    assert walk.due(clock) == date.fromisoformat(due)
    assert walk.clocks & {"mayor", "hotline", "handle"} == {clock}


def test_cmp_08_an_inquiry_by_the_portal_and_any_letter_within_three_months() -> None:
    walk = letter("jtj", "咨询")
    assert walk.due("inquiry") == date(2026, 2, 24), "11 12 13 14 | 24"
    assert walk.due("veto") == date(2026, 5, 11), "three months: Sunday 10 May rolls"
    assert walk.due("accept") == date(2026, 2, 12), "CMP-01"
    assert "inquiry" not in letter("jtj", "投诉").clocks
    for channel, there in (("portal", True), ("电话", False)):
        walk = Walk("letter")
        walk.go("submitted", "2026-02-10", CITIZEN, **said("jtj", "咨询") | {"channel": channel})
        assert ("inquiry" in walk.clocks) is there, channel


def test_cmp_03_signed_for_in_a_working_day_and_dispatched_in_one() -> None:
    walk = letter()
    walk.go("accepted", "2026-02-14", "jtj")
    assert walk.due("dispatch") == date(2026, 2, 24)
    walk.go("assigned", "2026-02-14 10:00", "jtj", dept="cgj")
    assert walk.due("sign") == date(2026, 2, 24), "make-up Saturday 14, then the festival"


def test_cmp_05_what_is_not_taken_says_why() -> None:
    walk = letter()
    assert walk.rules("rejected", "2026-02-11", "jtj", ground="紧急警情") == ["SM-FIELD"]
    walk.go("rejected", "2026-02-11", "jtj", ground="紧急警情", reason="属于紧急警情，请拨打110。")
    assert walk.duty("veto").state == "closed"


def test_cmp_02r_a_wrong_mailbox_is_passed_on_and_the_way_is_seen() -> None:
    walk = letter("mzj")
    walk.go("transferred", "2026-02-11", "mzj", dept="jtj", reason="不属本单位职责")
    assert receiver(walk) == "jtj"
    assert walk.rules("accepted", "2026-02-11", "mzj") == ["SM-ACTOR"]
    assert walk.duty("accept").depts == ("jtj",)
    late = letter("mzj").go("transferred", "2026-02-13", "mzj", dept="jtj", reason="不属本单位职责")
    assert [one.rule for one in late.findings] == ["CMP-02T"]


def test_cmp_02r_returned_within_two_working_days_with_a_reason() -> None:
    walk = letter("hotline")
    walk.go("accepted", "2026-02-10 10:00")
    walk.go("assigned", "2026-02-13", dept="jtj")
    assert walk.rules("returned", "2026-02-25", "jtj", reason="不属本单位职责") == ["CMP-02R"]
    assert walk.rules("returned", "2026-02-24", "jtj") == ["SM-FIELD"]
    walk.go("returned", "2026-02-24", "jtj", reason="不属本单位职责")
    assert walk.due("reassign") == date(2026, 2, 25)
    walk.go("assigned", "2026-02-25", dept="cgj")
    assert walk.due("hotline") == date(2026, 3, 3), "26-28 | 2 3"


def test_cmp_07_a_report_never_reaches_the_one_reported() -> None:
    walk = letter("jtj", "举报", against="jtj")
    assert receiver(walk) == "zfb", "a report goes to the lead office, whatever the mailbox"
    assert walk.rules("transferred", "2026-02-11", dept="jtj", reason="职责") == ["CMP-07S"]
    walk.go("accepted", "2026-02-11")
    assert walk.rules("assigned", "2026-02-11", dept="jtj") == ["CMP-07S"]
    assert walk.rules("assigned", "2026-02-11", dept="sfj", co="mzj jtj") == ["CMP-07C"]
    walk.go("assigned", "2026-02-11", dept="sfj")
    walk.go("taken-up", "2026-02-11 10:00", "sfj")
    walk.go("replied", "2026-02-12", "sfj", reply=REPLY, result="已经依规处理")
    private = {"headline": "关于某单位的举报", "question": "反映问题", "answer": REPLY}
    assert walk.rules("published", "2026-02-13", **private) == ["CMP-07P"]


def test_cmp_07_a_report_about_the_lead_office_is_received_elsewhere() -> None:
    walk = letter("hotline", "举报", against="zfb")
    assert receiver(walk) == "xfj"
    assert walk.rules("accepted", "2026-02-11", "zfb") == ["SM-ACTOR"]
    assert walk.rules("accepted", "2026-02-11", "xfj", against="xfj") == ["CMP-07A"]


def test_cmp_01_a_lead_and_co_handlers_and_no_reply_without_them() -> None:
    walk = handled(co="cgj zjj")
    whole = {"reply": REPLY, "result": "路灯已经修复"}
    assert walk.rules("replied", "2026-02-12", "jtj", **whole) == ["CMP-01O"]
    walk.go("co-replied", "2026-02-11", "cgj", opinion="同意")
    walk.go("co-replied", "2026-02-11", "cgj", opinion="再次同意")
    assert walk.rules("replied", "2026-02-12", "jtj", **whole) == ["CMP-01O"], "one of them twice is not both"
    walk.go("co-replied", "2026-02-11 10:00", "zjj", opinion="同意")
    walk.go("replied", "2026-02-12", "jtj", **whole)


def test_cmp_01_an_override_says_why() -> None:
    walk = handled(co="cgj")
    whole = {"reply": REPLY, "result": "路灯已经修复", "co_override": "是"}
    assert walk.rules("replied", "2026-02-12", "jtj", **whole) == ["CMP-01O"]
    walk.go("replied", "2026-02-12", "jtj", **whole, reason="情况紧急，先行答复")


def test_cmp_01_the_lead_is_no_co_handler() -> None:
    walk = letter()
    walk.go("accepted", "2026-02-10 10:00", "jtj")
    assert walk.rules("assigned", "2026-02-10 11:00", "jtj", dept="cgj", co="cgj") == ["CMP-01C"]


def test_cmp_03x_extended_once_with_approval_for_what_may_be() -> None:
    walk = handled()
    more = {"approved": "是", "reason": "情况复杂"}
    assert walk.rules("extended", "2026-02-12", "jtj", **{**more, "approved": "否"}) == ["CMP-03A"]
    assert walk.rules("extended", "2026-03-03", "jtj", **more) == ["CMP-03D"]
    walk.go("extended", "2026-02-12", "jtj", **more)
    assert walk.due("handle") == date(2026, 3, 16), "from 2 March: 3-6 | 9-13 | 16"
    assert walk.rules("extended", "2026-02-13", "jtj", **more) == ["SM-ONCE"]
    assert walk.duty("handle").extended == ("CMP-03X",)
    assert handled(kind="咨询").rules("extended", "2026-02-11", "jtj", **more) == ["CMP-03X"]
    hotline = handled("hotline")
    hotline.go("extended", "2026-02-12", "jtj", **more)
    assert hotline.due("hotline") == date(2026, 3, 2), "25-28 | 2"


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ("已经修好了。", "CMP-Q1"),
        ("您好，来信收悉。感谢您对我们工作的关心和支持，已转相关部门办理，请您耐心等待，祝您生活愉快。", "CMP-Q2"),
        ("我们对您反映的路灯问题进行了研究，认为确实应当引起重视，后续将继续跟进有关工作安排情况。", "CMP-Q3"),
        (f"{REPLY}有疑问请联系李师傅，他的号码是13800138000。", "TX-05"),
    ],
)
def test_a_reply_is_long_enough_says_something_and_holds_no_personal_number(reply: str, rule: str) -> None:
    assert rule in handled().rules("replied", "2026-02-12", "jtj", reply=reply)


@pytest.mark.parametrize("said", ["电话：13800138000", "咨询电话 138 0013 8000", "联系人：１３８００１３８０００"])
def test_a_reply_holds_no_mobile_number_whatever_its_line_says_of_it(said: str) -> None:
    walk = handled()
    assert "CMP-Q4" in walk.rules("replied", "2026-02-12", "jtj", reply=REPLY, result=f"路灯已经修复，{said}")
    assert "CMP-Q4" in walk.rules("replied", "2026-02-12", "jtj", reply=f"{REPLY}\n{said}", result="路灯已经修复")
    sealed = {"reply": REPLY, "result": "路灯已经修复", "facts_reply_mobile": "是"}
    assert walk.rules("replied", "2026-02-12", "jtj", **sealed) == ["CMP-Q4"]


@pytest.mark.parametrize(
    "said", ["电话：0999-6000000", "电话：6000000", "您留的138****8000已核实", "编号13800138000123"]
)
def test_a_reply_may_hold_an_office_s_landline_and_a_masked_number(said: str) -> None:
    walk = handled()
    walk.go("replied", "2026-02-12", "jtj", reply=f"{REPLY}\n{said}", result="路灯已经修复", facts_reply_mobile="否")
    assert walk.state == "REPLIED"


@pytest.mark.parametrize("begun", [letter, handled, replied])
def test_what_ends_on_an_outside_platform_ends_here_and_owes_nothing(begun: Callable[[], Walk]) -> None:
    walk = begun()
    walk.go("ended-outside", "2026-02-13", CITIZEN, outside_state="已撤回")
    assert walk.state == "CLOSED"
    assert walk.matter is not None
    assert not [duty for duty in walk.matter.duties.values() if duty.state == "open"]
    walk.go("ended-outside", "2026-02-14", CITIZEN, outside_state="平台办结")
    assert walk.state == "CLOSED", "late, and without harm"


def test_cmp_06_an_unhappy_rating_opens_it_again_once_then_somebody_decides() -> None:
    walk = replied()
    walk.go("rated", "2026-02-13", CITIZEN, rating="不满意")
    assert walk.state == "HANDLING", "redo-opened by itself"
    assert walk.due("handle") == date(2026, 3, 5), "14 | 24-28 | 2-5"
    walk.go("replied", "2026-02-25", "jtj", reply=REPLY, result="路灯已经修复")
    walk.go("rated", "2026-02-26", CITIZEN, rating="不满意")
    assert walk.state == "RATED", "the second time nothing opens by itself"
    assert walk.due("close") == date(2026, 3, 11), "27 28 | 2-6 | 9 10 11"
    walk.go("redo-ordered", "2026-02-27", "jtj", reason="承办单位责任")
    assert walk.state == "HANDLING"


def test_cmp_06_unrated_it_is_closed_by_itself() -> None:
    walk = replied()
    assert walk.due("rate") == date(2026, 3, 4), "13 14 | 24-28 | 2 3 4"
    walk.go("rating-lapsed", "2026-03-04 23:59", ENGINE)
    assert walk.state == "CLOSED"


def test_cmp_01_a_hotline_order_is_called_back_before_it_is_closed() -> None:
    assert [one.rule for one in replied("hotline").go("closed", "2026-02-13").findings] == ["CMP-01R"]
    walk = replied("hotline")
    walk.go("called-back", "2026-02-13", reached="是")
    walk.go("supervised", "2026-02-13 09:30", demand="请按时办结")
    assert not walk.go("closed", "2026-02-13 10:00", solved_on="2026-02-12").findings


def test_cmp_01_no_solution_is_dated_ahead() -> None:
    late = {"solved_on": "2026-02-20"}
    assert handled().rules("replied", "2026-02-12", "jtj", reply=REPLY, result="路灯已经修复", **late) == ["CMP-01S"]
    assert replied().rules("closed", "2026-02-13", "jtj", **late) == ["CMP-01E"]


def test_a_blockage_has_a_name_and_a_day_on_which_it_was_solved() -> None:
    assert letter().rules("accepted", "2026-02-10 10:00", "jtj", blockage="是") == ["CMP-10"]
    walk = handled(blockage="是", blockage_name="夜间照明不足")
    walk.go("replied", "2026-02-12", "jtj", reply=REPLY, result="路灯已经修复", solved_on="2026-02-12")
    shown = {"headline": "关于路灯损坏的来信", "question": "某路段路灯损坏，夜间出行不便。", "answer": REPLY}
    assert "TX-05" in walk.rules("published", "2026-02-13", "jtj", **{**shown, "question": "请回电13800138000。"})
    walk.go("published", "2026-02-13", "jtj", **shown, blockage_name="夜间照明不足", solved_on="2026-02-12")
    assert walk.matter is not None and walk.matter.public and walk.matter.title == shown["headline"]


def test_cmp_01_what_ends_on_the_platform_ends_here() -> None:
    walk = letter()
    assert walk.go("ended-outside", "2026-02-11", CITIZEN, outside_state="已撤回").outcome == "accepted"
    assert walk.state == "CLOSED"


FOUND = "经调查核实，反映的补偿款发放迟延情况属实，原因是账户信息登记有误，现已全部更正。"


def petition(kind: str = "投诉", against: str = "") -> Walk:
    walk = Walk("petition")
    walk.go("submitted", "2026-02-10", CITIZEN, **{**said("xfj", kind), "against": against})
    return walk


def decided() -> Walk:
    walk = petition()
    walk.go("forwarded", "2026-02-11", "xfj", dept="mzj")
    walk.go("accepted", "2026-02-12", "mzj")
    walk.go("replied", "2026-03-02", "mzj", opinion="支持", found=FOUND, grounds="《示例市补偿办法》第五条")
    return walk


def test_cmp_07_registered_forwarded_and_told_within_fifteen_days() -> None:
    walk = petition()
    assert receiver(walk) == "xfj"
    assert walk.due("forward") == date(2026, 2, 25)
    walk.go("forwarded", "2026-02-11", "xfj", dept="mzj")
    assert (walk.due("tell"), walk.due("object")) == (date(2026, 2, 26), date(2026, 2, 25))
    assert walk.rules("objected", "2026-02-26", "mzj", reason="不属本单位职责") == ["CMP-07O"]
    walk.go("objected", "2026-02-25", "mzj", reason="不属本单位职责")
    assert walk.due("forward-anew") == date(2026, 3, 3), "26-28 | 2 3"
    walk.go("forwarded", "2026-02-26", "xfj", dept="czj")
    walk.go("declined", "2026-02-27", "czj", way_out="行政复议", reason="应当通过法定途径")


def test_cmp_07_sixty_days_and_thirty_more() -> None:
    walk = petition()
    walk.go("forwarded", "2026-02-11", "xfj", dept="mzj")
    walk.go("accepted", "2026-02-12", "mzj")
    assert walk.due("handle") == date(2026, 4, 13)
    more = {"approved": "是", "told_on": "2026-04-13", "reason": "情况复杂"}
    assert walk.rules("extended", "2026-04-13", "mzj", **{**more, "approved": "否"}) == ["CMP-07Y"]
    assert walk.rules("extended", "2026-04-14", "mzj", **more) == ["CMP-07X"]
    walk.go("extended", "2026-04-13", "mzj", **more)
    assert walk.due("handle") == date(2026, 5, 13)
    whole = {"opinion": "支持", "found": FOUND, "grounds": "《示例市补偿办法》第五条"}
    assert walk.rules("replied", "2026-05-12", "mzj", **{**whole, "found": "属实"}) == ["CMP-07W"]
    assert walk.rules("replied", "2026-05-12", "mzj", **{**whole, "grounds": "有关规定"}) == ["CMP-07G"]
    with_number = {**whole, "found": f"{FOUND}电话：13800138000"}
    assert walk.rules("replied", "2026-05-12", "mzj", **with_number) == ["CMP-07N"]
    assert walk.rules("replied", "2026-05-12", "mzj", **whole, served_on="2026-05-13") == ["CMP-07V"]


def test_cmp_07_review_recheck_and_a_hearing_that_does_not_count() -> None:
    walk = decided()
    assert walk.due("ask-review") == date(2026, 4, 1)
    assert walk.rules("review-requested", "2026-04-02", CITIZEN) == ["CMP-07A"]
    walk.go("review-requested", "2026-03-03", CITIZEN)
    assert (walk.due("review"), walk.due("name-reviewer")) == (date(2026, 4, 2), date(2026, 3, 10))
    assert walk.rules("reviewer-named", "2026-03-04", "xfj", dept="mzj") == ["CMP-07B"]
    walk.go("reviewer-named", "2026-03-04", "xfj", dept="zfb")
    walk.go("review-decided", "2026-03-20", "zfb", result="维持", reason="事实清楚")
    assert walk.due("ask-recheck") == date(2026, 4, 20), "30 days end on Sunday 19 April"
    assert walk.rules("recheck-requested", "2026-04-21", CITIZEN) == ["CMP-07C"]
    walk.go("recheck-requested", "2026-04-01", CITIZEN)
    assert walk.due("name-rechecker") == date(2026, 4, 9), "2 3 | 7 8 9"
    assert walk.rules("rechecker-named", "2026-04-02", "xfj", dept="zfb") == ["CMP-07D"]
    walk.go("rechecker-named", "2026-04-02", "xfj", dept="sfj")
    assert walk.due("recheck") == date(2026, 5, 6), "30 days end on 1 May: off until the 5th"
    walk.go("hearing-opened", "2026-04-10", "sfj")
    walk.go("hearing-closed", "2026-04-20", "sfj")
    assert walk.due("recheck") == date(2026, 5, 11), "ten days of hearing do not count"
    walk.go("recheck-decided", "2026-05-08", "sfj", result="维持", reason="事实清楚")
    assert walk.matter is not None and not walk.matter.public


def test_cmp_07_what_is_not_asked_again_is_settled() -> None:
    walk = decided()
    walk.go("settled", "2026-04-01 23:59", ENGINE)
    assert walk.state == "SETTLED"


def test_cmp_07_accusers_are_never_shown_to_the_accused() -> None:
    walk = petition("举报", "mzj")
    assert walk.rules("forwarded", "2026-02-11", "xfj", dept="mzj") == ["CMP-07S"]
    assert petition("举报").rules("forwarded", "2026-02-11", "xfj", dept="mzj", against="mzj") == ["CMP-07T"]


APPEAL = {"lead_dept": "mzj", "rejection": "mzj-20260209-1", "rule": "TX-08", "rejected_on": "2026-02-10",
          "grounds": "所指词语为地名专名，不是错别字。"}  # fmt: skip


def appeal(**other: str) -> Walk:
    walk = Walk("appeal", "mzj/appeal-1")
    walk.go("opened", "2026-02-11", "mzj", **{**APPEAL, **other}, files="1")
    return walk


def test_apl_01_an_appeal_has_evidence_and_its_day() -> None:
    bare = Walk("appeal", "mzj/appeal-1")
    assert bare.rules("opened", "2026-02-11", "mzj", **APPEAL) == ["APL-01E"]
    assert bare.rules("opened", "2026-02-11", "mzj", **{**APPEAL, "rejected_on": "2026-02-12"}, files="1") == [
        "APL-01D"
    ]
    late = Walk("appeal", "mzj/appeal-1").go("opened", "2026-02-25", "mzj", **APPEAL, files="1")
    assert [one.rule for one in late.findings] == ["APL-01"], "11-14 | 24 are the five"


def test_apl_02_decided_in_five_working_days_those_of_a_supplement_aside() -> None:
    walk = appeal()
    assert walk.due("examine") == date(2026, 2, 25), "12 13 14 | 24 25"
    walk.go("examined", "2026-02-12")
    walk.go("asked", "2026-02-12 10:00", wanted="地名批复")
    assert walk.due("supplement") == date(2026, 2, 26), "13 14 | 24 25 26"
    walk.go("supplemented", "2026-02-25", "mzj", supplement="见附件")
    assert walk.due("examine") == date(2026, 3, 2), "12, then 26-28 | 2"
    grounds = "地名专名，予以采纳。"
    assert walk.rules("decided", "2026-02-26", "mzj", decision="撤销退回", grounds_decided=grounds) == ["SM-ACTOR"]
    assert walk.rules("decided", "2026-02-26", decision="撤销退回", grounds_decided="采纳") == ["APL-02"]
    walk.go("decided", "2026-02-26", decision="撤销退回", grounds_decided="属于地名专名，予以采纳。")
    assert walk.due("carry-out") == date(2026, 3, 4), "27 28 | 2 3 4"
    assert walk.rules("carried-out", "2026-02-27", "mzj") == ["APL-02C"]
    walk.go("carried-out", "2026-02-27", "mzj", new_event="mzj-20260227-1")


def test_apl_01_an_appeal_may_be_withdrawn() -> None:
    walk = appeal()
    walk.go("withdrawn", "2026-02-12", "mzj")
    assert walk.duty("examine").state == "closed"


QUESTIONS = {
    "lead_dept": "jtj", "starts_on": "2026-02-10", "ends_on": "2026-02-13",
    "q1": "您满意吗：A满意 B不满意", "k1": "单选",
    "q2": "从哪里了解：A网站 B公众号", "k2": "多选", "q3": "还有什么建议", "k3": "填空",
}  # fmt: skip
ANSWER = {"answer": "1", "channel": "政府网站", "a1": "A", "a2": "A B", "t3": "增加班次"}


def questionnaire() -> Walk:
    walk = Walk("questionnaire", "jtj/q-1")
    walk.go("opened", "2026-02-10", "jtj", **QUESTIONS)
    return walk


def test_qst_01_answers_are_of_their_questions_sort_and_all_are_told_of() -> None:
    walk = questionnaire()
    assert walk.rules("answered", "2026-02-11", CITIZEN, **{**ANSWER, "a1": "A B"}) == ["QST-A1"]
    assert walk.rules("answered", "2026-02-11", CITIZEN, **{**ANSWER, "a2": ""}) == ["QST-A2"]
    assert walk.rules("answered", "2026-02-11", CITIZEN, **{**ANSWER, "a3": "A"}) == ["QST-A3"]
    assert walk.rules("answered", "2026-02-11", CITIZEN, **ANSWER, a4="A") == ["QST-A4"]
    for day in ("2026-02-11", "2026-02-12"):
        walk.go("answered", day, CITIZEN, **ANSWER)
    assert walk.rules("extended", "2026-02-12", "jtj", ends_on="2026-02-13", reason="答卷较少") == ["QST-04"]
    walk.go("extended", "2026-02-12 10:00", "jtj", ends_on="2026-02-14", reason="答卷较少")
    assert walk.due("period") == date(2026, 2, 14)
    assert walk.rules("answered", "2026-02-15", CITIZEN, **ANSWER) == ["QST-03"]
    walk.go("closed", "2026-02-14 23:59", ENGINE)
    assert walk.due("publish") == date(2026, 3, 20), "24-28 | 2-6 | 9-13 | 16-20"
    told = {"summary": "多数参与者表示满意。", "r1": "A 2 B 0", "r2": "A 2 B 2", "r3": "增加班次"}
    assert walk.rules("results-published", "2026-02-25", "jtj", received="3", **told) == ["QST-01"]
    assert walk.rules("results-published", "2026-02-25", "jtj", received="2", **{**told, "r3": ""}) == ["QST-R3"]
    walk.go("results-published", "2026-02-25", "jtj", received="2", **told)


def test_qst_02_a_questionnaire_does_not_begin_before_its_notice_and_its_questions_are_whole() -> None:
    walk = Walk("questionnaire", "jtj/q-1")
    assert walk.rules("opened", "2026-02-11", "jtj", **QUESTIONS) == ["QST-02"]
    assert walk.rules("opened", "2026-02-10", "jtj", **QUESTIONS, q4="无类型") == ["QST-Q4"]
