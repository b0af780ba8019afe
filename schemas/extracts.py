"""What stands in an attached file: its text piece by piece, each with its place, and what its properties tell.

Made once from a file's bytes, kept beside them under their digest, and read by door, router and commands alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

Form = Literal["docx", "xlsx", "pdf", "text", "other"]
"""What the bytes are, whatever the file is called; `other` is not read: pictures, sound, archives, older formats."""

Trouble = Literal["", "encrypted", "damaged", "limits", "unsafe"]
"""Why a file can't be opened: a password, broken bytes, more than a fair file asks for, entities in its XML."""


class Piece(msgspec.Struct, frozen=True, omit_defaults=True):
    """A passage of the file."""

    place: str
    """As a reader finds it: `正文`, `第3页`, `表 Sheet1!B4`."""
    text: str
    label: str = ""
    """Of a cell: the head of its column and the words to its left."""
    kind: Literal["body", "cell"] = "cell"


class Properties(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a file tells beside its text."""

    author: str = ""
    editor: str = ""
    """Who saved it last."""
    company: str = ""
    producer: str = ""
    tracked: int = 0
    """Tracked insertions and deletions."""
    comments: int = 0
    hidden: int = 0
    """Hidden sheets."""


class Extract(msgspec.Struct, frozen=True, eq=False, omit_defaults=True):
    """Everything that was read of one file."""

    form: Form
    trouble: Trouble = ""
    pieces: tuple[Piece, ...] = ()
    properties: Properties = Properties()
    cut: bool = False
    """Whether there is more text than was read."""
    text_sha256: str | None = None
    """Of the whole text; None where there is none or it was cut."""

    @property
    def openable(self) -> bool:
        """Whether a reader can open it."""
        return not self.trouble


Extracts = Callable[[str], Extract | None]
"""A file's digest to what stands in it; None where nobody has the file."""


def to_bytes(extract: Extract) -> bytes:
    """The same bytes for the same extract, in any process."""
    return msgspec.json.encode(extract)


def from_bytes(value: bytes) -> Extract:
    """The extract that was written.

    Raises:
        ValueError: it is none.
    """
    return _DECODER.decode(value)


_DECODER = msgspec.json.Decoder(Extract)
