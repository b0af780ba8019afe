"""What is wrong with a pack: all of it at once, each with file, row and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong: where, which rule (`CAT-E01` … of RULES §1.9, or `PACK-…`), and what to do."""

    file: str
    """Path inside the pack."""
    row: int
    """Line of the file, counted from 1; 0 where the whole file is meant."""
    column: str
    """Column of a table or key of a TOML file."""
    code: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.row}" if self.row else self.file
        return f"{place} {self.column}: {self.code} {self.message}"


class PackError(Exception):
    """A pack that can't be used; `problems` says why, in the order of its files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:5]))
        self.problems = tuple(problems)

    @property
    def brief(self) -> str:
        """The first problem, which others may follow from, and how many there are more."""
        more = len(self.problems) - 1
        return str(self.problems[0]) + (f" (and {more} more)" if more else "")

    def __reduce__(self) -> tuple[type[PackError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)
