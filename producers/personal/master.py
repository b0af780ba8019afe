"""The master key: a file that only the door's user reads, under which every matter's key is wrapped.

Source: Fernet (AES-128-CBC with HMAC-SHA-256) and its ring of keys, of the library `cryptography`: the first line
wraps, all lines unwrap.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

from bus.errors import Fatal

_OTHERS = 0o077
"""Rights of anybody else."""


def open_or_make(path: Path, *, new: bool) -> MultiFernet:
    """The ring in `path`; where there is none and the store is `new`, it is made.

    Raises:
        Fatal: it is missing though keys were wrapped by it, others may read it, or it holds no keys.
    """
    if not path.exists():
        if not new:
            raise Fatal(f"no master key {path}: put it back from its backup; without it no personal data can be opened")
        _make(path)
    return read(path)


def read(path: Path) -> MultiFernet:
    """The ring in `path`."""
    return MultiFernet([Fernet(line) for line in lines(path)])


def lines(path: Path) -> list[str]:
    """The keys in `path`, the newest first.

    Raises:
        Fatal: see `open_or_make`.
    """
    try:
        if path.stat().st_mode & _OTHERS:
            raise Fatal(f"others may read the master key {path}: chmod 600 it")
        found = path.read_text(encoding="ascii").split()
        for line in found:
            Fernet(line)
    except (OSError, ValueError) as error:
        raise Fatal(f"the master key {path} can't be read: {type(error).__name__}") from error
    if not found:
        raise Fatal(f"the master key {path} is empty: put it back from its backup")
    return found


def rotate(path: Path) -> int:
    """Put a new key before those there are; how many there are now."""
    kept = [Fernet.generate_key().decode(), *lines(path)]
    _write(path, kept)
    return len(kept)


def prune(path: Path) -> None:
    """Keep the newest alone, when nothing is wrapped by another any more."""
    _write(path, lines(path)[:1])


def _make(path: Path) -> None:
    """Put a first key there, unless another copy of the door did so meanwhile: theirs may wrap something already."""
    with suppress(FileExistsError):
        temporary = _written(path, [Fernet.generate_key().decode()])
        try:
            os.link(temporary, path)
        finally:
            temporary.unlink()


def _write(path: Path, keys: list[str]) -> None:
    _written(path, keys).replace(path)


def _written(path: Path, keys: list[str]) -> Path:
    """A file beside `path` that holds `keys`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=".master-", dir=path.parent)  # 0600 from the first moment
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("\n".join(keys) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Path(temporary)
