"""docs/operations.md names everything there is: settings, metrics, commands, topics, programs, errors."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from bus import metrics
from bus.cli import GROUP, build
from bus.errors import EXIT_FINDINGS, EXIT_INFRASTRUCTURE, EXIT_OK, EXIT_USAGE
from bus.programs import table
from bus.settings import Settings
from schemas.topics import TOPICS
from tests.support.servers import plain_settings

PAGE = Path("docs/operations.md").read_text(encoding="utf-8")
ROWS = {cells[1].strip(): [cell.strip() for cell in cells[2:-1]] for line in PAGE.splitlines()
        if len(cells := line.split("|")) > 3}  # fmt: skip


def leaves(command: object, path: tuple[str, ...] = ("gongkai",)) -> dict[str, object]:
    """Every command that does something, by its words."""
    children = getattr(command, "commands", None)
    if children is None:
        return {" ".join(path): command}
    return {words: leaf for name, child in children.items() for words, leaf in leaves(child, (*path, name)).items()}


COMMANDS = leaves(get_command(build(entry_points(group=GROUP))))


def test_every_setting_has_a_row_with_its_default() -> None:
    documented = {
        name.strip("`"): cells[0].strip("`") for name, cells in ROWS.items() if re.match(r"`GONGKAI_\w+`", name)
    }
    fields = {f"GONGKAI_{name.upper()}": field.default for name, field in Settings.model_fields.items()}

    assert documented.keys() == fields.keys()
    assert {name: documented[name] for name in fields} == {name: _written(value) for name, value in fields.items()}


def test_every_metric_has_a_row_with_its_labels() -> None:
    labels = {name.strip("`"): set(re.findall(r"`(\w+)`", cells[0])) for name, cells in ROWS.items()
              if name.startswith("`gongkai_")}  # fmt: skip
    counted = {_exposed(family.name, family.type): set(metric._labelnames)
               for metric in metrics.ALL for family in metric.describe()}  # fmt: skip

    assert labels == counted | {name: {"service"} for name, _ in metrics.FROM_HEALTH.values()}


def test_every_command_has_a_row() -> None:
    assert {name.strip("`") for name in ROWS if name.startswith("`gongkai ")} == set(COMMANDS)


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_every_command_and_every_option_has_help(words: str) -> None:
    command = COMMANDS[words]
    assert isinstance(command, typer.core.TyperCommand)

    assert (command.help or "").strip()
    assert [param.name for param in command.params if not getattr(param, "help", None)] == []


def test_every_topic_has_a_row() -> None:
    rows = {name for cell in ROWS for name in re.findall(r"`([a-z.<>-]+)`", cell)}

    assert {topic.name for topic in TOPICS} - rows == set()
    assert "inbox.<code>" in rows


def test_every_program_has_a_row_with_its_module(tmp_path: Path) -> None:
    for program in table(plain_settings(tmp_path)):
        assert f"\n| `{program.name}` | `python -m {program.command[-1]}`" in PAGE  # a topic may bear the same name


def test_every_exit_code_has_a_row() -> None:
    assert {int(code) for code in ROWS if code.isdecimal()} == {
        EXIT_OK, EXIT_FINDINGS, EXIT_USAGE, EXIT_INFRASTRUCTURE,
    }  # fmt: skip


def test_every_line_on_the_page_is_one_that_the_code_says() -> None:
    """The words between the dots stand in the source, in one string."""
    source = " ".join(path.read_text("utf-8") for folder in ("bus", "producers", "consumers", "streams")
                      for path in Path(folder).rglob("*.py"))  # fmt: skip
    source = re.sub(r'"\s*f?"', "", source)
    begin = PAGE.index("| line |")
    lines = re.findall(r"^\| (`.*?`) \|", PAGE[begin:], re.MULTILINE)
    variable = r"…|\b60\b|Address already in use"
    said = [part for line in lines for quoted in re.findall(r"`([^`]+(?:`[^`]+`)?)`", line)
            for part in re.split(variable, quoted) if len(part.strip(" :;(),")) > 12]  # fmt: skip

    assert len(said) > 20
    assert [part for part in said if part.strip(" :;(),") not in source] == []


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _exposed(name: str, kind: str) -> str:
    return f"{name}_total" if kind == "counter" else name
