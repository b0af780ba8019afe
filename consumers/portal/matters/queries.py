"""Reads of matters for pages: plain SQL with a limit; lists are paged by keyset."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from bus.store.bigrams import Query, normal, terms_of
from consumers.portal import cursor
from consumers.portal import tables as t
from consumers.portal.matters.projection import SEARCHED
from consumers.portal.tables import Row
from schemas.records import Progress

ALIKE = 3
"""Cases that are shown beside a question."""
_m, _l, _g = t.matters.c, t.matter_links.c, t.matter_tags.c
_FIELDS = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which matters a list shows; an empty field asks nothing."""

    kind: str = ""
    state: str = ""
    dept: str = ""
    text: str = ""
    since: str = ""
    """A day; of matters that stand in a calendar, their own."""
    until: str = ""
    tags: tuple[tuple[str, str], ...] = ()


class Page(NamedTuple):
    """Some rows of a list, and where the next page begins."""

    rows: Sequence[Row]
    after: str | None


class Shown(NamedTuple):
    """A public step as it is shown."""

    progress: Progress
    heard_at: int


@dataclass(frozen=True, slots=True)
class Found:
    """A matter with its public steps, and what it is linked with."""

    row: Row
    progress: Progress
    steps: Sequence[Shown]
    fields: dict[str, str]
    named: Sequence[tuple[str, str]]
    """Word and target of its links."""
    naming: Sequence[tuple[str, Row]]
    """Word and row of the matters that name it."""


def listed(conn: sa.Connection, wanted: Wanted, after: str | None, limit: int) -> Page:
    """Matters, those moved last first."""
    query = sa.select(t.matters).where(*_conditions(conn, wanted))
    if after:
        at, subject = cursor.place(after)
        query = query.where(sa.tuple_(_m.moved_at, _m.subject) < sa.tuple_(at, subject))
    rows = conn.execute(query.order_by(_m.moved_at.desc(), _m.subject.desc()).limit(limit + 1)).all()
    page = rows[:limit]
    return Page(page, cursor.cursor(page[-1].moved_at, page[-1].subject) if len(rows) > limit else None)


def by_day(conn: sa.Connection, kinds: Collection[str], span: tuple[str, str], limit: int) -> Sequence[Row]:
    """Matters of the calendar, from one day to before another."""
    asked = _m.lifecycle.in_(sorted(kinds)), _m.day >= span[0], _m.day < span[1]
    return conn.execute(sa.select(t.matters).where(*asked).order_by(_m.day, _m.subject).limit(limit)).all()


def newest_days(conn: sa.Connection, kind: str, limit: int) -> Sequence[Row]:
    """Matters of one lifecycle that have their day, the last first."""
    asked = _m.lifecycle == kind, _m.day.is_not(None)
    return conn.execute(sa.select(t.matters).where(*asked).order_by(_m.day.desc(), _m.subject).limit(limit)).all()


def running(conn: sa.Connection, kinds: Collection[str], ended: bool, limit: int) -> Sequence[Row]:
    """Matters of some lifecycles that have ended, or have not, those moved last first."""
    asked = _m.lifecycle.in_(sorted(kinds)), _m.ended.is_(ended)
    return conn.execute(sa.select(t.matters).where(*asked).order_by(_m.moved_at.desc(), _m.subject).limit(limit)).all()


def counts(conn: sa.Connection) -> Sequence[Row]:
    """How many there are by lifecycle and state: `lifecycle`, `state`, `name`, `state_name`, `number`."""
    by = (_m.lifecycle, _m.state)
    names = sa.func.max(_m.name).label("name"), sa.func.max(_m.state_name).label("state_name")
    query = sa.select(*by, *names, sa.func.count().label("number")).group_by(*by).order_by(*by)
    return conn.execute(query).all()


def tags(conn: sa.Connection, kind: str, field: str, limit: int = 100) -> Sequence[Row]:
    """What lists of a lifecycle may be narrowed to by a field: `value`, `number`."""
    joined = t.matter_tags.join(t.matters, _g.subject == _m.subject)
    number = sa.func.count().label("number")
    query = sa.select(_g.value, number).select_from(joined).where(_m.lifecycle == kind, _g.field == field)
    return conn.execute(query.group_by(_g.value).order_by(number.desc(), _g.value).limit(limit)).all()


def most(conn: sa.Connection, kind: str, field: str, limit: int) -> Sequence[Row]:
    """What a field says most often: `value`, `number` of matters, how many are `solved`, the last `day` of those."""
    joined = t.matter_tags.join(t.matters, _g.subject == _m.subject)
    number = sa.func.count().label("number")
    solved, day = sa.func.count(_m.day).label("solved"), sa.func.max(_m.day).label("day")
    query = sa.select(_g.value, number, solved, day).select_from(joined).where(_m.lifecycle == kind, _g.field == field)
    return conn.execute(query.group_by(_g.value).order_by(number.desc(), day.desc(), _g.value).limit(limit)).all()


def matter(conn: sa.Connection, subject: str) -> Found | None:
    """One matter."""
    row = conn.execute(sa.select(t.matters).where(_m.subject == subject)).first()
    if row is None:
        return None
    s = t.matter_steps.c
    steps = conn.execute(sa.select(t.matter_steps).where(s.subject == subject).order_by(s.version).limit(500))
    shown = [Shown(Progress.model_validate_json(each.doc), each.heard_at) for each in steps]
    links = conn.execute(sa.select(_l.rel, _l.target).where(_l.subject == subject).order_by(_l.rel, _l.target))
    return Found(
        row, Progress.model_validate_json(row.doc), shown, _FIELDS.decode(row.fields),
        [(each.rel, each.target) for each in links], naming(conn, subject),
    )  # fmt: skip


def tallies(conn: sa.Connection, subject: str) -> dict[tuple[str, str], int]:
    """Field and choice to how often it was made."""
    c = t.matter_tallies.c
    rows = conn.execute(sa.select(t.matter_tallies).where(c.subject == subject))
    return {(row.field, row.value): row.number for row in rows}


def naming(conn: sa.Connection, target: str) -> list[tuple[str, Row]]:
    """The matters that name `target` in a link."""
    joined = t.matter_links.join(t.matters, _l.subject == _m.subject)
    query = sa.select(_l.rel, t.matters).select_from(joined).where(_l.target == target)
    return [(row.rel, row) for row in conn.execute(query.order_by(_m.moved_at, _m.subject).limit(50))]


def some(conn: sa.Connection, subjects: Collection[str]) -> dict[str, Row]:
    """Those of `subjects` that are public matters."""
    if not subjects:
        return {}
    return {row.subject: row for row in conn.execute(sa.select(t.matters).where(_m.subject.in_(sorted(subjects))))}


def alike(conn: sa.Connection, question: str, besides: str = "") -> Sequence[Row]:
    """The cases whose question shares most bigrams with `question`; of two alike the shorter."""
    terms = sorted(terms_of(normal(question[:500])))
    if not terms:
        return []
    b = t.library_terms.c
    shared = sa.func.count().label("shared")
    best = sa.select(b.subject, shared).where(b.term.in_(terms), b.subject != besides).group_by(b.subject)
    first = best.order_by(shared.desc(), b.subject).limit(ALIKE).subquery()
    query = sa.select(t.matters).join(first, first.c.subject == _m.subject)
    return conn.execute(query.order_by(first.c.shared.desc(), _m.subject)).all()


def fields_of(row: Row) -> dict[str, str]:
    """What was said last of each public field."""
    return _FIELDS.decode(row.fields)


def _conditions(conn: sa.Connection, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    pairs = (_m.lifecycle, wanted.kind), (_m.state, wanted.state), (_m.dept, wanted.dept)
    asked = [column == value for column, value in pairs if value]
    if wanted.since:
        asked.append(_m.day >= wanted.since)
    if wanted.until:
        asked.append(_m.day < wanted.until + "~")
    for field, value in wanted.tags:
        asked.append(_m.subject.in_(sa.select(_g.subject).where(_g.field == field, _g.value == value)))
    query = Query.of(wanted.text)
    if wanted.text.strip() and not query.words:
        return [sa.false()]
    if query.words:
        asked.append(_m.id.in_(t.MATTER_TERMS.matching(conn.dialect.name, SEARCHED, query)))
        asked += [_m.text.contains(word, autoescape=True) for word in query.doubtful]
    return asked
