"""A gk-id as a store keeps it: 16 bytes."""

from __future__ import annotations

import re
from hashlib import blake2b
from uuid import UUID

from schemas import headers as h
from schemas.headers import Headers

_USUAL = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def id_of(headers: Headers) -> bytes | None:
    """The gk-id among `headers` as its 16 bytes, or None."""
    return next((compact(value) for key, value in headers if key == h.ID), None)


def compact(gk_id: str | bytes) -> bytes:
    """A gk-id as 16 bytes: those of the UUID, or a digest of whatever else stands there."""
    raw = gk_id.encode() if isinstance(gk_id, str) else gk_id
    if _USUAL.fullmatch(raw):  # as below, several times as fast
        return bytes.fromhex(raw.replace(b"-", b"").decode())
    try:
        return UUID(raw.decode("ascii")).bytes
    except ValueError:
        return blake2b(raw, digest_size=16).digest()
