"""What was typed wrongly is told in Chinese and English: what, where, what to do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from bus import cli

CHINESE = re.compile(r"[\u4e00-\u9fff]")
RAISING = EntryPoint("raising", "tests.support.raising:app", cli.GROUP)


def said(capsys: pytest.CaptureFixture[str], *arguments: str, parts: list[EntryPoint] | None = None) -> tuple[str, str]:
    """The two lines of a wrong usage, which ends with 2 and prints nothing else."""
    assert cli.run(arguments, parts) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    chinese, english = captured.err.splitlines()
    assert CHINESE.search(chinese)
    assert not CHINESE.search(english)
    return chinese, english


PARTS = "portal, newmedia, gazette, assessment, notices, matters"


@pytest.mark.parametrize(
    ("arguments", "chinese", "english"),
    [
        (("publsh",), "没有“publsh”这个命令，您要的可能是 publish。", "Did you mean 'publish'?"),
        (("keys", "isue"), "没有“isue”这个命令，您要的可能是 issue。", "gongkai keys -h"),
        (("zzz",), "没有“zzz”这个命令。", "No such command 'zzz'."),
        (("keys", "issue"), "缺少参数“dept”。用法：gongkai keys issue [OPTIONS] {dept}", "gongkai keys issue -h"),
        (("rebuild",), f"缺少参数“part”，可选：{PARTS}。", "Missing argument"),
        (("rebuild", "portl"), f"“portl”不在可选值之内：{PARTS}。", "not one of"),
        (("catalogue", "show", "--gruop", "x"), "没有“--gruop”这个选项，您要的可能是 --group。", "--group"),
        (("catalogue", "show", "-z"), "没有“-z”这个选项。", "No such option: -z"),
        (("catalogue", "show", "--dept"), "选项“--dept”后面要写值。", "requires an argument"),
        (("catalogue", "show", "--json=1"), "选项“--json”后面不能写值。", "does not take a value"),
        (("keys", "issue", "mzj", "x", "y"), "多出了参数：x y。", "extra argument"),
        (("check", "nofile.json"), "文件“nofile.json”不存在。", "does not exist"),
        (("check", "docs"), "“docs”是文件夹，这里要的是文件。", "is a directory"),
        (("city", "check", "README.md"), "“README.md”是文件，这里要的是文件夹。", "is a file"),
    ],
)
def test_a_clerk_reads_what_and_what_to_do(
    arguments: tuple[str, ...], chinese: str, english: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = said(capsys, *arguments)
    assert chinese in first
    assert "用法" in first
    assert english in second


def test_a_sentence_that_is_new_to_us_is_still_told_to_be_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = said(capsys, "raise", "usage", parts=[RAISING])
    assert "“kind”" not in first
    assert "命令的写法不对。" in first
    assert "an unheard-of sentence" in second


@pytest.mark.parametrize("arguments", [(), ("keys",)])
def test_a_command_of_commands_alone_shows_them(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(arguments) == 2
    captured = capsys.readouterr()
    assert "issue" in captured.out or "keys" in captured.out
    assert captured.err == ""


def test_what_somebody_typed_can_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = said(capsys, "check", "a\x1b[31m\nb")
    assert (first + second).isprintable()


def test_a_fault_of_ours_is_two_lines_with_its_place(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.run(["raise", "bug"], [RAISING]) == 3
    chinese, english = capsys.readouterr().err.splitlines()
    assert "程序自身出错" in chinese
    assert "raising.py:" in english
    assert "KeyError: 'no such key'" in english
    monkeypatch.setenv("GONGKAI_LOG_LEVEL", "debug")
    assert cli.run(["raise", "bug"], [RAISING]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_what_the_machine_refuses_is_two_lines_with_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["raise", "disk"], [RAISING]) == 3
    chinese, english = capsys.readouterr().err.splitlines()
    assert "磁盘已满" in chinese
    assert "the disk is full stores/keys.sqlite" in english


def real(*arguments: str | bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The console script as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bus.cli", *arguments], capture_output=True, check=False, timeout=60,
        env={**os.environ, **environment},
    )  # fmt: skip


def test_what_a_terminal_can_not_show_is_escaped(tmp_path: Path) -> None:
    event = tmp_path / "half.json"
    event.write_bytes(b'{"specversion":"1.0","id":"\\ud800","type":"cn.gongkai.publication.submitted.v1","data":{}}')
    done = real("check", str(event), "--json", PYTHONIOENCODING="utf-8")
    assert done.returncode == 1
    assert json.loads(done.stdout)["id"] == "\ud800"
    assert real("check", str(event), PYTHONIOENCODING="ascii").returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (b"check", b"FILE", b"--at", b"\xb1\xea"), (b"hash", b"FILE", b"--title", b"\xb1\xea"),
        (b"keys", b"issue", b"\xb1\xea"),
    ],
)  # fmt: skip
def test_a_name_in_gbk_is_no_traceback(arguments: tuple[bytes, ...], tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/\xb1\xea\xcc\xe2.txt"
    Path(os.fsdecode(file)).write_bytes(b"x")
    done = real(*(file if word == b"FILE" else word for word in arguments), GONGKAI_HOME=str(tmp_path / "home"))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2
    assert b"Traceback" not in done.stderr
