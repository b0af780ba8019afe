"""The book of rules: whole, from one source, and the document in docs/ is what the pack gives today."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rules.book import GROUPS, Rule, book, page
from rules.commands import app
from schemas.reasons import TEXTS, Reason
from tests.rules.making import ROOT, pack

RULES = {rule.id: rule for rule in book(pack())}
HAN = re.compile("[\u4e00-\u9fff]")


def test_the_document_of_all_rules_is_what_the_pack_gives_today() -> None:
    written = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    assert written == page(book(pack())), "stale: run `gongkai rules export docs/rules.md`"


@pytest.mark.parametrize("reason", list(Reason))
def test_every_code_that_a_finding_can_name_is_a_rule(reason: Reason) -> None:
    rule, text = RULES[reason.value], TEXTS[reason]
    assert (rule.basis, rule.severity) == (text.basis, text.severity)
    assert rule.message is not None
    assert rule.message.zh == text.zh
    assert rule.remedy is not None
    assert rule.remedy.zh == text.remedy_zh
    assert rule.example
    assert not re.search(r"\{\w+\}", rule.example)


def test_every_code_that_a_catalogue_or_a_pack_is_refused_by_is_a_rule() -> None:
    source = "".join(path.read_text() for folder in ("schemas", "rules") for path in (ROOT / folder).rglob("*.py"))
    named = set(re.findall(r'"((?:CAT-E\d\d|PACK-[A-Z]+))"', source))
    assert len(named) >= 15
    assert named - RULES.keys() == set()


def test_every_clock_kind_and_calendar_of_the_pack_is_a_rule() -> None:
    wanted = {clock.id for clock in pack().clocks} | {f"KIND-{kind.name}" for kind in pack().kinds}
    wanted |= {f"CAL-{year.year}" for year in pack().years}
    assert wanted - RULES.keys() == set()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_has_a_chinese_title_a_basis_and_a_source(rule: Rule) -> None:
    assert HAN.search(rule.title)
    assert len(rule.title) <= 60
    assert rule.basis
    assert rule.source
    assert rule.group in GROUPS
    assert all(term and text for term, text in rule.facts)


def test_no_two_rules_have_one_id_and_groups_stand_together() -> None:
    rules = book(pack())
    assert len(RULES) == len(rules)
    groups = [rule.group for rule in rules]
    assert groups == sorted(groups, key=list(GROUPS).index)


def test_what_a_pack_says_is_no_markup_in_the_document() -> None:
    evil = replace(RULES["CLK-01"], title="<b>a</b> | b\n# c", basis="x | y")
    (line,) = [line for line in page([evil]).splitlines() if line.startswith("| `CLK-01`")]
    assert "<b>" not in line
    assert line.replace("\\|", "").count("|") == 5


def test_a_clock_says_from_when_how_long_and_how_its_days_are_counted() -> None:
    facts = dict(RULES["CLK-01"].facts)
    assert facts["期限"] == "自信息形成或者变更之日起20个工作日内"
    assert "调休" in facts["计算"]
    assert dict(RULES["CLK-10"].facts)["期限"] == "每年1月31日前"


def test_a_class_of_the_text_checks_says_what_the_pack_holds_against_texts() -> None:
    checks = pack().text_checks
    facts = dict(RULES["TX-08"].facts)
    assert facts["错词"].startswith(f"{sum(map(len, checks.typos.values()))}个")
    assert {name for name, _ in RULES["TX-10"].facts} >= {phrase.name for phrase in checks.phrases}
    assert (
        str(len({word for each in checks.patterns if each.rule == "TX-01" for word in each.words}))
        in dict(RULES["TX-01"].facts)["词条"]
    )


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["rules", *arguments, "--pack", str(ROOT / "cities/example")])
    return result.exit_code, result.output


def test_one_rule_is_shown_with_basis_and_remedy_in_both_languages() -> None:
    code, said = run("show", "REJ-NOITEM")
    assert code == 0
    for word in ("REJ-NOITEM", "block", "政府信息公开条例第12条", TEXTS[Reason.REJ_NOITEM].remedy_en, "例："):
        assert word in said


def test_a_rule_for_a_machine_is_one_object_a_line() -> None:
    code, said = run("list", "--group", "catalogue", "--json")
    lines = [json.loads(line) for line in said.splitlines()]
    assert code == 0
    assert [line["id"] for line in lines][:9] == [f"CAT-E0{n}" for n in range(1, 10)]
    assert {line["group"] for line in lines} == {"catalogue"}


@pytest.mark.parametrize("arguments", [("show", "REJ-NOTHING"), ("list", "--group", "none")])
def test_what_is_not_there_is_a_usage_error_in_both_languages(arguments: tuple[str, ...]) -> None:
    code, said = run(*arguments)
    assert code == 2
    assert HAN.search(said)


def test_the_document_is_written_by_the_command(tmp_path: Path) -> None:
    code, _ = run("export", str(tmp_path / "rules.md"))
    assert code == 0
    assert (tmp_path / "rules.md").read_text(encoding="utf-8") == page(book(pack()))
