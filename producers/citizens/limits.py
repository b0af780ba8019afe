"""How often something may be tried: counted in the store, so that neither a restart nor another copy forgets.

How often is the pack's (`limits.toml`).
What is counted by (an address, a number) is kept as a keyed hash, and only until its window ends.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

import sqlalchemy as sa

from bus.store import bulk
from producers.refusals import Refused
from producers.tables import TRIES
from schemas.city.limits import CounterLimit
from schemas.reasons import Reason

_c = TRIES.c


class Counter:
    """Counts under one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def spend(self, conn: sa.Connection, limit: CounterLimit, what: str, now: int) -> None:
        """Count one more.

        Raises:
            Refused: TOO-MANY; the caller's transaction is to be rolled back.
        """
        self.check(conn, limit, what, now)
        self.count(conn, limit, what, now)

    def check(self, conn: sa.Connection, limit: CounterLimit, what: str, now: int) -> None:
        """See that there is room for one more.

        Raises:
            Refused: TOO-MANY.
        """
        row = conn.execute(
            sa.select(_c.until, _c.count.label("tries")).where(_c.name == self._name(limit, what))
        ).first()
        if row is not None and row.until > now and row.tries >= limit.most:
            raise Refused(Reason.TOO_MANY, minutes=-(-(row.until - now) // 60_000))

    def count(self, conn: sa.Connection, limit: CounterLimit, what: str, now: int) -> None:
        """Count one, and forget what has ended."""
        name = self._name(limit, what)
        conn.execute(TRIES.delete().where(_c.until <= now))
        bulk.insert_or_leave(conn, TRIES, [{"name": name, "count": 0, "until": now + limit.minutes * 60_000}])
        conn.execute(TRIES.update().where(_c.name == name).values(count=_c.count + 1))

    def _name(self, limit: CounterLimit, what: str) -> str:
        return hmac.new(self._secret, f"{limit.id}|{what}".encode(), hashlib.sha256).hexdigest()


def network(address: str) -> str:
    """What one household or machine has: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped  # a socket for both families shows IPv4 so: all of it lies in one network of 64 bits
        return str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
