"""`gazette.toml`: the sections of the gazette, in the order in which an issue prints them (RULES GZ-07)."""

from __future__ import annotations

from pathlib import Path

from schemas.base import Code
from schemas.city.errors import PackError
from schemas.city.kinds import read_kinds
from schemas.city.models import Part
from schemas.city.pack import Pack
from schemas.city.sources import Source
from schemas.city.tables import Reader


class Section(Part):
    """A section of an issue: the first in the file that a document fits is the one it stands in."""

    id: Code
    name: Code
    kinds: tuple[Code, ...] = ()
    """Kinds of publication; empty is any."""
    issuers: tuple[Code, ...] = ("*",)
    """Who issued it, in the words of a catalogue row's `depts`: `*`, a code, `class:B`, `level:区`."""
    docnos: tuple[Code, ...] = ()
    """Beginnings of 发文字号 that say in whose name it was issued; empty is any."""
    basis: Code

    def takes(self, pack: Pack, kind: str, issuer: str, docno: str) -> bool:
        """Whether a document of this kind by this department, under this number, stands here."""
        words = {"*", issuer}
        if (department := pack.department.get(issuer)) is not None:
            words |= {f"class:{department.class_}", f"level:{department.level}"}
        named = not self.docnos or docno.startswith(self.docnos)
        return named and (not self.kinds or kind in self.kinds) and not words.isdisjoint(self.issuers)


def load_sections(source: Source | str) -> tuple[Section, ...]:
    """The sections of the pack in a folder, or of the files in memory, in order.

    Raises:
        PackError: the file is missing or wrong, every problem named.
    """
    reader = Reader(Path(source) if isinstance(source, str) else source)
    sections = tuple(reader.parts("gazette.toml", Section, "id").values())
    known = {kind.name for kind in read_kinds(reader)}
    for section in sections:
        for unknown in sorted(set(section.kinds) - known):
            reader.note("gazette.toml", 0, f"{section.id}.kinds", "PACK-REF", f"{unknown!r} is not a kind")
    if reader.problems:
        raise PackError(reader.problems)
    return sections
