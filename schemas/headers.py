"""Kafka headers of derived records: which record they came from, by whose judgement."""

from __future__ import annotations

ID = "gk-id"
"""Derived id (`schemas.ids`); what an inbox remembers."""
ORIGIN = "gk-origin"
"""`topic/partition/offset` of the input record, the topic without the city's prefix."""
VERDICT = "gk-verdict"
"""Id of the verdict that let a feed record through."""
PACK = "gk-pack"
"""Release of the city pack that judged."""
ENGINE = "gk-engine"
"""Version of this software that judged."""
OUTLET = "gk-outlet"
"""On a feed record: compact JSON of `schemas.records.Routed`, the outlet and what it is to say."""
ERROR = "gk-error"
"""On a dead letter: its code."""
LENGTH = "gk-length"
"""On a dead letter: bytes of the whole value, where only its head is kept."""
SHA256 = "gk-sha256"
"""On a dead letter: digest of the whole value."""
SENDER = "gk-sender"
"""On a dead letter of the door: the department whose key it came under."""
TRACEPARENT = "traceparent"

Headers = tuple[tuple[str, bytes], ...]


def get(headers: Headers, name: str) -> str | None:
    """The first header called `name` as text, or None."""
    return next((value.decode() for key, value in headers if key == name), None)
