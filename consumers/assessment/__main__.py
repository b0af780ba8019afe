"""`python -m consumers.assessment`: the ledger and the assessment's pages.

Reads:    `verdicts`, `receipts`, `city`; the parts' committed offsets.
Writes:   `rejections` (VER-CONFLICT).
Keeps:    store `assessment`.
Fails to: one line and exit code 3, as `bus.program` and `bus.store` say.
"""

from __future__ import annotations

from contextlib import closing

from bus.program import one_line_exit, run
from bus.settings import Settings
from consumers.assessment.program import build_assessment


def main() -> None:
    """Run until told to end."""
    with one_line_exit():
        settings = Settings()
        with closing(build_assessment(settings)) as assessment:
            run("assessment", settings, assessment.services, assessment.app, settings.assessment_port)


if __name__ == "__main__":
    main()
