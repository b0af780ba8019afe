"""A platform's HTTP interface: a token, pages of changes, and what it is told of one appeal.

    POST /oauth/token                         client, secret → {access_token, expires_in}
    GET  /v1/appeals/changes?after=&size=     → {items: [an appeal as it is now, …], next}
    POST /v1/appeals/{id}/progress            {state, step, at, dept, text}, Idempotency-Key → the appeal, with its id

What it answers is hostile until it was read: at most 4 MB, JSON in UTF-8, no redirect is followed.
Fails to: `NotNow` (try again after a while), `Declined` (this call will never do).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from producers.platform.credentials import Credentials

MAX_ANSWER = 4_000_000
MAX_WAIT = 3_600
"""Seconds that a platform may ask us to wait at once."""
_SECONDS = 10.0
_T = TypeVar("_T")
_WINDOW = timedelta(minutes=1)
_SLACK = timedelta(minutes=5)
"""Before its end a token is fetched anew."""


class NotNow(Exception):
    """The platform does not answer, or wants to be left alone for `seconds`."""

    def __init__(self, said: str, seconds: float = 5.0) -> None:
        super().__init__(said)
        self.seconds = min(max(seconds, 1.0), MAX_WAIT)


class Declined(Exception):
    """The platform answered that it will not do this one thing; `status` is HTTP's."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status} {said}"[:300])
        self.status = status


class Page(NamedTuple):
    """What has changed: appeals as they came, and where to read on."""

    items: list[Any]
    next: int


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float


class _Changes(msgspec.Struct):
    items: list[Any]
    next: int


class Calls:
    """One platform, called no oftener than it allows, by the clock that it is given."""

    def __init__(self, given: Credentials, a_minute: int, clock: Callable[[], datetime]) -> None:
        self.given = given
        self._most = a_minute
        self._clock = clock
        self._made: deque[datetime] = deque()
        self._token: tuple[str, datetime] | None = None
        self._http = httpx.Client(base_url=given.url.rstrip("/"), timeout=_SECONDS, trust_env=False)

    def changes(self, after: int, size: int) -> Page:
        """Appeals that changed behind the cursor `after`, in the order of their changes.

        Raises:
            NotNow: no answer, or one that can't be believed.
        """
        body = self._signed("GET", "/v1/appeals/changes", params={"after": after, "size": size})
        found = _read(body, _Changes)
        moves = found.next > after if found.items else found.next == after
        if len(found.items) > size or not moves or found.next >= 1 << 53:
            raise NotNow("its page of changes is not one: too long, or without a way on", 60)
        return Page(found.items, found.next)

    def tell(self, appeal: str, key: str, said: Mapping[str, str]) -> dict[str, Any]:
        """Say how an appeal goes; the same `key` again changes nothing. The appeal as the platform has it now.

        Raises:
            NotNow: no answer, or one that can't be believed.
            Declined: it will not.
        """
        path = f"/v1/appeals/{quote(appeal, safe='')}/progress"
        return _read(self._signed("POST", path, json=said, headers={"Idempotency-Key": key}), dict[str, Any])

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def _signed(self, method: str, path: str, **request: Any) -> bytes:
        for again in (True, False):
            headers = {**request.get("headers", {}), "Authorization": f"Bearer {self._bearer()}"}
            try:
                return self._call(method, path, **{**request, "headers": headers})
            except Declined as declined:
                if declined.status != httpx.codes.UNAUTHORIZED:
                    raise
                self._token = None  # it was taken back before its time
                if not again:
                    raise NotNow("it takes no token that it has given", 60) from declined
        raise AssertionError

    def _bearer(self) -> str:
        now = self._clock()
        if self._token is None or self._token[1] <= now:
            asked = {"client": self.given.client, "secret": self.given.secret.get_secret_value()}
            try:
                token = _read(self._call("POST", "/oauth/token", json=asked), _Token)
            except Declined as declined:
                raise NotNow(f"it gives us no token: {declined}", 60) from declined
            if not token.access_token.isascii() or not token.access_token.isprintable():
                raise NotNow("its token is none", 60)
            self._token = (token.access_token, now + timedelta(seconds=min(token.expires_in, 86_400)) - _SLACK)
        return self._token[0]

    def _call(self, method: str, path: str, **request: Any) -> bytes:
        self._pace()
        try:
            with self._http.stream(method, path, **request) as response:
                return _whole(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotNow(f"{path}: {type(error).__name__}") from error

    def _pace(self) -> None:
        now = self._clock()
        while self._made and self._made[0] <= now - _WINDOW:
            self._made.popleft()
        if len(self._made) >= self._most:
            raise NotNow("as many calls as it allows in a minute", (self._made[0] + _WINDOW - now).total_seconds())
        self._made.append(now)


def _whole(response: httpx.Response) -> bytes:
    """The body of a good answer, read no further than it may be."""
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.status_code >= 500:
        raise NotNow(f"it answers {response.status_code}", _after(response))
    kind, _, charset = response.headers.get("content-type", "").lower().partition(";")
    body = bytearray()
    for part in response.iter_bytes():
        body += part
        if len(body) > MAX_ANSWER:
            raise NotNow("its answer is too large", 60)
    if not response.is_success:
        raise Declined(response.status_code, bytes(body[:200]).decode("utf-8", "replace"))
    if kind.strip() != "application/json" or charset.strip() not in {"", "charset=utf-8"}:
        raise NotNow("its answer is no JSON in UTF-8", 60)
    return bytes(body)


def _after(response: httpx.Response) -> float:
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 5.0


def _read(body: bytes, model: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=model)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotNow(f"its answer can't be read: {str(error)[:200]}", 60) from error
