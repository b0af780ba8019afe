"""Receipt numbers, and the query codes that belong to them: ten digits by chance, kept as a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import date

_DIGITS = 10
_NOBODYS = "0" * 64
"""What a code is compared with where there is no such number, so that both answers take as long."""


def number(prefix: str, day: date) -> str:
    """A receipt's number: what it is, the day, and nine digits by chance."""
    return f"{prefix}{day:%Y%m%d}{secrets.randbelow(10**9):09}"


def code() -> str:
    """A query code, shown once."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"


def kept(secret: bytes, of: str, given: str) -> str:
    """What is kept of a code; the secret is not in the database in plain, so that it can't be tried out there."""
    return hmac.new(secret, f"{of}|{given}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def agrees(secret: bytes, of: str, given: str, there: str | None) -> bool:
    """Whether it is that number's code, in the same time whatever is wrong."""
    same = hmac.compare_digest(kept(secret, of, given), there or _NOBODYS)
    return same and there is not None
