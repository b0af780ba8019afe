"""Extracts as they are kept: beside the file, under its digest, never changed.

Reads:    `home/files/ab/<digest>.text`.
Writes:   the same, by `examine_into` alone, which the door calls once a file.
Keeps:    the few extracts that were read last.
Fails to: Retriable, where an extract is not there: the bus took no event before its files were examined.
"""

from __future__ import annotations

import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from bus.errors import Retriable
from bus.extracting.parent import examined
from schemas.extracts import Extract, from_bytes

UNKEPT = ".text-"
"""How an extract is called until it is whole."""
KEPT = 16
"""Extracts in memory; the largest has half a million characters."""


class Texts:
    """Reads extracts by digest; it goes to a child process without what it remembers."""

    def __init__(self, place: Callable[[str], Path]) -> None:
        """`place`: where the extract of a digest lies."""
        self._place = place
        self._recent: OrderedDict[str, Extract] = OrderedDict()

    def __call__(self, sha256: str) -> Extract:
        """The extract of the file with that digest.

        Raises:
            Retriable: it is not there, or not whole.
        """
        found = self._recent.pop(sha256, None) or self._read(sha256)
        self._recent[sha256] = found
        if len(self._recent) > KEPT:
            self._recent.popitem(last=False)
        return found

    def __reduce__(self) -> tuple[type[Texts], tuple[Callable[[str], Path]]]:
        return Texts, (self._place,)

    def _read(self, sha256: str) -> Extract:
        place = self._place(sha256)
        try:
            return from_bytes(place.read_bytes())
        except (OSError, ValueError) as error:
            raise Retriable(f"the text of an attachment can't be read: {place}: {error}") from error


def examine_into(source: Path, place: Path) -> None:
    """Examine a file, and keep what was found at `place`.

    Raises:
        Retriable: it could not be examined.
        OSError: it could not be kept.
    """
    _write(place, examined(source))


def _write(place: Path, value: bytes) -> None:
    """Whole or not at all; of two who write the same bytes at once, either may be last."""
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=UNKEPT, dir=place.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)
