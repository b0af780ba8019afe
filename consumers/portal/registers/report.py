"""What only many records together show: codes that mean two things, values used twice, gaps, sets, coverage.

All of it is asked of the store when the page is; nothing here refuses anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, TypeVar

import sqlalchemy as sa

from bus.store import bulk
from consumers.portal import tables as t
from consumers.portal.tables import Row
from schemas.city import Pack, Register
from schemas.city.registers import Agreement, CompleteSet, RegisterField, steps_of

_T = TypeVar("_T")
SHOWN = 200
"""Of each kind, so many are listed; the counts are whole."""
_r, _v = t.register_records.c, t.register_versions.c
_JOINED = t.register_records.join(t.register_versions, (_r.key == _v.key) & (_r.version == _v.version))


@dataclass(frozen=True, slots=True)
class Clash:
    """Records that share what they must not, or differ where they must agree."""

    what: str
    """The field, or what the code is called."""
    value: str
    members: tuple[tuple[str, str, str], ...]
    """Department, code, and what it says."""
    count: int
    """How many there are, of whom `members` are the first."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A record that lacks something."""

    issuer: str
    record: str
    title: str
    what: str


@dataclass(frozen=True, slots=True)
class SetState:
    """One complete set, for one year or whatever divides it."""

    name: str
    of: str
    counts: tuple[tuple[str, int], ...]
    """Each of its values, with the records that count."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The values without any."""
        return tuple(value for value, count in self.counts if not count)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many units of one level have a record."""

    level: str
    units: int
    covered: int
    records: int
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        """Percent."""
        return 100.0 * self.covered / self.units if self.units else 100.0


@dataclass(frozen=True, slots=True)
class Report:
    """Everything found about one register."""

    records: int
    inconsistent: Sequence[Clash]
    inconsistent_count: int
    duplicates: Sequence[Clash]
    duplicates_count: int
    empty: Sequence[Gap]
    empty_counts: dict[str, int]
    unpublished: Sequence[Gap]
    """Key steps that nothing published shows."""
    unpublished_count: int
    dangling: Sequence[Gap]
    """Names of records that are not there."""
    dangling_count: int
    sets: Sequence[SetState]
    coverage: Sequence[Coverage]


def report(conn: sa.Connection, pack: Pack, register: Register, today: date) -> Report:
    """The report of a register as it stands."""
    expected = [field for field in register.fields if field.need == "expected"]
    counts = {field.name: _empty_count(conn, register, field) for field in expected}
    agree = _joined(_inconsistent(conn, register, one, name) for one in register.agree for name in one.fields)
    doubles = _joined(_doubles(conn, register, field) for field in register.fields if field.unique)
    dangling = _joined(_dangling(conn, register, field) for field in register.fields if field.type == "record")
    steps = [gap for field in register.fields if field.type == "steps" for gap in _unpublished(conn, register, field)]
    return Report(
        records=_count(conn, register),
        inconsistent=agree[0],
        inconsistent_count=agree[1],
        duplicates=doubles[0],
        duplicates_count=doubles[1],
        empty=[gap for field in expected if counts[field.name] for gap in _empty(conn, register, field)],
        empty_counts=counts,
        unpublished=steps[:SHOWN],
        unpublished_count=len(steps),
        dangling=dangling[0],
        dangling_count=dangling[1],
        sets=[state for one in register.sets for state in _sets(conn, register, one)],
        coverage=list(_coverage(conn, pack, register, today)) if register.coverage else [],
    )


def _says(conn: sa.Connection, name: str) -> sa.ColumnElement[str]:
    """What records say in field `name`, blanks cut off; empty where they say nothing.

    No parameter, so that PostgreSQL sees one expression where it selects and groups; names hold no quotes.
    """
    if conn.dialect.name == "sqlite":
        said = sa.func.json_extract(_v.fields, sa.literal_column(f"'$.\"{name}\"'"))
    else:
        said = sa.func.json_extract_path_text(sa.cast(_v.fields, sa.JSON), sa.literal_column(f"'{name}'"))
    return sa.func.trim(sa.func.coalesce(said, sa.literal_column("''")))


def _live(register: Register) -> tuple[sa.ColumnElement[bool], ...]:
    return _r.register == register.id, _r.state == "live"


def _count(conn: sa.Connection, register: Register) -> int:
    return int(conn.execute(sa.select(sa.func.count()).where(*_live(register))).scalar_one())


def _joined(found: Iterable[tuple[list[_T], int]]) -> tuple[list[_T], int]:
    """Lists end to end, and their counts together."""
    pairs = list(found)
    return [one for some, _ in pairs for one in some], sum(count for _, count in pairs)


def _inconsistent(conn: sa.Connection, register: Register, one: Agreement, name: str) -> tuple[list[Clash], int]:
    """Keys that several departments use and mean different things by."""
    by, said = _says(conn, one.by) if one.by else _r.record, _says(conn, name)
    asked = sa.select(by.label("by"), sa.func.count().label("number")).select_from(_JOINED)
    asked = asked.where(*_live(register), by != "").group_by(by)
    asked = asked.having(sa.func.count(sa.distinct(_r.issuer)) > 1, sa.func.count(sa.distinct(said)) > 1)
    return _clashes(conn, register, f"{one.by or register.key}：{name}", asked, by=by, said=said)


def _doubles(conn: sa.Connection, register: Register, field: RegisterField) -> tuple[list[Clash], int]:
    """Values that more than one record has, in the register or within a department."""
    said = _says(conn, field.name)
    within = (_r.issuer,) if field.unique == "dept" else ()
    asked = sa.select(said.label("by"), *within, sa.func.count().label("number")).select_from(_JOINED)
    asked = asked.where(*_live(register), said != "").group_by(said, *within).having(sa.func.count() > 1)
    return _clashes(conn, register, field.name, asked, by=said, said=_r.title, within=within)


def _clashes(
    conn: sa.Connection, register: Register, what: str, asked: sa.Select[Any], *, by: sa.ColumnElement[str],
    said: sa.ColumnElement[str], within: Sequence[sa.Column[str]] = (),
) -> tuple[list[Clash], int]:  # fmt: skip
    """The first of the groups `asked` for, each with the first of its members, and how many groups there are."""
    asked = asked.add_columns(sa.func.count().over().label("total"))
    first = asked.order_by(by, *within).limit(SHOWN).subquery()
    same = sa.and_(first.c.by == by, *(first.c[column.name] == column for column in within))
    place = sa.func.row_number().over(partition_by=[by, *within], order_by=[_r.issuer, _r.record])
    numbered = (
        sa.select(first.c.by, first.c.number, first.c.total, _r.issuer, _r.record, said.label("said"),
                  place.label("place"))
        .select_from(_JOINED.join(first, same)).where(*_live(register)).subquery()
    )  # fmt: skip
    n = numbered.c
    order = (n.by, *(n[column.name] for column in within), n.issuer, n.record)
    rows = conn.execute(sa.select(numbered).where(n.place <= SHOWN).order_by(*order)).all()
    grouped = groupby(rows, lambda row: (row.by, *(row.issuer for _ in within)))
    return [_clash(what, list(some)) for _, some in grouped], rows[0].total if rows else 0


def _clash(what: str, rows: Sequence[Row]) -> Clash:
    return Clash(what, rows[0].by, tuple((row.issuer, row.record, row.said) for row in rows), rows[0].number)


def _empty_count(conn: sa.Connection, register: Register, field: RegisterField) -> int:
    asked = sa.select(sa.func.count()).select_from(_JOINED).where(*_live(register), _says(conn, field.name) == "")
    return int(conn.execute(asked).scalar_one())


def _empty(conn: sa.Connection, register: Register, field: RegisterField) -> list[Gap]:
    asked = sa.select(t.register_records).select_from(_JOINED).where(*_live(register), _says(conn, field.name) == "")
    rows = conn.execute(asked.order_by(_r.record, _r.issuer).limit(SHOWN)).all()
    return [Gap(row.issuer, row.record, row.title, field.name) for row in rows]


def _unpublished(conn: sa.Connection, register: Register, field: RegisterField) -> list[Gap]:
    """Key steps that name no catalogue row, or one under which their department has nothing public."""
    said = _says(conn, field.name)
    asked = sa.select(_r.issuer, _r.unit, _r.record, _r.title, said.label("said")).select_from(_JOINED)
    rows = conn.execute(asked.where(*_live(register), said != "").order_by(_r.record, _r.issuer)).all()
    public = _public(conn, {name for row in rows for _, name in steps_of(row.said) if name})
    gaps = []
    for row in rows:
        for step, name in steps_of(row.said):
            if not name or not public & {(row.unit, name), (row.issuer, name)}:
                gaps.append(Gap(row.issuer, row.record, row.title, f"{step}（{name or '未指定公开事项'}）"))
    return gaps


def _public(conn: sa.Connection, rows: set[str]) -> set[tuple[str, str]]:
    """Department and catalogue row of everything that is public under `rows`."""
    i = t.items.c
    found = bulk.among(conn, i.row, rows, i.dept, i.row, i.state)
    return {(row.dept, row.row) for row in found if row.state == "live"}


def _dangling(conn: sa.Connection, register: Register, field: RegisterField) -> tuple[list[Gap], int]:
    """Values that name no live record of the other register."""
    other, said = t.register_records.alias(), _says(conn, field.name)
    there = sa.exists().where(other.c.register == field.register_, other.c.state == "live", other.c.record == said)
    total = sa.func.count().over().label("total")
    asked = sa.select(_r.issuer, _r.record, _r.title, said.label("said"), total).select_from(_JOINED)
    asked = asked.where(*_live(register), said != "", ~there).order_by(_r.record, _r.issuer).limit(SHOWN)
    rows = conn.execute(asked).all()
    return [Gap(row.issuer, row.record, row.title, f"{field.name}：{row.said}") for row in rows], (
        rows[0].total if rows else 0
    )


def _sets(conn: sa.Connection, register: Register, one: CompleteSet) -> list[SetState]:
    kind = _says(conn, one.field)
    per = _says(conn, one.per) if one.per else _r.register
    counted = _says(conn, one.filled) != "" if one.filled else sa.true()
    number = sa.func.sum(sa.case((counted, 1), else_=0))
    asked = sa.select(per.label("per"), kind.label("kind"), number.label("number")).select_from(_JOINED)
    found: dict[str, dict[str, int]] = {}
    for row in conn.execute(asked.where(*_live(register)).group_by(per, kind)):
        found.setdefault(row.per if one.per else "", {})[row.kind] = row.number
    if not found and not one.per:
        found[""] = {}
    return [
        SetState(one.name, of, tuple((value, held.get(value, 0)) for value in one.values))
        for of, held in sorted(found.items(), reverse=True)
    ]


def _coverage(conn: sa.Connection, pack: Pack, register: Register, today: date) -> Iterator[Coverage]:
    """Of the units that are to record: how many have, level by level."""
    asked = sa.select(_r.unit, sa.func.count().label("number")).where(*_live(register)).group_by(_r.unit)
    held: dict[str, int] = {row.unit: row.number for row in conn.execute(asked)}
    for level in register.levels:
        units = [
            one.code for one in pack.departments_on(today, level)
            if register.may_record(one.code, one.class_, one.level)
        ]  # fmt: skip
        missing = [code for code in units if code not in held]
        number = sum(held.get(code, 0) for code in units)
        if units:
            yield Coverage(level, len(units), len(units) - len(missing), number, tuple(missing[:SHOWN]))
