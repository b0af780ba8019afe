"""What the sender asks of a platform, and the five ways in which a platform can say no."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal, Protocol

from consumers.newmedia.texts import Article


class PlatformError(Exception):
    """Root: `code` is the platform's own, or a word of ours."""

    def __init__(self, code: int | str, detail: str = "", retry_after: float = 0.0) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        """Seconds that the platform wants to be left alone."""


class UnknownOutcome(PlatformError):
    """Nobody knows whether it was done: the answer was lost. Look it up before trying again."""


class NotDone(PlatformError):
    """Surely not done, and worth another try later."""


class NoQuota(NotDone):
    """Surely not done: this period's sends are used up."""


class HandleGone(NotDone):
    """What was prepared is no longer there."""


class Refused(PlatformError):
    """Surely not done, and never will be with this content."""


class Misconfigured(PlatformError):
    """Surely not done: credentials or rights of the account are wrong; operators must look."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Articles that go out together; `client_id` is ours and the same at every try."""

    client_id: str
    articles: tuple[Article, ...]


Confirmation = Literal["sent", "pending", "failed"]


class Platform(Protocol):
    """One account on one platform. Every method is at most one call that has an effect."""

    prepares: bool
    """Whether a batch is laid down unseen before it is made public."""
    replaces: bool
    """Whether a newer version takes a post's place (delete, then post anew); else the first stays."""

    def prepare(self, batch: Batch) -> str:
        """Lay the batch down unseen; the handle by which `submit` takes it."""

    def find_prepared(self, batch: Batch) -> str | None:
        """The handle of what an earlier `prepare` laid down, or None where it did not."""

    def submit(self, batch: Batch, handle: str) -> str:
        """Make it public: the platform's id of the send."""

    def look_up(self, batch: Batch, handle: str, known: Set[str]) -> str | None:
        """The id of a send whose outcome is unknown, or None where it was not done; `known` ids are others'."""

    def confirm(self, sent: str) -> Confirmation:
        """How the send went in the end."""

    def discard(self, handle: str) -> None:
        """Throw away what was prepared."""

    def remove(self, post: str) -> None:
        """Take one post down; one that is already gone is no error."""

    def close(self) -> None:
        """Close the connections."""

    def post_id(self, sent: str, position: int) -> str:
        """The id of the article at `position` (from 0) of a send."""
