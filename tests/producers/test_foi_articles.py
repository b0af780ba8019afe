"""政府信息公开条例, article by article, as far as publications and clocks go (RULES §1.2, FOI-A10 … A51).

Each test is named by its article; asked by command, answered by command. Citizens' requests are in
`test_foi_requests_articles`. Archives and libraries (Art. 25) have no outlet of their own yet: what is told here is
which rows the catalogue sends there.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from producers.checking import app as checking
from rules.commands import app as commands
from schemas.city.pack import Pack
from tests.rules.making import ROOT, Event, changed, envelope, example, pack, signed

CITY = ROOT / "cities/example"


def of_row(code: str, dept: str, **data: Any) -> Event:
    """A right publication of a row by `dept`."""
    city: Pack = pack()
    row = city.row[code]
    kind = city.kind[row.kinds[0]]
    title = kind.template.replace("{机关}", "示例市人民政府").replace("{年份}", "2025") or "示例市有关情况"
    event = envelope(example(), {"source": f"/departments/{dept}", "subject": f"{dept}/2026-{code}"})
    whole = {
        "item": code, "kind": kind.name, "responsible_dept": dept, "five_open": row.five_open, "title": title,
        "elements": dict.fromkeys((*row.elements, *kind.elements), "见正文"), "channels": [row.channels[0]],
        "dates": dict.fromkeys(("formed", "decided", "obtained", "approved"), "2026-03-09"), "topic": None,
    }  # fmt: skip
    return signed(changed(event, **{**whole, **data}))


def identity_number() -> str:
    """A synthetic one of no place and nobody (RULES §4.2)."""
    return "990000200001010012"


EVENTS: dict[str, Event] = {
    "right": of_row("01-06", "mzj"),
    "on request": of_row("01-06", "mzj", disclosure_attr="依申请公开", annotation=None),
    "never": of_row("01-06", "mzj", disclosure_attr="不予公开", annotation=None),
    "marked": of_row("01-06", "mzj", body="机密★20年\n各单位：现将有关事项通知如下。"),
    "identity": of_row("01-06", "mzj", body=f"公示对象身份证号：{identity_number()}。"),
    "to everybody": of_row("12-01", "zjj", audience="特定群体", channels=["政府网站", "便民服务站"]),
    "case file": of_row("12-02", "scjg"),
    "request for instructions": of_row("01-06", "mzj", title="关于调整救助标准的请示"),
    "unreviewed": of_row("01-06", "mzj", secrecy_review=None),
    "no maker": of_row("01-06", "mzj", responsible_dept="jyj"),
    "unconfirmed": of_row("01-06", "mzj", coordination=[{"dept": "czj"}]),
    "taking part": of_row("03-01", "zfb", disclosure_attr="依申请公开", annotation=None),
    "guide": of_row("01-08", "mzj", elements={"信息分类": "见正文"}),
    "elsewhere": of_row("01-06", "mzj", channels=["精准推送"]),
    "no portal": of_row("01-06", "mzj", channels=["两微一端"]),
    "twentieth": of_row("01-10", "mzj", dates={"formed": "2026-02-04"}),
    "twenty-first": of_row("01-10", "mzj", dates={"formed": "2026-02-03"}),
    "report": envelope(of_row("01-09", "mzj", dates={"formed": "2026-01-20"}), {"time": "2026-01-31T09:00:00+08:00"}),
    "late report": envelope(
        of_row("01-09", "mzj", dates={"formed": "2026-01-20"}), {"time": "2026-02-01T09:00:00+08:00"}
    ),
}


pytestmark = pytest.mark.feature("3-04")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What `gongkai check` says of each."""
    file: Path = tmp_path_factory.mktemp("articles") / "events.ndjson"
    sealed = [_reviewed_before(event) for event in EVENTS.values()]
    file.write_text("".join(json.dumps(event, ensure_ascii=False) + "\n" for event in sealed), encoding="utf-8")
    result = CliRunner().invoke(checking, [str(file), "--json", "--pack", str(CITY)])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    return dict(zip(EVENTS, lines, strict=True))


def _reviewed_before(event: Event) -> Event:
    """Sign-offs and review a day before the event's own time, whatever that is."""
    day = (datetime.fromisoformat(event["time"]) - timedelta(days=1)).date()
    data = event["data"]
    for hour, sign_off in enumerate(data["sign_offs"], 9):
        sign_off["at"] = f"{day}T{hour:02}:00:00+08:00"
    if data.get("secrecy_review"):
        data["secrecy_review"]["at"] = f"{day}T08:00:00+08:00"
    return event


Answers = dict[str, dict[str, Any]]


def refused(answers: Answers, name: str) -> list[str]:
    """The rules that refuse an event; none where it is accepted."""
    answer = answers[name]
    found = [one["rule"] for one in answer["findings"] if one["severity"] != "warn"]
    assert (answer["verdict"] == "rejected") is bool(found)
    return found


def warned(answers: Answers, name: str) -> list[str]:
    return [one["rule"] for one in answers[name]["findings"] if one["severity"] == "warn"]


def test_foi_a10_who_made_it_publishes_it(answers: Answers) -> None:
    assert refused(answers, "right") == []
    assert refused(answers, "no maker") == ["REJ-AUTHORITY"]


def test_foi_a11_whoever_is_concerned_has_confirmed(answers: Answers) -> None:
    assert refused(answers, "unconfirmed") == ["REJ-CONFIRM"]


def test_foi_a12_a_guide_has_all_its_fields(answers: Answers) -> None:
    assert refused(answers, "guide") == ["REJ-ELEMENTS"]


def test_foi_a13_what_is_given_on_request_is_not_published(answers: Answers) -> None:
    assert refused(answers, "on request") == ["REJ-MODE"]


def test_foi_a14_secrets_are_never_published(answers: Answers) -> None:
    assert refused(answers, "never") == ["REJ-SECRET"]
    assert "TX-01" in refused(answers, "marked")


def test_foi_a15_personal_data_is_not_published_nor_what_is_meant_for_some(answers: Answers) -> None:
    assert "TX-04" in refused(answers, "identity")
    assert identity_number() not in json.dumps(answers["identity"])
    assert "REJ-AUDIENCE" in refused(answers, "to everybody")


def test_foi_a16_case_files_are_withheld_and_papers_written_upward_are_pointed_at(answers: Answers) -> None:
    assert "REJ-MODE" in refused(answers, "case file")
    assert "DOC-INWARD" in warned(answers, "request for instructions")


def test_foi_a17_nothing_goes_out_unreviewed(answers: Answers) -> None:
    assert refused(answers, "unreviewed") == ["REJ-REVIEW"]


def test_foi_a18_what_is_withheld_is_looked_at_again_after_a_year() -> None:
    asked = ["due", "--clock", "FOI-A18", "--from", "2026-02-10", "--json", "--pack", str(CITY)]
    assert json.loads(CliRunner().invoke(commands, asked).stdout)["due"] == "2027-02-10"


def test_foi_a19_what_the_public_takes_part_in_is_not_left_to_be_asked_for(answers: Answers) -> None:
    assert "REJ-MODE" in refused(answers, "taking part")


def test_foi_a20_every_heading_has_rows_that_rest_on_it() -> None:
    shown = CliRunner().invoke(commands, ["catalogue", "show", "--json", "--pack", str(CITY)])
    bases = [json.loads(line)["basis"] for line in shown.stdout.splitlines()]
    headings = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五"]
    lacking = [name for name in headings if not any("第二十条" in one and f"第（{name}）项" in one for one in bases)]
    assert lacking == []
    assert any("政府信息公开条例第二十一条" in one for one in bases), "FOI-A21"


def test_foi_a23_channels_are_those_of_the_row(answers: Answers) -> None:
    assert refused(answers, "elsewhere") == ["REJ-CHANNEL"]


def test_foi_a24_the_government_portal_comes_first(answers: Answers) -> None:
    assert refused(answers, "no portal") == ["REJ-CHANNEL"]


def test_foi_a25_what_everybody_asks_for_lies_in_the_reading_places_too() -> None:
    shown = CliRunner().invoke(commands, ["catalogue", "show", "--json", "--group", "basic", "--pack", str(CITY)])
    ticked = {row["code"] for row in map(json.loads, shown.stdout.splitlines()) if "公开查阅点" in row["channels"]}
    assert {"01-01", "01-08", "01-09", "02-01", "02-03", "06-01"} <= ticked


def test_foi_a26_the_twentieth_working_day_is_the_last(answers: Answers) -> None:
    assert answers["twentieth"]["due"] == "2026-03-10"
    assert warned(answers, "twentieth") == []
    assert warned(answers, "twenty-first") == ["REJ-LATE"]


def test_foi_a49_a_departments_annual_report_is_public_by_the_end_of_january(answers: Answers) -> None:
    assert answers["report"]["due"] == "2026-01-31"
    assert "REJ-LATE" not in warned(answers, "report")
    assert "REJ-LATE" in warned(answers, "late report")


@pytest.mark.parametrize(
    ("clock", "due"),
    [
        pytest.param("FOI-A30", "2026-02-26", id="foi-a30-once-within-seven-working-days"),
        pytest.param("FOI-A32", "2026-03-09", id="foi-a32-fifteen-for-a-third-party"),
        pytest.param("FOI-A33", "2026-03-16", id="foi-a33-twenty-for-the-reply"),
        pytest.param("FOI-A34", "2026-03-09", id="foi-a34-fifteen-for-another-organ"),
    ],
)
def test_foi_requests_have_their_clocks(clock: str, due: str) -> None:
    asked = ["due", "--clock", clock, "--from", "2026-02-10", "--json", "--pack", str(CITY)]
    result = CliRunner().invoke(commands, asked)
    assert json.loads(result.stdout)["due"] == due
