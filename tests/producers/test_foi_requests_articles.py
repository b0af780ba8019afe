"""政府信息公开条例 on requests, article by article (RULES §1.2, FOI-A29 … A51): asked and answered by `gongkai walk`.

The articles on publication are in `test_foi_articles`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rules.commands import app as commands
from tests.rules.lifecycles.foi import CASE, reply
from tests.rules.making import ROOT

CITY = ROOT / "cities/example"
SUBJECT = "zfb/foi-2026-7"
Answer = dict[str, Any]
Walked = Callable[..., list[Answer]]
pytestmark = pytest.mark.feature("3-04")
SEALED = {"key_id": "k1", "sealed": "c2VhbGVk", "facts": {"identity": "是", "contact": "是", "concrete": "是"}}


@pytest.fixture
def walked(tmp_path: Path) -> Walked:
    """What the command says of events, in their order."""

    def walk(*events: Answer) -> list[Answer]:
        file = tmp_path / "steps.ndjson"
        numbered = [{**event, "id": f"e{number}"} for number, event in enumerate(events)]
        file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in numbered), encoding="utf-8")
        result = CliRunner().invoke(commands, ["walk", str(file), "--pack", str(CITY), "--json"])
        assert result.exit_code in {0, 1}, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return walk


def request(way: str = "当面", **facts: str) -> Answer:
    data = {"applicant": "自然人", "way": way, "submitted_at": "2026-02-10T09:00:00+08:00", "form_wanted": "电子文档",
            "personal": SEALED | {"facts": SEALED["facts"] | facts}}  # type: ignore[operator]  # fmt: skip
    return _event("submitted", "/portal", "2026-02-10T09:00:00+08:00", data)


def step(name: str, day: str, dept: str = "zfb", /, **fields: str) -> Answer:
    reason = fields.pop("reason", "")
    at = f"{day.replace(' ', 'T') if ' ' in day else day + 'T15:00'}:00+08:00"
    data = {"step": name, "actor_dept": dept, "actor_role": "政务公开科", "at": at, "reason": reason, "fields": fields}
    return _event("stepped", "/portal" if dept == "citizen" else f"/departments/{dept}", at, data)


def _event(verb: str, source: str, at: str, data: Answer) -> Answer:
    return {"specversion": "1.0", "source": source, "type": f"cn.gongkai.foi-request.{verb}.v1", "subject": SUBJECT,
            "time": at, "datacontenttype": "application/json", "data": data}  # fmt: skip


RECEIVED = (
    request(),
    step("confirmed", "2026-02-10", received_on="2026-02-10"),
    step("registered", "2026-02-10 15:10", reg_no="2026-7"),
)
GIVEN = (*RECEIVED, step("assigned", "2026-02-10 15:20", dept="zfb"))


def audited(outcome: str, statute: str) -> tuple[Answer, Answer]:
    return (
        step("drafted", "2026-02-27 09:00", outcome=outcome, statute=statute),
        step("audited", "2026-02-27 10:00", audit_result="同意"),
    )


def refused(answer: Answer) -> list[str]:
    assert answer["outcome"] == "rejected", answer
    return [one["rule"] for one in answer["findings"] if one["severity"] != "warn"]


def taken(answers: list[Answer]) -> Answer:
    assert [one for one in answers if one["outcome"] != "accepted"] == []
    return answers[-1]


def test_foi_a29_who_asks_says_who_he_is(walked: Walked) -> None:
    assert refused(walked(request(identity="否"))[0]) == ["FOI-A29"]


def test_foi_a30_unclear_is_asked_once_and_counts_anew(walked: Walked) -> None:
    asked = step("correction-asked", "2026-02-25", to_correct="请写明文件名称")
    answers = walked(*RECEIVED, asked, step("corrected", "2026-03-10", "citizen"))
    assert taken(answers)["due"]["reply"] == "2026-04-08"


@pytest.mark.parametrize(("way", "rule"), [("互联网", "FOI-A31N"), ("签收邮寄", "FOI-A31S"), ("平常信函", "FOI-A31P")])
def test_foi_a31_receipt_is_by_the_way_it_came(walked: Walked, way: str, rule: str) -> None:
    assert refused(walked(request(way), step("confirmed", "2026-02-11", received_on="2026-02-11"))[1]) == [rule]


def test_foi_a32_a_third_party_is_asked_in_writing_and_its_days_do_not_count(walked: Walked) -> None:
    answers = walked(
        *GIVEN,
        step("third-party-asked", "2026-02-12", parties="1"),
        step("third-party-served", "2026-02-13", served_on="2026-02-13"),
        step("third-party-answered", "2026-03-04", consent="不同意公开"),
    )
    assert answers[-2]["due"]["third-party"] == "2026-03-12"
    assert taken(answers)["due"]["reply"] == "2026-03-30"


def test_foi_a33_twenty_working_days_and_twenty_more(walked: Walked) -> None:
    more = step("extended", "2026-03-16", reason="信息量较大", approved="是", told_on="2026-03-16")
    answers = walked(*GIVEN, more)
    assert answers[-2]["due"]["reply"] == "2026-03-16"
    assert taken(answers)["due"]["reply"] == "2026-04-14"


def test_foi_a34_whoever_made_it_too_is_heard(walked: Walked) -> None:
    assert (
        taken(walked(*GIVEN, step("co-organ-asked", "2026-02-12", organs="市财政局")))["due"]["co-organ"]
        == "2026-03-11"
    )


def test_foi_a35_a_later_day_needs_reasons_first(walked: Walked) -> None:
    later = step("later-date-set", "2026-02-12", reason="申请数量多", answer_by="2026-04-30")
    assert refused(walked(*GIVEN, later)[-1]) == ["FOI-A35"]


@pytest.mark.parametrize(
    ("outcome", "statute", "rule"),
    [
        pytest.param("una_none", "第三十六条", "FOI-A36Q", id="foi-a36"),
        pytest.param("partial", "第三十七条", "FOI-A37", id="foi-a37"),
        pytest.param("una_make", "第三十八条", "FOI-A38", id="foi-a38"),
        pytest.param("np_petition", "第三十九条", "FOI-A39", id="foi-a39"),
        pytest.param("den_secret", "第十四条", "FOI-A14", id="foi-a14"),
        pytest.param("den_process", "第十六条", "FOI-A16", id="foi-a16"),
    ],
)
def test_foi_each_outcome_names_its_own_article(walked: Walked, outcome: str, statute: str, rule: str) -> None:
    said = reply("una_none", outcome=outcome)
    wrong = step("replied", "2026-02-27 11:00", **{**said, "statute": "第一条"})
    right = step("replied", "2026-02-27 11:30", **{**said, "statute": f"条例{statute}"})
    answers = walked(*GIVEN, *audited(outcome, statute), wrong, right)
    assert refused(answers[-2]) == [rule]
    assert (answers[-1]["outcome"], answers[-1]["state"]) == ("accepted", "REPLIED")


def test_foi_a41_ones_own_record_is_mended_or_one_is_told_by_whom(walked: Walked) -> None:
    said = reply("una_none", outcome="oth_other", statute="条例第四十一条", where="")
    answers = walked(*GIVEN, *audited("oth_other", "条例第四十一条"), step("replied", "2026-02-27 11:00", **said))
    assert refused(answers[-1]) == ["FOI-A41"]


def test_foi_a42_the_fee_is_the_tables(walked: Walked) -> None:
    said = {"fee_mode": "按件", "quantity": "31"}
    answers = walked(
        *GIVEN,
        step("fee-assessed", "2026-02-11", **said),
        step("fee-noticed", "2026-02-12", **said, amount="3100"),
        step("fee-noticed", "2026-02-12", **said, amount="2200"),
    )
    assert refused(answers[-2]) == ["FOI-A42"]
    assert answers[-1]["due"] == {"pay": "2026-03-18", "reply": "2026-03-16"}


def test_foi_a44_three_who_ask_for_the_same_suggest_publication(walked: Walked) -> None:
    third = step("registered", "2026-02-10 15:10", reg_no="2026-7", same_requests="3")
    answers = walked(*RECEIVED[:2], third, step("assigned", "2026-02-10 15:20", dept="zfb"))
    assert taken(answers)["due"]["promote"] == "2026-03-16"


def test_foi_a45_no_step_is_left_out(walked: Walked) -> None:
    left_out = step("replied", "2026-02-27 08:00", **reply())
    archived = step("archived", "2026-03-02", library="是", case_outcome="granted", **CASE)
    answers = walked(
        *GIVEN,
        left_out,
        *audited("granted", "条例第三十六条"),
        step("replied", "2026-02-27 11:00", **reply()),
        archived,
    )
    assert refused(answers[4]) == ["SM-ILLEGAL"]
    assert answers[-1]["state"] == "ARCHIVED"


def test_foi_a51_a_refusal_names_review_and_lawsuit(walked: Walked) -> None:
    said = reply("den_process", remedies="如有异议请来电。")
    answers = walked(*GIVEN, *audited("den_process", "条例第十六条"), step("replied", "2026-02-27 11:00", **said))
    assert refused(answers[-1]) == ["FOI-A51", "FOI-A51P"]


def test_what_can_not_be_read_is_said_to_be_so(walked: Walked) -> None:
    assert walked({"specversion": "1.0"})[0]["outcome"] == "unreadable"


def test_without_json_it_is_told_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text(json.dumps({**request(identity="否"), "id": "e1"}, ensure_ascii=False), encoding="utf-8")
    result = CliRunner().invoke(commands, ["walk", str(file), "--pack", str(CITY)])
    assert result.exit_code == 1
    assert "FOI-A29 申请没有附申请人的身份证明。请补充" in result.stdout
