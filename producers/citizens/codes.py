"""Receipt numbers, and the query codes that belong to them: ten digits nobody can guess, kept as a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

_DIGITS = 10
_NOBODYS = "0" * 64
"""What a code is compared with where there is no such number, so that both answers take as long."""


def number(secret: bytes, prefix: str, day: date, nonce: str) -> str:
    """A receipt's number: what it is, the day, and nine digits that a form's nonce alone gives."""
    return f"{prefix}{day:%Y%m%d}{_digits(secret, 'number', nonce, 9)}"


def code(secret: bytes, nonce: str, digest: str) -> str:
    """A form's query code: the same for the same form sent again, so that one pressed twice is answered twice.

    Who does not know the nonce, which was by chance, and all that the form says, has ten digits to guess.
    """
    return _digits(secret, "code", f"{nonce}|{digest}", _DIGITS)


def _digits(secret: bytes, what: str, of: str, digits: int) -> str:
    found = int.from_bytes(hmac.digest(secret, f"{what}|{of}".encode(), "sha256"))
    return f"{found % 10**digits:0{digits}}"


def kept(secret: bytes, of: str, given: str) -> str:
    """What is kept of a code; the secret is not in the database in plain, so that it can't be tried out there."""
    return hmac.new(secret, f"{of}|{given}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def agrees(secret: bytes, of: str, given: str, there: str | None) -> bool:
    """Whether it is that number's code, in the same time whatever is wrong."""
    same = hmac.compare_digest(kept(secret, of, given), there or _NOBODYS)
    return same and there is not None
