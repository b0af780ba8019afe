"""When a delivery is tried again, and when nobody tries any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256

WAITS = tuple(timedelta(seconds=each) for each in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
"""Between one try and the next, as Standard Webhooks recommends: three days and a half in all."""
ATTEMPTS = len(WAITS) + 1
LONGEST = timedelta(days=1)
"""No server is waited for longer, whatever it asks."""
REST = timedelta(seconds=5)
"""After nobody answered, all that goes the same way waits so long."""
_SPREAD = 0.1


def next_try(now: datetime, attempts: int, delivery: str, retry_after: timedelta | None = None) -> datetime | None:
    """When to try again after so many tries; None: it is given up.

    Deliveries that failed together come back a little apart, each by its id, so that the same input gives the same.
    """
    if attempts >= ATTEMPTS:
        return None
    wait = WAITS[attempts - 1] * (1 + _SPREAD * _share(delivery, attempts))
    return now + max(wait, min(retry_after or timedelta(0), LONGEST))


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """What a server asks for by `Retry-After` (RFC 9110 §10.2.3): seconds or a date; None where it is neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=int(text)) if len(text) < 10 else LONGEST
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return max(timedelta(0), (at if at.tzinfo else at.replace(tzinfo=UTC)) - now)


def _share(delivery: str, attempts: int) -> float:
    return int.from_bytes(sha256(f"{delivery}/{attempts}".encode()).digest()[:4]) / 2**32
