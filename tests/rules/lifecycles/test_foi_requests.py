"""Requests for information by RULES §1.2 and §2.5; every expected day is counted by hand from the calendar's notice.

2026: off 02-15…23 (work on 02-14 and 02-28) and 10-01…07 (work on 09-20 and 10-10), 09-25…27.
"""

from __future__ import annotations

from datetime import date

import pytest

from tests.rules.lifecycles.foi import CASE, REPLIES, assigned, audited, registered, replied, reply, submitted
from tests.rules.lifecycles.walking import CITIZEN, ENGINE, Walk
from tests.rules.making import pack

SPRING = date(2026, 3, 16)
"""Received 2026-02-10: 11 12 13 14 | 24 25 26 27 28 | 2 3 4 5 6 | 9 10 11 12 13 | 16 are the twenty working days."""


def test_foi_a29_no_request_without_identity_or_contact() -> None:
    walk = Walk("foi-request")
    said = {"applicant": "自然人", "way": "当面", "submitted_at": "2026-02-10T09:00:00+08:00", "form_wanted": "纸质"}
    assert walk.rules("submitted", "2026-02-10", CITIZEN, **said, facts_identity="否") == ["FOI-A29"]
    assert walk.rules("submitted", "2026-02-10", CITIZEN, **said, facts_contact="否") == ["FOI-A29C"]


@pytest.mark.parametrize(
    ("way", "said", "right"),
    [
        ("当面", {}, "2026-02-10"),
        ("签收邮寄", {"signed_on": "2026-02-12"}, "2026-02-12"),
        ("平常信函", {"arrived_on": "2026-02-13", "agreed_on": "2026-02-13"}, "2026-02-13"),
        ("互联网", {"agreed_on": "2026-02-11"}, "2026-02-11"),
        ("传真", {"agreed_on": "2026-02-14"}, "2026-02-14"),
    ],
)
def test_foi_a31_the_day_of_receipt_is_that_of_the_way_it_came(way: str, said: dict[str, str], right: str) -> None:
    walk = submitted(way)
    wrong = "2026-02-24"
    assert walk.rules("confirmed", "2026-02-24", received_on=wrong, **said)[0].startswith("FOI-A31")
    walk.go("confirmed", "2026-02-24", received_on=right, **said)
    assert walk.duty("reply").since.date() == date.fromisoformat(right)
    assert walk.due("confirm") == date(2026, 2, 11), "FOI-A31: confirmed on the next working day"


def test_foi_a31_plain_mail_is_confirmed_on_the_day_it_arrives() -> None:
    walk = submitted("平常信函")
    given = walk.go(
        "confirmed", "2026-02-14", received_on="2026-02-14", arrived_on="2026-02-12", agreed_on="2026-02-14"
    )
    assert [one.rule for one in given.findings] == ["FOI-A31D"]


@pytest.mark.parametrize("day", ["2026-02-09", "2026-02-12"])
def test_foi_a31_no_receipt_before_the_request_nor_ahead(day: str) -> None:
    walk = submitted("互联网")
    assert walk.rules("confirmed", "2026-02-11", received_on=day, agreed_on=day) == ["FOI-A31F"]


def test_foi_a33_twenty_working_days_over_spring_festival_and_national_day() -> None:
    assert registered().due("reply") == SPRING
    walk = submitted(when="2026-09-28")
    walk.go("confirmed", "2026-09-28 10:00", received_on="2026-09-28")
    assert walk.due("reply") == date(2026, 10, 30), "29 30 | 8 9 10 | 12-16 | 19-23 | 26-30"


def test_foi_a30_asked_once_within_seven_working_days_and_the_reply_counts_anew_from_the_correction() -> None:
    walk = registered()
    assert walk.due("examine") == date(2026, 2, 26), "11 12 13 14 | 24 25 26"
    walk.go("correction-asked", "2026-02-25", to_correct="请写明文件名称", served_on="2026-02-26")
    assert walk.duty("examine").state == "closed" and not walk.duty("examine").late
    assert walk.duty("reply").state == "paused"
    assert walk.due("correct") == date(2026, 3, 18), "FOI-A30C: 27 28 | 2-6 | 9-13 | 16 17 18"
    walk.go("corrected", "2026-03-10", CITIZEN)
    assert walk.due("reply") == date(2026, 4, 8), "11-13 | 16-20 | 23-27 | 30 31 1 2 3 | 7 8: off on April 4-6"
    assert walk.rules("correction-asked", "2026-03-11", to_correct="再次") == ["SM-ILLEGAL"]


def test_foi_a30_later_than_the_seventh_is_a_gap() -> None:
    given = registered().go("correction-asked", "2026-02-27", to_correct="请写明文件名称")
    assert [one.rule for one in given.findings] == ["FOI-A30"]


def test_foi_a30_a_correction_received_by_the_office_counts_from_its_day() -> None:
    walk = registered()
    walk.go("correction-asked", "2026-02-11", to_correct="请写明文件名称")
    assert walk.rules("corrected", "2026-02-25", received_on="2026-02-26") == ["FOI-A30R"]
    walk.go("corrected", "2026-02-25", received_on="2026-02-24")
    assert walk.due("reply") == date(2026, 3, 23), "25-28 | 2-6 | 9-13 | 16-20 | 23"


def test_foi_a30c_no_correction_in_time_is_given_up() -> None:
    walk = registered()
    walk.go("correction-asked", "2026-02-11", to_correct="请写明文件名称")
    assert walk.duty("correct").lapse == "correction-lapsed"
    walk.go("correction-lapsed", "2026-03-10", ENGINE)
    assert (walk.state, walk.duty("reply").state) == ("ABANDONED", "closed")
    assert walk.rules("corrected", "2026-03-11", CITIZEN) == ["SM-ILLEGAL"]
    said = {**CASE, "case_statute": "条例第三十条", "library": "否"}
    assert walk.rules("archived", "2026-03-11", case_outcome="granted", **said) == ["FOI-A45L"]
    walk.go("archived", "2026-03-11", case_outcome="oth_nofix", **said)


def test_foi_a32_a_third_partys_days_do_not_count() -> None:
    walk = assigned()
    walk.go("third-party-asked", "2026-02-12", "mzj", parties="1")
    assert walk.due("serve") == date(2026, 2, 26), "FOI-A32S: 13 14 | 24 25 26"
    walk.go("third-party-served", "2026-02-14", "mzj", served_on="2026-02-13")
    assert walk.due("third-party") == date(2026, 3, 12), "14 | 24-28 | 2-6 | 9-12"
    assert walk.rules("drafted", "2026-02-26", "mzj", outcome="granted", statute="条例第三十六条") == ["FOI-A33B"]
    walk.go("third-party-answered", "2026-03-04", "mzj", consent="不同意公开")
    assert walk.due("reply") == date(2026, 3, 30), "counted: 11 12, then 5 6 | 9-13 | 16-20 | 23-27 | 30"


def test_foi_a32_silence_lets_the_organ_decide() -> None:
    walk = assigned()
    walk.go("third-party-asked", "2026-02-12", "mzj", parties="1")
    assert walk.rules("third-party-served", "2026-02-13", "mzj", served_on="2026-02-11") == ["FOI-A32S"]
    walk.go("third-party-served", "2026-02-13", "mzj", served_on="2026-02-13")
    assert walk.duty("third-party").lapse == "third-party-lapsed"
    walk.go("third-party-lapsed", "2026-03-12 23:59", ENGINE)
    assert walk.duty("reply").state == "open" and walk.matter and walk.matter.branches == ()


def test_foi_a34_another_organ_has_fifteen_and_silence_agrees_and_two_pauses_are_one() -> None:
    walk = assigned()
    walk.go("third-party-asked", "2026-02-12", "mzj", parties="1")
    walk.go("co-organ-asked", "2026-02-13", "mzj", organs="市财政局")
    assert walk.due("co-organ") == date(2026, 3, 12), "14 | 24-28 | 2-6 | 9-12"
    walk.go("third-party-answered", "2026-02-26", "mzj", consent="同意公开")
    assert walk.duty("reply").state == "paused", "the other organ is still asked"
    walk.go("co-organ-lapsed", "2026-03-12 23:59", ENGINE)
    assert walk.due("reply") == date(2026, 4, 8), "counted: 11 12, then 13 | 16-20 | 23-27 | 30-3 | 7 8"


def test_foi_a34_another_organ_answers() -> None:
    walk = assigned()
    walk.go("co-organ-asked", "2026-02-12", "mzj", organs="市财政局")
    walk.go("co-organ-answered", "2026-02-12 17:00", "mzj", agrees="是")
    assert walk.due("reply") == SPRING, "asked and answered on one day: nothing was lost"


def test_foi_a33x_an_extension_is_approved_and_told_before_the_period_ends() -> None:
    walk = assigned("2026-09-28")
    said = {"approved": "是", "told_on": "2026-10-30", "reason": "信息量较大"}
    assert walk.rules("extended", "2026-10-30", **{**said, "approved": "否"}) == ["FOI-A33A"]
    assert walk.rules("extended", "2026-10-31", **said) == ["FOI-A33X"]
    assert walk.rules("extended", "2026-10-30", approved="是", told_on="2026-10-30") == ["SM-FIELD"], "no reason"
    walk.go("extended", "2026-10-30", **said)
    assert walk.due("reply") == date(2026, 11, 27), "2-6 | 9-13 | 16-20 | 23-27"
    assert "SM-ONCE" in walk.rules("extended", "2026-11-20", **said)


def test_foi_a35_too_many_requests_are_asked_why() -> None:
    walk = assigned()
    late = {"answer_by": "2026-04-30", "reason": "申请数量多"}
    assert walk.rules("later-date-set", "2026-02-12", **late) == ["FOI-A35"]
    walk.go("reasons-asked", "2026-02-12", frequency="一年内四十件")
    assert walk.due("reasons") == date(2026, 2, 28), "13 14 | 24 25 26 27 28"
    walk.go("reasons-given", "2026-02-13", CITIZEN)
    assert walk.rules("later-date-set", "2026-02-14", **{**late, "answer_by": "2026-03-02"}) == ["FOI-A35T"]
    walk.go("later-date-set", "2026-02-14", **late)
    assert walk.duty("reply").state == "exempt" and walk.due("later-reply") == date(2026, 4, 30)


def test_foi_a35_silent_about_reasons() -> None:
    walk = assigned()
    walk.go("reasons-asked", "2026-02-12", frequency="一年内四十件")
    walk.go("reasons-lapsed", "2026-02-28 23:59", ENGINE)
    walk.go("drafted", "2026-03-02", "mzj", outcome="np_mass", statute="条例第三十五条")
    walk.go("audited", "2026-03-02 10:00", audit_result="同意")
    said = reply(
        "np_petition", outcome="np_mass", statute="条例第三十五条", reasoning="未说明合理理由，不予处理该申请。"
    )
    walk.go("replied", "2026-03-02 11:00", **said)


@pytest.mark.parametrize(
    ("mode", "n", "yuan"),
    [
        ("按件", 11, 100), ("按件", 30, 2_000), ("按件", 31, 2_200), ("按件", 40, 4_000), ("按件", 41, 4_300),
        ("按件", 55, 7_000 + 5 * 400), ("按量", 31, 10), ("按量", 100, 700), ("按量", 101, 720), ("按量", 200, 2_700),
        ("按量", 201, 2_740), ("按量", 1_000, 2_700 + 800 * 40),
    ],
)  # fmt: skip
def test_foi_a42_the_fee_is_what_the_table_says(mode: str, n: int, yuan: int) -> None:
    walk = assigned()
    walk.go("fee-assessed", "2026-02-11", "mzj", fee_mode=mode, quantity=str(n))
    said = {"fee_mode": mode, "quantity": str(n)}
    assert walk.rules("fee-noticed", "2026-02-12", **said, amount=str(yuan + 1)) == ["FOI-A42"]
    walk.go("fee-noticed", "2026-02-12", **said, amount=str(yuan))


@pytest.mark.parametrize(("mode", "n"), [("按件", 10), ("按量", 30), ("按量", 0)])
def test_foi_a42_what_is_not_excessive_is_free(mode: str, n: int) -> None:
    assert assigned().rules("fee-assessed", "2026-02-11", "mzj", fee_mode=mode, quantity=str(n)) == ["FOI-A42Z"]
    assert pack().charge[mode].of(n) == 0


def feed(walk: Walk, day: str) -> None:
    walk.go("fee-assessed", day, "mzj", fee_mode="按件", quantity="12")
    walk.go("fee-noticed", f"{day} 10:00", fee_mode="按件", quantity="12", amount="200")


def test_foi_a42_one_mode_for_one_request() -> None:
    walk = assigned()
    walk.go("fee-assessed", "2026-02-11", "mzj", fee_mode="按件", quantity="12")
    assert walk.rules("fee-noticed", "2026-02-12", fee_mode="按量", quantity="40", amount="100") == ["FOI-A42M"]


def test_foi_a42n_the_notice_lies_within_the_period_of_reply() -> None:
    walk = assigned()
    walk.go("fee-assessed", "2026-03-16", "mzj", fee_mode="按件", quantity="12")
    assert walk.due("fee-notice") == SPRING
    said = {"fee_mode": "按件", "quantity": "12", "amount": "200"}
    assert walk.rules("fee-noticed", "2026-03-17", **said) == ["FOI-A42N"]
    walk.go("fee-noticed", "2026-03-16 17:00", **said)


def test_foi_a42_paid_in_time_the_reply_counts_anew_from_the_day_after() -> None:
    walk = assigned("2026-09-22")
    feed(walk, "2026-09-23")
    assert walk.due("pay") == date(2026, 10, 28), "24 | 28 29 30 | 8 9 10 | 12-16 | 19-23 | 26 27 28"
    said = {"received_on": "2026-09-30", "paid_amount": "200"}
    assert walk.rules("paid", "2026-09-30", **{**said, "paid_amount": "100"}) == ["FOI-A42P"]
    walk.go("paid", "2026-09-30", **said)
    assert walk.due("reply") == date(2026, 11, 3), "8 9 10 | 12-16 | 19-23 | 26-30 | 2 3"


def test_foi_a42_not_paid_is_given_up() -> None:
    walk = assigned()
    feed(walk, "2026-02-11")
    assert walk.duty("pay").lapse == "fee-lapsed"
    walk.go("fee-lapsed", "2026-03-17 23:59", ENGINE)
    assert walk.state == "ABANDONED"
    assert walk.rules("archived", "2026-03-18", library="否", case_outcome="oth_other", **CASE) == ["FOI-A45M"]
    walk.go("archived", "2026-03-18", library="否", case_outcome="oth_nofee", **CASE)


@pytest.mark.parametrize("outcome", REPLIES)
def test_foi_a36_each_outcome_with_its_article(outcome: str) -> None:
    """FOI-A14, A15, A16, A36, A37, A38, A39: the statute that is named must be the outcome's own."""
    walk = assigned()
    if outcome == "den_third":
        walk.go("third-party-asked", "2026-02-11", "mzj", parties="1")
        walk.go("third-party-answered", "2026-02-12", "mzj", consent="不同意公开")
    audited(walk, "2026-02-27", outcome)
    if outcome != "granted":
        (found,) = walk.rules("replied", "2026-02-27 11:00", **reply(outcome, statute="条例第一条"))
        assert found.startswith("FOI-A")
        assert walk.rules("replied", "2026-02-27 11:00", **reply(outcome, reasoning="无")) == ["FOI-A36R"]
    walk.go("replied", "2026-02-27 11:00", **reply(outcome))
    assert walk.due("archive") == date(2026, 3, 26), "FOI-A45: 28 | 2-6 | 9-13 | 16-20 | 23-26"


def test_foi_a36_what_is_granted_is_given_or_said_where_it_is() -> None:
    walk = audited(assigned(), "2026-02-27", "granted")
    assert walk.rules("replied", "2026-02-27 11:00", **reply(where="")) == ["FOI-A36"]
    walk.go("replied", "2026-02-27 11:00", **reply(where=""), files="1")


def test_a_reply_to_a_request_holds_no_mobile_number() -> None:
    walk = audited(assigned(), "2026-02-27", "granted")
    for name in ("reasoning", "where", "remedies"):
        said = reply(**{name: f"{reply()[name]}联系电话：13800138000"})
        assert walk.rules("replied", "2026-02-27 11:00", **said) == ["FOI-Q4"], name
    assert walk.rules("replied", "2026-02-27 11:00", **reply(), facts_reply_mobile="是") == ["FOI-Q4"]
    walk.go("replied", "2026-02-27 11:00", **reply(where="市档案馆，电话：0999-6000000"))


def test_foi_a36_the_reply_is_what_was_audited() -> None:
    walk = audited(assigned(), "2026-02-27", "granted")
    assert walk.rules("replied", "2026-02-27 11:00", **reply("una_make")) == ["FOI-A36S"]
    walk.go("draft-returned", "2026-02-27 11:00", reason="适用条款有误")
    assert walk.state == "ASSIGNED"


def test_foi_a30_unclear_only_after_a_correction() -> None:
    walk = assigned()
    walk.go("drafted", "2026-02-26", "mzj", outcome="una_unclear", statute="条例第三十条")
    walk.go("audited", "2026-02-26 10:00", audit_result="同意")
    said = reply("una_none", outcome="una_unclear", statute="条例第三十条")
    assert walk.rules("replied", "2026-02-26 11:00", **said) == ["FOI-A30U"]


def test_foi_a32_refused_for_a_third_party_nobody_asked_is_a_gap() -> None:
    walk = audited(assigned(), "2026-02-27", "den_third")
    given = walk.go("replied", "2026-02-27 11:00", **reply("den_third"))
    assert [one.rule for one in given.findings] == ["FOI-A32"]


def test_what_lapsed_is_no_outcome_of_a_reply() -> None:
    walk = assigned()
    walk.go("drafted", "2026-02-26", "mzj", outcome="oth_nofix", statute="条例第三十条")
    walk.go("audited", "2026-02-26 10:00", audit_result="同意")
    said = reply("una_none", outcome="oth_nofix", statute="条例第三十条")
    assert walk.rules("replied", "2026-02-26 11:00", **said) == ["FOI-A30X"]


def test_a_replys_number_has_its_own_form() -> None:
    walk = audited(assigned(), "2026-02-27", "granted")
    found = walk.refused("replied", "2026-02-27 11:00", **reply(reply_no="公开办[2026]012号"))
    assert [one.rule for one in found] == ["SM-FIELD"]
    assert "公开办〔2026〕12号-告" in found[0].message.zh


def test_foi_a51_every_refusal_names_its_remedies_and_review_first() -> None:
    walk = audited(assigned(), "2026-02-27", "den_process")
    lacking = "对本答复不服的，可以在六十日内申请行政复议。"
    assert walk.rules("replied", "2026-02-27 11:00", **reply("den_process", remedies=lacking)) == [
        "FOI-A51",
        "FOI-A51P",
    ]
    walk.go("replied", "2026-02-27 11:00", **reply("den_process"))


def test_foi_a51_review_then_court() -> None:
    walk = replied(outcome="den_process")
    given = walk.go("review-filed", "2026-05-08", filed_on="2026-05-08")
    assert [one.rule for one in given.findings] == ["FOI-A51T"], "2026-02-27 and 60 days: 2026-04-28"
    walk.go("review-decided", "2026-06-01", result="结果维持")
    said = {"filed_on": "2026-06-12", "path": "未经复议直接起诉"}
    assert walk.rules("litigation-filed", "2026-06-12", **said) == ["FOI-A51W"]
    assert not walk.go("litigation-filed", "2026-06-12", **{**said, "path": "复议后起诉"}).findings
    walk.go("judged", "2026-09-01", result="结果纠正")
    walk.go("archived", "2026-09-02", library="否", case_outcome="den_process", **CASE)
    assert walk.state == "ARCHIVED"


def test_foi_a51_straight_to_court_within_six_months() -> None:
    walk = replied()
    given = walk.go("litigation-filed", "2026-09-01", filed_on="2026-08-31", path="未经复议直接起诉")
    assert [one.rule for one in given.findings] == ["FOI-A51L"], "six months end on Thursday 2026-08-27"


def test_foi_a45_registered_handled_audited_replied_archived_in_that_order() -> None:
    walk = registered()
    assert walk.rules("drafted", "2026-02-11", "mzj", outcome="granted", statute="条例第三十六条") == ["SM-ILLEGAL"]
    walk = assigned()
    assert walk.rules("replied", "2026-02-11", **reply()) == ["SM-ILLEGAL"]
    audited(walk, "2026-02-27", "granted")
    walk.go("replied", "2026-02-27 11:00", **reply())
    case = {**CASE, "library": "是"}
    assert walk.rules("archived", "2026-03-02", case_outcome="una_none", **case) == ["FOI-A45O"]
    leaked = {**case, "case_reasoning": "已回拨13800138000告知申请人。"}
    assert "TX-05" in walk.rules("archived", "2026-03-02", case_outcome="granted", **leaked)
    walk.go("archived", "2026-03-02", case_outcome="granted", **case)
    assert walk.matter is not None and walk.matter.public and walk.matter.title == CASE["question"]


def test_what_is_not_for_the_library_stays_closed() -> None:
    walk = replied()
    walk.go("archived", "2026-03-02", library="否", case_outcome="granted", case_statute="条例第三十六条")
    assert walk.matter is not None and not walk.matter.public


def test_foi_a44_three_same_requests_suggest_publication() -> None:
    walk = submitted()
    walk.go("confirmed", "2026-02-10 10:00", received_on="2026-02-10")
    walk.go("registered", "2026-02-10 11:00", reg_no="2026-3", info_key="救助标准", same_requests="3")
    assert walk.matter is not None and "promotion-suggested" in walk.matter.taken
    assert walk.due("promote") == SPRING
    walk.go("promotion-decided", "2026-02-12", promote="是", reason="同类申请较多")


def test_foi_a44_two_do_not_and_an_applicant_may_propose_it() -> None:
    walk = submitted()
    walk.go("confirmed", "2026-02-10 10:00", received_on="2026-02-10")
    assert not walk.go("registered", "2026-02-10 11:00", reg_no="2026-3", same_requests="2").told
    assert walk.rules("promotion-suggested", "2026-02-10 12:00", same_requests="2") == ["FOI-A44"]
    assert walk.rules("promotion-decided", "2026-02-11", promote="是", reason="无") == ["FOI-A44D"]
    walk.go("promotion-proposed", "2026-02-11", CITIZEN)
    assert walk.due("promote") == date(2026, 3, 17)


def test_a_request_may_be_withdrawn_while_nobody_is_asked() -> None:
    walk = assigned()
    walk.go("co-organ-asked", "2026-02-12", "mzj", organs="市财政局")
    assert walk.rules("withdrawn", "2026-02-13", CITIZEN) == ["SM-BRANCH"]
    walk.go("co-organ-answered", "2026-02-13", "mzj", agrees="是")
    walk.go("withdrawn", "2026-02-14", CITIZEN)
    assert walk.duty("reply").state == "closed"


def test_foi_a41_who_asks_to_mend_his_own_record_is_told_by_whom() -> None:
    walk = assigned()
    walk.go("drafted", "2026-02-26", "mzj", outcome="oth_other", statute="条例第四十一条")
    walk.go("audited", "2026-02-26 10:00", audit_result="同意")
    said = reply(
        "una_none", outcome="oth_other", statute="条例第四十一条", reasoning="所述记录由公安机关保存，已经转送。"
    )
    assert walk.rules("replied", "2026-02-26 11:00", **{**said, "where": ""}) == ["FOI-A41"]
    walk.go("replied", "2026-02-26 11:00", **said)
