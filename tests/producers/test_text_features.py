"""Text checks by the door of `gongkai check`: a file in, findings out, for rows of the feature list."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from producers.checking import app
from tests.rules.making import ROOT, changed, example, signed
from tests.rules.texts.planting import PLANTS, planted
from tests.rules.texts.prose import texts, written

AT = "2026-03-10T10:00:00+08:00"
FOUND = sorted((ROOT.parent / "shared" / "documents").glob("*.txt"))
as_found = pytest.mark.skipif(len(FOUND) != 5, reason="the published texts are not beside this checkout")

Line = dict[str, Any]


@pytest.fixture(autouse=True)
def the_example_city(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_CITY", str(ROOT / "cities/example"))


def check(*files: Path) -> list[Line]:
    result = CliRunner().invoke(app, [*map(str, files), "--at", AT, "--json"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == int(any(line["verdict"] == "rejected" for line in lines)), result.output
    return lines


def check_text(folder: Path, text: str) -> Line:
    file = folder / "text.txt"
    file.write_text(text, encoding="utf-8")
    (line,) = check(file)
    return line


def check_event(folder: Path, body: str, **data: object) -> Line:
    file = folder / "event.json"
    event = signed(changed(example(), body=body, **data))
    file.write_text(json.dumps(event, ensure_ascii=False), encoding="utf-8")
    (line,) = check(file)
    return line


def grave(line: Line) -> list[str]:
    return [one["rule"] for one in line["findings"] if one["severity"] != "warn"]


def of(line: Line, rule: str) -> list[Line]:
    return [one for one in line["findings"] if one["rule"] == rule]


def spans(line: Line, rule: str, text: str) -> list[str]:
    """What a rule's findings point at."""
    return [text[slice(*one["span"])] for one in of(line, rule)]


@pytest.mark.feature("0-23")
@pytest.mark.feature("3-06")
def test_the_four_rights_out_of_order_are_a_finding_and_in_order_none(tmp_path: Path) -> None:
    right = "此举体现了对社会公众知情权、参与权、表达权、监督权的尊重。"
    assert check_text(tmp_path, right)["findings"] == []
    for swapped in (
        "知情权、表达权、参与权、监督权",
        "监督权、参与权、表达权和知情权",
        "參與權、知情權、表達權、監督權",
    ):
        text = f"此举体现了对社会公众{swapped}的尊重。"
        line = check_text(tmp_path, text)
        assert spans(line, "TX-10", text) == [swapped]
        assert "知情权、参与权、表达权、监督权" in of(line, "TX-10")[0]["remedy"]["zh"]
        assert check_event(tmp_path, text)["verdict"] == line["verdict"] == "rejected"


ADVERT = (
    "附：某某咨詢，是領先的數字政務(wù)專業(yè)服務(wù)商。\n"
    "福利大放送：《示例週刊》、《示例白皮書》可通過示例智庫公眾號及微店在線購買，歡迎訂購。\n微信掃一掃即可購買！"
)


@pytest.mark.feature("0-24")
def test_an_advert_in_traditional_characters_with_pinyin_is_stopped_where_it_stands(tmp_path: Path) -> None:
    body = f"2月27日，市政府办公室召开新闻发布会。\n{ADVERT}"
    line = check_event(tmp_path, body)
    assert line["verdict"] == "rejected"
    assert spans(line, "TX-15", body) == ["公眾號及微店在線購買，歡迎訂購", "掃一掃即可購買"]
    assert {one["place"] for one in of(line, "TX-15")} == {"/data/body"}
    assert spans(check_text(tmp_path, body), "TX-15", body) == spans(line, "TX-15", body)


@as_found
@pytest.mark.feature("0-24")
def test_the_advert_as_it_was_found_is_stopped_where_it_stands() -> None:
    for file in (FOUND[0], FOUND[2]):
        (line,) = check(file)
        text = file.read_text(encoding="utf-8")
        found = spans(line, "TX-15", text)
        assert line["verdict"] == "rejected"
        assert [word for word in ("掃一掃", "微店", "訂購") if not any(word in one for one in found)] == []


@pytest.mark.feature("2-42")
def test_a_part_of_the_four_rights_is_a_warning_alone(tmp_path: Path) -> None:
    text = "从制度上保障市民群众的知情权、参与权、监督权。"
    line = check_text(tmp_path, text)
    assert (line["verdict"], [(one["rule"], one["severity"]) for one in line["findings"]]) == (
        "accepted", [("TX-10", "warn")],
    )  # fmt: skip
    assert spans(line, "TX-10", text) == ["知情权、参与权、监督权"]
    assert check_event(tmp_path, text)["verdict"] == "accepted"


@as_found
@pytest.mark.feature("2-42")
def test_the_part_of_the_four_rights_as_it_was_found_is_a_warning_alone() -> None:
    (line,) = check(FOUND[2])
    assert [one["severity"] for one in of(line, "TX-10")] == ["warn"]


@pytest.mark.feature("2-43")
def test_yesterday_is_a_warning_with_the_day_that_it_was(tmp_path: Path) -> None:
    text = "修订后的《示例市停车管理条例》昨日起施行。"
    for line in (check_text(tmp_path, text), check_event(tmp_path, text)):
        (one,) = line["findings"]
        assert (line["verdict"], one["rule"], one["severity"]) == ("accepted", "TX-12", "warn")
        assert spans(line, "TX-12", text) == ["昨日"]
        assert "2026年3月9日" in one["remedy"]["zh"]


@as_found
@pytest.mark.feature("2-43")
def test_yesterday_as_it_was_found_is_a_warning_with_the_day_that_it_was() -> None:
    (line,) = check(FOUND[2])
    assert [(one["severity"], "2026年3月9日" in one["remedy"]["zh"]) for one in of(line, "TX-12")] == [("warn", True)]


@pytest.mark.feature("3-18")
def test_the_reforms_fixed_phrase_is_whole_and_in_order(tmp_path: Path) -> None:
    assert check_text(tmp_path, "推进“放管服”改革，坚持简政放权、放管结合、优化服务。")["findings"] == []
    line = check_text(tmp_path, "深化“放服管”改革，坚持优化服务、简政放权、放管结合。")
    assert (line["verdict"], grave(line)) == ("rejected", ["TX-10", "TX-10"])
    assert [(one["rule"], one["severity"]) for one in check_text(tmp_path, "坚持简政放权、优化服务。")["findings"]] == [
        ("TX-10", "warn")
    ]


REMNANTS = (
    "示例乡村信息网，欢迎访问！\n\n深入宣传贯彻政府信息公开条例 助力“重实效、\n\n"
    "政务公开 2026-03-09 18:17 编辑：未知\n\n"
    "　　3月9日是示例市政务公开日。各部门围绕公开条例开展宣传，群众反响热烈。\n\n"
    "示例乡村信息网 版权所有 备案号：\n\n站长统计代码放在此处\n\n联系QQ： 邮箱地址：\n"
)


@pytest.mark.feature("3-27")
def test_a_pages_remnants_give_exactly_these_errors(tmp_path: Path) -> None:
    line = check_text(tmp_path, REMNANTS)
    assert Counter(grave(line)) == {"TX-13": 3, "TX-15": 1}
    assert spans(line, "TX-13", REMNANTS) == ["“", "、", "代码放在此处"]
    assert spans(line, "TX-15", REMNANTS) == ["联系QQ"]


@as_found
@pytest.mark.feature("3-27")
def test_the_page_as_it_was_found_gives_exactly_these_errors() -> None:
    (line,) = check(FOUND[3])
    text = FOUND[3].read_text(encoding="utf-8")
    assert Counter(grave(line)) == {"TX-13": 3, "TX-15": 1}
    assert spans(line, "TX-13", text) == ["“", "、", "代码放在此处"]
    assert spans(line, "TX-15", text) == ["联系QQ"]


@pytest.mark.feature("4-34")
def test_a_text_with_a_mark_of_secrecy_is_stopped_whatever_is_answered_for_it(tmp_path: Path) -> None:
    body = "机密★\n\n关于有关工作情况的说明\n\n正文。"
    digest = hashlib.sha256("机密★".encode()).hexdigest()
    answer = {"rule": "TX-01", "excerpt_sha256": digest, "reason": "误报", "by": "mzj-101"}
    line = check_event(tmp_path, body, overrides=[answer])
    (one,) = of(line, "TX-01")
    assert (line["verdict"], one["severity"], one["overridden"]) == ("rejected", "block", False)
    assert spans(line, "TX-01", body) == ["机密★"]
    assert check_event(tmp_path, "涉及商业秘密的除外，国家秘密保护工作另行安排。")["verdict"] == "accepted"


def test_an_error_that_somebody_answers_for_is_kept_and_does_not_stop(tmp_path: Path) -> None:
    body = "引用原文：“各地要认真布署”。"
    assert check_event(tmp_path, body)["verdict"] == "rejected"
    digest = hashlib.sha256("布署".encode()).hexdigest()
    answer = {"rule": "TX-08", "excerpt_sha256": digest, "reason": "引用历史文件原文", "by": "mzj-101"}
    line = check_event(tmp_path, body, overrides=[answer])
    assert (line["verdict"], [one["overridden"] for one in of(line, "TX-08")]) == ("accepted", [True])


@pytest.mark.feature("4-40")
def test_every_class_planted_in_a_file_is_found_and_ordinary_files_pass(tmp_path: Path) -> None:
    clean = [text for _, text in texts(len(PLANTS))]
    grown = [planted(text, plant, number) for number, (text, plant) in enumerate(zip(clean, PLANTS, strict=True))]
    files = []
    for number, (text, other) in enumerate(zip(clean, grown, strict=True)):
        files += [tmp_path / f"{number:03}-planted.txt", tmp_path / f"{number:03}-clean.txt"]
        files[-2].write_text(other.text, encoding="utf-8")
        files[-1].write_text(text, encoding="utf-8")
    lines = check(*files)
    for plant, other, line in zip(PLANTS, grown, lines[::2], strict=True):
        told = {(one["rule"], one["severity"], tuple(one["span"])) for one in line["findings"]}
        assert (plant.rule, plant.severity, other.span) in told, plant
        assert line["verdict"] == "rejected" or plant.severity == "warn"
    assert {line["id"]: line["findings"] for line in lines[1::2] if line["verdict"] == "rejected"} == {}


def test_texts_written_by_hand_are_accepted_as_events_too(tmp_path: Path) -> None:
    bodies = [text.partition("\n\n")[2] for _, text in written()]
    file = tmp_path / "events.ndjson"
    told = [json.dumps(signed(changed(example(), body=body)), ensure_ascii=False) for body in bodies]
    file.write_text("\n".join(told), encoding="utf-8")
    assert [(line["verdict"], grave(line)) for line in check(file)] == [("accepted", [])] * len(bodies)


@pytest.mark.feature("4-59")
def test_a_dropped_word_warns_at_both_places_and_a_body_that_stands_twice_is_one_error(tmp_path: Path) -> None:
    body = next(text for name, text in written() if name.startswith("04")).partition("\n\n")[2]
    once = body.replace("开展听民声、察民情、解民忧活动", "听民声、汇、解民惑").strip()
    assert once.count("、汇、") == 1
    line = check_text(tmp_path, f"{once}\n{once}")
    assert [(one["rule"], one["severity"], one["span"][0]) for one in line["findings"]] == [
        ("TX-13", "warn", once.index("汇、解")), ("TX-13", "error", len(once) + 1),
        ("TX-13", "warn", len(once) + 1 + once.index("汇、解")),
    ]  # fmt: skip


@as_found
@pytest.mark.feature("4-59")
def test_the_doubled_text_as_it_was_found_gives_two_warnings_and_one_error() -> None:
    (line,) = check(FOUND[4])
    text = FOUND[4].read_text(encoding="utf-8")
    told = [(one["rule"], one["severity"]) for one in line["findings"]]
    assert told == [("TX-13", "warn"), ("TX-13", "error"), ("TX-13", "warn")]
    assert [spans(line, "TX-13", text)[number] for number in (0, 2)] == ["汇", "汇"]


@pytest.mark.parametrize(
    ("value", "code"),
    [(b"", "FILE-EMPTY"), (b" \n\n", "FILE-EMPTY"), (b"\xff\xfe\x00\x81", "FILE-ENCODING"), (b"x" * 1_000_001, "SIZE")],
)
def test_a_bare_text_that_cannot_be_read_is_refused(tmp_path: Path, value: bytes, code: str) -> None:
    file = tmp_path / "bad.txt"
    file.write_bytes(value)
    (line,) = check(file)
    assert (line["verdict"], grave(line)) == ("rejected", [code])


def test_a_bare_text_in_gbk_with_windows_lines_is_read_as_any_other(tmp_path: Path) -> None:
    file = tmp_path / "gbk.txt"
    file.write_bytes("关于有关事项的通知\r\n\r\n要认真布署。\r\n".encode("gb18030"))
    (line,) = check(file)
    assert [(one["rule"], one["span"]) for one in line["findings"]] == [("TX-08", [14, 16])]
