"""`catalogues.toml` and `fields.toml`: what each catalogue file is, and the fields its rows belong to (RULES §1.9)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Bound

from schemas.base import Code
from schemas.city.models import Dated, Part
from schemas.city.tables import Reader

CatalogueSet = Literal["base", "key-fields", "key-items", "area", "standard", "department", "other"]
FieldSet = Literal["key", "area", "standard26"]

KEY: FieldSet = "key"
"""The set of the three 三大重点领域, whose rows must be on the portal (CAT-E09)."""

FOLDER, SUFFIX = "catalogues", ".csv"


class Catalogue(Dated):
    """A catalogue file: whose it is, and the catalogue above it."""

    stem: Code
    """Its file inside `catalogues/`, without the ending: `basic`, `standard/05-safety`."""
    name: Code
    set: CatalogueSet
    dept: Code | None = None
    """Whose, where it is a department's sub-catalogue."""
    parent: Code | None = None
    """Stem of the catalogue that it inherits from."""
    version: Annotated[int, Bound(ge=1)] = 1
    """Counted up by `gongkai catalogue import`."""
    basis: Code

    @property
    def file(self) -> str:
        """Path inside the pack."""
        return file_of(self.stem)


class Field(Part):
    """A field of government work that rows belong to."""

    id: Code
    name: Code
    """As rows name it in their column `field`."""
    set: FieldSet
    responsible: tuple[Code, ...] = ()
    """Codes of the departments that answer for it."""
    basis: Code


def file_of(stem: str) -> str:
    """The path inside the pack of the catalogue `stem`."""
    return f"{FOLDER}/{stem}{SUFFIX}"


def stem_of(file: str) -> str:
    """The stem of a catalogue's path inside the pack."""
    return file.removeprefix(f"{FOLDER}/").removesuffix(SUFFIX)


def read_catalogues(reader: Reader) -> tuple[Catalogue, ...]:
    """The tables of `catalogues.toml`, in its order; none where the pack has no such file."""
    file = "catalogues.toml"
    return tuple(reader.parts(file, Catalogue, "stem").values()) if reader.has(file) else ()


def read_fields(reader: Reader) -> tuple[Field, ...]:
    """The tables of `fields.toml`, in its order; none where the pack has no such file."""
    file = "fields.toml"
    return tuple(reader.parts(file, Field, "id").values()) if reader.has(file) else ()
