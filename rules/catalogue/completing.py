"""The machine's columns of a row that a spreadsheet does not have: from the row as it was, or from what is wished."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rules.catalogue.table import Line
from schemas.city import CatalogueRow, Pack, Problem
from schemas.city.catalogue import MACHINE, TIME, cells_of
from schemas.city.catalogues import file_of
from schemas.city.naming import unknown_department

NEEDED = ("group", "kinds", "depts", "clock", "five_open", "column")
"""Without these no row can be judged."""


@dataclass(slots=True)
class Completing:
    """Completes the rows of one catalogue; nothing is guessed: what can't be known is a problem with its row."""

    pack: Pack
    stem: str
    defaults: Mapping[str, str]
    prefix: str
    dept: str
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _names: dict[str, str] = field(init=False)
    _group: str = field(init=False)

    def __post_init__(self) -> None:
        departments = self.pack.departments
        self._names = {one.short_name: one.code for one in departments} | {one.name: one.code for one in departments}
        groups = Counter(row.group for row in self.pack.rows if row.catalogue == file_of(self.stem))
        known = self.pack.catalogue.get(self.stem)
        self._group = groups.most_common(1)[0][0] if groups else known.set if known else ""

    def completed(self, line: Line) -> dict[str, str]:
        """All cells of `line`."""
        code = line.cells.get("序号", "")
        cells = {**line.cells, "序号": f"{self.prefix}{code.zfill(2)}" if self.prefix and code.isdecimal() else code}
        was = self._as_it_was(line, cells)
        for name in MACHINE:
            if not cells.get(name):
                before = was.get(name, "") if name not in line.cells else ""
                cells[name] = before or self.defaults.get(name, "")
            if not cells[name] and (name in NEEDED or name not in line.cells):
                cells[name] = self._derived(name, cells, was)
        self._look_at_departments(line, cells)
        self.problems += self._missing(line, cells)
        return cells

    def _as_it_was(self, line: Line, cells: Mapping[str, str]) -> dict[str, str]:
        """The cells of the row with this code; of the time limit only where its text is the same."""
        editions = self.pack.editions.get(cells["序号"], ())
        if "from" in line.cells:
            editions = tuple(row for row in editions if cells_of(row)["from"] == cells["from"]) or editions[-1:]
        if len(editions) != 1:
            if editions:
                zh, en = (
                    "该序号有多个时期的版本，须有from、to两列。",
                    "has several editions; give the columns from and to.",
                )
                self.problems.append(line.problem("from", "CAT-DEFAULT", zh, en))
            return {}
        was = cells_of(editions[0])
        if was["公开时限"] != cells.get("公开时限"):
            was = {name: cell for name, cell in was.items() if name not in TIME}
        if was["公开主体"] != cells.get("公开主体"):
            self._publisher_changed(line, cells, editions[0], was)
        return was

    def _publisher_changed(
        self, line: Line, cells: Mapping[str, str], row: CatalogueRow, was: dict[str, str]
    ) -> None:  # fmt: skip
        if named := self._named(cells.get("公开主体", "")):
            was["depts"] = named
        elif "depts" not in line.cells:
            self.notes.append(
                f"{line.place}:{line.row} 公开主体由“{row.publisher}”改为“{cells.get('公开主体', '')}”，"
                f"depts仍为{was['depts']}，请核对。 The publisher changed; depts stay, look at them."
            )

    def _derived(self, name: str, cells: Mapping[str, str], was: Mapping[str, str]) -> str:
        if name == "group":
            return self._group or self.stem.rpartition("/")[2]
        if name == "field" and not was and cells.get("一级事项") in self.pack.field:
            return cells["一级事项"]
        if name == "depts":
            return self._of_catalogue() or self._named(cells.get("公开主体", ""))
        return ""

    def _of_catalogue(self) -> str:
        known = self.pack.catalogue.get(self.stem)
        return self.dept or (known.dept or "" if known else "")

    def _named(self, publisher: str) -> str:
        """The codes of the departments that 公开主体 names, where it names departments alone."""
        names = [name for name in re.split(r"[、,，;；\s]+", publisher) if name]
        codes = [self._names.get(name, "") for name in names]
        return " ".join(codes) if all(codes) else ""

    def _look_at_departments(self, line: Line, cells: Mapping[str, str]) -> None:
        for word in cells["depts"].split():
            if word not in self.pack.departments_named and ":" not in word:
                zh, _, en = (unknown_department(self.pack, word) or "").partition("\n")
                self.problems.append(line.problem("depts", "CAT-E03", zh, en))

    def _missing(self, line: Line, cells: Mapping[str, str]) -> Iterator[Problem]:
        for name in NEEDED:
            if cells[name]:
                continue
            if name == "depts" and cells.get("公开主体"):
                yield self._nobody(line, cells["公开主体"])
            elif name != "depts":
                zh = f"不知道{name}填什么；请加一列，或者用 --default {name}=… 给出。"
                yield line.problem(name, "CAT-DEFAULT", zh, f"{name} can't be known; add the column, or --default.")

    def _nobody(self, line: Line, publisher: str) -> Problem:
        names = re.split(r"[、,，;；\s]+", publisher)
        name = next((name for name in names if name and name not in self._names), publisher)
        zh, _, en = (unknown_department(self.pack, name) or "").partition("\n")
        return line.problem(
            "公开主体", "CAT-E03", f"{zh}写部门全称，或者加depts一列，或者用 --default depts=… 给出。",
            f"{en}; write its full name, or give depts.",
        )  # fmt: skip
