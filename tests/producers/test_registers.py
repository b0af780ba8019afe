"""Loading a register from a file: every row is read, checked and sent once; what is wrong is named by its row."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from producers.commands import app
from producers.refusals import Refused
from producers.registers import loading, reading
from producers.registers.checking import Examination
from tests.consumers.portal.feeding import SITE
from tests.consumers.portal.registering import Way, way
from tests.support.events import NOON

POWER = SITE.pack.register["power-list"]
HEAD = ["事项编码", "事项名称", "事项类型", "实施依据", "承办科室"]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Way]:
    with way(tmp_path) as made:
        yield made


def table(path: Path, rows: Sequence[Sequence[str]], head: Sequence[str] = HEAD, encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join(",".join(row) for row in [head, *rows]).encode(encoding))
    return path


def rows(count: int, since: int = 0) -> list[list[str]]:
    types = POWER.field["事项类型"].values
    return [
        [f"{n:06}", f"燃气事项第{n}项", types[n % 10], f"条例第{n % 90}条", "审批科"]
        for n in range(since, since + count)
    ]


def examined(path: Path) -> tuple[Examination, list[str]]:
    examination = Examination(SITE.pack, POWER, "xzsp")
    return examination, [line.entry.record for line in examination.lines(reading.rows_of(path, POWER, SITE.pack))]


def imported(city: Way, path: Path, dept: str = "xzsp") -> tuple[Examination, list[loading.Answered], int]:
    """What the command does, at a door and a portal in this process."""
    held = loading.held_by("http://portal", "power-list", dept, city.portal.client._transport)
    examination = Examination(SITE.pack, POWER, dept)
    lines = list(loading.fresh(examination.lines(reading.rows_of(path, POWER, SITE.pack)), held))
    origin = loading.Origin(dept, dept, "power-list", NOON)
    made = loading.loads((line for line in lines if line), origin)
    answers = list(loading.send(city.client(dept), made))
    city.carry()
    return examination, answers, lines.count(None)


def whole_import(city: Way, tmp_path: Path, count: int) -> None:
    """`count` rows and two duplicates: all there, found, and sent a second time nothing is published twice."""
    doubles = [[*rows(1)[0][:1], "另一名称", "行政许可", "条例", "审批科"], rows(1, 1)[0]]
    path = table(tmp_path / "powers.csv", rows(count) + doubles)
    examination, answers, unchanged = imported(city, path)
    assert (examination.read, examination.refused, examination.duplicates, unchanged) == (count + 2, 1, 2, 0)
    assert [remark.number for remark in examination.remarks] == [count + 2, count + 3]
    assert "与第2行重复" in examination.remarks[0].zh
    assert all(answered.taken for answered in answers)
    found = city.portal.json("/api/v1/registers/power-list?q=第7项")
    assert found["total"] == 1
    assert city.portal.json("/api/v1/registers/power-list")["total"] == count
    assert f"共 {count // 10} 条" in city.portal.text("/registers/power-list?kind=行政许可&q=燃气")
    again, answers, unchanged = imported(city, path)
    assert (again.read, answers, unchanged) == (count + 2, [], count)


@pytest.mark.feature("2-13")
def test_a_long_list_is_imported_in_one_run_with_its_duplicates_told(city: Way, tmp_path: Path) -> None:
    whole_import(city, tmp_path, 750)


@pytest.mark.full
@pytest.mark.feature("2-13")
@pytest.mark.parametrize("count", [74_850])
def test_the_whole_list_is_imported_in_one_run(city: Way, tmp_path: Path, count: int) -> None:
    whole_import(city, tmp_path, count)


def test_what_changed_goes_as_the_next_version_and_the_rest_stays(city: Way, tmp_path: Path) -> None:
    given = rows(5)
    imported(city, table(tmp_path / "a.csv", given))
    given[3][1] = "改名的事项"
    _, answers, unchanged = imported(city, table(tmp_path / "a.csv", given))
    assert (len(answers), unchanged) == (1, 4)
    found = city.portal.json("/api/v1/registers/power-list/records/xzsp/000003")
    assert [(one["version"], one["fields"]["事项名称"]) for one in found["versions"]] == [
        (2, "改名的事项"), (1, "燃气事项第3项"),
    ]  # fmt: skip


def test_a_run_that_was_cut_off_goes_on_and_repeats_nothing(city: Way, tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", rows(600))
    examination = Examination(SITE.pack, POWER, "xzsp")
    lines = examination.lines(reading.rows_of(path, POWER, SITE.pack))
    first = next(loading.loads(lines, loading.Origin("xzsp", "xzsp", "power-list", NOON)))
    client = city.client("xzsp")
    assert [one.taken for one in loading.send(client, [first])] == [True]
    _, answers, unchanged = imported(city, path)
    assert [one.answer["outcome"] for one in answers] == ["repeated", "forwarded", "forwarded"]
    assert (unchanged, city.portal.json("/api/v1/registers/power-list")["total"]) == (0, 600)
    later = loading.Origin("xzsp", "xzsp", "power-list", NOON - timedelta(hours=1))
    lines = Examination(SITE.pack, POWER, "xzsp").lines(reading.rows_of(path, POWER, SITE.pack))
    assert all(one.taken for one in loading.send(client, loading.loads(lines, later)))
    city.carry()
    assert {one.kind for one in city.portal.shelf.receipts().values()} == {"published", "noted"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    assert examined(table(tmp_path / "a.csv", rows(3), encoding=encoding))[1] == ["000000", "000001", "000002"]


def test_a_workbook_and_lines_of_json_say_the_same_as_a_table(tmp_path: Path) -> None:
    book = Workbook()
    for row in [HEAD, *rows(3)]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    lines = [{"record": row[0], "fields": dict(zip(HEAD[1:], row[1:], strict=True))} for row in rows(3)]
    (tmp_path / "a.ndjson").write_text("\n".join(json.dumps(line) for line in lines))
    table(tmp_path / "a.csv", rows(3))
    read = [
        [(row.record, row.fields) for row in reading.rows_of(tmp_path / name, POWER, SITE.pack)]
        for name in ("a.csv", "a.xlsx", "a.ndjson")
    ]
    assert read[0] == read[1] == read[2]


def test_departments_may_be_named_by_their_names(tmp_path: Path) -> None:
    tasks = SITE.pack.register["tasks"]
    head = ["任务编号", "任务内容", "工作目标", "牵头单位", "完成时限", "进展"]
    path = table(tmp_path / "a.csv", [["T1", "修路", "通车", "示例市交通运输局", "2026-12-31", "推进中"]], head)
    [row] = reading.rows_of(path, tasks, SITE.pack)
    assert row.fields["牵头单位"] == "jtj"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", "", "FILE-EMPTY"), ("a.csv", ",".join(HEAD), "FILE-EMPTY"), ("a.csv", "编码,名称\n1,2", "CSV-COLUMN"),
        ("a.csv", ",".join([*HEAD, "事项名称"]) + "\n", "CSV-COLUMN"),
        ("a.csv", ",".join(HEAD) + "\n1,=cmd|1,行政许可,条,科", "CSV-FORMULA"),
        ("a.csv", ",".join(HEAD) + '\n1,"断了,行政许可', "CSV-FORM"), ("a.csv", "\x00" + ",".join(HEAD), "CSV-FORM"),
        ("a.csv", ",".join(HEAD) + "\n1,2,3,4,5,6", "CSV-FORM"), ("a.txt", "x", "FILE-UNKNOWN"),
        ("a.xlsx", "no workbook", "CSV-FORM"), ("a.ndjson", '{"record": 1}', "JSON"), ("a.ndjson", "[" * 500, "JSON"),
        ("a.ndjson", '{"record":"1","fields":{"a":"' + "长" * 400_000 + '"}}', "SIZE"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_says_is_refused(tmp_path: Path, name: str, content: str, code: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(Refused) as caught:
        list(reading.rows_of(tmp_path / name, POWER, SITE.pack))
    assert caught.value.code == code


def test_a_bad_row_is_named_and_the_others_go(tmp_path: Path) -> None:
    given = rows(4)
    given[1][2], given[2][0] = "行政指导", "坏 编码"
    given.append(["000009", given[0][1], "行政许可", "条例", "审批科"])
    examination, taken = examined(table(tmp_path / "a.csv", given))
    assert taken == ["000000", "000003", "000009"]
    assert [(one.number, one.code, one.refused) for one in examination.remarks] == [
        (3, "REG-ENUM", True), (4, "REG-CODE", True), (6, "REG-DOUBLE", False),
    ]  # fmt: skip


def test_the_command_checks_offline_and_says_which_registers_there_are(tmp_path: Path) -> None:
    run, environment = CliRunner(), {**os.environ, "GONGKAI_CITY": "cities/example"}
    path = table(tmp_path / "a.csv", [*rows(2), rows(1)[0]])
    good = run.invoke(app, ["register", "check", "power-list", str(path), "--dept", "xzsp"], env=environment)
    assert (good.exit_code, "read 3, fitting 3, refused 0, duplicates 1" in good.output) == (0, True)
    assert "第4行 [REG-DOUBLE]" in good.output
    bad = run.invoke(app, ["register", "check", "power-list", str(table(path, [["1"]])), "--json"], env=environment)
    assert bad.exit_code == 1
    assert {one["rule"] for one in json.loads(bad.stdout)["remarks"]} == {"REG-MISSING"}
    assert "权责清单" in run.invoke(app, ["register", "list"], env=environment).output
    assert "行政裁决" in run.invoke(app, ["register", "show", "power-list"], env=environment).output
    assert run.invoke(app, ["register", "show", "nothing"], env=environment).exit_code == 2
