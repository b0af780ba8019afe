"""Webhooks: the record itself by POST, signed; to an address that was looked at, and nowhere else."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa

from bus.clock import Clock
from consumers.notices import pace, signing
from consumers.notices.addresses import Webhook
from consumers.notices.guard import Forbidden, Guard, Unresolved
from consumers.notices.shelf import Parcel, Shelf, of_targets
from consumers.notices.ways import REPRIEVE, Outcome

MOST_ANSWER = 4_096
"""Bytes of an answer that are read; only its status says something."""
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
_GONE = 410


class Hook:
    """The way to one webhook."""

    def __init__(self, webhook: Webhook, guard: Guard, tls: Callable[[], ssl.SSLContext], clock: Clock) -> None:
        self.name = f"webhook {webhook.id}"
        self.patience = webhook.timeout + REPRIEVE
        self._webhook = webhook
        self._guard = guard
        self._tls = tls
        self._clock = clock
        self._runner: asyncio.Runner | None = None

    @property
    def mine(self) -> sa.ColumnElement[bool]:
        """What goes to this webhook."""
        return of_targets([self._webhook.id])

    def shut(self, parcel: Parcel, shelf: Shelf) -> str | None:
        """One that said it is gone is not called, but where a person asked for it."""
        if parcel.round == 0 and shelf.is_gone(self._webhook):
            return "the webhook answered 410 before; send again, or give it another address"
        return None

    def note(self, shelf: Shelf, outcome: Outcome, at: datetime) -> None:
        """Whether it is gone, or back."""
        if outcome.result == "gone":
            shelf.gone(self._webhook, at)
        elif outcome.result == "delivered":
            shelf.back(self._webhook.id)

    def carry(self, parcel: Parcel, at: datetime) -> Outcome:
        """Call it once, within its time."""
        self._runner = self._runner or asyncio.Runner(loop_factory=asyncio.new_event_loop)
        return self._runner.run(self._call(parcel, at))

    def close(self) -> None:
        """End the loop."""
        if self._runner is not None:
            self._runner.close()

    async def _call(self, parcel: Parcel, at: datetime) -> Outcome:
        try:
            async with asyncio.timeout(self._webhook.timeout):
                return await self._post(parcel, at)
        except (TimeoutError, httpx.TimeoutException):
            return Outcome("later", f"no answer within {self._webhook.timeout:g} s", answered=False)
        except (Forbidden, Unresolved) as error:
            return Outcome("later", str(error), answered=False)
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            return Outcome("later", type(error).__name__, answered=False)

    async def _post(self, parcel: Parcel, at: datetime) -> Outcome:
        parts = urlsplit(self._webhook.url)
        host = parts.hostname or ""
        addresses = await self._guard.addresses_of(host, parts.port or (443 if parts.scheme == "https" else 80))
        headers = {
            **signing.headers(self._webhook.secrets, parcel.id, at, parcel.value), "Host": parts.netloc,
            "Content-Type": CONTENT_TYPE, "Accept-Encoding": "identity", "User-Agent": f"gongkai/{version('gongkai')}",
        }  # fmt: skip
        whole = httpx.Timeout(self._webhook.timeout, connect=self._webhook.timeout / len(addresses))
        async with httpx.AsyncClient(
            verify=self._tls(), trust_env=False, follow_redirects=False, timeout=whole
        ) as client:
            answer = await self._first_that_is_there(client, addresses, headers, parcel.value)
            try:
                await _taste(answer)
            finally:
                await answer.aclose()
        return self._outcome(answer)

    async def _first_that_is_there(
        self, client: httpx.AsyncClient, addresses: Sequence[str], headers: Mapping[str, str], body: bytes
    ) -> httpx.Response:
        """The answer of the first address that can be reached; nothing was sent to those that can't."""
        url = httpx.URL(self._webhook.url)
        for address in addresses:
            asked = client.build_request(
                "POST", url.copy_with(host=address), content=body, headers=headers,
                extensions={"sni_hostname": self._webhook.host},
            )  # fmt: skip
            try:
                return await client.send(asked, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if address == addresses[-1]:
                    raise
        raise Unresolved(f"{self._webhook.host} has no address")

    def _outcome(self, answer: httpx.Response) -> Outcome:
        status = f"HTTP {answer.status_code}"
        if answer.is_success:
            return Outcome("delivered", status)
        if answer.status_code == _GONE:
            return Outcome("gone", status)
        return Outcome("later", status, pace.retry_after(answer.headers.get("Retry-After"), self._clock()))


async def _taste(answer: httpx.Response) -> None:
    """Read a little of an answer, so that a small one is whole; the status is known before."""
    read = 0
    with suppress(httpx.HTTPError):
        async for piece in answer.aiter_raw(MOST_ANSWER):
            read += len(piece)
            if read >= MOST_ANSWER:
                return
