"""What stands in a pack and is no rule: no reader of it judges, dates, routes, shows or refuses anything by it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from tests.mutations.mutant import Mutant

FILE = Path(__file__).parent / "no_rules.toml"


def no_rule(mutant: Mutant) -> str:
    """Why that place is no rule; empty where it is one."""
    text = f"{mutant.file} {mutant.where}: {mutant.what}"
    return next((reason for pattern, reason in _reasons() if pattern.fullmatch(text)), "")


@cache
def _reasons() -> tuple[tuple[re.Pattern[str], str], ...]:
    named = tomllib.loads(FILE.read_text("utf-8"))["no_rule"]
    return tuple((re.compile(one["where"]), one["reason"]) for one in named)
