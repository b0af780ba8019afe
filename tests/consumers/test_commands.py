"""What the commands over all consumers print: one JSON document for machines, a hundred columns for people."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from bus import cli, clients
from bus.programs import environment
from bus.settings import Settings
from tests.consumers.reconcile.world import World
from tests.support import events

pytestmark = pytest.mark.integration


@pytest.fixture
def world(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "100")
    clients.committed(settings, ["router"])  # a new broker has no coordinator until it is asked for one
    made = World(settings)
    made.publish(events.submitted(local_id="traced-" + "x" * 60))
    made.publish(events.submitted(), "rejected")
    made.settle()
    yield made
    made.close()


def test_each_is_one_document_and_fits(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (("trace", f"fgw/traced-{'x' * 60}"), ("reconcile",), ("status",)):
        capsys.readouterr()
        code = cli.run([*command, "--json"])
        assert json.loads(capsys.readouterr().out)
        assert cli.run(command) == code
        said = capsys.readouterr().out
        assert said
        assert max(cell_len(line) for line in said.splitlines()) <= 100


def test_what_is_not_known_is_an_empty_document(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["trace", "没有这一件", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == []
    assert "没有找到“没有这一件”的任何记录" in said.err
    assert cli.run(["trace", " "]) == 2
