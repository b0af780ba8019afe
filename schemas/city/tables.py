"""TOML and CSV files of a pack, read with the place of everything, so that a problem can name it."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, TypeVar

from pydantic import ValidationError

from schemas.city import sources
from schemas.city.errors import Problem
from schemas.city.models import Part
from schemas.city.sources import Source

P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a CSV file with the line it stands on."""

    number: int
    cells: dict[str, str]


@dataclass(slots=True)
class Reader:
    """Reads a pack's files and gathers what is wrong with them."""

    root: Source
    problems: list[Problem] = field(default_factory=list)

    def note(self, file: str, row: int, column: str, code: str, message: str) -> None:
        """Keep one problem."""
        self.problems.append(Problem(file, row, column, code, message))

    def text(self, file: str) -> str:
        """The file as it stands, to find a line in; empty, and a problem noted, where it can't be read."""
        return self._text(file) or ""

    def toml(self, file: str) -> dict[str, Any]:
        """The file's table; empty, and a problem noted, where it can't be read."""
        text = self._text(file)
        try:
            return tomllib.loads(text) if text is not None else {}
        except (ValueError, RecursionError) as error:  # nested too deep, or a number of thousands of digits
            self.note(file, 0, "", "PACK-TOML", f"is no TOML: {error}")
            return {}

    def csv(self, file: str, required: tuple[str, ...]) -> list[Line]:
        """The file's rows; columns in `required` must be there, an unknown one is for `part` to refuse."""
        text = self._text(file)
        if text is None:
            return []
        reader = csv.reader(io.StringIO(text), strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            lines = [
                Line(reader.line_num, self._cells(file, reader.line_num, header, row)) for row in reader if any(row)
            ]
        except csv.Error as error:
            self.note(file, reader.line_num, "", "PACK-CSV", f"is no CSV: {error}")
            return []
        missing = [name for name in required if name not in header]
        for name in missing:
            self.note(file, 1, name, "PACK-COLUMN", "the column is missing; write it into the first line")
        return [] if missing else lines

    def part(
        self, file: str, row: int | Callable[[tuple[str | int, ...]], int], model: type[P], values: Mapping[str, object]
    ) -> P | None:
        """`values` as a `model`, or None with the problems noted; `row` may find the line of what is wrong itself."""
        try:
            return model.model_validate(dict(values))
        except ValidationError as error:
            for found in error.errors(include_url=False, include_context=False):
                column = ".".join(str(step) for step in found["loc"])
                shown = str(found["input"])[:80]
                line = row(found["loc"]) if callable(row) else row
                self.note(file, line, column, "PACK-VALUE", f"{found['msg']} (it is {shown!r})")
            return None

    def parts(self, file: str, model: type[P], key: str) -> dict[str, P]:
        """A TOML file of one table a part, its name becoming field `key`."""
        tables = self.toml(file)
        found = {}
        for name, values in tables.items():
            if not isinstance(values, dict):
                self.note(file, 0, name, "PACK-VALUE", f"must be a table [{name}]")
                continue
            if (part := self.part(file, 0, model, self.named(file, key, name, values))) is not None:
                found[name] = part
        return found

    def named(self, file: str, key: str, name: str, values: Mapping[str, object]) -> dict[str, object]:
        """`values` with `name`, which their table or file has already, as their `key`; they may not say another."""
        if key in values:
            message = f"is {name!r} by the name of its table or file; take this line out"
            self.note(file, self._line_of(file, name, key), f"{name}.{key}", "PACK-DOUBLE", message)
        return {**values, key: name}

    def files(self, folder: str, suffix: str) -> list[str]:
        """Paths inside the pack of the files in the folder and its subfolders, sorted."""
        return [name for name in sources.names(self.root, folder) if name.endswith(suffix)]

    def has(self, file: str) -> bool:
        """Whether the pack has this file; for those that a pack may lack."""
        return sources.has(self.root, file)

    def _line_of(self, file: str, name: str, key: str) -> int:
        """The line where table `name` says `key`, or the file itself before its first table; 0 where none is found."""
        table, wanted = "", {"", name}
        for number, line in enumerate(self.text(file).splitlines(), start=1):
            if line.lstrip().startswith("["):
                table = line.split("#")[0].strip("[] \t\"'")
            elif table in wanted and line.partition("=")[0].strip(" \t\"'") == key:
                return number
        return 0

    def _text(self, file: str) -> str | None:
        try:
            text = sources.read(self.root, file).decode("utf-8-sig")
            return text.replace("\r\n", "\n").replace("\r", "\n")
        except OSError as error:
            self.note(file, 0, "", "PACK-FILE", f"can't be read: {error.strerror}")
        except UnicodeDecodeError as error:
            self.note(file, 0, "", "PACK-FILE", f"is not UTF-8 at byte {error.start}")
        return None

    def _cells(self, file: str, number: int, header: list[str], row: list[str]) -> dict[str, str]:
        if len(row) != len(header):
            self.note(file, number, "", "PACK-CSV", f"has {len(row)} cells, the first line {len(header)}")
        return {name: cell.strip() for name, cell in zip_longest(header, row[: len(header)], fillvalue="")}


def each(lines: list[Line], make: Callable[[Line], P | None]) -> list[tuple[int, P]]:
    """What `make` gives for each line, with the line's number; None is left out (it was noted)."""
    made = ((line.number, make(line)) for line in lines)
    return [(number, part) for number, part in made if part is not None]
