"""Judges one value in a process of its own: `python -m producers.redrive.child`, everything pickled on its input.

Prints accepted, rejected or `ENGINE-FAULT`; whoever started it decides how long it may take.
"""

from __future__ import annotations

import pickle
import sys
from functools import partial
from subprocess import run

from bus.settings import Settings
from producers.answers import instant
from producers.redrive.said import said_of
from producers.uploads import texts_of
from rules import judge
from schemas.city import Pack
from schemas.decode import decode


def ask(pack: Pack, value: bytes | None, arrival: int, patience: float) -> str:
    """What such a child says of `value`, which came at `arrival` (ms).

    Raises:
        OSError, subprocess.SubprocessError: it died, or took longer than `patience` seconds.
    """
    given = pickle.dumps((pack, value, arrival))
    command = [sys.executable, "-m", "producers.redrive.child"]
    done = run(command, input=given, capture_output=True, timeout=patience, check=True)
    return done.stdout.decode().strip()


def main() -> None:
    """Judge, and say it."""
    pack, value, arrival = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - from the process that started this one
    sys.stdout.write(said_of(pack, partial(judge, texts=texts_of(Settings())), decode(value), instant(arrival)))


if __name__ == "__main__":
    main()
