"""Starts a program; once, the next time alone, with the failpoints that a file names.

`python armed.py FILE COMMAND…`: takes FILE away before it starts COMMAND in its own place, so that whoever is killed
at a failpoint is started again without one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "GONGKAI_FAILPOINTS"


def main(file: Path, command: list[str]) -> None:
    """Become COMMAND."""
    taken = file.with_suffix(".taken")
    if file.exists():
        file.replace(taken)
        os.environ[NAME] = ",".join(filter(None, (os.environ.get(NAME, ""), taken.read_text())))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
