"""Puts every question that a mutant may touch to the mutated pack, until one is answered otherwise.

A mutant's own part is asked first. Whoever is not noticed there is tried by every question there is, so that what
survives survived all of them. Cells are tried many at a time: changed rows of one batch do not name one another, so
what each is answered is its own doing, and a refusal is told by its line; in doubt a mutant is tried alone.
"""

from __future__ import annotations

import sys
import tomllib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from itertools import groupby
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from rules import clocks
from rules.texts import scanner, texts
from rules.texts.scanner import Scanner
from schemas.city import CatalogueRow, Pack, PackError, load, matters, tables
from schemas.city.catalogue import read_catalogue
from schemas.city.deadlines import Phrases
from schemas.city.errors import Problem
from schemas.city.matters import Lifecycle
from schemas.city.tables import Reader
from tests.cities.observed import texts as observed_texts
from tests.cities.observed.asking import Question, World, golden
from tests.cities.observed.observers import observer_of, questions
from tests.mutations.csv_mutants import csv_mutants, written
from tests.mutations.mutant import Files, Mutant, Outcome, Place
from tests.mutations.no_rules import no_rule
from tests.mutations.toml_mutants import toml_mutants

advance = sys.modules["rules.lifecycle.advance"]  # the package has a function of that name
BATCH = 60
"""Cells changed at a time."""
_SCANNED = ("text_checks", "departments", "name", "domain")
REMEMBERED = 100
"""Catalogue files, of which the pack's own come first."""


@contextmanager
def remembered() -> Iterator[None]:
    """While this lasts, what depends on unchanged parts of the pack alone is not made again."""
    with _rows_remembered(), _tables_remembered(), _lifecycles_remembered(), _scanner_remembered():
        yield


@contextmanager
def _scanner_remembered() -> Iterator[None]:
    """A scanner is made of the checks, the departments, and the city's name and domain."""
    held: deque[Pack] = deque(maxlen=4)
    make = scanner.scanner

    def known(pack: Pack) -> Scanner:
        like = next((one for one in held if all(getattr(one, part) == getattr(pack, part) for part in _SCANNED)), None)
        if like is None:
            held.append(pack)
        return make(like or pack)

    with ExitStack() as stack:
        for module in (texts, observed_texts, advance):
            stack.enter_context(patch.object(module, "scanner", known))
        yield


@contextmanager
def _rows_remembered() -> Iterator[None]:
    """A catalogue file's rows are made of the file and the words of its time limits."""
    held: dict[tuple[str, bytes, bytes], list[tuple[int, CatalogueRow]]] = {}

    def read(reader: Reader, file: str, phrases: Phrases) -> list[tuple[int, CatalogueRow]]:
        key = file, reader.root[file], reader.root.get("deadlines.toml", b"")  # type: ignore[index, union-attr]
        if key not in held:
            before = len(reader.problems)
            found = read_catalogue(reader, file, phrases)
            if len(reader.problems) > before or len(held) >= REMEMBERED:
                return found
            held[key] = found
        return held[key]

    with patch.object(load, "read_catalogue", read):
        yield


@contextmanager
def _tables_remembered() -> Iterator[None]:
    """A file's table is made of its text; nobody changes a table that was read."""
    held: dict[str, dict[str, Any]] = {}

    def loads(text: str) -> dict[str, Any]:
        found = held.get(text)
        if found is None:
            found = tomllib.loads(text)
            if len(held) < REMEMBERED:
                held[text] = found
        return found

    with patch.object(tables, "tomllib", SimpleNamespace(loads=loads)):
        yield


@contextmanager
def _lifecycles_remembered() -> Iterator[None]:
    """A lifecycle is made of its file."""
    held: dict[tuple[str, bytes], Lifecycle] = {}
    make = matters.read_lifecycle

    def read(reader: Reader, file: str) -> Lifecycle | None:
        key = file, reader.root[file]  # type: ignore[index]
        if key in held:
            return held[key]
        found = make(reader, file)
        if found is not None and len(held) < REMEMBERED:
            held[key] = found
        return found

    with patch.object(matters, "read_lifecycle", read):
        yield


def mutants(files: Files) -> Iterator[Mutant]:
    """Every mutant of every file of a pack."""
    for file in sorted(files):
        yield from csv_mutants(file, files) if file.endswith(".csv") else toml_mutants(file, files)


class Runner:
    """The observations of one pack, and mutants of it tried by them."""

    def __init__(
        self, files: Files, asked: Sequence[Question] | None = None, kept: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        self._files = files
        self._world = World.of(files)
        self._asked = list(questions(self._world) if asked is None else asked)
        self._kept = golden() if kept is None else kept
        self._of: dict[str, list[Question]] = {}
        for question in self._asked:
            self._of.setdefault(question.subject, []).append(question)

    def run(self, tried: Iterable[Mutant]) -> Iterator[Outcome]:
        """How each of them ended, in whatever order is quick."""
        alone, cells = [], []
        for mutant in tried:
            (cells if mutant.cell is not None else alone).append(mutant)
        for mutant in alone:
            yield self._try_one(mutant)
            clocks._due.cache_clear()
        for batch in self._batches(cells):
            yield from self._try_many(batch)
            clocks._due.cache_clear()

    def _batches(self, cells: Sequence[Mutant]) -> Iterator[list[Mutant]]:
        """Changes of one column, of rows that are not of one family."""
        by_column = sorted(cells, key=lambda one: (one.file == "departments.csv", one.cell[0][1], one.what, one.file))  # type: ignore[index]
        for _, same in groupby(by_column, key=lambda one: (one.file == "departments.csv", one.cell[0][1])):  # type: ignore[index]
            waiting = list(same)
            while waiting:
                batch, rest, families = [], [], set()
                for one in waiting:
                    family = self._family(one)
                    if len(batch) >= BATCH or family in families:
                        rest.append(one)
                    else:
                        batch.append(one)
                        families.add(family)
                yield batch
                waiting = rest

    def _family(self, mutant: Mutant) -> str:
        """The row that a row inherits from in the end; departments are all of one family."""
        if mutant.file == "departments.csv":
            return ""
        code = mutant.subject.partition(" ")[2]
        while (row := self._world.pack.row.get(code)) is not None and row.parent:
            code = row.parent
        return code

    def _try_many(self, batch: Sequence[Mutant]) -> Iterator[Outcome]:
        try:
            world = World.of(self._with(batch))
        except PackError as error:
            yield from self._refused(batch, error.problems)
            return
        for mutant in batch:
            by = self._noticed(world, self._of.get(mutant.subject, ()), mutant)
            yield Outcome(mutant, "observation", by) if by else self._try_one(mutant)

    def _refused(self, batch: Sequence[Mutant], problems: Sequence[Problem]) -> Iterator[Outcome]:
        """Those whose own line is refused are noticed; the others are tried again without them."""
        by_line = {(problem.file, problem.row): problem for problem in problems}
        lines = {mutant: by_line.get((mutant.file, self._line(mutant))) for mutant in batch}
        for mutant, problem in lines.items():
            if problem is not None:
                yield Outcome(mutant, "check", problem.code)
        rest = [mutant for mutant, problem in lines.items() if problem is None]
        if len(rest) < len(batch):
            yield from self._try_many(rest) if rest else ()
        elif len(batch) == 1:
            yield Outcome(batch[0], "check", problems[0].code)
        else:
            half = len(batch) // 2
            yield from self._try_many(batch[:half])
            yield from self._try_many(batch[half:])

    def _line(self, mutant: Mutant) -> int:
        assert mutant.cell is not None
        return mutant.cell[0][0] + 1

    def _try_one(self, mutant: Mutant) -> Outcome:
        try:
            world = World.of(self._with([mutant]))
        except PackError as error:
            return Outcome(mutant, "check", error.problems[0].code)
        if self._says_the_same(world):
            return Outcome(mutant, "same")
        if by := self._noticed(world, self._of.get(mutant.subject, []), mutant):
            return Outcome(mutant, "observation", by)
        if reason := no_rule(mutant):
            return Outcome(mutant, "no rule", reason)
        by = self._noticed(world, self._others(mutant), mutant)
        return Outcome(mutant, "observation" if by else "survived", by)

    def _says_the_same(self, world: World) -> bool:
        """Whether the mutated file reads to the very same pack, as where a default is left out: nothing was changed."""
        parts = (part.name for part in fields(world.pack))
        return world.sections == self._world.sections and all(
            getattr(world.pack, part) == getattr(self._world.pack, part) for part in parts
        )

    def _others(self, mutant: Mutant) -> list[Question]:
        """All questions but its own; those about the same kind of file first."""
        file = observer_of(mutant.file)
        rest = [one for one in self._asked if one.subject != mutant.subject]
        return sorted(rest, key=lambda one: observer_of(one.subject.partition(" ")[0]) != file)

    def _noticed(self, world: World, asked: Iterable[Question], mutant: Mutant) -> str:
        """The first question that is answered otherwise; those that name what was there come first."""
        for question in sorted(asked, key=lambda one: not mutant.was or mutant.was not in one.key):
            if question.answer(world) != self._kept.get((question.subject, question.key)):
                return f"{question.subject}: {question.key}"
        return ""

    def _with(self, batch: Sequence[Mutant]) -> dict[str, bytes]:
        made = dict(self._files)
        cells: dict[str, dict[Place, str]] = {}
        for mutant in batch:
            if mutant.cell is not None:
                cells.setdefault(mutant.file, {})[mutant.cell[0]] = mutant.cell[1]
            elif mutant.make is not None:
                made[mutant.file] = mutant.make(self._files)
        for file, changed in cells.items():
            made[file] = written(self._files[file], changed)
        return made


__all__ = ["Runner", "mutants", "remembered"]
