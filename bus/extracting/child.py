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

_LIMITS = (
    (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, OUTPUT),
    (resource.RLIMIT_NOFILE, FILES), (resource.RLIMIT_CORE, 0),
)  # fmt: skip


def main() -> None:
    """Set the limits, read, answer."""
    for which, most in _LIMITS:
        resource.setrlimit(which, (most, most))
    from bus.extracting.reading import read  # noqa: PLC0415 - what opens files comes after the limits
    from schemas.extracts import to_bytes  # noqa: PLC0415

    sys.stdout.buffer.write(to_bytes(read(sys.stdin.buffer)))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
