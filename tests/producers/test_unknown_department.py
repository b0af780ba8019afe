"""Whichever command takes a department says it where that is none, in both languages, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bus import cli
from bus.settings import Settings
from producers.keys import KeyRing
from tests.support.events import NOON


@pytest.mark.parametrize(
    "arguments",
    [
        ("keys", "issue", "mzj2"),
        ("keys", "rotate", "mzj2"),
        ("keys", "revoke", "mzj2"),
        ("keys", "list", "mzj2"),
        ("catalogue", "show", "--dept", "mzj2"),
        ("topics", "create", "--inbox", "mzj2"),
        ("check", "FILE", "--dept", "mzj2"),
    ],
)
def test_an_unknown_department_is_wrong_usage(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path / "home"))
    table = tmp_path / "table.csv"
    table.write_text("标题\n")

    assert cli.run([str(table) if word == "FILE" else word for word in arguments]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    chinese, english = captured.err.splitlines()
    assert "没有代码为“mzj2”的部门，您要的可能是：mzj（示例市民政局）" in chinese
    assert "did you mean mzj?" in english


def test_keys_of_a_department_that_left_the_pack_can_still_be_revoked(
    plain: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GONGKAI_HOME", str(plain.home))
    ring = KeyRing(plain)
    ring.issue("gone", NOON)
    ring.close()

    assert cli.run(["keys", "list", "gone"]) == 0
    assert cli.run(["keys", "revoke", "gone"]) == 0
    assert "revoked 1 of gone" in capsys.readouterr().out
