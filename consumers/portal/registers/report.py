"""What only many records together show: codes that mean two things, values used twice, gaps, sets, coverage.

All of it is asked of the store when the page is; nothing here refuses anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from bus.store import bulk
from consumers.portal import tables as t
from schemas.city import Pack, Register
from schemas.city.registers import Agreement, CompleteSet, RegisterField, steps_of

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
    duplicates: Sequence[Clash]
    empty: Sequence[Gap]
    empty_counts: dict[str, int]
    unpublished: Sequence[Gap]
    """Key steps that nothing published shows."""
    unpublished_count: int
    dangling: Sequence[Gap]
    """Names of records that are not there."""
    sets: Sequence[SetState]
    coverage: Sequence[Coverage]


def report(conn: sa.Connection, pack: Pack, register: Register, today: date) -> Report:
    """The report of a register as it stands."""
    expected = [field for field in register.fields if field.need == "expected"]
    counts = {field.name: _empty_count(conn, register, field) for field in expected}
    steps = [gap for field in register.fields if field.type == "steps" for gap in _unpublished(conn, register, field)]
    return Report(
        records=_count(conn, register),
        inconsistent=[clash for one in register.agree for clash in _inconsistent(conn, register, one)],
        duplicates=[clash for field in register.fields if field.unique for clash in _doubles(conn, register, field)],
        empty=[gap for field in expected if counts[field.name] for gap in _empty(conn, register, field)],
        empty_counts=counts,
        unpublished=steps[:SHOWN],
        unpublished_count=len(steps),
        dangling=[gap for f in register.fields if f.type == "record" for gap in _dangling(conn, register, f)],
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


def _inconsistent(conn: sa.Connection, register: Register, one: Agreement) -> Iterator[Clash]:
    """Keys that several departments use and mean different things by."""
    by = _says(conn, one.by) if one.by else _r.record
    for name in one.fields:
        said = _says(conn, name)
        asked = sa.select(by.label("by")).select_from(_JOINED).where(*_live(register), by != "").group_by(by)
        asked = asked.having(sa.func.count(sa.distinct(_r.issuer)) > 1, sa.func.count(sa.distinct(said)) > 1)
        values = conn.execute(asked.order_by(by).limit(SHOWN)).scalars().all()
        yield from _members(conn, f"{one.by or register.key}：{name}", by, said, values, *_live(register))


def _doubles(conn: sa.Connection, register: Register, field: RegisterField) -> Iterator[Clash]:
    """Values that more than one record has, in the register or within a department."""
    said = _says(conn, field.name)
    within = (_r.issuer,) if field.unique == "dept" else ()
    asked = sa.select(said.label("by"), *within).select_from(_JOINED).where(*_live(register), said != "")
    asked = asked.group_by(said, *within).having(sa.func.count() > 1).order_by(said, *within).limit(SHOWN)
    for row in conn.execute(asked).all():
        only = [_r.issuer == row.issuer] if within else []
        yield from _members(conn, field.name, said, _r.title, [row.by], *_live(register), *only)


def _members(
    conn: sa.Connection, what: str, by: sa.ColumnElement[str], said: sa.ColumnElement[str], values: Sequence[str],
    *only: sa.ColumnElement[bool],
) -> Iterator[Clash]:  # fmt: skip
    for value in values:
        asked = sa.select(_r.issuer, _r.record, said.label("said")).select_from(_JOINED)
        asked = asked.where(by == value, *only)
        rows = conn.execute(asked.order_by(_r.issuer, _r.record).limit(SHOWN)).all()
        yield Clash(what, value, tuple((row.issuer, row.record, row.said) for row in rows))


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


def _dangling(conn: sa.Connection, register: Register, field: RegisterField) -> list[Gap]:
    """Values that name no live record of the other register."""
    other, said = t.register_records.alias(), _says(conn, field.name)
    there = sa.exists().where(other.c.register == field.register_, other.c.state == "live", other.c.record == said)
    asked = sa.select(_r.issuer, _r.record, _r.title, said.label("said")).select_from(_JOINED)
    asked = asked.where(*_live(register), said != "", ~there).order_by(_r.record, _r.issuer).limit(SHOWN)
    return [Gap(row.issuer, row.record, row.title, f"{field.name}：{row.said}") for row in conn.execute(asked)]


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
