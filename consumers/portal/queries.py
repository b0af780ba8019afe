"""Reads for pages, feeds and the JSON API: plain SQL with a limit, nothing kept in memory.

Lists are paged by keyset: a page begins behind the last row of the one before, so what is published meanwhile
neither repeats nor hides a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from consumers.portal import cursor
from consumers.portal import tables as t
from consumers.portal.facts import changes
from consumers.portal.merge import Facts
from consumers.portal.tables import Row

_i = t.items.c


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items a list shows; an empty field asks nothing."""

    dept: str = ""
    column: str = ""
    text: str = ""
    """Part of a title or of a document number."""
    five_open: str = ""
    kind: str = ""
    rows: frozenset[str] | None = None
    """Catalogue rows that it belongs to one of; None asks nothing."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and where the next page begins."""

    rows: Sequence[Row]
    after: str | None


class Tally(NamedTuple):
    """How many items share what a list may be narrowed by."""

    five_open: str
    row: str
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Change:
    """A version that was public, and what it changed."""

    version: int
    public_at: int
    changes: list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """An item with the event that its page shows and the withdrawal that its tombstone tells of."""

    row: Row
    value: bytes | None
    withdrawal: Row | None


def live(conn: sa.Connection, wanted: Filter, after: str | None, limit: int) -> Page:
    """Items as readers see them now, newest first."""
    query = sa.select(t.items).where(_i.state == "live", *_conditions(wanted))
    if after:
        listed_at, subject = cursor.place(after)
        query = query.where(sa.tuple_(_i.listed_at, _i.subject) < sa.tuple_(listed_at, subject))
    rows = conn.execute(query.order_by(_i.listed_at.desc(), _i.subject.desc()).limit(limit + 1)).all()
    page = rows[:limit]
    return Page(page, cursor.cursor(page[-1].listed_at, page[-1].subject) if len(rows) > limit else None)


def changed(conn: sa.Connection, wanted: Filter, limit: int) -> Sequence[Row]:
    """Items last changed first, taken down ones too, history not: what subscribers are told."""
    query = sa.select(t.items).where(_i.backfill.is_(False), _i.state != "absent", *_conditions(wanted))
    return conn.execute(query.order_by(_i.changed_at.desc(), _i.subject.desc()).limit(limit)).all()


def item(conn: sa.Connection, subject: str) -> Found | None:
    """One item, or None where nothing was ever to be shown under that subject."""
    row = conn.execute(sa.select(t.items).where(_i.subject == subject, _i.state != "absent")).first()
    if row is None:
        return None
    value = _value(conn, subject, row.version) if row.state == "live" else None
    return Found(row, value, _withdrawal(conn, subject) if row.state == "withdrawn" else None)


def history(conn: sa.Connection, subject: str, limit: int = 50) -> list[Change]:
    """Versions that were public, newest first, each with the parts it changed."""
    v = t.versions.c
    query = sa.select(v.version, v.public_at, v.facts).where(v.subject == subject, v.public_at.is_not(None))
    rows = conn.execute(query.order_by(v.version.desc()).limit(limit + 1)).all()
    parts = [msgspec.json.decode(row.facts, type=Facts).parts for row in rows]
    olds = [*parts[1:], None]
    told = [
        Change(row.version, row.public_at, changes(old, new) if old is not None else [])
        for row, new, old in zip(rows, parts, olds, strict=True)
    ]
    return told[:limit]


def texts(conn: sa.Connection, rows: Sequence[Row]) -> dict[str, bytes]:
    """Subject to event, for those of `rows` that are live."""
    keys = [(row.subject, row.version) for row in rows if row.state == "live"]
    if not keys:
        return {}
    v, e = t.versions.c, t.entries.c
    joined = t.versions.join(t.entries, (v.entry_partition == e.partition) & (v.entry_offset == e.offset))
    query = sa.select(v.subject, e.value).select_from(joined)
    found = conn.execute(query.where(sa.tuple_(v.subject, v.version).in_(keys))).all()
    return {row.subject: row.value for row in found}


def notices(conn: sa.Connection, subjects: Sequence[str]) -> dict[str, str]:
    """Subject to the words of its tombstone."""
    w = t.withdrawals.c
    query = sa.select(w.subject, w.notice).where(w.subject.in_(subjects)).order_by(w.version)
    return {row.subject: row.notice for row in conn.execute(query)} if subjects else {}


def named(conn: sa.Connection, targets: Sequence[str]) -> Sequence[Row]:
    """Live items under any of `targets`: subjects or index numbers."""
    among = _i.subject.in_(targets) | _i.index_no.in_(targets)
    return conn.execute(sa.select(t.items).where(_i.state == "live", among).limit(50)).all() if targets else []


def naming(conn: sa.Connection, targets: Sequence[str]) -> Sequence[Row]:
    """Live items that name any of `targets`, subjects or index numbers, those changed last first."""
    mine = sa.select(t.item_links.c.subject).where(t.item_links.c.target.in_(targets))
    query = sa.select(t.items).where(_i.state == "live", _i.subject.in_(mine))
    return conn.execute(query.order_by(_i.changed_at.desc(), _i.subject).limit(50)).all() if targets else []


def counts(conn: sa.Connection, by: str, wanted: Filter | None = None) -> dict[str, int]:
    """How many live items, of those `wanted`, each value of column `by` has."""
    asked = _conditions(wanted) if wanted else []
    query = sa.select(_i[by], sa.func.count()).where(_i.state == "live", *asked).group_by(_i[by])
    return {row[0]: row[1] for row in conn.execute(query)}


def tallies(conn: sa.Connection, wanted: Filter) -> list[Tally]:
    """Live items of those `wanted`, counted by all that a list is narrowed by: one look at them for every choice."""
    by = (_i.five_open, _i.row, _i.kind)
    query = sa.select(*by, sa.func.count()).where(_i.state == "live", *_conditions(wanted)).group_by(*by)
    return [Tally(*row) for row in conn.execute(query)]


def _value(conn: sa.Connection, subject: str, version: int) -> bytes:
    v, e = t.versions.c, t.entries.c
    joined = t.versions.join(t.entries, (v.entry_partition == e.partition) & (v.entry_offset == e.offset))
    query = sa.select(e.value).select_from(joined).where(v.subject == subject, v.version == version)
    return bytes(conn.execute(query).scalar_one())


def _withdrawal(conn: sa.Connection, subject: str) -> Row | None:
    w = t.withdrawals.c
    query = sa.select(t.withdrawals).where(w.subject == subject).order_by(w.version.desc())
    return conn.execute(query.limit(1)).first()


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    pairs = (
        (_i.dept, wanted.dept), (_i.column, wanted.column), (_i.five_open, wanted.five_open), (_i.kind, wanted.kind),
    )  # fmt: skip
    asked = [column == value for column, value in pairs if value]
    if wanted.rows is not None:
        asked.append(_i.row.in_(sorted(wanted.rows)))
    if wanted.text:
        text = wanted.text
        asked.append(_i.title.contains(text, autoescape=True) | _i.docno.contains(text, autoescape=True))
    return asked
