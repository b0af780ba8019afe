"""What steps do to duties, kept in the transaction of the slice that took them.

Reads and writes `duties`, `owed` and `rungs` through the caller's connection: two questions and a few statements for
a slice, whatever it holds. Rows are locked in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus.record import Outgoing
from bus.store import bulk
from bus.store.tables import KNOWN
from rules.lifecycle import Changed, Matter
from schemas.city import Pack
from schemas.ids import duty_word_id
from schemas.topics import LINKS, TOPIC_OF_FAMILY
from streams.duties.book import Book
from streams.duties.entry import ESTIMATE, LAPSE, RUNG, Entry, Word
from streams.duties.notices import Stamp, told
from streams.duties.standing import opened_on
from streams.duties.tables import RUNGS, WATERMARKS, ms

_PAGE = 1_000
_NO_STEPS = frozenset({RUNG, "redated", "assigned"})
"""Words that no record tells of, or that one tells of alike."""


class Stepped(NamedTuple):
    """A step that was accepted: the matter after it, and `Advance.duties`."""

    pack: Pack
    matter: Matter
    changes: Sequence[Changed]
    stamp: Stamp
    """Of the record that said so: its arrival, `gk-origin` and `traceparent`."""


def record(conn: sa.Connection, partition: int, steps: Sequence[Stepped]) -> list[list[Outgoing]]:
    """Keep what `steps`, taken in this order, change; gives what is to be told because of each of them.

    `partition`: of the records, and so of the matters' home, whichever topic said it.
    """
    book = Book.of(conn, {change.duty.id for step in steps for change in step.changes})
    said = [[out for change in step.changes for out in _changed(book, partition, step, change)] for step in steps]
    packs = {change.duty.id: step.pack for step in steps for change in step.changes}
    book.save(conn, packs)
    return said


def consumed(conn: sa.Connection, topic: str, partition: int, arrival: int) -> None:
    """A partition's records were applied up to one that arrived then (ms); with each slice, duties or none."""
    conn.execute(_consumed(conn.dialect.name), {"topic": topic, "partition": partition, "arrival": arrival})


def recall(conn: sa.Connection) -> int:
    """Before a rebuild reads the log: keep what the clock had said, by the records this part sent; returns how much.

    The day of its last opening of a standing duty is kept too: what comes due to be opened behind it is still to be.
    """
    kept, last = 0, b""
    looked: date | None = None
    while rows := conn.execute(_known_after(last)).all():
        words = [word for row in rows if (word := _word(row.value)) is not None]
        bulk.upsert(conn, RUNGS, [word._asdict() for word in words])
        days = [day for row in rows if (day := opened_on(row.value or b"")) is not None]
        looked = max([*days, *([looked] if looked else [])], default=None)
        kept, last = kept + len(words), rows[-1].gk_id
    if looked is not None:
        bulk.upsert(conn, WATERMARKS, [{
            "topic": LINKS.name, "partition": 0, "arrival": None, "release": None, "day": looked.toordinal(),
        }])  # fmt: skip
    return kept


@cache
def _consumed(dialect: str) -> sa.Insert:
    made = (postgresql if dialect == "postgresql" else sqlite).insert(WATERMARKS)
    newer = sa.or_(WATERMARKS.c.arrival.is_(None), WATERMARKS.c.arrival < made.excluded.arrival)
    keys, later = ["topic", "partition"], {"arrival": made.excluded.arrival}
    upsert: sa.Insert = made.on_conflict_do_update(index_elements=keys, set_=later, where=newer)
    return upsert


def _changed(book: Book, partition: int, step: Stepped, change: Changed) -> list[Outgoing]:
    entry = book.entries.get(change.duty.id)
    if entry is None:
        lifecycle = step.pack.lifecycle.get(step.matter.lifecycle)
        home = TOPIC_OF_FAMILY[lifecycle.family] if lifecycle else LINKS  # of a step that waits for a matter unknown
        entry = Entry(
            change.duty, step.matter.lifecycle, step.matter.title, home.name, partition,
            words=book.words.get(change.duty.id, {}),
        )  # fmt: skip
        book.entries[change.duty.id] = entry
    entry.title = step.matter.title
    entry.step(change, step.stamp.at)
    return told(step.pack, entry, step.stamp)


def _known_after(last: bytes) -> sa.Select[Any]:
    return sa.select(KNOWN).where(KNOWN.c.gk_id > last).order_by(KNOWN.c.gk_id).limit(_PAGE)


class _Notice(msgspec.Struct):
    duty: str
    version: int
    what: str
    due_at: datetime
    at: datetime
    depts: tuple[str, ...] = ()
    rung: str | None = None
    calendar_complete: bool = True


class _Noticed(msgspec.Struct):
    id: str
    type: str
    data: _Notice


class _Link(msgspec.Struct):
    duty: str
    at: datetime


class _Linked(msgspec.Struct):
    time: datetime
    data: _Link


_DECODE = msgspec.json.Decoder(_Noticed).decode
_LINKED = msgspec.json.Decoder(_Linked).decode


def _word(value: bytes | None) -> Word | None:
    """What the clock said, by the record that told of it; None of all else."""
    try:
        noticed = _DECODE(value or b"")
    except msgspec.MsgspecError:
        return _lapse(value or b"")
    told = noticed.data
    if told.what not in _NO_STEPS:
        return None
    detail = " ".join(told.depts) if told.what == "assigned" else "" if told.calendar_complete else ESTIMATE
    detail = "" if told.what == RUNG else detail
    return Word(noticed.id, told.duty, told.version, told.what, told.rung or "", ms(told.due_at), ms(told.at), detail)


def _lapse(value: bytes) -> Word | None:
    """The end that a duty had by itself, by the step on `links` that says so; None of all else."""
    try:
        linked = _LINKED(value)
    except msgspec.MsgspecError:
        return None
    duty, due = linked.data.duty, ms(linked.data.at)
    if not duty:
        return None
    return Word(duty_word_id(f"{duty}/{LAPSE}/{due}"), duty, 0, LAPSE, LAPSE, due, ms(linked.time))
