"""The hash that sign-offs are given over (RULES §2.1): RFC 8785 canonical JSON, SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

_CANONICAL = msgspec.json.Encoder(order="sorted")
"""Of strings and lists with ASCII keys this is RFC 8785 byte for byte, in a fraction of the library's time; a property
test compares the two. It is no canonical form of numbers."""


def content_sha256(title: str, body: str, attachment_digests: Iterable[str]) -> str:
    """SHA-256 of {title, body, attachments' digests in order} in canonical JSON, lower-case hexadecimal."""
    content = {"title": title, "body": body, "attachments": list(attachment_digests)}
    return hashlib.sha256(_CANONICAL.encode(content)).hexdigest()
