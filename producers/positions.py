"""How far a way in was read, moved in the same transaction as the intake of what was read, by one reader alone."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus.errors import Retriable
from bus.store import Store
from producers.tables import POSITIONS


def position(store: Store, name: str) -> int:
    """How far `name` was read; 0 where it is new."""
    insert = postgresql.insert if store.is_postgres else sqlite.insert
    with store.begin() as conn:
        conn.execute(insert(POSITIONS).values(name=name, position=0, at=0).on_conflict_do_nothing())
        return int(conn.execute(sa.select(POSITIONS.c.position).where(POSITIONS.c.name == name)).scalar_one())


def move(conn: sa.Connection, name: str, *, since: int, to: int, at: int) -> None:
    """Move on from `since`.

    Raises:
        Retriable: another copy of this door has moved it meanwhile; nothing of this transaction stays.
    """
    here = (POSITIONS.c.name == name, POSITIONS.c.position == since)
    if conn.execute(POSITIONS.update().where(*here).values(position=to, at=at)).rowcount != 1:
        raise Retriable(f"{name} was read by another copy of the door")
