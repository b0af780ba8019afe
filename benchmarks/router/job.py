"""The job that every engine of this benchmark does: parse and check the model, look the row up, choose the topics.

Python engines call `topics_of`; engines in other languages do the same by the words of README.md.
"""

from __future__ import annotations

import hashlib
from typing import Any, cast

import msgspec

from schemas.decode import Unreadable, decode

ID = "gk-id"
"""The header by which readers drop what at-least-once repeats."""

PORTAL, NEWMEDIA, REJECTIONS, VERDICTS = "portal", "newmedia", "rejections", "verdicts"

ROWS = {f"{line:02d}-{row}": row % 2 == 0 for line in range(1, 20) for row in range(1, 6)}
"""The catalogue: 95 rows, and whether a row is for new media as well."""


def topics_of(value: bytes) -> tuple[str, ...]:
    """The topics on which an event goes on unchanged."""
    try:
        event: Any = decode(value)
    except Unreadable:
        return (REJECTIONS,)
    media = ROWS.get(event.data.item)
    if media is None:
        return (REJECTIONS,)
    return (PORTAL, NEWMEDIA) if media else (PORTAL,)


def id_of(partition: int, offset: int, topic: str) -> bytes:
    """What the header of an output says: the input's place, and the output's topic."""
    return f"{partition}/{offset}/{topic}".encode()


def verdict_of(value: bytes, topic: str, partition: int, offset: int) -> tuple[tuple[str, ...], bytes]:
    """The topics, and the verdict that is written beside."""
    topics = topics_of(value)
    verdict = {
        "origin": {"topic": topic, "partition": partition, "offset": offset},
        "outcome": "rejected" if topics == (REJECTIONS,) else "accepted",
        "value_sha256": hashlib.sha256(value).hexdigest(),
        "outlets": topics,
    }
    return topics, cast("bytes", msgspec.json.encode(verdict))
