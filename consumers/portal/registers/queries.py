"""Reads for the pages of registers: lists by filter and search, one record with its versions, everything in pieces.

Lists are paged by keyset. What is searched comes first where its words stand further to the front, then by code:
the same order on both databases.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from bus.errors import Invalid
from bus.store import Store
from bus.store.bigrams import Query
from consumers.portal import tables as t
from consumers.portal.tables import REGISTER_TERMS, Row

_r, _v = t.register_records.c, t.register_versions.c
_JOINED = t.register_records.join(t.register_versions, (_r.key == _v.key) & (_r.version == _v.version))
PIECE = 2_000
"""Records of a download read at a time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which live records of a register; an empty field asks nothing."""

    register: str
    text: str = ""
    kind: str = ""
    unit: str = ""
    level: str = ""
    dept: str = ""
    """Who recorded."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some records with their fields, and where the next page begins."""

    rows: Sequence[Row]
    after: str | None


@dataclass(frozen=True, slots=True)
class Edition:
    """A version of a record, and what it changed of the one before."""

    version: int
    effective_on: str | None
    public_at: int | None
    fields: dict[str, str]
    changed: tuple[tuple[str, str, str], ...]
    """Field, before, now."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record with its versions, newest first, and the removal that holds."""

    row: Row
    editions: Sequence[Edition]
    removal: Row | None


def records(conn: sa.Connection, wanted: Wanted, after: str | None, limit: int) -> Page:
    """Live records, in the order of their codes or of what was asked.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    query = Query.of(wanted.text)
    place = _place(conn, query)
    order = (place, _r.record, _r.issuer) if query.words else (_r.record, _r.issuer)  # the index has no place
    asked = sa.select(_r.key, _r.record, _r.issuer, place.label("place")).where(*_conditions(conn, wanted, query))
    if after:
        asked = asked.where(sa.tuple_(*order) > sa.tuple_(*_parsed(after)[-len(order) :]))
    with _without_statistics(conn, query):
        found = conn.execute(asked.order_by(*order).limit(limit + 1)).all()
    last = found[limit - 1] if len(found) > limit else None
    return Page(_whole(conn, [row.key for row in found[:limit]]), _cursor(last) if last else None)


def count(conn: sa.Connection, wanted: Wanted) -> int:
    """How many there are."""
    query = Query.of(wanted.text)
    asked = sa.select(sa.func.count()).select_from(t.register_records).where(*_conditions(conn, wanted, query))
    with _without_statistics(conn, query):
        return int(conn.execute(asked).scalar_one())


def counts(conn: sa.Connection, register: str) -> dict[str, Counter[str]]:
    """How many live records each kind, level and unit has, by the column's name; one look at them."""
    by = (_r.kind, _r.level, _r.unit)
    asked = sa.select(*by, sa.func.count().label("number")).where(_r.register == register, _r.state == "live")
    found: dict[str, Counter[str]] = {column.name: Counter() for column in by}
    for row in conn.execute(asked.group_by(*by)):
        for name, counted in found.items():
            counted[row._mapping[name]] += row.number
    return found


def sizes(conn: sa.Connection) -> dict[str, int]:
    """How many live records each register has."""
    asked = sa.select(_r.register, sa.func.count()).where(_r.state == "live").group_by(_r.register)
    return {row[0]: row[1] for row in conn.execute(asked)}


def record(conn: sa.Connection, key: str) -> Found | None:
    """One record, removed ones too; None where nothing was ever recorded under the key."""
    row = conn.execute(sa.select(t.register_records).where(_r.key == key, _r.version > 0)).first()
    if row is None:
        return None
    versions = conn.execute(sa.select(t.register_versions).where(_v.key == key).order_by(_v.version.desc())).all()
    m = t.register_removals.c
    removals = sa.select(t.register_removals).where(m.key == key).order_by(m.version.desc()).limit(1)
    return Found(row, _editions(versions), conn.execute(removals).first() if row.state == "removed" else None)


def named(conn: sa.Connection, register: str, code: str) -> Sequence[Row]:
    """The records of that code, whoever recorded them."""
    asked = sa.select(t.register_records).where(_r.register == register, _r.record == code, _r.version > 0)
    return conn.execute(asked.order_by(_r.issuer).limit(1_000)).all()


def pieces(store: Store, wanted: Wanted) -> Iterator[Sequence[Row]]:
    """Everything wanted, some at a time, each in a transaction of its own: constant memory, no long lock."""
    after: str | None = None
    while True:
        with store.read() as conn:
            page = records(conn, wanted, after, PIECE)
        yield page.rows
        if (after := page.after) is None:
            return


def fields_of(row: Row) -> dict[str, str]:
    """What a record says."""
    return _FIELDS.decode(row.fields)


def _whole(conn: sa.Connection, keys: Sequence[str]) -> list[Row]:
    """The records of `keys` with what they say, in their order."""
    asked = sa.select(*_r, _v.fields, _v.effective_on, _v.public_at).select_from(_JOINED).where(_r.key.in_(keys))
    found = {row.key: row for row in conn.execute(asked)} if keys else {}
    return [found[key] for key in keys]


@contextmanager
def _without_statistics(conn: sa.Connection, query: Query) -> Iterator[None]:
    """A plan of a search that is sound before PostgreSQL has looked at a table that was just loaded.

    It takes an empty table for granted then, and would go through all of it for each record that it finds.
    """
    if conn.dialect.name == "sqlite" or not query.words:
        yield
        return
    conn.exec_driver_sql("SET LOCAL enable_nestloop = off")
    yield
    conn.exec_driver_sql("SET LOCAL enable_nestloop = on")


def _editions(rows: Sequence[Row]) -> list[Edition]:
    said = [fields_of(row) for row in rows]
    return [
        Edition(row.version, row.effective_on, row.public_at, new, _changes(old, new))
        for row, new, old in zip(rows, said, [*said[1:], None], strict=True)
    ]


def _changes(old: dict[str, str] | None, new: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    if old is None:
        return ()
    names = dict.fromkeys((*new, *old))
    return tuple((name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name) != new.get(name))


def _conditions(conn: sa.Connection, wanted: Wanted, query: Query) -> list[sa.ColumnElement[bool]]:
    pairs = ((_r.kind, wanted.kind), (_r.unit, wanted.unit), (_r.level, wanted.level), (_r.issuer, wanted.dept))
    asked = [_r.register == wanted.register, _r.state == "live", *(column == value for column, value in pairs if value)]
    if query.words:
        asked.append(_r.id.in_(REGISTER_TERMS.matching(conn.dialect.name, wanted.register, query)))
        asked += [_where(conn, word) > 0 for word in query.doubtful]
    elif wanted.text:
        asked.append(sa.false())  # marks alone, which no text is found by
    return asked


def _where(conn: sa.Connection, word: str) -> sa.ColumnElement[int]:
    """Where in the text a word stands, counted from 1; 0 where it does not."""
    return sa.func.instr(_r.text, word) if conn.dialect.name == "sqlite" else sa.func.strpos(_r.text, word)


def _place(conn: sa.Connection, query: Query) -> sa.ColumnElement[int]:
    place: sa.ColumnElement[int] = sa.literal(0)
    for word in query.words:
        place = place + _where(conn, word)
    return place


def _cursor(row: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([row.place, row.record, row.issuer])).decode().rstrip("=")


def _parsed(text: str) -> tuple[int, str, str]:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        place, record, issuer = msgspec.json.decode(raw, type=tuple[int, str, str])
        if not 0 <= place < 2**31 or "\0" in record + issuer:
            raise ValueError(place)
        return place, record, issuer
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise Invalid("CURSOR", "游标无效，请使用上次返回的游标。", "the cursor is not one of ours", "after") from error


_FIELDS = msgspec.json.Decoder(dict[str, str])
