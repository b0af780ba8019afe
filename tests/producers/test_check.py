"""`gongkai check`: every form of file, judged offline as the bus would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from producers.checking import app
from producers.demo.files import csv_of, sidecar_of
from tests.rules.making import EXAMPLES, ROOT, changed, example
from tests.support import events

PACK = str(ROOT / "cities/example")
SUBMITTED = str(EXAMPLES / "cn.gongkai.publication.submitted.v1.json")


@pytest.fixture(autouse=True)
def the_example_city(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_CITY", PACK)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def write(path: Path, *events: object) -> str:
    path.write_text("\n".join(json.dumps(event, ensure_ascii=False) for event in events), encoding="utf-8")
    return str(path)


def test_check_prints_a_line_an_event_in_the_order_given(tmp_path: Path) -> None:
    wrong = changed(example(), elements={})
    file = write(tmp_path / "two.ndjson", wrong, example())
    result = run(file, SUBMITTED, "--json")
    assert result.exit_code == 1
    first, second, third = lines(result)
    assert [one["verdict"] for one in (first, second, third)] == ["rejected", "accepted", "accepted"]
    assert second == third
    assert (second["outlets"], second["due"]) == (["portal", "wechat-city", "weibo-city", "wechat-mzj"], "2026-03-19")
    assert {"rule", "severity", "span", "excerpt", "remedy"} <= first["findings"][0].keys()
    assert "VER-CONFLICT" in first["unseen"]


def test_check_of_good_events_ends_with_0_and_speaks_to_people() -> None:
    result = run(SUBMITTED)
    assert result.exit_code == 0
    assert "mzj-20260310-0001: accepted" in result.stdout


def test_check_takes_a_list_and_an_arrival(tmp_path: Path) -> None:
    file = write(tmp_path / "list.json", [example(), example("publication.withdrawn")])
    assert run(file).exit_code == 0
    late = run(file, "--at", "2026-03-20T16:00:00+08:00", "--json")
    assert [one["verdict"] for one in lines(late)] == ["rejected", "accepted"]


@pytest.mark.parametrize(
    ("value", "code"),
    [(b"{", "JSON"), (b"[{", "JSON"), (b'"\xff"', "UTF8"), (b"{}", "NOT-CLOUDEVENT"), (b"", "FILE-EMPTY"),
     (b"[" * 100_000, "JSON"), (b" " * 1_000_001, "FILE-EMPTY"), (b'"' + b"x" * 1_000_001, "SIZE")],
)  # fmt: skip
def test_check_names_what_cannot_be_read(tmp_path: Path, value: bytes, code: str) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(value)
    result = run(str(file), "--json")
    assert result.exit_code == 1
    (line,) = lines(result)
    assert (line["verdict"], [one["rule"] for one in line["findings"]]) == ("rejected", [code])
    people = run(str(file))
    assert code in people.stdout


@pytest.mark.parametrize(
    "arguments",
    [(), ("no-such-file.json"), (SUBMITTED, "--at", "yesterday"),
     (SUBMITTED, "--at", "2026-03-10T09:30:00"), (PACK), (SUBMITTED, "--pack", PACK + "/kinds"),
     (SUBMITTED, "--pack", "/nowhere"), (PACK + "/city.toml")],
)  # fmt: skip
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_check_reads_a_table_as_the_file_drop_does(tmp_path: Path) -> None:
    wrong = changed(example(), elements={"事项": "临时救助"})
    wrong["subject"], wrong["id"] = "mzj/other", "other"
    table = tmp_path / "table.csv"
    table.write_bytes(csv_of([example(), wrong]))
    result = run(str(table), "--dept", "mzj", "--at", example()["time"], "--json")
    assert [line["verdict"] for line in lines(result)] == ["accepted", "rejected"]


def test_check_judges_a_text_with_its_sidecar_and_holds_one_without_against_the_text_checks_alone(
    tmp_path: Path,
) -> None:
    event = events.submitted(body="第一段。\n\n第二段。")
    text = tmp_path / "guide.txt"
    text.write_text(event["data"]["body"] + "\n", encoding="utf-8")
    (alone,) = lines(run(str(text), "--json"))
    assert (alone["id"], alone["verdict"], alone["findings"]) == ("guide.txt", "accepted", [])
    (tmp_path / "guide.meta.toml").write_bytes(sidecar_of(event))
    (whole,) = lines(run(str(text), "--dept", events.DEPT, "--at", event["time"], "--json"))
    assert whole["verdict"] == "accepted", whole["findings"]


def test_a_table_needs_to_know_whose_it_is(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes(csv_of([example()]))
    assert run(str(table)).exit_code == 2
    assert run(str(table), "--dept", "nobody").exit_code == 2


@pytest.mark.parametrize("name", ["empty.json", "empty.ndjson", "blank.ndjson", "none.json", "empty.csv"])
def test_a_file_without_an_event_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes({"blank.ndjson": b"\n \n", "none.json": b"[]"}.get(name, b""))
    result = run(str(file), "--dept", "mzj", "--json")
    assert result.exit_code == 1
    (line,) = lines(result)
    assert line["findings"][0]["rule"] == "FILE-EMPTY"


def test_an_event_without_an_id_is_named_by_its_place(tmp_path: Path) -> None:
    file = tmp_path / "three.NDJSON"
    file.write_bytes(b"\n".join((json.dumps(example()).encode(), b"{", b"\xff")))
    result = run(str(file))
    assert result.exit_code == 1
    assert "three.NDJSON:2: rejected" in result.stdout
    assert "three.NDJSON:3: rejected" in result.stdout
    assert "None" not in result.stdout


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "marked.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(example()).encode())
    assert run(str(file)).exit_code == 0
