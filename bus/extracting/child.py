"""The process that opens a stranger's file: `python -I -m bus.extracting.child`, the file as its input.

Reads:    its standard input, which must be a file.
Writes:   the extract as JSON to its standard output.
Keeps:    nothing.
Fails to: a signal where a limit is met; exit 0 in every other case, for a file that can't be opened is an answer.
"""

from __future__ import annotations

import resource
import sys

MEMORY = 1024 * 1024 * 1024
SECONDS = 60
"""Of processor time; a fair file takes less than one."""
OUTPUT = 32 * 1024 * 1024
FILES = 64

_TO_DIE = 5
"""Seconds between the signal that says which limit was met and the one that says nothing."""

_LIMITS = (
    (resource.RLIMIT_AS, MEMORY, MEMORY), (resource.RLIMIT_CPU, SECONDS, SECONDS + _TO_DIE),
    (resource.RLIMIT_FSIZE, OUTPUT, OUTPUT), (resource.RLIMIT_NOFILE, FILES, FILES), (resource.RLIMIT_CORE, 0, 0),
)  # fmt: skip


def limit() -> None:
    """Let this process have no more than the limits, for ever."""
    for which, soft, hard in _LIMITS:
        resource.setrlimit(which, (soft, hard))


def main() -> None:
    """Set the limits, read, answer."""
    limit()
    from bus.extracting.reading import read  # noqa: PLC0415 - what opens files comes after the limits
    from schemas.extracts import to_bytes  # noqa: PLC0415

    sys.stdout.buffer.write(to_bytes(read(sys.stdin.buffer)))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
