"""`gongkai notices` refuses what it can't mean, in Chinese with English beside."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bus.errors import Fatal
from consumers.notices.commands import app


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--state", "lost"], "there is no state 'lost'"),
        (["resend", "--why", "x"], "give ids, or --target, or --all"),
        (["resend", "d-1"], "give the reason with --why"),
        (["resend", "--all", "--why", "  "], "give the reason with --why"),
    ],
)
def test_wrong_usage_is_named(words: list[str], said: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, words, env={"GONGKAI_HOME": str(tmp_path), "COLUMNS": "200"})
    assert done.exit_code == 2 and said in done.output


def test_a_part_that_never_ran_has_nothing_to_list(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["list"], env={"GONGKAI_HOME": str(tmp_path)})
    assert isinstance(done.exception, Fatal) and "has not run yet" in str(done.exception)
