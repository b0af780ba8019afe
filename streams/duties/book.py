"""The duties that one transaction touches: read and locked together, written together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Self

import msgspec
import sqlalchemy as sa

from bus.store import bulk
from rules.calendar import calendar_of, day_of
from rules.lifecycle import Duty
from rules.standing import MARK, closers_of
from schemas.city import Pack
from streams.duties.entry import Entry, Word
from streams.duties.tables import DUTIES, GAPS, OWED, RUNGS, STANDING, instant

_DECODE = msgspec.json.Decoder(Duty).decode
_FORGET = OWED.delete().where(
    OWED.c.dept == sa.bindparam("of_dept"), OWED.c.due == sa.bindparam("of_due"), OWED.c.duty == sa.bindparam("of_duty")
)


@dataclass(slots=True)
class Book:
    """Duties by id, and the words of each, also of those that a rebuild has not opened yet."""

    entries: dict[str, Entry] = field(default_factory=dict)
    words: dict[str, dict[str, Word]] = field(default_factory=dict)

    @classmethod
    def of(cls, conn: sa.Connection, ids: Iterable[str]) -> Self:
        """The duties of these ids that there are, locked."""
        names = set(ids)
        book = cls()
        rows = bulk.among(conn, DUTIES.c.id, names, locked=True)
        for row in bulk.among(conn, RUNGS.c.duty, names):
            word = Word(**{**row._mapping, "cancelled": bool(row.cancelled)})
            book.words.setdefault(word.duty, {})[word.id] = word
        book.entries = {row.id: _entry(row, book.words.get(row.id, {})) for row in rows}
        return book

    def save(self, conn: sa.Connection, packs: Mapping[str, Pack]) -> None:
        """Write what changed; `packs` says by whose ladder each duty's next instant is found."""
        entries = [entry for entry in self.entries.values() if entry.duty.id in packs]
        bulk.upsert(conn, DUTIES, [entry.row(packs[entry.duty.id]) for entry in entries])
        gone, come = set[tuple[str, str, int]](), set[tuple[str, str, int]]()
        for entry in entries:
            was, now = set(entry.owed), set(entry.owes())
            gone |= {(entry.duty.id, *one) for one in was - now}
            come |= {(entry.duty.id, *one) for one in now - was}
        bulk.run(conn, _FORGET, [{"of_dept": d, "of_due": due, "of_duty": duty} for duty, d, due in sorted(gone)])
        bulk.insert_or_leave(conn, OWED, [{"dept": d, "due": due, "duty": duty} for duty, d, due in sorted(come)])
        words = [entry.words[name] for entry in entries for name in sorted(entry.changed)]
        bulk.upsert(conn, RUNGS, [word._asdict() for word in words])
        bulk.insert_or_leave(conn, GAPS, [{"year": year} for year in sorted(_gaps(entries, packs))])
        _keep_standing(conn, [entry for entry in entries if MARK in entry.duty.subject], packs)


def _entry(row: sa.Row[tuple[object, ...]], words: dict[str, Word]) -> Entry:
    duty = _DECODE(row.doc)
    entry = Entry(
        duty, row.lifecycle, row.title, row.topic, row.partition, row.version, instant(row.told_from), words,
    )  # fmt: skip
    entry.owed = entry.owes()
    return entry


def _gaps(entries: Iterable[Entry], packs: Mapping[str, Pack]) -> set[int]:
    """Years that an open duty's time reaches into, and that lack their schedule."""
    estimates = [entry.duty for entry in entries if entry.duty.is_open and not entry.duty.complete]
    found = set[int]()
    for duty in estimates:
        calendar = calendar_of(packs[duty.id])
        years = range(day_of(duty.since).year, day_of(duty.due).year + 1)
        found |= {year for year in years if not calendar.is_loaded(date(year, 1, 1))}
    return found


def _keep_standing(conn: sa.Connection, entries: Iterable[Entry], packs: Mapping[str, Pack]) -> None:
    """What answers the standing duties among them."""
    rows = [
        {"key": entry.duty.subject, "closer": closer, "due": day_of(entry.duty.due).toordinal(),
         "done": not entry.duty.is_open}
        for entry in entries
        for closer in closers_of(packs[entry.duty.id], entry.duty.subject) or ("",)
    ]  # fmt: skip
    bulk.upsert(conn, STANDING, rows)
