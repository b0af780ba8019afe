"""What is due and overdue of matters, what was done, and the figures that the pack asks for.

Reads: `duties`, and verdicts with `.matter`, through the ledger.
Keeps: `dues`, `rungs`, `moves`.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from bus.record import Record
from bus.store import bulk, storable
from consumers.assessment.rows import Row, city_day, day_end, micros
from consumers.assessment.tables import dues, moves, rungs
from schemas.city.counters import Counter

_RUNGS = frozenset({"rung", "rung-cancelled"})


class DueRow(NamedTuple):
    """Something due, as it stands; `rung` is the highest reached, in words."""

    id: str
    subject: str
    name: str
    title: str
    dept: str
    due: int
    calendar_complete: bool
    rung: str


def take_words(conn: sa.Connection, records: Iterable[Record]) -> None:
    """Take words about duties; the highest version of each says how it stands, whatever came first."""
    words = [_WORD.decode(each.value or b"").data for each in records]
    newest = {word.duty: word for word in sorted(words, key=lambda word: word.version)}
    held = {row.id: row.version for row in bulk.among(conn, dues.c.id, newest, dues.c.id, dues.c.version)}
    bulk.upsert(conn, dues, [_due_row(word) for name, word in newest.items() if word.version > held.get(name, 0)])
    bulk.insert_or_leave(conn, rungs, [_rung_row(word) for word in words if word.what in _RUNGS])


def take_moves(conn: sa.Connection, records: Iterable[Record]) -> None:
    """Take the steps that verdicts accepted; one that waits is none yet, a repeat is none more."""
    rows = [row for each in records if b'"matter":{' in (each.value or b"") for row in _move_rows(each.value or b"")]
    bulk.insert_or_leave(conn, moves, rows)


def due_between(conn: sa.Connection, first: int, last: int, limit: int) -> list[DueRow]:
    """Open duties whose time is over in this stretch of µs, the soonest first."""
    c = dues.c
    asked = sa.select(c.id, c.subject, c.name, c.title, c.dept, c.due, c.calendar_complete)
    asked = asked.where(c.state == "open", c.due >= first, c.due < last).order_by(c.due, c.id).limit(limit)
    rows = conn.execute(asked).all()
    reached = _reached(conn, [row.id for row in rows])
    return [DueRow(*row, reached.get(row.id, "")) for row in rows]


def open_by_dept(conn: sa.Connection, first: int, last: int) -> dict[str, int]:
    """How many open duties each department has whose time is over in this stretch."""
    c = dues.c
    asked = sa.select(c.dept, sa.func.count()).where(c.state == "open", c.due >= first, c.due < last).group_by(c.dept)
    return {row[0]: row[1] for row in conn.execute(asked.order_by(sa.func.count().desc(), c.dept))}


def count(conn: sa.Connection, counter: Counter, now: int) -> dict[str, int]:
    """A figure by department; none of those where it is zero."""
    c, m = dues.c, moves.c
    if counter.of == "units":
        return _units(conn, counter)
    if counter.of in {"steps", "matters"}:
        number = sa.func.count() if counter.of == "steps" else sa.func.count(sa.distinct(m.subject))
        asked = sa.select(m.dept, number).where(m.lifecycle.in_(counter.lifecycles), m.step.in_(counter.steps))
        asked = asked.group_by(m.dept).order_by(m.dept)
    else:
        wanted = (c.state == "open", c.due < now) if counter.of == "overdue" else (c.state == "closed", c.late)
        asked = sa.select(c.dept, sa.func.count(sa.distinct(c.subject))).where(*wanted)
        asked = asked.where(c.lifecycle.in_(counter.lifecycles), c.clock.in_(counter.clocks))
        asked = asked.group_by(c.dept).order_by(c.dept)
    return {row[0]: row[1] for row in conn.execute(asked)}


def _units(conn: sa.Connection, counter: Counter) -> dict[str, int]:
    """Who took part in how many of these matters."""
    m = moves.c
    asked = sa.select(m.subject, m.dept, m.beside).where(m.lifecycle.in_(counter.lifecycles), m.step.in_(counter.steps))
    parts = {(row.subject, dept) for row in conn.execute(asked) for dept in (row.dept, *row.beside.split())}
    return dict(sorted(Tally(dept for _, dept in parts if dept).items()))


def _reached(conn: sa.Connection, duties: Sequence[str]) -> dict[str, str]:
    """The last rung of each that was not taken back."""
    standing: dict[str, dict[str, str]] = {}
    for row in sorted(bulk.among(conn, rungs.c.duty, duties), key=lambda row: row.version):
        told = standing.setdefault(row.duty, {})
        told.pop(row.rung, None)
        if not row.cancelled:
            told[row.rung] = row.name
    return {duty: list(told.values())[-1] for duty, told in standing.items() if told}


class _Notice(msgspec.Struct):
    duty: str
    clock: str
    dept: str
    subject: str
    due: date
    due_at: datetime | None = None
    version: int = 1
    what: str = "opened"
    name: str = ""
    title: str = ""
    lifecycle: str | None = None
    state: str = "open"
    late: bool = False
    calendar_complete: bool = True
    rung: str | None = None
    rung_name: str = ""


class _Word(msgspec.Struct):
    data: _Notice


class _Event(msgspec.Struct):
    id: str
    source: str
    subject: str


class _Move(msgspec.Struct):
    lifecycle: str
    step: str
    at: datetime
    waiting: bool = False
    depts: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


class _Verdict(msgspec.Struct):
    outcome: str
    event: _Event | None = None
    matter: _Move | None = None
    dept: str | None = None


class _Given(msgspec.Struct):
    data: _Verdict


_WORD = msgspec.json.Decoder(_Word)
_GIVEN = msgspec.json.Decoder(_Given)


def _due_row(word: _Notice) -> Row:
    return {
        "id": storable(word.duty), "version": word.version, "subject": storable(word.subject),
        "lifecycle": storable(word.lifecycle or ""), "clock": storable(word.clock), "name": storable(word.name),
        "title": storable(word.title), "dept": storable(word.dept), "state": word.state,
        "due": micros(word.due_at or day_end(word.due)),
        "late": word.late, "calendar_complete": word.calendar_complete,
    }  # fmt: skip


def _rung_row(word: _Notice) -> Row:
    return {
        "duty": storable(word.duty), "version": word.version, "rung": storable(word.rung or ""),
        "name": storable(word.rung_name), "cancelled": word.what != "rung",
    }  # fmt: skip


def _move_rows(value: bytes) -> list[Row]:
    verdict = _GIVEN.decode(value).data
    event, move = verdict.event, verdict.matter
    if event is None or move is None or verdict.outcome != "accepted" or move.waiting:
        return []
    return [{
        "source": storable(event.source), "event_id": storable(event.id), "subject": storable(event.subject),
        "lifecycle": storable(move.lifecycle), "step": storable(move.step),
        "dept": storable(next(iter(move.depts), verdict.dept or "")), "day": city_day(move.at).isoformat(),
        "beside": storable(" ".join((*move.depts[1:], *move.beside))),
    }]  # fmt: skip
