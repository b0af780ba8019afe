"""A Weibo account over its official API: share, time line, deletion. Only the base address ever differs.

A post whose answer was lost is found again in the account's own time line by its words, links left out, for the
platform gives links back as short ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Any, NoReturn

from consumers.newmedia.accounts import Credentials
from consumers.newmedia.http import Caller
from consumers.newmedia.platform import (
    Batch,
    Confirmation,
    Misconfigured,
    NotDone,
    Refused,
    UnknownOutcome,
)
from consumers.newmedia.token import Token

STALE_TOKEN = frozenset({21314, 21315, 21317, 21327, 21332})
SYSTEM = frozenset({10001, 10003, 10010, 10011})
"""Whether it was done is not said."""
BUSY = {10002: 60.0, 10009: 60.0, 10022: 600.0, 10023: 600.0, 10024: 600.0, 20016: 600.0}
CONFIGURATION = frozenset({10004, 10005, 10006, 10013, 10014, 21321, 21322, 21324, 21325})
GONE = 20101
LINK = re.compile(r"https?://[!-~]+")
PAGE, PAGES = 100, 5
"""How far back an unknown outcome is looked for."""


class Weibo:
    """One account."""

    prepares = False
    replaces = True

    def __init__(self, base: str, credentials: Credentials) -> None:
        self._caller = Caller(base)
        self._credentials = credentials
        self._token = Token(self._ask_token, _raise, "error_code", STALE_TOKEN)

    def prepare(self, batch: Batch) -> str:  # noqa: ARG002
        """Nothing: a post is one call."""
        return ""

    def find_prepared(self, batch: Batch) -> str | None:  # noqa: ARG002
        """Nothing to find."""
        return ""

    def submit(self, batch: Batch, handle: str) -> str:  # noqa: ARG002
        """Post it."""
        form = {"status": batch.articles[0].text, "rip": self._credentials.rip}
        answer = self._with_token("POST", "/2/statuses/share.json", form)
        if "error_code" in answer:
            _raise(answer)
        if not answer.get("idstr"):
            raise UnknownOutcome("NO-ID", "statuses/share")
        return str(answer["idstr"])

    def look_up(self, batch: Batch, handle: str, known: Set[str]) -> str | None:  # noqa: ARG002
        """The newest post of the account with these words that is none of the known ones."""
        wanted = _words(batch.articles[0].text)
        return next(
            (
                str(post["idstr"])
                for post in self._timeline()
                if _words(str(post.get("text", ""))) == wanted and str(post["idstr"]) not in known
            ),
            None,
        )

    def confirm(self, sent: str) -> Confirmation:  # noqa: ARG002
        """A post that has an id is public."""
        return "sent"

    def discard(self, handle: str) -> None:
        """Nothing was prepared."""

    def remove(self, post: str) -> None:
        """Delete the post."""
        answer = self._with_token("POST", "/2/statuses/destroy.json", {"id": post})
        if answer.get("error_code", GONE) != GONE:
            _raise(answer)

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def post_id(self, sent: str, position: int) -> str:  # noqa: ARG002
        """A send is one post."""
        return sent

    def _timeline(self) -> Iterator[dict[str, Any]]:
        for page in range(1, PAGES + 1):
            answer = self._with_token("GET", "/2/statuses/user_timeline.json", {"page": page, "count": PAGE})
            if "error_code" in answer:
                _raise(answer)
            yield from answer.get("statuses", [])
            if page * PAGE >= int(answer.get("total_number", 0)):
                return

    def _with_token(self, method: str, path: str, values: dict[str, Any]) -> dict[str, Any]:
        """The call under the account's token."""
        place = "params" if method == "GET" else "data"
        return self._token.under(
            lambda token: self._caller.call(method, path, **{place: {**values, "access_token": token}})
        )

    def _ask_token(self) -> dict[str, Any]:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._credentials.key,
            "client_secret": self._credentials.secret,
            "refresh_token": self._credentials.refresh_token,
        }
        return self._caller.call("POST", "/oauth2/access_token", data=form)


def _words(text: str) -> str:
    return " ".join(LINK.sub(" ", text).split())


def _raise(answer: dict[str, Any]) -> NoReturn:
    """The platform's error code as one of ours."""
    code, text = int(answer.get("error_code", 0)), str(answer.get("error", ""))[:200]
    if code in SYSTEM:
        raise UnknownOutcome(code, text)
    if code in BUSY:
        raise NotDone(code, text, BUSY[code])
    if code in CONFIGURATION or code in STALE_TOKEN:
        raise Misconfigured(code, text)
    raise Refused(code, text)
