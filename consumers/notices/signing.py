"""Signatures of webhooks as Standard Webhooks 1.0.0 asks: HMAC-SHA256 over id, instant and body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a key, by the specification."""


def key_of(secret: str) -> bytes:
    """The key that a secret `whsec_<base64>` stands for.

    Raises:
        ValueError: it is none; the secret is not repeated.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"a secret is {PREFIX} and the base64 of {SHORTEST} to {LONGEST} random bytes")
    return key


def headers(secrets: Sequence[str], delivery: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The three headers: one signature for each secret, so that a receiver may change over."""
    stamp = int(at.timestamp())
    signed = " ".join(signature(key_of(secret), delivery, stamp, body) for secret in secrets)
    return {"webhook-id": delivery, "webhook-timestamp": str(stamp), "webhook-signature": signed}


def signature(key: bytes, delivery: str, stamp: int, body: bytes) -> str:
    """One signature, `v1,<base64>`."""
    made = hmac.new(key, f"{delivery}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"
