"""`gongkai due`: the day, why that day, and by which notice; and whatever can be asked wrongly."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bus import cli
from rules.commands import app
from tests.support.small_city import write_small_city

EXAMPLE = "自信息形成或者变更之日起20个工作日内"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_city(tmp_path_factory.mktemp("city"))


@pytest.fixture(autouse=True)
def the_example_city(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("GONGKAI_CITY", str(folder))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["due", *arguments])


def answer(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    (line,) = result.stdout.splitlines()
    return dict(json.loads(line))


def counted(answer: dict[str, Any]) -> int:
    return sum(day["counted"] for day in answer["days"])


def test_the_answer_for_a_machine_is_one_object_with_every_day() -> None:
    found = answer(EXAMPLE, "--from", "2026-02-10", "--explain")
    assert (found["due"], found["calendar_complete"], counted(found)) == ("2026-03-16", True, 20)
    assert [day["date"] for day in found["days"]][:2] == ["2026-02-10", "2026-02-11"]
    assert (found["days"][0]["counted"], found["days"][-1]["date"]) == (False, "2026-03-16")
    by_date = {day["date"]: day for day in found["days"]}
    assert (by_date["2026-02-14"]["counted"], by_date["2026-02-14"]["why"]) == (True, "调休上班")
    assert (by_date["2026-02-17"]["counted"], by_date["2026-02-17"]["why"]) == (False, "节假日")
    assert {day["basis"] for day in found["days"]} == {"国务院办公厅关于2026年部分节假日安排的通知"}


def test_the_answer_for_a_clerk_names_day_and_weekday_and_each_day_with_its_notice() -> None:
    lines = run(EXAMPLE, "--from", "2026-02-10", "--explain").stdout.splitlines()
    assert lines[:3] == [EXAMPLE, "起算 from  2026-02-10 星期二", "到期 due  2026-03-16 星期一"]
    assert len(lines) == 3 + 35
    (make_up,) = [line for line in lines if line.startswith("2026-02-14")]
    assert make_up.split() == [
        "2026-02-14", "星期六", "第4日", "调休上班", "make-up", "workday", "国务院办公厅关于2026年部分节假日安排的通知",
    ]  # fmt: skip
    assert len(run(EXAMPLE, "--from", "2026-02-10").stdout.splitlines()) == 3


@pytest.mark.parametrize(
    ("since", "n", "due"),
    [
        ("2026-09-28", 20, "2026-10-30"), ("2026-02-10", 20, "2026-03-16"), ("2026-02-10", 7, "2026-02-26"),
        ("2026-04-30", 3, "2026-05-08"), ("2026-09-25", 7, "2026-10-12"), ("2025-09-26", 15, "2025-10-23"),
        ("2026-01-04", 5, "2026-01-09"),
    ],
)  # fmt: skip
def test_the_vectors_of_the_rules_by_command(since: str, n: int, due: str) -> None:
    assert answer(f"{n}个工作日内", "--from", since)["due"] == due


@pytest.mark.feature("2-01")
def test_a_request_received_the_day_before_the_revised_regulation_has_the_days_of_the_old_one() -> None:
    old, new = (answer("--clock", "FOI-A33", "--from", day) for day in ("2019-05-14", "2019-05-15"))
    assert (old["due"], counted(old), new["due"], counted(new)) == ("2019-06-04", 15, "2019-06-13", 20)
    assert ("2007年" in old["basis"], "2007年" in new["basis"]) == (True, False)
    longer = [answer("--clock", "FOI-A33X", "--from", day) for day in ("2019-05-14", "2019-05-15")]
    assert [counted(each) for each in longer] == [15, 20]


@pytest.mark.feature("2-25")
@pytest.mark.parametrize(
    ("approved", "due"),
    [("2026-02-05", "2026-02-25"), ("2026-02-02", "2026-02-24"), ("2026-09-12", "2026-10-08"),
     ("2026-06-01", "2026-06-22")],
)  # fmt: skip
def test_a_budget_is_due_on_the_twentieth_calendar_day_or_the_workday_after_it(approved: str, due: str) -> None:
    for asked in (["--clock", "CLK-05"], ["批复后20日内"]):
        found = answer(*asked, "--from", approved)
        assert (found["due"], counted(found)) == (due, 20)


@pytest.mark.feature("0-10")
@pytest.mark.parametrize(
    ("clock", "since", "due", "shown"),
    [
        ("CLK-02", "2026-02-10", "2026-03-02", None), ("CLK-06", "2026-09-30", "2026-10-09", None),
        ("CLK-06S", "2026-03-06", "2026-03-10", None), ("CLK-07", "2026-03-05", "2026-03-09", "2026-03-12"),
        ("CLK-08", "2026-03-02", "2026-03-23", None), ("CLK-08P", "2026-03-02", "2026-03-16", None),
    ],
)  # fmt: skip
def test_the_named_key_items_have_clocks_of_their_own(clock: str, since: str, due: str, shown: str | None) -> None:
    found = answer("--clock", clock, "--from", since)
    assert (found["due"], found["shown_until"]) == (due, shown)


def test_hours_end_at_a_minute_and_skip_no_holiday() -> None:
    found = answer("知悉之时起48小时内", "--at", "2026-02-15T23:30+08:00")
    assert found["due"] == "2026-02-17T23:30:00+08:00"
    assert answer("--clock", "POL-08E", "--at", "2026-02-15T15:30:00Z")["due"] == "2026-02-16T04:30:00+08:00"
    assert answer("5小时内", "--at", "2026-02-15T01:00")["due"] == "2026-02-15T06:00:00+08:00"
    assert answer("48小时内", "--from", "2026-02-15")["due"] == "2026-02-17"
    paused = answer("48小时内", "--at", "2026-02-15T23:30", "--pause", "2026-02-16..2026-02-16")
    assert paused["due"] == "2026-02-18T23:30:00+08:00"
    assert [day["why"] for day in paused["days"]] == ["起算日", "中止期间", "按小时连续计算", "按小时连续计算"]


def test_paused_days_are_left_out_and_a_restart_begins_anew() -> None:
    consulted = answer("--clock", "FOI-A33", "--from", "2026-03-02", "--pause", "2026-03-10..2026-03-20")
    assert (consulted["due"], counted(consulted)) == ("2026-04-13", 20)
    twice = answer(
        "20日内", "--from", "2026-03-02", "--pause", "2026-03-03..2026-03-04", "--pause", "2026-03-10..2026-03-10"
    )
    assert twice["due"] == "2026-03-25"
    corrected = answer("--clock", "FOI-A33", "--from", "2026-03-02", "--restart", "2026-03-12")
    assert (corrected["from"], corrected["due"]) == ("2026-03-12", "2026-04-10")
    minutes_unknown = answer("5小时内", "--at", "2026-03-02T09:00", "--restart", "2026-03-04")
    assert minutes_unknown["due"] == "2026-03-05"


def test_an_estimate_says_so_in_both_answers() -> None:
    arguments = ("20个工作日内", "--from", "2026-12-20")
    found = answer(*arguments)
    assert (found["due"], found["calendar_complete"]) == ("2027-01-18", False)
    assert {day["basis"] for day in found["days"] if day["date"] > "2027"} == {"暂按法定节假日推算"}
    assert "暂按法定节假日推算" in run(*arguments).stdout
    assert "暂按法定节假日推算" not in run("5个工作日内", "--from", "2026-12-20").stdout


def test_the_least_display_is_told_for_the_due_day_and_for_the_day_it_went_up() -> None:
    text = "收到评标报告之日起3日内公示，不少于3日"
    assert answer(text, "--from", "2026-03-05")["shown_until"] == "2026-03-12"
    assert "至少公示到" in run(text, "--from", "2026-03-05").stdout
    assert answer(text, "--from", "2026-03-04", "--min")["due"] == "2026-03-09"
    assert "至少到 at least until  2026-03-09 星期一" in run(text, "--from", "2026-03-04", "--min").stdout
    assert "至少到" in run("--clock", "DEC-02", "--from", "2026-03-04").stdout


def test_a_day_fixed_by_name_is_the_next_and_never_rolls() -> None:
    found = answer("每年1月31日前", "--from", "2026-02-10")
    assert (found["due"], [day["why"] for day in found["days"]]) == ("2027-01-31", ["固定日期，不顺延"])
    assert answer("每季度结束后15日内", "--from", "2026-02-10")["due"] == "2026-04-15"
    assert answer("--clock", "CLK-13", "--from", "2026-02-27")["due"] == "2026-03-31"


def test_what_is_due_before_its_day_counts_back() -> None:
    found = answer("--clock", "DEC-03", "--from", "2026-06-17")
    assert (found["due"], counted(found), found["days"][-1]["why"]) == ("2026-06-09", 7, "最迟日")


WRONG = [
    ((EXAMPLE,), "--from"),
    ((EXAMPLE, "--from", "2026-02-10", "--at", "2026-02-10T10:00"), "--from"),
    (("--from", "2026-02-10"), "--clock"),
    ((EXAMPLE, "--clock", "FOI-A33", "--from", "2026-02-10"), "二者选一"),
    ((EXAMPLE, "--from", "2026-02-30"), "2026-02-30"),
    ((EXAMPLE, "--from", "2026年2月10日"), "2026年2月10日"),
    ((EXAMPLE, "--from", "２０２６-02-10"), "年-月-日"),
    ((EXAMPLE, "--from", "1948-12-31"), "1949-01-01"),
    ((EXAMPLE, "--from", "9999-12-31"), "2199-12-31"),
    ((EXAMPLE, "--at", "noon"), "完整时间"),
    ((EXAMPLE, "--at", "0001-01-01T00:00+23:59"), "1949-01-01"),
    ((EXAMPLE, "--from", "2026-02-10", "--pause", "2026-02-11"), "起..止"),
    ((EXAMPLE, "--from", "2026-02-10", "--pause", "2026-02-12..2026-02-11"), "中止期间"),
    ((EXAMPLE, "--from", "2026-02-10", "--pause", "1990-01-01..2190-01-01"), "中止期间"),
    ((EXAMPLE, "--from", "2026-02-10", "--restart", "soon"), "--restart"),
    (("每年1月31日前", "--from", "2026-02-10", "--pause", "2026-02-11..2026-02-12"), "没有中止"),
    (("--clock", "DEC-03", "--from", "2026-06-17", "--pause", "2026-06-11..2026-06-12"), "没有中止"),
    ((EXAMPLE, "--from", "2026-02-10", "--min"), "至少公示"),
    (("--clock", "FOI-A33", "--from", "1999-01-01"), "2008-05-01至2019-05-14"),
    (("--clock", "FOI-33", "--from", "2026-02-10"), "FOI-A33"),
    (("20工做日", "--from", "2026-02-10"), "第3个字"),
    (("", "--from", "2026-02-10"), "没有写完"),
    (("20\x00个工作日", "--from", "2026-02-10"), "第3个字"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_what_is_asked_wrongly_is_told_in_two_languages_and_ends_with_2(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["due", *arguments]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "\x00" not in said
    chinese, english = said.splitlines()[-2:]
    assert re.search(r"[\u4e00-\u9fff]{2}", chinese)
    assert re.search(r"[a-z]{2} [a-z]", english)


def test_the_caret_stands_under_the_character_that_is_not_understood(capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["due", "自信息形成之日起20工做日", "--from", "2026-02-10"])
    line, caret, *_ = capsys.readouterr().err.splitlines()
    assert (line, caret) == ("自信息形成之日起20工做日", " " * 18 + "^")
