"""Mailboxes that citizens write to, and the letters that their receipts' numbers begin with (RULES CMP-04)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from schemas.base import Code
from schemas.city.models import Part

if TYPE_CHECKING:
    from schemas.city.tables import Reader

FILE = "mailboxes.toml"


class Mailbox(Part):
    """A mailbox."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    name: Code
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,3}$")]
    basis: Code


def read_mailboxes(reader: Reader) -> tuple[Mailbox, ...]:
    """The mailboxes of a pack, a table each; none where it has no such file."""
    return tuple(reader.parts(FILE, Mailbox, "id").values()) if reader.has(FILE) else ()
