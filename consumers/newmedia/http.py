"""One HTTP call to a platform, its failures told apart: surely not done, or nobody knows."""

from __future__ import annotations

from typing import Any

import httpx

from consumers.newmedia.platform import NotDone, UnknownOutcome


class Caller:
    """Calls below one base address; answers are JSON objects."""

    def __init__(self, base: str, seconds: float = 8.0) -> None:
        self.client = httpx.Client(base_url=base.rstrip("/"), timeout=seconds, trust_env=False)

    def call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """The object that `path` answers, whatever its status below 500.

        Raises:
            NotDone: no connection could be made.
            UnknownOutcome: the connection broke, time ran out, or the server failed.
        """
        try:
            response = self.client.request(method, path, **request)
            answer = response.json() if response.status_code < 500 else None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotDone("CONNECT", f"{path}: {error}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise UnknownOutcome("ANSWER-LOST", f"{path}: {type(error).__name__}") from error
        if not isinstance(answer, dict):
            raise UnknownOutcome(f"HTTP-{response.status_code}", path)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self.client.close()
