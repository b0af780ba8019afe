"""A worker of the copying stage, as a program: `python -m tests.streams.worker`, settings from the environment."""

from __future__ import annotations

import os
import sys

from bus import clients
from bus.settings import Settings
from schemas.topics import PUBLICATIONS
from streams import app as apps
from streams.run import run
from tests.streams.judges import Copy


def main() -> int:
    settings = Settings(_env_file=None)
    built = apps.build(
        settings, "copier", (PUBLICATIONS,), Copy,
        address=clients.bootstrap(settings), port=int(os.environ.get("WORKER_PORT", "0")),
        hang=float(os.environ.get("WORKER_HANG", "60")), limit=float(os.environ.get("WORKER_LIMIT", "10")),
    )  # fmt: skip
    return run(built, os.environ.get("WORKER_LOG", "WARN"))


if __name__ == "__main__":
    sys.exit(main())
