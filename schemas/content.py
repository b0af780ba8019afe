"""The hash that sign-offs are given over (RULES §2.1): RFC 8785 canonical JSON, SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import rfc8785


def content_sha256(title: str, body: str, attachment_digests: Iterable[str]) -> str:
    """SHA-256 of {title, body, attachments' digests in order} in canonical JSON, lower-case hexadecimal."""
    content = {"title": title, "body": body, "attachments": list(attachment_digests)}
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
