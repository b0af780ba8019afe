"""The demonstration keeps away from a home in which departments have published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bus import cli
from producers.demo import run
from tests.producers.door import Caller
from tests.support.events import submitted


def test_the_example_is_not_published_among_departments_events(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home: Path = caller.gateway.settings.home
    monkeypatch.setenv("GONGKAI_HOME", str(home))
    assert caller.post(submitted("fgw")).status_code == 202

    for options in ((), ("--fresh",)):
        assert cli.run(["demo", "--once", *options]) == 3
        (line,) = capsys.readouterr().err.splitlines()
        assert str(home) in line
    assert not (home / "demo.json").exists()
    assert not (home / "departments").exists()


def test_a_home_that_can_not_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home").write_text(json.dumps({}))
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path / "home"))
    assert cli.run(["demo", "--once"]) == 3
    assert "Traceback" not in capsys.readouterr().err


def test_parts_that_run_for_something_else_are_neither_joined_nor_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path / "home"))
    folder = tmp_path / "home" / "run"
    folder.mkdir(parents=True)
    stopped: list[str] = []
    monkeypatch.setattr(run.Supervisor, "pids", lambda self: {"portal": 1})
    monkeypatch.setattr(run.Supervisor, "stop", lambda self: stopped.append("stopped"))

    for options in ((), ("--fresh",)):
        assert cli.run(["demo", "--once", *options]) == 3
    said = capsys.readouterr().err
    assert "`gongkai down` ends them" in said
    assert "holds no demonstration" in said
    assert stopped == []
