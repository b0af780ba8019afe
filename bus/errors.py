"""The three kinds of error, and the exit codes of the command line.

`Invalid`: the input is wrong; it becomes a rejection or an answer and is never retried.
`Retriable`: a passing fault of the infrastructure; a bounded retry with backoff.
`Fatal`: this process can't go on; one line that says what to do, and exit code 3.
"""

from __future__ import annotations

EXIT_OK, EXIT_FINDINGS, EXIT_USAGE, EXIT_INFRASTRUCTURE = 0, 1, 2, 3


class GongkaiError(Exception):
    """Root of every error that this project raises on purpose."""


class Invalid(GongkaiError):
    """Input that breaks a rule: `code` names it, `zh` and `en` say what, where and what to do."""

    def __init__(self, code: str, zh: str, en: str, place: str = "") -> None:
        super().__init__(f"{code} {place}: {en}" if place else f"{code}: {en}")
        self.code = code
        self.zh = zh
        self.en = en
        self.place = place


class Retriable(GongkaiError):
    """The infrastructure did not answer this time."""


class Fatal(GongkaiError):
    """This process can't go on; the message is one line and says what to do."""


class Fenced(Fatal):
    """A successor has taken this partition or lane over: nothing more may be written here."""


class StoreMismatch(Fatal):
    """A store was filled from another cluster, topic or log than the one it is given (exit 3, `gongkai rebuild`)."""
