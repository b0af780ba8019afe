"""Which appeal of which platform is which matter of ours, what it said last, and what it was told.

Keeps: table `door_appeals`, a row an appeal for ever, so that none is opened twice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from bus.store import bulk
from producers.tables import APPEALS

_c = APPEALS.c
_FURTHEST_TRY = 12
"""A call that is declined again and again is tried once in 4,096 seconds."""


@dataclass(slots=True)
class Kept:
    """One appeal."""

    platform: str
    foreign_id: str
    subject: str
    event_id: str
    state: str
    arrival: int
    said: str = ""
    told: int = 0
    ended: int = 0
    tries: int = 0
    again: int = 0
    trouble: str = ""


def known(conn: sa.Connection, platform: str, ids: Collection[str]) -> dict[str, Kept]:
    """The appeals of those ids that came before."""
    rows = conn.execute(sa.select(APPEALS).where(_c.platform == platform, _c.foreign_id.in_(ids)))
    return {row.foreign_id: Kept(**row._mapping) for row in rows}


def keep(conn: sa.Connection, appeals: Collection[Kept]) -> None:
    """Write them down."""
    bulk.upsert(conn, APPEALS, [asdict(each) for each in appeals])


def told(conn: sa.Connection, kept: Kept, version: int, said: str, *, ended: bool) -> None:
    """The platform was told of everything up to `version`; what it was told, if anything, is `said`."""
    now = {"told": version, "tries": 0, "again": 0, "trouble": "", **({"said": said} if said else {}),
           **({"ended": 1} if ended else {})}  # fmt: skip
    conn.execute(APPEALS.update().where(_is(kept), _c.told <= version).values(**now))


def put_off(conn: sa.Connection, kept: Kept, trouble: str, now: int) -> None:
    """It could not be told: later, and ever later."""
    tries = kept.tries + 1
    again = now + 1_000 * 2 ** min(tries, _FURTHEST_TRY)
    conn.execute(APPEALS.update().where(_is(kept)).values(tries=tries, again=again, trouble=trouble[:300]))


def _is(kept: Kept) -> sa.ColumnElement[bool]:
    return sa.and_(_c.platform == kept.platform, _c.foreign_id == kept.foreign_id)
