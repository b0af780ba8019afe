"""The commands of the rules, as a clerk or a program calls them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from producers.formats.sidecar import text_hash
from rules.commands import app
from schemas.content import content_sha256
from tests.rules.making import EXAMPLES, ROOT, example, pack

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


@pytest.mark.parametrize(
    "arguments", [("hash", SUBMITTED, "--pack", "x"), ("hash",), ("catalogue", "show", "--pack", "/x")]
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_hash_is_what_the_sign_offs_are_given_over(tmp_path: Path) -> None:
    (digest,) = {one["content_sha256"] for one in example()["data"]["sign_offs"]}
    assert run("hash", SUBMITTED).stdout.strip() == digest
    assert run("hash", str(EXAMPLES / "cn.gongkai.matter.opened.v1.json")).exit_code == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_hash_of_a_text_is_the_file_drops(tmp_path: Path, encoding: str) -> None:
    text, title = "第一段\r\n第二段\r\n\r\n", "关于试行的通知"
    file = tmp_path / "notice.txt"
    file.write_bytes(text.encode(encoding))
    assert run("hash", str(file), "--title", title).stdout.strip() == text_hash(text.encode(encoding), title)
    assert run("hash", str(file)).exit_code == 2
    (tmp_path / "table.csv").write_text("1,2")
    (tmp_path / "notice.meta.toml").write_text(f'title = "{title}"\nattachments = ["table.csv"]\n', encoding="utf-8")
    attached = hashlib.sha256(b"1,2").hexdigest()
    assert run("hash", str(file)).stdout.strip() == content_sha256(title, "第一段\n第二段", [attached])


@pytest.mark.feature("0-08")
def test_catalogue_show_prints_the_19_basic_rows() -> None:
    result = run("catalogue", "show", "--group", "basic", "--json")
    assert (result.exit_code, len(lines(result))) == (0, 19)
    assert {"领导介绍", "机构职责", "行政规范性文件", "重要会议", "工作进展"} <= {
        row["level2"] for row in lines(result)
    }
    assert "19 rows" in run("catalogue", "show", "--group", "basic").stdout


def test_catalogue_show_of_a_department_is_what_it_may_publish() -> None:
    codes = {row["code"] for row in lines(run("catalogue", "show", "--dept", "mzj", "--json"))}
    assert "07-01" in codes
    assert "02-03" not in codes


def test_city_check_says_good_or_every_problem(tmp_path: Path) -> None:
    good = run("city", "check", PACK, "--json")
    assert (good.exit_code, lines(good)[0]["rows"]) == (0, len(pack().rows))
    folder = Path(shutil.copytree(PACK, tmp_path / "city"))
    text = (folder / "outlets.toml").read_text(encoding="utf-8")
    (folder / "outlets.toml").write_text(text.replace("portal-feed", "nowhere"), encoding="utf-8")
    bad = run("city", "check", str(folder), "--json")
    assert bad.exit_code == 1
    assert [(one["file"], one["code"]) for one in lines(bad)] == [("outlets.toml", "PACK-REF")]
    assert "outlets.toml portal.feed: PACK-REF" in run("city", "check", str(folder)).stdout


@pytest.mark.parametrize(
    ("option", "value", "meant"),
    [("--dept", "mzj2", "mzj（示例市民政局）"), ("--group", "basics", "basic, ")],
)
def test_catalogue_show_of_what_is_not_there_says_what_is(option: str, value: str, meant: str) -> None:
    result = run("catalogue", "show", option, value)
    assert result.exit_code == 2
    assert meant in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("a.pdf", b"%PDF", "FILE-UNKNOWN"),
        ("a.ndjson", b"\n", "FILE-EMPTY"),
        ("a.json", b"[]", "FILE-EMPTY"),
        ("a.json", b"\x00\xff", "没有带标题和正文的发布件"),
        ("a.txt", b"\xff\xff\x00", "FILE-ENCODING"),
    ],
)
def test_hash_of_what_has_none_says_why(tmp_path: Path, name: str, value: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(value)
    result = run("hash", str(tmp_path / name), "--title", "标题")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert told in "".join(result.stderr.split())
