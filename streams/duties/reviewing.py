"""Looks open duties through on a new day or a new release: days that move, and departments that ended.

Reads every open duty of a partition when a release is in force, else those alone that ended departments owe.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus.record import Outgoing
from rules.calendar import day_of
from rules.lifecycle import Changed, inherited, redated
from schemas.city import Pack
from streams.duties.book import Book
from streams.duties.entry import Entry
from streams.duties.notices import Stamp, told
from streams.duties.tables import DUTIES, OWED, WATERMARKS
from streams.duties.watermark import Place


class Packs(NamedTuple):
    """The release in force, and the one before it, where this process saw it."""

    now: Pack
    before: Pack | None = None

    def then(self, pack: Pack) -> Packs:
        """With that release in force from now on."""
        return self if pack.release == self.now.release else Packs(pack, self.now)


def to_review(conn: sa.Connection, pack: Pack, place: Place, today: date) -> Sequence[str] | None:
    """The duties of a partition that are to be looked through; None where it was done by this release today.

    By which release a store was looked through that was made anew, nobody knows: all that is open is.
    """
    of_place = (WATERMARKS.c.topic == place[0], WATERMARKS.c.partition == place[1])
    row = conn.execute(sa.select(WATERMARKS.c.release, WATERMARKS.c.day).where(*of_place)).first()
    if row is not None and (row.release, row.day) == (pack.release, today.toordinal()):
        return None
    if row is None or row.release != pack.release:
        return _all_open(conn, place)
    return _orphaned(conn, pack, place, today)


def review(conn: sa.Connection, packs: Packs, ids: Sequence[str], now: datetime) -> list[Outgoing]:
    """What moves of these duties, told and kept; their next instants too, for ladders may be others now."""
    pack = packs.now
    book = Book.of(conn, ids)
    for entry in book.entries.values():
        for change in _changes(packs, entry, now):
            entry.move(change)
    out = [one for entry in book.entries.values() for one in told(pack, entry, Stamp(now))]
    book.save(conn, dict.fromkeys(book.entries, pack))
    return out


def reviewed(conn: sa.Connection, pack: Pack, place: Place, today: date) -> None:
    """A partition was looked through by this release on this day."""
    seen = {"release": pack.release, "day": today.toordinal()}
    made = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(WATERMARKS)
    made = made.values(topic=place[0], partition=place[1], **seen)
    conn.execute(made.on_conflict_do_update(index_elements=["topic", "partition"], set_=seen))


def _changes(packs: Packs, entry: Entry, now: datetime) -> Iterator[Changed]:
    pack = packs.now
    if (moved := redated(pack, entry.duty, now, packs.before)) is not None:
        yield moved
    duty = moved.duty if moved else entry.duty
    heirs = inherited(pack, duty.depts, day_of(now))
    if duty.is_open and heirs != duty.depts:
        names = "、".join(pack.department[code].name for code in duty.depts if code not in heirs)
        yield Changed("assigned", msgspec.structs.replace(duty, depts=heirs), now, f"{names}的职责已移交")


def _all_open(conn: sa.Connection, place: Place) -> Sequence[str]:
    of_place = (DUTIES.c.topic == place[0], DUTIES.c.partition == place[1])
    return conn.execute(sa.select(DUTIES.c.id).where(*of_place, DUTIES.c.state.in_(("open", "paused")))).scalars().all()


def _orphaned(conn: sa.Connection, pack: Pack, place: Place, today: date) -> Sequence[str]:
    ended = [one.code for one in pack.departments if pack.heir_of(one.code, today) is not None]
    owed = sa.select(DUTIES.c.id).join(OWED, OWED.c.duty == DUTIES.c.id).where(OWED.c.dept.in_(ended)).distinct()
    return conn.execute(owed.where(DUTIES.c.topic == place[0], DUTIES.c.partition == place[1])).scalars().all()
