"""`python -m consumers.portal`: the portal.

Reads:    `portal-feed`, `city`; files of the door by digest; tokens of outside portals.
Writes:   `receipts`, its own and those that outside portals report.
Keeps:    stores `portal` and `portal-reports`.
Fails to: one line and exit code 3, as `bus.program` and `bus.store` say.
"""

from __future__ import annotations

from contextlib import closing

from bus.program import one_line_exit, run
from bus.settings import Settings
from consumers.portal.program import build_portal


def main() -> None:
    """Run until told to end."""
    with one_line_exit():
        settings = Settings()
        with closing(build_portal(settings)) as portal:
            run("portal", settings, portal.services, portal.app, settings.portal_port)


if __name__ == "__main__":
    main()
