"""Where the files of a pack come from: a folder on the disk, or bytes in memory as the topic `city` carried them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

Source = Path | Mapping[str, bytes]
"""A folder, or path inside the pack to the file's bytes."""

NOT_OF_THE_PACK = frozenset({"demo"})
"""Folders beside a pack that are no part of it: what `gongkai demo` sends."""


def names(source: Source, folder: str = "") -> list[str]:
    """Paths inside the pack of every file in `folder` and below, sorted; hidden and lock files are nobody's."""
    found = _on_disk(source, folder) if isinstance(source, Path) else source
    inside = f"{folder}/" if folder else ""
    return sorted(name for name in found if name.startswith(inside) and not _is_hidden(name))


def has(source: Source, file: str) -> bool:
    """Whether the pack has that file."""
    return (source / file).is_file() if isinstance(source, Path) else file in source


def read(source: Source, file: str) -> bytes:
    """The file's bytes.

    Raises:
        OSError: it is not there, or can't be read.
    """
    if isinstance(source, Path):
        return (source / file).read_bytes()
    try:
        return source[file]
    except KeyError as error:
        raise FileNotFoundError(2, os.strerror(2), file) from error


def pack_files(source: Source) -> dict[str, bytes]:
    """Every file of a pack, by its path: what a release carries.

    Raises:
        OSError: one can't be read.
    """
    belonging = [name for name in names(source) if name.partition("/")[0] not in NOT_OF_THE_PACK]
    return {name: read(source, name) for name in belonging}


def _on_disk(root: Path, folder: str) -> Iterable[str]:
    return (path.relative_to(root).as_posix() for path in (root / folder).rglob("*") if path.is_file())


def _is_hidden(name: str) -> bool:
    return any(step.startswith((".", "~$")) or step == "__pycache__" for step in name.split("/"))
