"""A gk-id as a store keeps it: 16 bytes."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

from schemas import headers as h
from schemas.headers import Headers


def id_of(headers: Headers) -> bytes | None:
    """The gk-id among `headers` as its 16 bytes, or None."""
    return next((compact(value) for key, value in headers if key == h.ID), None)


def compact(gk_id: str | bytes) -> bytes:
    """A gk-id as 16 bytes: those of the UUID, or a digest of whatever else stands there."""
    raw = gk_id.encode() if isinstance(gk_id, str) else gk_id
    try:
        return UUID(raw.decode("ascii")).bytes
    except ValueError:
        return blake2b(raw, digest_size=16).digest()
