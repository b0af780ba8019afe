"""docs/registers.md is run: its register loads, its commands do what they say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from producers.commands import app
from tests.cities.test_registers import loaded

PAGE = Path("docs/registers.md").read_text(encoding="utf-8")
[TOML] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line.split()[1:] for line in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)[0].splitlines()]
ROW = "事项编码,事项名称,事项类型,实施依据,承办科室\nA1,燃气许可,行政许可,条例,审批科\n"


def test_the_register_of_the_page_is_one() -> None:
    register = loaded(proofs=TOML).register["proofs"]
    assert register.name == tomllib.loads(TOML)["name"]


def test_every_key_of_a_register_is_told() -> None:
    told = set(re.findall(r"`(\w+)`", PAGE)) | set(re.findall(r"\[\[(\w+)\]\]", PAGE))
    register = loaded(proofs=TOML).register["proofs"]
    fields = {(field.alias or name).strip("_") for name, field in type(register).model_fields.items()}
    assert fields - {"id"} <= told


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_commands_of_the_page_are_there(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_CITY", str(Path("cities/example").absolute()))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "powers.csv").write_text(ROW, encoding="utf-8")
    if words[1] == "import":  # it needs a running city; tests/journeys runs it
        words = [*words[:2], "--help"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
