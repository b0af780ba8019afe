"""The root command finds the parts' commands and keeps its word on exit codes."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from bus import cli
from tests.support import raising

BUS = EntryPoint("bus", "bus.commands:app", cli.GROUP)
RAISING = EntryPoint("raising", "tests.support.raising:app", cli.GROUP)
ABSENT = EntryPoint("absent", "producers.no_such_module:app", cli.GROUP)
BROKEN = EntryPoint("broken", "tests.support.broken_part:app", cli.GROUP)


@pytest.mark.parametrize(("kind", "code"), [("invalid", 1), ("fatal", 3), ("retriable", 3), ("none", 0)])
def test_our_errors_are_exit_codes_and_one_line(kind: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["raise", kind], [RAISING]) == code
    said = capsys.readouterr().err
    assert len(said.splitlines()) == (1 if code else 0)
    assert raising.SAID.get(kind, "") in said


@pytest.mark.parametrize("arguments", [["no-such"], ["topics", "check", "--nonsense"], ["contracts", "export"]])
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    assert cli.run(arguments, [BUS, RAISING]) == 2


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PARTITIONS", "none"),
        ("PARTITIONS", "99999999999999999999"),
        ("GATEWAY_PORT", "99999"),
        ("GATEWAY_PORT", "-1"),
        ("HOST", ""),
        ("HOME", ""),
        ("CITY", ""),
        ("BOOTSTRAP", "a:b:c"),
        ("BOOTSTRAP", ","),
        ("INFRASTRUCTURE_DEADLINE", "-5"),
        ("OUTBOX_LIMIT", "0"),
    ],
)
def test_a_wrong_setting_is_wrong_usage(
    setting: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"GONGKAI_{setting}", value)
    assert cli.run(["topics", "describe"], [BUS]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"GONGKAI_{setting} is wrong" in line
    assert f"(it is '{value}')" in line


@pytest.mark.parametrize("value", ["", "kafka", "10.0.0.1:9092", "a.example:9092,b.example:9093", "[::1]:9092"])
def test_every_way_to_name_brokers_is_taken(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_BOOTSTRAP", value)
    assert cli.run(["topics", "describe"], [BUS]) == 0


def test_a_fault_at_the_start_of_a_part_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["raise", "none"], [EntryPoint("bad", "tests.support.bad_part:app", cli.GROUP)]) == 3
    chinese, english = capsys.readouterr().err.splitlines()
    assert "程序自身出错" in chinese
    assert "bad_part.py" in english


def test_a_pack_that_is_wrong_names_its_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["raise", "pack"], [RAISING]) == 2
    chinese, line = capsys.readouterr().err.splitlines()
    assert "GONGKAI_CITY" in chinese
    assert "GONGKAI_CITY" in line
    assert "city.toml name: PACK-VALUE it is missing" in line


def test_a_part_that_is_absent_or_broken_costs_only_its_own_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["raise", "none"], [ABSENT, BROKEN, RAISING]) == 0
    said = capsys.readouterr().err
    assert "broken" in said
    assert "absent" not in said


def test_help_lists_the_commands_of_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"], [BUS, RAISING]) == 0
    said = capsys.readouterr().out
    assert all(command in said for command in ("topics", "contracts", "up", "status", "down", "raise"))
