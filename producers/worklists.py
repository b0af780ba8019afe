"""What is due, by department: the newest word of every duty, its history, and a feed of words.

Reads: `duties`, through the door's projection.
Keeps: `door_duties`, `door_owed`, `door_duty_words`, `door_duty_feed`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any, Literal, NamedTuple

import msgspec
import sqlalchemy as sa

from bus.record import Record
from bus.store import bulk, storable
from producers.answers import milliseconds
from producers.tables import DUTIES, DUTY_FEED, DUTY_WORDS, OWED
from rules.calendar import SHANGHAI

DutyState = Literal["open", "paused", "closed", "exempt"]
_FORGET = OWED.delete().where(OWED.c.duty == sa.bindparam("of_duty"))


class Place(NamedTuple):
    """Where a worklist is read on: behind the duty of that due time and id."""

    due: int
    duty: str


@dataclass(frozen=True, slots=True)
class Worklist:
    """Which duties: of these departments (None: of all), as they stand, due until then, of one lifecycle."""

    depts: Collection[str] | None
    state: DutyState = "open"
    until: int | None = None
    lifecycle: str | None = None


class Listed(NamedTuple):
    """A duty of a worklist; `body` is its newest notice."""

    place: Place
    body: str


class Told(NamedTuple):
    """A word of the feed."""

    seq: int
    dept: str
    gk_id: str
    body: str


def note_words(conn: sa.Connection, records: Iterable[Record]) -> None:
    """Take words about duties; each is known by its duty and version, and the highest says how it stands."""
    words = {(word.duty, word.version): word for each in records for word in _words(each)}
    known = _known_words(conn, words)
    fresh = [word for key, word in words.items() if key not in known]
    held = {row.id: row.version for row in bulk.among(conn, DUTIES.c.id, {word.duty for word in fresh})}
    owners: dict[str, set[str]] = {}
    for row in bulk.among(conn, OWED.c.duty, {word.duty for word in fresh}):
        owners.setdefault(row.duty, set()).add(row.dept)
    newest = {word.duty: word for word in sorted(fresh, key=lambda word: word.version)}
    newest = {duty: word for duty, word in newest.items() if word.version > held.get(duty, 0)}
    bulk.insert(conn, DUTY_WORDS, [word.row for word in fresh])
    bulk.insert(conn, DUTY_FEED, [row for word in fresh for row in _heard(word, owners.setdefault(word.duty, set()))])
    bulk.upsert(conn, DUTIES, [word.duty_row for word in newest.values()])
    bulk.run(conn, _FORGET, [{"of_duty": duty} for duty in sorted(newest)])
    bulk.insert(conn, OWED, [row for word in newest.values() for row in word.owed_rows])


def listed(conn: sa.Connection, wanted: Worklist, after: Place | None, limit: int) -> list[Listed]:
    """Up to `limit` duties behind `after`, the soonest due first: what is overdue leads."""
    places = _places(conn, wanted, after, limit)
    bodies = {row.id: row.body for row in bulk.among(conn, DUTIES.c.id, {place.duty for place in places})}
    return [Listed(place, bodies[place.duty]) for place in places]


def standing(conn: sa.Connection, duty: str) -> str | None:
    """The newest notice of a duty."""
    return conn.execute(sa.select(DUTIES.c.body).where(DUTIES.c.id == duty)).scalar()


def history(conn: sa.Connection, duty: str) -> Sequence[str]:
    """Every word about it, in order."""
    w = DUTY_WORDS.c
    return conn.execute(sa.select(w.body).where(w.duty == duty).order_by(w.version)).scalars().all()


def was_owed_by(conn: sa.Connection, duty: str, depts: Collection[str]) -> bool:
    """Whether one of these departments was ever told of it."""
    f = DUTY_FEED.c
    return conn.execute(sa.select(f.seq).where(f.duty == duty, f.dept.in_(depts)).limit(1)).first() is not None


def told_after(conn: sa.Connection, depts: Collection[str], after: int, limit: int) -> list[Told]:
    """The words that concern these departments, behind a cursor."""
    f, w = DUTY_FEED.c, DUTY_WORDS.c
    asked = sa.select(f.seq, f.dept, w.gk_id, w.body).join(DUTY_WORDS, (w.duty == f.duty) & (w.version == f.version))
    rows = conn.execute(asked.where(f.seq > after, f.dept.in_(depts)).order_by(f.seq).limit(limit))
    return [Told(*row) for row in rows]


def overdue_by_dept(conn: sa.Connection, now: int) -> dict[str, int]:
    """How many open duties each department has whose time is over."""
    asked = sa.select(OWED.c.dept, sa.func.count()).where(OWED.c.state == "open", OWED.c.due < now)
    rows = conn.execute(asked.group_by(OWED.c.dept).order_by(OWED.c.dept))
    return {row[0]: row[1] for row in rows}


def _places(conn: sa.Connection, wanted: Worklist, after: Place | None, limit: int) -> list[Place]:
    """A stretch of one index for each department; what several of them owe together stands once."""
    if wanted.depts is None:
        return _stretch(conn, _asked(DUTIES, DUTIES.c.id, wanted, after), limit)
    owed = _asked(OWED, OWED.c.duty, wanted, after)
    parts = [_stretch(conn, owed.where(OWED.c.dept == dept), limit) for dept in sorted(wanted.depts)]
    return list(islice(dict.fromkeys(merge(*parts)), limit))


def _stretch(conn: sa.Connection, asked: sa.Select[Any], limit: int) -> list[Place]:
    """In the order of this process, whatever the database takes for the order of texts within one due time."""
    return sorted(Place(*row) for row in conn.execute(asked.limit(limit)))


def _asked(table: sa.Table, key: sa.Column[str], wanted: Worklist, after: Place | None) -> sa.Select[Any]:
    c = table.c
    asked = sa.select(c.due, key).where(c.state == wanted.state).order_by(c.due, key)
    asked = asked if wanted.lifecycle is None else asked.where(c.lifecycle == wanted.lifecycle)
    asked = asked if wanted.until is None else asked.where(c.due < wanted.until)
    return asked if after is None else asked.where(sa.tuple_(c.due, key) > sa.tuple_(*map(sa.literal, after)))


def _known_words(conn: sa.Connection, words: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    columns = (DUTY_WORDS.c.duty, DUTY_WORDS.c.version)
    return {(row.duty, row.version) for row in bulk.among(conn, columns[0], {duty for duty, _ in words}, *columns)}


def _heard(word: _Word, owners: set[str]) -> list[dict[str, Any]]:
    """The feed's rows of a word: for those who owe it, and for those who did until now."""
    owed = set(word.depts)
    heard = sorted(owed | owners)
    owners.clear()
    owners.update(owed)
    return [{"dept": dept, "duty": word.duty, "version": word.version} for dept in heard]


class _Word(NamedTuple):
    duty: str
    version: int
    subject: str
    state: str
    due: int
    lifecycle: str
    depts: tuple[str, ...]
    gk_id: str
    body: str

    @property
    def row(self) -> dict[str, Any]:
        return {"duty": self.duty, "version": self.version, "gk_id": self.gk_id, "body": self.body}

    @property
    def duty_row(self) -> dict[str, Any]:
        return {
            "id": self.duty, "subject": self.subject, "version": self.version, "state": self.state, "due": self.due,
            "lifecycle": self.lifecycle, "body": self.body,
        }  # fmt: skip

    @property
    def owed_rows(self) -> list[dict[str, Any]]:
        return [
            {"duty": self.duty, "dept": dept, "state": self.state, "due": self.due, "lifecycle": self.lifecycle}
            for dept in self.depts
        ]


class _Notice(msgspec.Struct):
    duty: str
    dept: str
    subject: str
    due: date
    due_at: datetime | None = None
    version: int = 1
    state: str = "open"
    lifecycle: str | None = None
    depts: tuple[str, ...] = ()


class _Head(msgspec.Struct):
    data: msgspec.Raw


def _words(record: Record) -> Iterable[_Word]:
    body = bytes(_HEAD.decode(record.value or b"").data)
    said = _NOTICE.decode(body)
    yield _Word(
        storable(said.duty), said.version, storable(said.subject), said.state,
        milliseconds(said.due_at or _end(said.due)),
        storable(said.lifecycle or ""), tuple(dict.fromkeys(map(storable, said.depts or (said.dept,)))),
        record.gk_id or "", body.decode(),
    )  # fmt: skip


def _end(day: date) -> datetime:
    """The end of a day in the city, where a word names no instant."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI)


_HEAD = msgspec.json.Decoder(_Head)
_NOTICE = msgspec.json.Decoder(_Notice)
