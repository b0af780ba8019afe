"""What other tests leave out: each further step and clock of the city's matters, by the rule that it stands on.

The last tests hold that nothing is left out: every form of every step of every lifecycle was taken by some test of this
folder, every clock opened, every rule named.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from schemas.city.matters import ENGINE, Lifecycle
from tests.rules.lifecycles import test_decisions, test_foi_requests, test_letters
from tests.rules.lifecycles.test_citizens_cases import _tests
from tests.rules.lifecycles.test_decisions import Case, consultation, signed
from tests.rules.lifecycles.walking import Walk
from tests.rules.making import pack

DAY = "2026-03-02"
_RULE = re.compile(r"(?<![A-Z0-9-])[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+")
_NAME = re.compile(r"def (test_\w+)\(")
TESTS = Path(__file__).parent.parent.parent


def begun(**fields: str) -> Case:
    """A decision that was proposed and started."""
    case = Case("decision")
    given = {"lead_dept": "jtj", "scope": "重大公共政策", "catalogued": "是", **fields}
    case.take("opened", DAY, **given)
    assert case.take("started", DAY, approved_by="市政府") == "STARTED"
    return case


def published() -> Case:
    """A decision that is public, its whole chain behind it."""
    case = begun()
    for step, by, fields in (
        ("basis-published", "jtj", {}), ("draft-published", "jtj", {}),
        ("collecting", ENGINE, {"ends_on": "2026-04-01"}), ("collected", ENGINE, {}),
        ("feedback-published", ENGINE, {}), ("legality-sent", "jtj", {}),
    ):  # fmt: skip
        case.take(step, DAY, by, **fields)
    assert case.take("legality-passed", "2026-03-11", opinion_no="1") == "LEGAL_OK"
    assert case.take("discussed", "2026-03-12") == "DISCUSSED"
    assert case.take("decided", "2026-03-12", party_asked="是") == "DECIDED"
    assert case.take("published", "2026-03-13").split()[0] == "PUBLISHED"
    return case


def test_dec_01_a_decision_is_of_the_year_s_catalogue() -> None:
    case = Case("decision")
    fields = {"lead_dept": "jtj", "scope": "重要规划", "catalogued": "否"}
    assert case.take("opened", DAY, **fields) == "PROPOSED DEC-01"


def test_dec_02_the_draft_is_published_with_its_basis_reviewed_and_commented_on() -> None:
    case = begun()
    assert case.take("basis-published", DAY) == "BASIS_PUBLISHED"
    assert case.take("draft-published", DAY) == "DRAFT_PUBLISHED"
    assert case.take("draft-reviewed", DAY) == "DRAFT_PUBLISHED"
    assert case.take("collecting", DAY, ENGINE, ends_on="2026-04-01") == "COLLECTING"
    assert case.take("collected", "2026-04-01", ENGINE) == "COLLECTED"
    assert case.take("feedback-published", "2026-04-02", ENGINE) == "FEEDBACK_PUBLISHED"


def test_dec_02p_a_consultation_is_planned_and_begins_no_earlier_than_its_notice() -> None:
    case = Case("consultation")
    assert case.take("planned", DAY, planned_for="2026-03-10") == "PLANNED"
    late, told = consultation("其他", "2026-03-10", "2026-03-09")
    assert told == "rejected DEC-02P"
    assert late.matter is None


def test_dec_03_a_hearing_is_told_ahead_put_off_or_called_off() -> None:
    fields = {"lead_dept": "jtj", "type": "其他", "place": "厅", "selection": "抽签", "draft": "草案"}
    assert Case("hearing").take("opened", DAY, held_at=f"{DAY}T09:00:00+08:00", **fields) == "rejected DEC-03A"
    case = Case("hearing")
    case.take("opened", DAY, held_at="2026-03-20T09:00:00+08:00", **fields)
    assert case.take("materials-delivered", "2026-03-05", delivered_on="2026-03-06") == "rejected DEC-03D"
    assert (
        case.take("postponed", "2026-03-06", held_at="2026-03-19T09:00:00+08:00", reason="场地") == "rejected DEC-03X"
    )
    assert case.take("postponed", "2026-03-06", held_at="2026-03-25T09:00:00+08:00", reason="场地") == "ANNOUNCED"
    assert case.due("participants") == "2026-03-25T09:00"
    assert case.take("participants-published", "2026-03-06", participants="9人") == "LISTED"
    assert case.take("cancelled", "2026-03-07", reason="事项终止") == "CANCELLED"


def test_dec_03h_the_record_is_signed_and_the_report_public_in_ten_working_days() -> None:
    case = Case("hearing")
    fields = {"lead_dept": "jtj", "type": "其他", "place": "厅", "selection": "抽签", "draft": "草案"}
    case.take("opened", DAY, held_at="2026-03-20T09:00:00+08:00", **fields)
    case.take("held", "2026-03-20", attending="9", statements="是")
    assert case.due("report") == "2026-04-03T23:59"  # 23 to 27; 30, 31, 1, 2, 3


def test_dec_03_04_branches_are_begun_and_ended() -> None:
    case = begun()
    assert case.take("experts-invited", DAY, experts="5", independent="否") == "rejected DEC-04"
    assert case.take("experts-invited", DAY, experts="5", independent="是") == "STARTED"
    assert case.take("experts-concluded", DAY, signed="否", expert_adoption="采纳") == "rejected DEC-04S"
    assert case.take("experts-concluded", DAY, signed="是", expert_adoption="采纳") == "STARTED"
    assert case.take("hearing-begun", DAY, ENGINE) == "STARTED"
    assert "DEC-06B" in case.take("discussed", DAY)
    assert case.take("hearing-ended", DAY, ENGINE) == "STARTED"
    assert case.take("hearing-ended", DAY, ENGINE) == "rejected SM-BRANCH"


def test_dec_05_06_07_what_is_missing_at_the_table_is_told_by_link() -> None:
    case = begun(market="是")
    assert case.take("legality-failed", DAY, reason="超越职权") == "STARTED"
    case.take("legality-sent", DAY)
    case.take("legality-passed", "2026-03-11", opinion_no="1")
    gaps = "DEC-06 CHAIN-GAP-BASIS CHAIN-GAP-DRAFT CHAIN-GAP-COMMENT CHAIN-GAP-FEEDBACK"
    assert case.take("discussed", "2026-03-12") == f"DISCUSSED {gaps}"
    assert case.take("decided", "2026-03-12", party_asked="否") == "DECIDED DEC-07"


def test_dec_06_a_fair_competition_review_is_made_where_the_market_is_concerned() -> None:
    case = begun(market="是")
    assert case.take("competition-reviewed", DAY) == "STARTED"
    case.take("legality-sent", DAY)
    case.take("legality-passed", "2026-03-11", opinion_no="1")
    assert "DEC-06" not in case.take("discussed", "2026-03-12").split()


def test_dec_08_a_decision_is_in_gazette_and_newspaper_too() -> None:
    case = published()
    assert case.last is not None
    assert [one.rule for one in case.last.findings] == ["DEC-08"]
    assert case.due("gazette") == "2026-04-13T23:59"  # thirty days end on Sunday 12 April
    assert case.take("gazetted", "2026-03-20", issue="第3期") == "PUBLISHED"
    assert case.take("gazetted", "2026-03-21", issue="第3期") == "rejected SM-ONCE"
    assert case.take("in-newspaper", "2026-03-21", newspaper="示例日报3月21日") == "PUBLISHED"
    assert case.matter is not None
    assert "DEC-08" not in case.matter.gaps


def test_dec_09_what_became_of_it_is_reported_evaluated_and_published() -> None:
    case = published()
    case.take("interpreted", "2026-03-16")
    assert case.take("result-published", "2026-03-17", result="已完成") == "RESULT CHAIN-GAP-EXECUTION"
    assert case.take("closed", "2026-03-18", archive_no="A-1") == "CLOSED"
    other = published()
    other.take("interpreted", "2026-03-16")
    other.take("execution-reported", "2026-09-01", progress="已完成")
    assert other.due("execution") == "2027-03-01T23:59"
    assert other.take("evaluation-begun", "2026-09-02", ground="认为有必要", evaluator="评估所") == "EXECUTING"
    assert other.take("evaluated", "2026-09-20", evaluation="达到预期") == "EXECUTING"
    assert other.take("adjusted", "2026-09-21", meeting="常务会议", reason="情况变化") == "ADJUSTED"


def test_dec_09e_who_assessed_it_beforehand_does_not_evaluate_it() -> None:
    case = begun()
    case.take("risk-started", DAY, assessor="评估所")
    case.take("risk-assessed", DAY, risk="低")
    case.take("published", DAY, ENGINE)
    told = case.take("evaluation-begun", "2026-03-03", ground="意见较多", evaluator="评估所")
    assert told == "rejected DEC-09E"


def test_dec_09_a_decision_may_be_stopped_by_the_lead_office() -> None:
    assert begun().take("stopped", DAY, "jtj", reason="不再需要").startswith("rejected SM-ACTOR")
    assert begun().take("stopped", DAY, "zfb", reason="不再需要") == "STOPPED"


def test_dec_10_a_document_without_comments_is_mended_in_five_working_days_or_exempt() -> None:
    case = Case("prior-consultation")
    assert case.take("opened", DAY, ENGINE) == "MISSING CHAIN-GAP-COMMENT"
    assert (case.due("mending"), case.lifecycle.clock["mending"].rule) == ("2026-03-09T23:59", "DEC-10M")
    assert case.take("linked", DAY) == "rejected DEC-10K"
    assert case.take("linked", DAY, rel="consulted-by") == "LINKED"
    other = Case("prior-consultation")
    other.take("opened", DAY, ENGINE)
    assert other.take("exempted", DAY, "zfb", reason="依法不需征求") == "EXEMPT"
    assert other.stands("mending") == "exempt"


def hot_spot() -> Case:
    case = Case("hot-spot", "zfb/h-1")
    fields = {"lead_dept": "zfb", "found_at": f"{DAY}T08:00:00+08:00", "source": "网络"}
    assert case.take("opened", DAY, "zfb", **fields) == "FOUND"
    return case


def test_pol_08_a_hot_spot_is_answered_on_and_on_settled_and_published() -> None:
    case = hot_spot()
    case.take("verified", DAY, "zfb", level="一般", involves="涉及公众切身利益")
    case.take("assigned", DAY, "zfb", responsible="jtj")
    assert case.take("supervised", DAY, "zfb", reason="限时答复") == "ASSIGNED"
    said = {"form": "采访", "response": "正在处理"}
    assert case.take("responded", DAY, **said) == "RESPONDED"
    assert case.take("responded", DAY, **said) == "FOLLOW_UP"
    assert case.take("case-solved", DAY, case="1") == "FOLLOW_UP POL-09C"
    assert case.take("settled", DAY, outcome="已解决") == "SETTLED"
    assert (case.due("publication"), case.lifecycle.clock["publication"].rule) == ("2026-03-09T23:59", "POL-08S")
    assert case.take("responded", DAY, **said) == "PUBLISHED"
    assert case.take("reviewed", DAY, "zfb", assessment="良好") == "REVIEWED"


def test_pol_08p_a_conference_is_held_or_it_is_said_why_not() -> None:
    held, waived = hot_spot(), hot_spot()
    for case in (held, waived):
        case.take("verified", DAY, "zfb", level="重大", involves="突发事件和自然灾害")
    assert held.take("conference-held", DAY, "zfb", conference="15:00") == "VERIFIED"
    assert held.stands("conference") == "closed"
    assert waived.take("conference-waived", DAY, "zfb", reason="已发布权威信息") == "VERIFIED"
    assert waived.stands("conference") == "exempt"


def test_pol_08_pol_09_what_needs_no_answer_or_no_page_says_why() -> None:
    assert hot_spot().take("dismissed", DAY, "zfb", reason="内容不实") == "DISMISSED"
    case = hot_spot()
    case.take("assigned", DAY, "zfb", responsible="zfb")
    case.take("responded", DAY, "zfb", form="采访", response="已处理")
    case.take("settled", DAY, "zfb", outcome="已解决")
    assert case.take("not-published", DAY, "zfb", reason="涉及隐私") == "NOT_PUBLISHED"
    late = Case("hot-spot", "zfb/h-2")
    fields = {"lead_dept": "zfb", "found_at": "2026-03-03T08:00:00+08:00", "source": "网络"}
    assert late.take("opened", DAY, "zfb", **fields) == "rejected POL-08F"


def test_aud_01_a_finding_is_accepted_mended_sent_back_and_somebody_answers_for_it() -> None:
    case = Case("audit-finding", "sjj/1")
    case.take("opened", DAY, "sjj", lead_dept="jtj", source="审计", problem="资金滞留")
    assert case.take("accepted", DAY, plan="一个月内拨付") == "RECTIFYING"
    assert case.take("rectified", DAY, result="已拨付") == "RECTIFIED"
    assert case.take("returned", DAY, "sjj", reason="不完整") == "RECTIFYING"
    assert case.stands("rectification") == "open"
    case.take("rectified", DAY, result="已全部拨付")
    case.take("verified", DAY, "sjj")
    assert case.take("accounted", DAY, "sjj", accountability="约谈") == "VERIFIED"
    assert case.take("closed", DAY, "sjj") == "CLOSED"


def test_prs_01_prs_02_a_conference_may_be_called_off_and_what_was_said_is_public() -> None:
    fields = {"lead_dept": "jtj", "planned_at": "2026-03-05T10:00:00+08:00", "topic": "公交"}
    case = Case("press-conference")
    case.take("opened", DAY, **fields)
    case.take("held", "2026-03-05", place="厅", speaker_post="局长")
    assert (case.due("transcript"), case.lifecycle.clock["transcript"].rule) == ("2026-03-10T23:59", "PRS-02")
    assert case.take("transcript-published", "2026-03-06", ENGINE) == "PUBLISHED"
    other = Case("press-conference")
    other.take("opened", DAY, **fields)
    assert other.take("cancelled", DAY, "zfb", reason="并入其他场次") == "CANCELLED"
    assert other.stands("slot") == "exempt"


def test_mtg_01_a_symposium_is_not_held_before_its_day_and_may_be_called_off() -> None:
    case = Case("symposium")
    case.take("opened", DAY, lead_dept="jtj", held_on="2026-03-05", topic="用地")
    assert case.take("held", DAY, attending="9") == "rejected MTG-01H"
    case.take("held", "2026-03-05", attending="9")
    assert case.take("request-raised", "2026-03-05", request="用电", responsible="jtj") == "rejected MTG-02R"
    other = Case("symposium")
    other.take("opened", DAY, lead_dept="jtj", held_on="2026-03-05", topic="用地")
    assert other.take("cancelled", DAY, reason="改期") == "CANCELLED"
    assert other.stands("meeting") == "closed"


def test_mtg_03_a_request_is_answered_in_ten_working_days_or_handed_on_or_done_again() -> None:
    case = Case("request-item")
    assert case.take("raised", DAY, ENGINE, request="用电", responsible="jtj") == "OPEN"
    assert case.due("answer") == "2026-03-16T23:59"
    assert case.take("reassigned", DAY, responsible="fgw", reason="职责调整") == "OPEN"
    assert case.take("answered", DAY, "fgw", answer="已完成增容并送电。") == "ANSWERED"
    assert case.take("reopened", "2026-03-03", "zfb", reason="企业不认可") == "OPEN"
    assert case.due("answer") == "2026-03-17T23:59"
    case.take("answered", "2026-03-04", "fgw", answer="已重新增容并送电。")
    assert case.take("closed", "2026-03-04", "fgw") == "CLOSED"


def test_mtg_04_pol_03_a_meeting_s_topics_and_guests_are_recorded() -> None:
    case = Case("standing-meeting")
    case.take("opened", DAY, lead_dept="jtj", type="常务会议", number="12", held_on="2026-03-05")
    assert case.take("topic-added", DAY, topic="甲", suitable="否", reason="涉密") == "CALLED"
    assert case.take("held", DAY).startswith("rejected MTG-04H")
    guests = {"stakeholders": "1", "citizens": "1", "experts": "1", "media": "1"}
    assert case.take("attendance-recorded", DAY, **guests) == "CALLED"
    assert case.take("held", "2026-03-05") == "HELD"
    assert case.take("material-published", "2026-03-05") == "HELD"
    assert case.take("conference-held", "2026-03-05", speaker_post="秘书长") == "HELD"
    other = Case("standing-meeting")
    other.take("opened", DAY, lead_dept="jtj", type="常务会议", number="12", held_on="2026-03-05")
    assert other.take("cancelled", DAY, reason="改期") == "CANCELLED"


def test_rev_03_the_third_level_signs_last_and_what_is_done_needs_no_more() -> None:
    case = Case("review")
    for level in (1, 2):
        for role in ("审", "校"):
            signed(case, level, role, f"p{level}")
    assert signed(case, 2, "审", "p9") == "rejected REV-03"
    signed(case, 3, "审", "p3")
    assert signed(case, 3, "校", "p3") == "PASSED"
    assert signed(case, 1, "审", "p1") == "rejected REV-DONE"
    back = Case("review")
    signed(back, 1, "审", "p1")
    said = {"publication": "jtj/1", "version": "1", "level": "1", "role": "校", "person": "p1", "content_sha256": "a"}
    assert back.take("returned", DAY, reason="有误", **said) == "RETURNED"


def test_wo_01_an_order_may_be_sent_back_or_need_no_mending() -> None:
    case = Case("work-order")
    fields = {"lead_dept": "jtj", "severity": "一般", "finding": "TX-08", "place": "首页"}
    case.take("opened", DAY, "zfb", **fields)
    case.take("fixed", DAY)
    assert case.take("returned", "2026-03-03", "zfb", reason="仍有错字") == "OPEN"
    assert case.due("fix") == "2026-03-06T23:59"
    assert case.take("waived", "2026-03-04", "zfb", reason="原文引用") == "WAIVED"
    assert case.stands("fix") == "exempt"


def test_tsk_01_a_task_has_its_day_which_the_lead_office_may_move() -> None:
    fields = {"lead_dept": "jtj", "area": "公众参与", "goal": "公开", "finish_by": "2026-03-31"}
    assert Case("task", "zfb/t-1").take("opened", "2026-04-01", "zfb", **fields) == "rejected TSK-01"
    case, other = Case("task", "zfb/t-1"), Case("task", "zfb/t-1")
    for one in (case, other):
        assert one.take("opened", DAY, "zfb", **fields) == "ASSIGNED"
    assert case.take("reported", DAY, progress="过半") == "UNDER_WAY"
    assert case.take("extended", DAY, "zfb", finish_by="2026-03-31", reason="等待") == "rejected TSK-01X"
    assert case.take("extended", DAY, "zfb", finish_by="2026-04-30", reason="等待") == "UNDER_WAY"
    assert case.due("finish") == "2026-04-30T23:59"
    assert case.take("evidenced", DAY, ENGINE, evidence="进展") == "UNDER_WAY"
    assert case.take("done", DAY) == "DONE"
    assert other.take("cancelled", DAY, "zfb", reason="合并") == "CANCELLED"
    assert other.stands("finish") == "exempt"


STANDING = {
    "standing-publication": ("published", ENGINE, "DONE"), "standing-task": ("done", "jtj", "DONE"),
    "expiry": ("assessed", "jtj", "DONE"),
}  # fmt: skip


@pytest.mark.parametrize("name", STANDING)
def test_clk_10_lib_05_what_the_calendar_opens_is_moved_done_or_exempt_by_foi_a46(name: str) -> None:
    step, by, state = STANDING[name]
    done, exempt = Case(name), Case(name)
    for case in (done, exempt):
        assert case.take("opened", DAY, ENGINE, title="年度报告", due="2026-03-31") == "DUE"
    assert done.take("redated", DAY, ENGINE, due="2026-04-01") == "DUE"
    assert done.due("due") == "2026-04-01T23:59"
    assert done.take(step, DAY, by, reason="已完成") == state
    assert exempt.take("exempted", DAY, "zfb", reason="机构撤并") == "EXEMPT"
    assert exempt.stands("due") == "exempt"


def test_clk_11_a_standing_task_ends_by_its_publication_too() -> None:
    case = Case("standing-task")
    case.take("opened", DAY, ENGINE, title="网站年报", due="2026-03-31")
    assert case.take("published", DAY, ENGINE) == "DONE"


def test_web_v4_nm_03_a_column_is_renewed_again_and_again() -> None:
    case, other = Case("upkeep"), Case("upkeep")
    for one in (case, other):
        assert one.take("opened", DAY, ENGINE, title="动态栏目", due="2026-03-16") == "DUE"
    assert case.take("renewed", "2026-03-10", ENGINE, due="2026-03-24") == "DUE"
    assert case.due("due") == "2026-03-24T23:59"
    assert other.take("exempted", DAY, "zfb", reason="栏目撤销") == "EXEMPT"


def test_foi_a18_what_is_withheld_is_looked_at_anew_each_year() -> None:
    case, other = Case("reassessment"), Case("reassessment")
    for one in (case, other):
        assert one.take("opened", DAY, ENGINE, title="不予公开信息评估", due="2027-03-02") == "DUE"
    assert case.take("reassessed", "2026-09-01", reason="均应继续不予公开") == "DUE"
    assert case.due("due") == "2027-09-01T23:59"
    assert other.take("exempted", DAY, "zfb", reason="无此类信息") == "EXEMPT"


def test_cmp_09_an_answered_letter_is_made_public_by_who_took_it_without_its_writer() -> None:
    walk = test_letters.handled()
    walk.go("replied", "2026-02-12", "jtj", reply=test_letters.REPLY, result="路灯已经修复")
    shown = {"headline": "路灯不亮", "question": "路灯连续三晚不亮。", "answer": test_letters.REPLY}
    assert walk.rules("published", "2026-02-13", "czj", **shown) == ["SM-ACTOR"]
    walk.go("published", "2026-02-13", "jtj", **shown)
    assert walk.state == "REPLIED"


class Met(NamedTuple):
    """What the tests of this folder did, and what all tests say."""

    forms: set[tuple[str, str, str | None, str | None]]
    clocks: set[tuple[str, str]]
    rules: set[str]
    names: str


@pytest.fixture(scope="module")
def met() -> Met:
    """All tests of this folder, watched."""
    cases: list[Case] = []
    walks: list[Walk] = []
    forms = set()
    take, begin = Case.take, Walk.__init__

    def taken(case: Case, /, *given: str, **named: str) -> str:
        told = take(case, *given, **named)
        if case.last is not None and case.last.step is not None:
            step = case.last.step
            forms.add((case.lifecycle.id, step.id, step.when, step.to))
            cases.append(case)
        return told

    def began(walk: Walk, *given: str, **named: str) -> None:
        begin(walk, *given, **named)
        walks.append(walk)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Case, "take", taken)
        patch.setattr(Walk, "__init__", began)
        for module in (test_decisions, test_foi_requests, test_letters):
            for test in _tests(module):
                test()
        for name, test in OWN.items():
            for given in STANDING if name.startswith("test_clk_10") else [None]:
                test(*([given] if given else []))
    forms |= {(walk.lifecycle.id, form.id, form.when, form.to) for walk in walks for form in walk.forms}
    clocks = {(walk.lifecycle.id, clock) for walk in walks for clock in walk.clocks}
    clocks |= {(case.lifecycle.id, clock) for case in cases if case.matter for clock in case.matter.duties}
    told = "".join(file.read_text(encoding="utf-8") for file in sorted(TESTS.rglob("test_*.py")))
    return Met(forms, clocks, set(_RULE.findall(told)), "".join(f"{name}_ " for name in _NAME.findall(told)))


OWN = {name: test for name, test in globals().items() if name.startswith("test_") and callable(test)}
"""The tests above."""


def every(lifecycle: Lifecycle) -> set[str]:
    """Every rule that a step, clock or guard of it stands on; of a questionnaire's eight questions the first three."""
    ids = {step.rule for step in lifecycle.steps} | {clock.rule for clock in lifecycle.clocks}
    ids |= {guard.id for step in lifecycle.steps for guard in step.guards}
    return {rule for rule in ids if not re.fullmatch(r"QST-[AQR][0-9]", rule)}


@pytest.mark.parametrize("name", sorted(one.id for one in pack().lifecycles))
def test_every_step_is_taken_and_every_clock_opened_by_some_test(name: str, met: Met) -> None:
    lifecycle = pack().lifecycle[name]
    steps = {(name, step.id, step.when, step.to) for step in lifecycle.steps}
    assert not steps - met.forms
    assert not {(name, clock) for clock in lifecycle.clock} - met.clocks


@pytest.mark.parametrize("name", sorted(one.id for one in pack().lifecycles))
def test_every_rule_of_steps_clocks_and_guards_is_named_by_some_test(name: str, met: Met) -> None:
    unnamed = every(pack().lifecycle[name]) - met.rules
    assert not {rule for rule in unnamed if f"_{rule.lower().replace('-', '_')}_" not in met.names}
