"""Which matters must be put to the public before they are decided: the participation scope of `scope.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from schemas.base import Code
from schemas.city.matters import Name
from schemas.city.models import Part

if TYPE_CHECKING:
    from schemas.city.tables import Reader

FILE = "scope.toml"


class Scope(Part):
    """A class of matters that must be put to the public before they are decided (公众参与范围)."""

    id: Name
    name: Code
    words: Annotated[tuple[Code, ...], Field(min_length=1)]
    """A title that holds one of them is of this class."""
    basis: Code


def read_scope(reader: Reader) -> tuple[Scope, ...]:
    """The participation scope, a table a class in `scope.toml`."""
    return tuple(reader.parts(FILE, Scope, "id").values()) if reader.has(FILE) else ()
