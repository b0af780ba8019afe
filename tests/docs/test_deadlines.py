"""docs/deadlines.md is true: each form means what its line says, and each command prints what is shown."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rules.commands import app
from schemas.city.deadlines import FORMS, parse
from tests.rules.making import ROOT, pack
from tests.schemas.deadlines.test_forms import meaning

PAGE = (ROOT / "docs/deadlines.md").read_text("utf-8")
LINES = re.findall(r"^\| ([^|]+) \| `([^`|]+)` \|$", PAGE, re.MULTILINE)
CONSOLE = re.findall(r"```console\n\$ gongkai (.*?)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("text", "means"), LINES)
def test_each_line_of_the_table_is_read_so(text: str, means: str) -> None:
    assert meaning(parse(text, pack().phrases)) == means


def test_the_table_has_every_form() -> None:
    assert [(form.text, form.meaning) for form in FORMS] == LINES


@pytest.mark.parametrize(("command", "shown"), CONSOLE)
def test_each_command_prints_what_is_shown(command: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_CITY", str(Path(ROOT / "cities/example")))
    assert CliRunner().invoke(app, shlex.split(command)).stdout == shown


def test_every_option_is_explained() -> None:
    said = CliRunner().invoke(app, ["due", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).stdout
    options = set(re.findall(r"--[a-z]+", said)) - {"--help"}
    assert len(options) >= 9
    assert {option for option in options if f"| `{option}" not in PAGE} == set()
