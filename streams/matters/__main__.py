"""`python -m streams.matters`: work until SIGTERM."""

from __future__ import annotations

import sys

from bus import log
from bus.program import one_line_exit
from bus.settings import Settings
from streams.matters.judging import PART
from streams.matters.program import build_app
from streams.run import run


def main() -> int:
    """Follow matters until SIGTERM; the exit code."""
    with one_line_exit():
        settings = Settings()
        log.configure(settings, PART)
        app = build_app(settings)
        code = run(app, settings.log_level.upper())
        for service in app.services:
            service.stop()
        return code


if __name__ == "__main__":
    sys.exit(main())
