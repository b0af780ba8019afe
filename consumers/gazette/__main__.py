"""`python -m consumers.gazette`: the gazette.

Reads:    `gazette-feed`, `receipts`, `city`.
Writes:   `receipts`.
Keeps:    store `gazette`.
Fails to: one line and exit code 3, as `bus.program` and `bus.store` say.
"""

from __future__ import annotations

from contextlib import closing

from bus.program import one_line_exit, run
from bus.settings import Settings
from consumers.gazette.program import build_gazette


def main() -> None:
    """Run until told to end."""
    with one_line_exit():
        settings = Settings()
        with closing(build_gazette(settings)) as gazette:
            run("gazette", settings, gazette.services, gazette.app, settings.gazette_port)


if __name__ == "__main__":
    main()
