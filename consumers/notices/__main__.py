"""`python -m consumers.notices`: the sink, the relay, a postman for each way out, and the page.

Reads:    `duties`, `deliveries`, `city`; `home/secrets/notices.toml`.
Writes:   `deliveries`; mail by SMTP, webhooks by HTTPS.
Keeps:    store `notices`.
Fails to: one line and exit code 3, as `bus.program` and `bus.store` say.
"""

from __future__ import annotations

from contextlib import closing

from bus.program import one_line_exit, run
from bus.settings import Settings
from consumers.notices.program import build


def main() -> None:
    """Run until told to end."""
    with one_line_exit():
        settings = Settings()
        with closing(build(settings)) as notices:
            run("notices", settings, notices.services, notices.app, settings.notices_port)


if __name__ == "__main__":
    main()
