"""The one place where SQLAlchemy's errors become ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from bus.errors import Fatal, Retriable

PASSING_SQLSTATES = ("08", "40", "55P03", "57", "53300")
"""PostgreSQL: connection, serialization and deadlock, lock not available, shutdown, too many connections."""
DISK_FULL_SQLSTATE = "53100"
PASSING_SQLITE = ("locked", "busy")
FULL_SQLITE = ("disk is full", "disk i/o error")


@contextmanager
def sql_errors(place: str) -> Iterator[None]:
    """Map errors of the database `place` is in; those of our own statements pass, for they are our faults."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise Retriable(f"{place}: no free connection to the database") from error
    except sa.exc.DBAPIError as error:
        mapped = _mapped(error, place)
        if mapped is None:
            raise
        raise mapped from error


def _mapped(error: sa.exc.DBAPIError, place: str) -> Exception | None:
    said = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    state = getattr(error.orig, "sqlstate", None)
    if state == DISK_FULL_SQLSTATE or any(word in said.lower() for word in FULL_SQLITE):
        return Fatal(f"{place}: no space left on the disk ({said}); free some, then start again")
    if error.connection_invalidated or (state or "").startswith(PASSING_SQLSTATES):
        return Retriable(f"{place}: {said}")
    if not isinstance(error, sa.exc.OperationalError):
        return None
    if state is None and "psycopg" in type(error.orig).__module__:
        return Retriable(f"{place}: {said}")
    if any(word in said.lower() for word in PASSING_SQLITE):
        return Retriable(f"{place}: {said}")
    if state is None and any(word in said.lower() for word in ("unable to open", "readonly", "malformed")):
        return Fatal(f"{place}: {said}")
    return None
