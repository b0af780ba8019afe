"""The door's commands against a real server."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from bus import cli
from producers.gateway import Gateway
from producers.tables import FEED
from tests.producers.door import Caller
from tests.producers.test_files import ROW, TEXT, sidecar, table
from tests.producers.test_whole import served
from tests.support.events import NOON, submitted, to_bytes


@pytest.fixture
def url(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("GONGKAI_HOME", str(gateway.settings.home))
    with served(gateway) as address:
        yield address


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, object]]]:
    """The exit code, and the lines of JSON."""
    capsys.readouterr()
    code = cli.run(arguments)
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]


def test_publish_sends_files_of_every_kind(
    url: str, caller: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = NOON - timedelta(minutes=1)
    (tmp_path / "pretty.json").write_text(json.dumps(submitted("fgw"), ensure_ascii=False, indent=2), encoding="utf-8")
    (tmp_path / "more.ndjson").write_bytes(b"\n".join(to_bytes(submitted("fgw")) for _ in range(450)))
    (tmp_path / "table.csv").write_bytes(table(ROW | {"时间": at.isoformat()}))
    (tmp_path / "notice.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "notice.meta.toml").write_text(sidecar(TEXT, time=at.isoformat()), encoding="utf-8")
    files = [str(tmp_path / name) for name in ("pretty.json", "more.ndjson", "table.csv", "notice.txt")]

    code, answers = run(capsys, "publish", *files, "--key", caller.key, "--url", url, "--json")

    assert {answer["status"] for answer in answers} == {202}
    assert (code, len(answers)) == (0, 453)
    code, answers = run(capsys, "publish", *files, "--key", caller.key, "--url", url, "--json")
    assert {answer["outcome"] for answer in answers} == {"repeated"}


def test_publish_says_what_a_clerk_must_mend_and_exits_1(
    url: str, caller: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_bytes(to_bytes(submitted("fgw", item="99-99")))
    (tmp_path / "alone.txt").write_text(TEXT, encoding="utf-8")

    assert cli.run(["publish", str(tmp_path / "bad.json"), "--key", caller.key, "--url", url]) == 1
    assert "REJ-NOITEM" in capsys.readouterr().out
    assert cli.run(["publish", str(tmp_path / "alone.txt"), "--key", caller.key, "--url", url]) == 1
    assert "META-MISSING" in capsys.readouterr().err


def test_a_template_asks_for_what_its_row_asks_and_is_refused_until_it_is_filled(
    url: str, caller: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notice.txt").write_text(TEXT, encoding="utf-8")

    assert cli.run(["publish", str(tmp_path / "notice.txt"), "--template", "01-06"]) == 0

    written = (tmp_path / "notice.meta.toml").read_text(encoding="utf-8")
    row = caller.gateway.intake.pack.row["01-06"]
    assert all(element in written for element in row.elements)
    assert written.count("[[sign_offs]]") == 6
    assert 'title = "关于开展汛前检查的通知"' in written
    capsys.readouterr()
    assert cli.run(["hash", str(tmp_path / "notice.txt")]) == 0
    assert capsys.readouterr().out.strip() in written
    assert cli.run(["publish", str(tmp_path / "notice.txt"), "--key", caller.key, "--url", url]) == 1
    assert "META-INVALID" in capsys.readouterr().err
    assert cli.run(["publish", str(tmp_path / "notice.txt"), "--template", "01-06"]) == 2


def test_history_is_imported_with_the_lead_offices_key_alone(
    url: str, caller: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = submitted("fgw", published_on="2020-03-01", dates={"formed": "2020-03-01", "signed": "2020-03-01"})
    (tmp_path / "history.ndjson").write_bytes(to_bytes(old))
    file = str(tmp_path / "history.ndjson")

    code, answers = run(capsys, "import", file, "--backfill", "--key", caller.key, "--url", url, "--json")
    assert (code, answers[0]["code"]) == (1, "BACKFILL-KEY")
    (tmp_path / "history.ndjson").write_bytes(to_bytes(old | {"id": "history-2"}))
    with Caller(caller.gateway, "zfb") as lead:
        code, answers = run(capsys, "import", file, "--backfill", "--key", lead.key, "--url", url, "--json")
    assert answers[0]["outcome"] == "forwarded"
    assert cli.run(["import", file, "--key", caller.key, "--url", url]) == 2


def test_without_a_gateway_or_a_key_the_command_says_so_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.json").write_bytes(to_bytes(submitted("fgw")))
    file = str(tmp_path / "one.json")

    assert cli.run(["publish", file, "--key", "gk_fgw_x", "--url", "http://127.0.0.1:9"]) == 3
    assert "does not answer" in capsys.readouterr().err
    assert cli.run(["publish", file]) == 2


def test_a_wrong_key_is_told_in_both_languages(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.json").write_bytes(to_bytes(submitted("fgw")))

    assert cli.run(["publish", str(tmp_path / "one.json"), "--key", "gk_fgw_wrong", "--url", url]) == 2
    said = capsys.readouterr().err
    assert "KEY-WRONG" in said
    assert "密钥" in said


def test_rejections_are_one_document_and_shown_to_people(
    url: str, caller: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_key = ("--key", caller.key, "--url", url)
    assert cli.run(["rejections", "list", *with_key, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert cli.run(["rejections", "show", "nothing", *with_key, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == []


def test_a_department_that_asks_for_another_s_is_told_that_it_reads_its_own(
    url: str, caller: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {
        "id": "r-1",
        "time": NOON.isoformat(),
        "data": {"dept": "fgw", "event": None, "findings": [{"rule": "X"}]},
    }
    with caller.gateway.intake.store.begin() as conn:
        row = {"dept": "fgw", "kind": "rejection", "gk_id": "r-1", "body": json.dumps(record)}
        conn.execute(FEED.insert(), [row])

    assert cli.run(["rejections", "list", "--dept", "mzj", "--key", caller.key, "--url", url]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "OTHER-DEPT" in captured.err
    assert "不能查看mzj的记录" in captured.err


def test_the_lead_office_is_told_of_a_department_that_is_none(
    url: str, caller: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    with Caller(caller.gateway, "zfb") as lead:
        for command in (("list",), ("show", "x")):
            assert cli.run(["rejections", *command, "--dept", "mzj2", "--key", lead.key, "--url", url]) == 2
            assert "您要的可能是：mzj（示例市民政局）" in capsys.readouterr().err
        assert cli.run(["rejections", "list", "--dept", "mzj", "--key", lead.key, "--url", url]) == 0


@pytest.mark.parametrize("key", ["gk_fgw_", "nonsense", "密钥", "gk_fgw_a b"])
def test_what_is_no_key_is_not_sent(key: str, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["rejections", "list", "--key", key, "--url", url]) == 2
    assert "请整段复制" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["nonsense", "ftp://127.0.0.1", "http://", "http://a:b:c", "http://x y"])
def test_what_is_no_address_is_not_asked(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["rejections", "list", "--key", "gk_fgw_x", "--url", address]) == 2
    assert "不是网址" in capsys.readouterr().err


@pytest.mark.parametrize("command", [("rejections", "list"), ("rejections", "show", "x")])
def test_without_a_gateway_reading_says_so_too(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*command, "--key", "gk_fgw_x", "--url", "http://127.0.0.1:9"]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert "网关没有应答" in line
    assert "does not answer" in line


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("deep.json", b"[" * 10_000, "JSON"),
        ("long.json", to_bytes(submitted("fgw", body="长" * 400_000)), "SIZE"),
        ("none.json", b"[]", "FILE-EMPTY"),
        ("empty.ndjson", b"\n\n", "FILE-EMPTY"),
    ],
)
def test_what_can_not_be_sent_is_never_left_out_without_a_word(
    name: str, value: bytes, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(value)
    assert cli.run(["publish", str(tmp_path / name), "--key", "gk_fgw_x", "--url", "http://127.0.0.1:9"]) == 1
    assert f"[{code}] {name}" in capsys.readouterr().err


@pytest.mark.parametrize("value", [b"[1]", b"null", b'{"data": 1}', b"{"])
def test_history_that_is_no_event_is_refused_by_the_door(
    value: bytes, url: str, caller: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old.json").write_bytes(value)
    assert cli.run(["import", str(tmp_path / "old.json"), "--backfill", "--key", caller.key, "--url", url]) == 1
    assert "old.json:1" in capsys.readouterr().out


def test_a_template_is_for_a_text_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF")
    assert cli.run(["publish", str(tmp_path / "scan.pdf"), "--template", "01-06"]) == 2
    assert "只有 .txt 文本需要说明文件" in capsys.readouterr().err
    assert not (tmp_path / "scan.meta.toml").exists()


def test_a_table_of_rejections_is_straight_whatever_stands_in_it(
    url: str, caller: Caller, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    message = {"zh": "标题里有错别字，请改正。" * 6, "en": "A word is wrong."}
    finding = {"rule": "X", "message": message, "remedy": message, "basis": "依据", "place": "/data"}
    record = {
        "id": "r-1", "time": NOON.isoformat(),
        "data": {"dept": "fgw", "event": {"id": "[/red]编号-" + "1" * 60}, "findings": [finding]},
    }  # fmt: skip
    with caller.gateway.intake.store.begin() as conn:
        conn.execute(FEED.insert(), [{"dept": "fgw", "kind": "rejection", "gk_id": "r-1", "body": json.dumps(record)}])

    with_key = ("--key", caller.key, "--url", url)
    assert cli.run(["rejections", "list", *with_key]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len({cell_len(line) for line in lines}) == 1
    assert cell_len(lines[0]) <= 100
    assert "[/red]" in "".join(lines)
    assert cli.run(["rejections", "list", *with_key, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [record | {"corrected": None}]
    assert cli.run(["rejections", "show", "r-1", *with_key]) == 0


def test_a_file_s_name_is_shown_as_it_is(url: str, caller: Caller, tmp_path: Path) -> None:
    (tmp_path / "[bold]x.json").write_bytes(to_bytes(submitted("fgw")))
    assert cli.run(["publish", str(tmp_path / "[bold]x.json"), "--key", caller.key, "--url", url]) == 0


def test_a_template_for_which_there_is_no_room_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notice.txt").write_text(TEXT, encoding="utf-8")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal_before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        assert cli.run(["publish", str(tmp_path / "notice.txt"), "--template", "01-06"]) == 3
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, signal_before)
    assert str(tmp_path / "notice.meta.toml") in capsys.readouterr().err
    assert not (tmp_path / "notice.meta.toml").exists()
