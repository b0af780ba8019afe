"""A program with one service, as real ones are built; the environment can make it fail.

LITTLE_FAIL: the service fails after its start. LITTLE_DEAF: the service never ends.
"""

from __future__ import annotations

import os
import sys
import threading

from bus import program
from bus.settings import Settings


class Little:
    """A service that counts its lives in a file."""

    name = "little"

    def __init__(self) -> None:
        self.failed: BaseException | None = None

    def start(self) -> None:
        if os.environ.get("LITTLE_FAIL"):
            self.failed = RuntimeError("told to fail")

    def stop(self) -> None:
        if os.environ.get("LITTLE_DEAF"):
            threading.Event().wait()

    def health(self) -> dict[str, object]:
        return {"ok": True, "waiting": 7, "prefix": os.environ.get("GONGKAI_PREFIX", "")}


if __name__ == "__main__":
    program.STOP_SECONDS = float(os.environ.get("LITTLE_PATIENCE", program.STOP_SECONDS))
    program.run("little", Settings(), [Little()], port=int(sys.argv[1]))
