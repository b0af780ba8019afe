"""`gongkai catalogue` as the catalogue office calls it: spreadsheets in, a pack or a report out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner, Result

from producers.checking import app as checking
from rules.catalogue import to_xlsx
from rules.catalogue.commands import app
from schemas.city import load_pack
from tests.rules.catalogue.making import DEFAULTS, FIRST, office_book, put
from tests.rules.making import ROOT, changed, example, pack, signed
from tests.support.small_city import write_small_city

ASKED = [word for name, value in DEFAULTS.items() for word in ("--default", f"{name}={value}")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_city(tmp_path / "city")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def write(path: Path, value: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(value)
    return path


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_import_writes_version_1_and_a_changed_file_version_2_with_what_changed(
    tmp_path: Path, folder: Path
) -> None:
    file = write(tmp_path / "water.xlsx", office_book())
    first = run("import", file, "--into", folder, *ASKED)
    assert first.exit_code == 0, first.output
    assert "water: version 1, 2 rows; 2 added, 0 removed, 0 changed" in first.stdout
    assert [row.code for row in load_pack(folder).rows if row.group == "water"] == ["91-01", "91-02"]
    before = snapshot(folder)
    write(file, office_book(put("E5", "《城市供水水质管理规定》第二十条")))
    dry = run("import", file, "--into", folder, *ASKED, "--dry-run")
    assert "~ 91-02 公开依据: 《城市供水条例》第二十二条 → 《城市供水水质管理规定》第二十条" in dry.stdout
    assert snapshot(folder) == before
    second = json.loads(run("import", file, "--into", folder, "--json").stdout)
    assert [(one["version"], one["changed"][0]["code"]) for one in second["catalogues"]] == [(2, "91-02")]
    assert second["written"] == ["catalogues.toml", "catalogues/water.csv"]
    assert load_pack(folder).catalogue["water"].version == 2


@pytest.mark.feature("0-12")
def test_a_row_without_basis_is_refused_with_its_line_in_the_report(tmp_path: Path, folder: Path) -> None:
    before = snapshot(folder)
    file = write(tmp_path / "water.xlsx", office_book(put("E5", None)))
    result = run("import", file, "--into", folder, *ASKED)
    assert result.exit_code == 1
    assert "water.xlsx[供水领域]:5 E 公开依据: CAT-E01" in result.stdout
    assert "未写入任何文件" in result.stdout
    (problem,) = json.loads(run("import", file, "--into", folder, *ASKED, "--json").stdout)["problems"]
    assert (problem["code"], problem["row"], problem["column"]) == ("CAT-E01", 5, "E 公开依据")
    assert snapshot(folder) == before


@pytest.mark.feature("0-12")
@pytest.mark.parametrize(
    ("code", "cell"), [("CAT-E02", "F4"), ("CAT-E03", "G4"), ("CAT-E04", "H4"), ("CAT-E05", "K4"), ("CAT-E06", "D4")]
)
def test_every_column_of_a_row_is_asked_for(tmp_path: Path, folder: Path, code: str, cell: str) -> None:
    file = write(tmp_path / "water.xlsx", office_book(put(cell, None)))
    result = run("import", file, "--into", folder, *ASKED)
    assert result.exit_code == 1
    assert f":4 {cell[0]} " in result.stdout
    assert code in result.stdout


@pytest.mark.feature("0-09")
def test_a_row_of_a_key_field_without_the_portal_is_refused(tmp_path: Path, folder: Path) -> None:
    rows = [row for row in load_pack(folder).rows if row.group == "key-fields"]
    wrong = [rows[0].model_copy(update={"channels": ("政务服务中心",)}), *rows[1:]]
    file = write(tmp_path / "key-fields.xlsx", to_xlsx(wrong))
    result = run("import", file, "--into", folder)
    assert result.exit_code == 1
    assert "key-fields.xlsx[目录]:3 H 公开渠道和载体: CAT-E09" in result.stdout


@pytest.mark.feature("4-20")
def test_the_32_standard_lists_are_imported_and_the_report_is_clean(tmp_path: Path) -> None:
    files = {row.catalogue: [one for one in pack().rows if one.catalogue == row.catalogue] for row in pack().rows}
    lists = {name: rows for name, rows in files.items() if name.startswith("catalogues/standard/")}
    for name, rows in lists.items():
        write(tmp_path / "lists" / Path(name).with_suffix(".xlsx").name, to_xlsx(rows))
    result = run(
        "import", tmp_path / "lists", "--as", "standard", "--into", ROOT / "cities/example", "--dry-run", "--json"
    )
    told = json.loads(result.stdout)
    assert (result.exit_code, told["problems"], told["written"]) == (0, [], [])
    assert len(told["catalogues"]) == 32
    assert sum(one["rows"] for one in told["catalogues"]) == sum(map(len, lists.values()))


@pytest.mark.feature("1-11")
def test_a_new_key_field_is_a_spreadsheet_and_a_table_and_its_events_are_judged_and_routed(
    tmp_path: Path, folder: Path
) -> None:
    with (folder / "fields.toml").open("a", encoding="utf-8") as fields:
        fields.write('\n[business]\nname = "优化营商环境"\nset = "key"\nbasis = "优化营商环境条例"\n')
    guide = "relief-guide"
    asked = {**DEFAULTS, "kinds": guide, "depts": "mzj", "field": "优化营商环境", "column": "public-welfare"}
    options = [word for name, value in asked.items() for word in ("--default", f"{name}={value}")]
    row = ("77-01", "营商环境", "办事指南", "事项、条件、流程", "《优化营商环境条例》第三十五条", *FIRST[5:])
    file = write(tmp_path / "business.xlsx", office_book(rows=(row,), merged=()))
    assert run("import", file, "--into", folder, "--set", "key-fields", *options).exit_code == 0
    good = signed(changed(example(), item="77-01", channels=["政府网站"], dates={"formed": "2026-03-09"}))
    poor = signed(changed(example(), item="77-01", channels=["政府网站"], elements={"事项": "x", "条件": "y"}))
    events = tmp_path / "events.ndjson"
    events.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in (good, poor)), encoding="utf-8")
    result = CliRunner().invoke(checking, [str(events), "--pack", str(folder), "--json"])
    accepted, rejected = (json.loads(line) for line in result.stdout.splitlines())
    assert (accepted["verdict"], accepted["outlets"], accepted["due"]) == ("accepted", ["portal"], "2026-03-16")
    assert rejected["verdict"] == "rejected"
    assert "REJ-ELEMENTS" in {one["rule"] for one in rejected["findings"]}
    assert run("import", write(file, office_book(put("H4", "■公开查阅点"), rows=(row,), merged=())), "--into", folder,
               *options).stdout.count("CAT-E09") == 1  # fmt: skip


def test_export_import_and_diff_agree(tmp_path: Path, folder: Path) -> None:
    before = snapshot(folder)
    for name in ("basic.xlsx", "basic.csv"):
        file = tmp_path / name
        assert run("export", "basic", "--to", file, "--pack", folder).exit_code == 0
        result = run("import", file, "--into", folder)
        assert "basic: version 1, 19 rows; nothing changed" in result.stdout
    assert snapshot(folder) == before
    write(tmp_path / "a.csv", before["catalogues/basic.csv"])
    changed_ = before["catalogues/basic.csv"].decode().replace("领导介绍", "领导之窗").splitlines()
    write(tmp_path / "b.csv", "\n".join(changed_[:-1]).encode())
    told = run("diff", tmp_path / "a.csv", tmp_path / "b.csv")
    assert "~ 01-02 二级事项: 领导介绍 → 领导之窗" in told.stdout
    assert "0 added, 1 removed, 1 changed" in told.stdout
    assert "nothing changed" in run("diff", folder, folder).stdout
    machine = json.loads(run("diff", tmp_path / "a.csv", tmp_path / "b.csv", "--json").stdout)
    assert machine["changed"] == [
        {"code": "01-02", "cells": [{"column": "二级事项", "old": "领导介绍", "new": "领导之窗"}]}
    ]


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (("--catalogue", "other", "--level", "街镇"), {"13-01"}),
        (("--set", "department", "--dept", "czj"), {"czj-01"}),
        (("--field", "社会公益事业建设"), {"07-01"}),
    ],
)
def test_show_leaves_what_is_asked_for(options: tuple[str, ...], codes: set[str]) -> None:
    result = run("show", *options, "--pack", ROOT / "cities/example", "--json")
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    assert codes <= {row["code"] for row in shown}
    assert len(shown) < len(pack().rows) / 4


def test_the_tree_lists_departments_under_the_base() -> None:
    lines = run("show", "--set", "department", "--tree", "--pack", ROOT / "cities/example").stdout.splitlines()
    assert "(basic, 0 rows)" in lines[1]
    assert sum("(departments/" in line and line.index("市") > lines[1].index("主") for line in lines) == 5


WRONG = [
    (("export", "nothing", "--to", "x.xlsx"), "没有目录“nothing”"),
    (("export", "basic", "--to", "x.pdf"), "后缀应为.xlsx或.csv"),
    (("import", "EMPTY"), "没有.xlsx或.csv文件"),
    (("import", "FILE", "--as", "../x"), "不能作目录名"),
    (("import", "FILE", "FILE"), "都叫“water”"),
    (("import", "FILE", "--default", "x=y"), "--default 要写成"),
    (("diff", "FILE", "FILE"), "不是城市包里的目录文件"),
    (("show", "--level", "省"), "没有“省”这一层级"),
]


@pytest.mark.parametrize(
    ("arguments", "told"), WRONG, ids=lambda one: "-".join(one)[:40] if isinstance(one, tuple) else ""
)
def test_wrong_usage_says_what_is_right(tmp_path: Path, folder: Path, arguments: tuple[str, ...], told: str) -> None:
    (tmp_path / "empty").mkdir()
    known = {"EMPTY": tmp_path / "empty", "FILE": write(tmp_path / "water.csv", b"a,b")}
    result = run(*(known.get(one, one) for one in arguments), *([] if arguments[0] == "diff" else ["--pack", folder]))
    assert result.exit_code == 2
    said = result.stderr.replace("│", "")
    assert told in "".join(said.split()) or told in " ".join(said.split())


def test_one_sheet_of_many_is_read_where_it_is_named(tmp_path: Path, folder: Path) -> None:
    def more(sheet: Worksheet) -> None:
        sheet.parent.create_sheet("说明").append(("填表说明",))

    file = write(tmp_path / "water.xlsx", office_book(more))
    assert "water.xlsx[说明]:1" in run("import", file, "--into", folder, *ASKED).stdout
    assert run("import", file, "--into", folder, *ASKED, "--sheet", "供水领域").exit_code == 0


@pytest.mark.parametrize("broken_at", [1, 2])
@pytest.mark.parametrize("is_new", [True, False])
def test_an_import_that_breaks_off_between_its_files_is_ended_by_the_next(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, broken_at: int, is_new: bool
) -> None:
    file = write(tmp_path / "water.xlsx", office_book())
    write(folder / "catalogues.toml", b"# what each file is\n")
    if not is_new:
        assert run("import", file, "--into", folder, *ASKED).exit_code == 0
        write(file, office_book(put("E5", "《城市供水水质管理规定》第二十条")))
    with monkeypatch.context() as patched:
        break_off(patched, broken_at)
        assert isinstance(run("import", file, "--into", folder, *ASKED).exception, OSError)
    half = load_pack(folder)
    newest = [row.basis for row in half.rows if row.code == "91-02"] == ["《城市供水水质管理规定》第二十条"]
    assert not newest or half.catalogue["water"].version > 1
    assert not list(folder.rglob(".*.new"))
    assert run("import", file, "--into", folder, *ASKED).exit_code == 0
    whole = load_pack(folder)
    assert whole.catalogue["water"].version == {True: 1, False: 3 if broken_at == 2 else 2}[is_new]
    assert len([row for row in whole.rows if row.group == "water"]) == 2
    assert is_new or "《城市供水水质管理规定》第二十条" in {row.basis for row in whole.rows}


def break_off(patched: pytest.MonkeyPatch, at: int) -> None:
    """Let the disk fail where the file of that number is put in its place."""
    real, put_before = Path.replace, []

    def failing(self: Path, target: Path) -> Path:
        put_before.append(target)
        if len(put_before) == at:
            raise OSError(28, "No space left on device")
        return real(self, target)

    patched.setattr(Path, "replace", failing)
