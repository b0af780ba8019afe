"""Starts the process that opens a file, and makes an answer of however it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import BoundedSemaphore

from bus.errors import Retriable
from schemas.extracts import Extract, from_bytes, to_bytes

PATIENCE = 150.0
"""Seconds on the wall; the processor's are the child's own limit, so that only a sick machine comes here."""
AT_ONCE = 2
"""Files that one process has opened at the same time."""

_COMMAND = (sys.executable, "-I", "-m", "bus.extracting.child")
_LIMITS = frozenset({signal.SIGXCPU, signal.SIGXFSZ, signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS})
"""How the child ends where the file asks for more than it may have."""
_turns = BoundedSemaphore(AT_ONCE)


def examined(source: Path) -> bytes:
    """The extract of a file, as it is kept.

    Raises:
        Retriable: the child was ended from outside, or could not be started.
    """
    try:
        with _turns, source.open("rb") as file, tempfile.TemporaryFile() as answer:
            status = _run(file.fileno(), answer.fileno())
            answer.seek(0)
            return _answer(status, answer.read(), source)
    except (OSError, subprocess.SubprocessError) as error:
        raise Retriable(f"{source.name} could not be examined: {error}") from error


def _run(given: int, answer: int) -> int:
    """The child's end: in a session of its own, so that what ends this process by its terminal spares it."""
    done = subprocess.run(
        _COMMAND, stdin=given, stdout=answer, stderr=subprocess.DEVNULL, env={}, cwd="/", timeout=PATIENCE,
        check=False, start_new_session=True,
    )  # fmt: skip
    return done.returncode


def _answer(status: int, value: bytes, source: Path) -> bytes:
    if status < 0 and -status in _LIMITS:
        return to_bytes(Extract("other", "limits"))
    try:
        if status != 0:
            raise ValueError(f"exit {status}")
        from_bytes(value)
    except ValueError as error:
        raise Retriable(f"{source.name} could not be examined: {error}") from error
    return value
