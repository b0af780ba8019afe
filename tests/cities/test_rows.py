"""The catalogue is one that can be kept: a right publication of every row is accepted, and what a row asks is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from typer.testing import CliRunner

from producers.checking import app
from schemas.city.models import CatalogueRow, Kind
from tests.rules.making import ROOT, Event, changed, envelope, example, judged, pack, rules_of, signed

DAYS = dict.fromkeys(("formed", "changed", "approved", "decided", "obtained", "signed", "effective"), "2026-03-09")

PROACTIVE = [(row, kind) for row in pack().rows for kind in row.kinds if row.to is None and "主动" in row.modes]


def publication(row: CatalogueRow, kind: Kind) -> Event:
    """A right one of the row as that kind, by the first department that may publish it."""
    dept = min(pack().publishers[row.code])
    event = envelope(example(), {"source": f"/departments/{dept}", "subject": f"{dept}/2026-{row.code}"})
    words = dict.fromkeys((*row.elements, *kind.elements), "见正文")
    numbers = {name: pack().department[dept].uscc for name in words if name == "统一社会信用代码"}
    official = kind.docno == "required"
    return signed(changed(
        event, item=row.code, kind=kind.name, responsible_dept=dept, five_open=row.five_open, topic=None,
        title=f"示例市人民政府关于{row.level2}工作的通知" if official else _title(row, kind),
        body="\n".join(("正文如下。", *kind.sections, "见附表。")), audience=row.audience[0],
        channels=list(row.channels), elements=words | numbers, docno="示政规〔2026〕3号" if official else None,
        dates=DAYS | ({"expires": "2031-03-08"} if kind.valid else {}),
        links=[{"rel": rel, "target": f"{dept}/2026-1"} for rel in kind.links],
    ))  # fmt: skip


def _title(row: CatalogueRow, kind: Kind) -> str:
    return kind.template.replace("{机关}", "示例市人民政府").replace("{年份}", "2025") or f"{row.level2}情况"


@dataclass
class Answers:
    """What `gongkai check` says, asked once for all tests here: reading the pack takes longer than judging."""

    lines: dict[str, dict[str, Any]]

    def of(self, name: str) -> dict[str, Any]:
        return self.lines[name]

    def found(self, name: str) -> list[str]:
        return [finding["rule"] for finding in self.lines[name]["findings"]]

    def text(self, name: str) -> str:
        return json.dumps(self.lines[name]["findings"], ensure_ascii=False)


def right(code: str, kind: str) -> Event:
    return publication(pack().row[code], pack().kind[kind])


def without(event: Event, element: str) -> Event:
    return changed(event, elements={name: text for name, text in event["data"]["elements"].items() if name != element})


LACKING = [
    ("04-01", "project-approval", "批准文号"),
    ("04-05", "land-notice", "补偿安置方案"),
    ("05-02", "tender-candidates", "候选人"),
    ("07-02", "relief-list", "金额"),
    ("07-06", "subsidy", "发放标准"),
]
"""项目批准, 土地征收, 招标采购, 社保救助, 补贴发放, each without an element."""

GUIDE = [("01-08", "foi-guide", element) for element in ("传真", "联系电话", "办公地址")]
REPLY = [("10-01", "proposal-reply", element) for element in ("编号", "承办单位", "答复全文")]
DRAWS = [
    ("08-03", "random-inspection", element)
    for element in ("检查对象抽取情况", "检查人员选派情况", "抽查时间", "抽查结果")
]
DECISIONS = [("08-01", "penalty"), ("08-02", "permit"), ("08-04", "registration"), ("08-06", "permit")]
ACCOUNTS = [("06-02", "final-accounts"), ("czj-06", "final-accounts")]
BASICS = [("01-01", "institution"), ("06-01", "budget"), ("02-04", "plan"), ("01-03", "meeting")]
TREASURY = [
    ("06-01", "budget"), ("06-02", "final-accounts"), ("06-03", "government-budget"),
    ("06-04", "government-final-accounts"), ("06-06", "spending"), ("06-07", "spending"), ("06-08", "ppp-project"),
    ("06-09", "tax-relief"), ("06-10", "fiscal-operation"),
]  # fmt: skip


def asked() -> dict[str, Event]:
    """Every event the tests below ask about, by name."""
    whole = [*BASICS, *ACCOUNTS, ("01-08", "foi-guide"), ("10-01", "proposal-reply"), ("08-03", "random-inspection")]
    events = {code: right(code, kind) for code, kind in whole}
    for code, kind, element in (*LACKING, *GUIDE, *REPLY, *DRAWS):
        events[f"{code} without {element}"] = without(right(code, kind), element)
    events["system"], unsigned = (right("01-10", "system-document") for _ in range(2))
    events["unsigned"] = changed(unsigned, sign_offs=unsigned["data"]["sign_offs"][:5])
    for code, kind in DECISIONS:
        events[f"{code} in time"] = changed(right(code, kind), dates={"decided": "2026-02-28"})
        events[f"{code} late"] = changed(right(code, kind), dates={"decided": "2026-02-27"})
    for code, kind in ACCOUNTS:
        events[f"{code} without its section"] = signed(changed(right(code, kind), body="正文如下。"))
    for code, kind in TREASURY:
        events[f"{code} approved"] = changed(right(code, kind), dates={"approved": "2026-03-05"})
    return events


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    events = asked()
    file = tmp_path_factory.mktemp("rows") / "events.ndjson"
    file.write_text("\n".join(json.dumps(event, ensure_ascii=False) for event in events.values()), encoding="utf-8")
    result = CliRunner().invoke(app, [str(file), "--json", "--pack", str(ROOT / "cities/example")])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    return Answers(dict(zip(events, lines, strict=True)))


def test_a_right_publication_of_every_row_is_accepted() -> None:
    answers = {
        f"{row.code} {kind}": set(rules_of(judged(publication(row, pack().kind[kind])))) for row, kind in PROACTIVE
    }
    assert len(answers) > 500
    assert {name: rules for name, rules in answers.items() if rules - {"REJ-LATE"}} == {}


def test_what_any_row_asks_for_is_asked_for() -> None:
    silent = []
    for row, kind in PROACTIVE:
        event = without(publication(row, pack().kind[kind]), row.elements[-1])
        if "REJ-ELEMENTS" not in rules_of(judged(event)):
            silent.append(row.code)
    assert silent == []


@pytest.mark.feature("0-10")
@pytest.mark.parametrize(("code", "_kind", "element"), LACKING)
def test_a_named_key_item_lacking_an_element_is_told_which(
    answers: Answers, code: str, _kind: str, element: str
) -> None:
    name = f"{code} without {element}"
    assert (answers.of(name)["verdict"], answers.found(name)) == ("rejected", ["REJ-ELEMENTS"])
    assert element in answers.text(name)


@pytest.mark.feature("0-05")
def test_a_guide_without_one_of_the_fields_of_article_12_is_told_which(answers: Answers) -> None:
    assert answers.of("01-08")["verdict"] == "accepted"
    for code, _, element in GUIDE:
        name = f"{code} without {element}"
        assert (answers.found(name), element in answers.text(name)) == (["REJ-ELEMENTS"], True)


@pytest.mark.feature("0-06")
def test_a_system_document_goes_through_the_whole_chain_of_review(answers: Answers) -> None:
    assert answers.of("system")["outlets"] == ["portal"]
    assert answers.found("unsigned") == ["REJ-REVIEW"]


@pytest.mark.feature("4-22")
@pytest.mark.parametrize(("code", "_kind"), BASICS)
def test_the_basic_kinds_are_published(answers: Answers, code: str, _kind: str) -> None:
    assert answers.of(code)["verdict"] == "accepted"
    assert "portal" in answers.of(code)["outlets"]


@pytest.mark.feature("4-23")
def test_a_reply_to_a_proposal_names_its_number_its_handler_and_the_reply(answers: Answers) -> None:
    assert answers.of("10-01")["verdict"] == "accepted"
    assert [answers.found(f"{code} without {element}") for code, _, element in REPLY] == [["REJ-ELEMENTS"]] * 3


@pytest.mark.feature("3-16")
@pytest.mark.parametrize(("code", "_kind"), DECISIONS)
def test_a_decision_is_published_within_seven_working_days_or_late(answers: Answers, code: str, _kind: str) -> None:
    assert answers.found(f"{code} in time") == []
    late = answers.of(f"{code} late")
    assert (late["verdict"], answers.found(f"{code} late")) == ("accepted", ["REJ-LATE"])


@pytest.mark.feature("3-19")
def test_a_random_inspection_shows_both_draws_its_day_and_its_result(answers: Answers) -> None:
    assert answers.of("08-03")["verdict"] == "accepted"
    for code, _, element in DRAWS:
        name = f"{code} without {element}"
        assert (answers.found(name), element in answers.text(name)) == (["REJ-ELEMENTS"], True)


@pytest.mark.feature("2-30")
@pytest.mark.parametrize(("code", "_kind"), ACCOUNTS)
def test_final_accounts_have_their_section_on_performance(answers: Answers, code: str, _kind: str) -> None:
    assert answers.of(code)["verdict"] == "accepted"
    name = f"{code} without its section"
    assert answers.found(name) == ["REJ-ELEMENTS"]
    assert "部门整体绩效管理情况" in answers.text(name)


@pytest.mark.feature("2-25")
@pytest.mark.parametrize(("code", "_kind"), TREASURY)
def test_what_the_treasury_publishes_is_due_on_the_twentieth_day(answers: Answers, code: str, _kind: str) -> None:
    assert answers.of(f"{code} approved")["due"] == "2026-03-25"
