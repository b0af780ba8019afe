"""For departments' own programs: send events over HTTP or Kafka, and read what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
from kafka import KafkaProducer

from bus import clients
from bus.errors import EXIT_INFRASTRUCTURE, EXIT_USAGE, GongkaiError, Retriable
from bus.settings import Settings
from bus.topics import inbox_name

Event = Mapping[str, Any]


class Unanswered(GongkaiError):
    """The gateway refused a request; `status` and its problem details say why."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('zh', '')} {problem.get('en', '')}")
        self.status = status
        self.problem = problem
        self.exit_code = EXIT_USAGE if 400 <= status < 500 else EXIT_INFRASTRUCTURE
        """Of a command that ends by it: a wrong key is no fault of the infrastructure."""


class GatewayClient:
    """The gateway over HTTP, with a department's key."""

    def __init__(
        self, url: str, key: str, *, timeout: float = 60.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout, transport=transport)

    def publish(self, event: Event | bytes) -> dict[str, Any]:
        """Send one event; the answer, whatever its status."""
        body = event if isinstance(event, bytes) else to_bytes(event)
        return self._answer(
            self._request("POST", "/v1/events", content=body, headers={"Content-Type": "application/cloudevents+json"})
        )

    def publish_all(self, events: Iterable[Event | bytes], group: int = 200) -> Iterator[dict[str, Any]]:
        """Send any number of events, `group` at a time; their answers in order, as they come.

        Each group is a stream of its own, so that a client that reads only after it has sent never waits for itself.
        An event written over several lines goes alone, for its bytes are its identity.
        """
        waiting: list[bytes] = []
        for event in events:
            value = event if isinstance(event, bytes) else to_bytes(event)
            if b"\n" in value:
                yield from self._stream(waiting)
                waiting = []
                yield self.publish(value)
                continue
            waiting.append(value)
            if len(waiting) == group:
                yield from self._stream(waiting)
                waiting = []
        yield from self._stream(waiting)

    def upload(self, path: Path, name: str = "") -> dict[str, Any]:
        """Upload a file; the answer goes into an event's `attachments` as it is."""
        with path.open("rb") as file:
            response = self._request("POST", "/v1/files", params={"name": name or path.name}, content=_chunks(file))
        return self._answer(response)

    def event(self, event_id: str) -> dict[str, Any]:
        """What became of one event."""
        return self._answer(self._request("GET", f"/v1/events/{quote(event_id, safe='')}"))

    def feed(self, after: int = 0, wait: float = 0, limit: int = 100) -> dict[str, Any]:
        """The next page of the department's feed."""
        params = {"after": after, "wait": wait, "limit": limit}
        return self._answer(self._request("GET", "/v1/departments/me/feed", params=params, timeout=60 + wait))

    def rejections(
        self, after: int = 0, dept: str | None = None, limit: int = 100, *,
        code: str | None = None, day: str | None = None, state: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """The next page of rejections; `dept` (or `all`) is for the lead office, `state` is open or corrected."""
        asked = {"dept": dept, "code": code, "day": day, "state": state}
        params = {"after": after, "limit": limit} | {name: value for name, value in asked.items() if value}
        return self._answer(self._request("GET", "/v1/rejections", params=params))

    def duties(self, after: str | None, asked: Mapping[str, str | None], limit: int = 500) -> dict[str, Any]:
        """The next page of what is due: `dept`, `state`, `until` and `lifecycle` as the route takes them."""
        params: dict[str, Any] = {"limit": limit} | {name: value for name, value in asked.items() if value}
        return self._answer(self._request("GET", "/v1/duties", params=params | ({"after": after} if after else {})))

    def erase(self, key: str, why: str) -> dict[str, Any]:
        """Destroy the key of a matter's personal data; for the lead office."""
        return self._answer(self._request("POST", "/v1/erasures", json={"key": key, "why": why}))

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _stream(self, lines: list[bytes]) -> Iterator[dict[str, Any]]:
        if not lines:
            return
        headers = {"Content-Type": "application/x-ndjson"}
        response = self._request(
            "POST", "/v1/events", content=b"".join(line + b"\n" for line in lines), headers=headers
        )
        if response.status_code != 200:
            self._answer(response)
        for line in response.text.splitlines():
            yield _object(response, line)

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **options)
        except httpx.TransportError as error:
            said = f"the gateway at {self._http.base_url} does not answer: {error or type(error).__name__}"
            raise Retriable(f"网关没有应答，请核对地址和网络，或请管理员查看。 {said}") from error

    @staticmethod
    def _answer(response: httpx.Response) -> dict[str, Any]:
        """The body of an answer to an event whatever its status; of a refused request an exception."""
        kind = response.headers.get("content-type", "")
        if "json" not in kind:
            raise Unanswered(
                response.status_code, {"zh": "应答的不是网关，请核对地址。", "en": f"no gateway: {response.text[:200]}"}
            )
        body = _object(response, response.text)
        if kind.startswith("application/problem+json"):
            raise Unanswered(response.status_code, body)
        return body


class InboxClient:
    """A department's own Kafka inbox. What is published is taken in order; verdicts come by the feed."""

    def __init__(self, bootstrap: str, dept: str, *, prefix: str = "", settings: Settings | None = None) -> None:
        """Without `bootstrap` it is that of `settings`, which carry the security too (`GONGKAI_SASL_USERNAME` …)."""
        given = settings or Settings()
        named = {"bootstrap": bootstrap or given.bootstrap, "prefix": prefix or given.prefix}
        self._settings = given.model_copy(update=named)
        self._topic = self._settings.topic(inbox_name(dept))
        self._producer: KafkaProducer = clients.producer(self._settings)

    def publish(self, event: Event | bytes, timeout: float = 30.0) -> int:
        """Send one event and wait until the broker has it; its offset in the inbox."""
        body = event if isinstance(event, bytes) else to_bytes(event)
        with clients.kafka_errors("publish"):
            key = json.loads(body).get("subject", "").encode() if not isinstance(event, bytes) else None
            return int(self._producer.send(self._topic, value=body, key=key).get(timeout=timeout).offset)

    def close(self) -> None:
        """Give the connection back."""
        self._producer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def to_bytes(event: Event) -> bytes:
    """An event as it travels: compact JSON in UTF-8."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _object(response: httpx.Response, text: str) -> dict[str, Any]:
    """The JSON object that a gateway answers with; anything else is another server's."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Unanswered(
            response.status_code, {"zh": "应答的不是网关，请核对地址。", "en": f"no gateway: {text[:200]}"}
        )
    return body


def _chunks(file: Any) -> Iterator[bytes]:
    while chunk := file.read(64 * 1024):
        yield chunk
