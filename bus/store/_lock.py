"""A lock on a file that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bus.errors import Fatal


class FileLock:
    """Held from construction to `release`; the file tells who holds it."""

    def __init__(self, path: Path, what: str) -> None:
        """Take the lock at once.

        Raises:
            Fatal: another holds it.
        """
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._handle, 20).decode(errors="replace").strip() or "another process"
            os.close(self._handle)
            raise Fatal(f"{what} is held by process {holder}; stop it first") from error
        os.ftruncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let another take it."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
