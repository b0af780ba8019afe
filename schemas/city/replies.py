"""What is known of replies to citizens: `replies.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.base import Code
from schemas.city.models import Part

if TYPE_CHECKING:
    from schemas.city.tables import Reader

FILE = "replies.toml"


class Replies(Part):
    """What is known of replies: phrases that say nothing by themselves."""

    boilerplate: tuple[Code, ...] = ()


def read_boilerplate(reader: Reader) -> tuple[str, ...]:
    """The phrases of `replies.toml`."""
    made = reader.part(FILE, 0, Replies, reader.toml(FILE)) if reader.has(FILE) else None
    return made.boilerplate if made else ()
