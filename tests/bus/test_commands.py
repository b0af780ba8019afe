"""The road's own commands: what they print for people and machines, and how they end."""

from __future__ import annotations

import json
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from kafka.admin import ConfigResource

from bus import cli, clients, supervise
from bus.programs import Program, environment
from bus.settings import Settings
from schemas.topics import INBOX, TOPICS
from tests.support.waiting import eventually, free_port

PARTS = [EntryPoint("bus", "bus.commands:app", cli.GROUP)]


def gongkai(*arguments: str) -> int:
    return cli.run(arguments, PARTS)


@pytest.fixture
def set_environment(fresh_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in environment(fresh_settings).items():
        monkeypatch.setenv(name, value)
    return fresh_settings


@pytest.mark.integration
def test_topics_are_created_checked_and_found_different(
    set_environment: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gongkai("topics", "check") == 1
    assert gongkai("topics", "create", "--inbox", "fgw") == 0
    assert gongkai("topics", "check") == 0
    name = set_environment.topic("verdicts")
    with clients.admin(set_environment) as admin:
        admin.alter_configs([ConfigResource("topic", name, {"retention.ms": "1000"})])
    eventually(lambda: gongkai("topics", "check") == 1)
    capsys.readouterr()
    assert gongkai("topics", "check", "--json") == 1
    assert json.loads(capsys.readouterr().out) == [
        {"topic": name, "what": "retention.ms", "wanted": "-1", "found": "1000"}
    ]
    assert gongkai("topics", "create") == 3
    assert "retention.ms" in capsys.readouterr().err


def test_topics_are_described_without_a_broker(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GONGKAI_PREFIX", "sl.")
    assert gongkai("topics", "describe", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in said] == [f"sl.{topic.name}" for topic in (*TOPICS, INBOX)]
    assert gongkai("topics", "describe", "--acls") == 0
    assert "--topic sl.publications" in capsys.readouterr().out
    assert gongkai("topics", "describe") == 0


def test_contracts_are_exported_into_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gongkai("contracts", "export", str(tmp_path)) == 0
    assert {Path(line) for line in capsys.readouterr().out.split()} == {
        file for file in tmp_path.rglob("*.json") if file.is_file()
    }


@pytest.mark.integration
def test_up_status_down(
    set_environment: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    command = (sys.executable, "-m", "tests.support.little_program", str(port))
    monkeypatch.setattr(supervise, "table", lambda _settings: (Program("portal", command, port),))
    assert gongkai("status") == 1
    assert gongkai("up") == 0
    assert f"http://127.0.0.1:{port}" in capsys.readouterr().out
    try:
        assert gongkai("status", "--json") == 0
        said = {part["name"]: part for part in json.loads(capsys.readouterr().out)}
        assert (said["kafka"]["ok"], said["portal"]["ok"], said["portal"]["lag"]) == (True, True, 0)
        assert gongkai("up") == 0
    finally:
        assert gongkai("down") == 0
    capsys.readouterr()
    assert gongkai("down") == 0
    assert "nothing was running" in capsys.readouterr().out


def test_without_any_broker_status_is_red_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path))
    monkeypatch.setenv("GONGKAI_BOOTSTRAP", "")
    assert gongkai("status", "--json") == 1
    kafka = json.loads(capsys.readouterr().out)[0]
    assert (kafka["name"], kafka["ok"]) == ("kafka", False)
    assert "gongkai up" in kafka["health"]["error"]


def test_up_without_a_usable_pack_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GONGKAI_CITY", str(tmp_path / "nowhere"))
    assert gongkai("up") == 2
    assert "GONGKAI_CITY" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()
