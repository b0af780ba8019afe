"""What an import says no with: the place in the spreadsheet, in Chinese with English beside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from schemas.city import Problem


class RefusedError(Exception):
    """A file that can't be read as a catalogue; `problems` says why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems[:3])))


@dataclass(frozen=True, slots=True)
class Place:
    """A file, or a sheet of it."""

    file: str
    sheet: str = ""

    def problem(
        self, code: str, zh: str, en: str, row: int = 0, column: int = 0, *, header: str = ""
    ) -> Problem:  # fmt: skip
        """A problem here; `row` and `column` count from 1, and 0 is the whole of it."""
        where = f"{get_column_letter(column)} {header}".strip() if column else header
        return Problem(str(self), row, where, code, f"{zh} {en}")

    def refuse(self, code: str, zh: str, en: str, row: int = 0, column: int = 0) -> RefusedError:
        """The same as an error, where nothing further can be read."""
        return RefusedError([self.problem(code, zh, en, row, column)])

    def __str__(self) -> str:
        return f"{self.file}[{self.sheet}]" if self.sheet else self.file
