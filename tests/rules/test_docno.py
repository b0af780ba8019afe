"""Document numbers and social credit codes (RULES §1.10)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given as any_
from hypothesis import strategies as st
from typer.testing import CliRunner

from producers.checking import app as checking
from rules.commands import app as commands
from rules.docno import DocNo, normalise, parse
from schemas.city.uscc import ALPHABET, org_check, uscc_check, uscc_fault
from tests.rules.making import ROOT, changed, normative

RIGHT = "示政发〔2021〕3号"


@pytest.mark.parametrize("text", ["济政发〔2018〕5号", "国办公开办函〔2021〕30号", RIGHT])
def test_a_document_number_is_read(text: str) -> None:
    found = parse(text, 2026)
    assert isinstance(found, DocNo)
    assert (found.text, found.form) == (text, "document")


@pytest.mark.parametrize(
    ("text", "organ", "year", "number"),
    [
        ("国务院令第711号", "国务院", None, 711), ("广州市人民政府令第39号", "广州市人民政府", None, 39),
        ("市政府令〔2010〕第39号", "市政府", 2010, 39), ("市政府令[2010]第39号", "市政府", 2010, 39),
    ],
)  # fmt: skip
def test_an_order_is_read(text: str, organ: str, year: int | None, number: int) -> None:
    found = parse(text, 2026)
    assert isinstance(found, DocNo)
    assert (found.form, found.organ, found.year, found.number) == ("order", organ, year, number)


@pytest.mark.parametrize(
    "brackets",
    ["[]", "()", "\uff08\uff09", "\u3010\u3011", "\ufe5d\ufe5e", "\u3008\u3009", "\u3014\u3015", "\uff3b\uff3d"],
)
@pytest.mark.parametrize("number", ["3", "第3", "\uff13", " 3 "])
@pytest.mark.parametrize("year", ["2021", "\uff12\uff10\uff12\uff11"])
def test_every_bracket_width_blank_and_stray_word_comes_to_one_form(brackets: str, number: str, year: str) -> None:
    assert normalise(f"示政发{brackets[0]}{year}{brackets[1]}{number}号") == RIGHT


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("示政发〔21〕3号", "year-two-digits"), ("示政发〔2021〕03号", "leading-zero"), ("示政发2021年3号", "form"),
        ("示政发〔1948〕3号", "year-range"), ("示政发〔1940〕3号", "year-range"), ("示政发〔2027〕3号", "year-range"),
        ("示〔2021〕3号", "form"), ("示政发〔2021〕123456号", "form"), ("", "form"), ("示政发〔2021〕3", "form"),
        ("市政府令〔2010〕第039号", "leading-zero"), ("市政府令〔1948〕第39号", "year-range"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(text: str, fault: str) -> None:
    assert parse(text, 2026) == fault


@any_(st.text(max_size=60))
def test_any_text_is_read_or_named_wrong_and_normalising_twice_is_once(text: str) -> None:
    assert parse(text, 2026) is not None
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    "code",
    [
        "11441700007280420Y", "11620622013933539B", "11370322004222241N", "119999000000000198", "119999000000000273",
        "11999900MB0000019D",
    ],
)  # fmt: skip
def test_right_codes_pass_and_any_other_last_character_fails(code: str) -> None:
    assert uscc_fault(code) is None
    assert all(uscc_fault(code[:-1] + other) for other in ALPHABET if other != code[-1])


@pytest.mark.parametrize("code", ["119999000000000199", "", "11", *(f"1199990000000001{c}8" for c in "IOSVZiosvz")])
def test_wrong_codes_are_named_wrong(code: str) -> None:
    assert uscc_fault(code)


@any_(st.text(alphabet=ALPHABET, min_size=8, max_size=8))
def test_check_characters_fit_what_they_check(body: str) -> None:
    first = f"11999900{body}{org_check(body)}"
    assert uscc_fault(first + uscc_check(first)) is None


@pytest.mark.feature("2-08")
@pytest.mark.parametrize("given", ["市政府令〔2010〕第39号", "市政府令[2010]第39号", "市政府令（２０１０）第39号"])
def test_the_order_of_a_procedure_is_read_by_command_and_when_an_event_carries_it(given: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, ["docno", given, "--json"])
    found = json.loads(result.stdout)
    assert (result.exit_code, found["organ"], found["year"], found["number"]) == (0, "市政府", 2010, 39)
    assert found["text"] == "市政府令〔2010〕第39号"
    event = tmp_path / "event.json"
    event.write_text(json.dumps(changed(normative(), docno=given), ensure_ascii=False), encoding="utf-8")
    answer = CliRunner().invoke(checking, [str(event), "--json", "--pack", str(ROOT / "cities/example")])
    said = json.loads(answer.stdout)
    assert (said["verdict"], said["docno"]["organ"], said["docno"]["year"]) == ("accepted", "市政府", 2010)


def test_a_wrong_number_ends_the_command_with_1_and_a_sentence() -> None:
    result = CliRunner().invoke(commands, ["docno", "示政发〔26〕3号", RIGHT])
    assert result.exit_code == 1
    assert "年份须写四位" in result.stdout
    assert "示政发〔2021〕3号  机关 示政发  年份 2021  序号 3" in result.stdout
