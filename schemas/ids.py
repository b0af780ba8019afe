"""Derived ids: the same input gives the same id in any process, on any host, at any time."""

from __future__ import annotations

from hashlib import sha1
from uuid import UUID

NAMESPACE = UUID("6f0b8a52-3c0e-5f0c-9d43-8a7f1c2e4b60")
"""Of this project; changing it would double every effect, so it never changes."""


def feed_id(source: str, event_id: str, outlet: str) -> str:
    """Id of what one event gives one outlet: without pack, clock or host."""
    return _uuid5(f"feed\n{source}\n{event_id}\n{outlet}")


def judged_id(topic: str, partition: int, offset: int, kind: str) -> str:
    """Id of a verdict, rejection or dead letter (`kind`) about the input record at that place."""
    return _uuid5(f"{kind}\n{topic}\n{partition}\n{offset}")


def receipt_id(feed_record_id: str) -> str:
    """Id of the one receipt that a feed record ends in."""
    return _uuid5(f"receipt\n{feed_record_id}")


def door_id(source: str, event_id: str, sha256: str, kind: str) -> str:
    """Id of a rejection or dead letter given at the door, where there is no offset yet."""
    return _uuid5(f"door-{kind}\n{source}\n{event_id}\n{sha256}")


def pack_record_id(key: str, sha256: str) -> str:
    """Id of a record of topic `city`: the same for the same file under the same path, so a repeat is known."""
    return _uuid5(f"pack\n{key}\n{sha256}")


def duty_word_id(name: str) -> str:
    """Id of a word about a duty: `<duty>#<version>`, or of a rung `<duty>/<rung>/<due>`."""
    return _uuid5(f"duty\n{name}")


def clock_step_id(cause: str, target: str, step: str) -> str:
    """Id of a step that a clock or a period takes for a matter."""
    return _uuid5(f"clock\n{cause}\n{target}\n{step}")


def link_id(source: str, event_id: str, target: str, step: str) -> str:
    """Id of a step that one event takes for a matter."""
    return _uuid5(f"link\n{source}\n{event_id}\n{target}\n{step}")


def delivery_id(notice: str, target: str) -> str:
    """Id of the one delivery of a notice to a target, whoever makes it and however often it is tried."""
    return _uuid5(f"delivery\n{notice}\n{target}")


def delivery_record_id(about: str, what: str, number: int = 0) -> str:
    """Id of a record on `deliveries`: a plan by its cause; an end or a wish by its delivery, and how often asked."""
    return _uuid5(f"delivery-{what}\n{about}\n{number}")


def _uuid5(name: str) -> str:
    """`uuid.uuid5` of our namespace as text, in a third of the time: every record of ours has one."""
    digest = bytearray(sha1(_PREFIX + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


_PREFIX = NAMESPACE.bytes
