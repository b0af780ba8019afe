"""docs/catalogue.md is true: its commands run as they stand, in order, and every code is on it with its sentence."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rules.catalogue.commands import app
from rules.catalogue.sentences import CODES
from tests.support.small_city import ROOT, write_small_city

PAGE = (ROOT / "docs/catalogue.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line.removeprefix("gongkai catalogue ") for block in BLOCKS for line in block.splitlines()]
WHOLE_CITY = ("show",)
"""Commands that are shown of the whole example city; they write nothing."""


def test_every_command_shown_runs_in_the_order_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(COMMANDS) >= 8
    folder = write_small_city(tmp_path / "city")
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        words = shlex.split(command)
        monkeypatch.setenv("GONGKAI_CITY", str(ROOT / "cities/example" if words[0] in WHOLE_CITY else folder))
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, (command, result.output)


def test_every_code_is_on_the_page_with_its_sentence() -> None:
    assert [code for code, sentence in CODES.items() if f"| `{code}` | {sentence} |" not in PAGE] == []


def test_every_code_that_an_import_gives_has_a_sentence() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "rules/catalogue").glob("*.py")]
    sources += [(ROOT / f"schemas/city/{name}.py").read_text(encoding="utf-8") for name in ("catalogue", "checks")]
    given = {code for source in sources for code in re.findall(r'"(CAT-[A-Z0-9]+)"', source)}
    assert given
    assert given - CODES.keys() == set()
