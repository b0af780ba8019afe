"""What the gateway knows of matters by the verdicts: where each stands, who is responsible, what was done.

Reads: verdicts with `.matter`, through the door's projection.
Keeps: `door_moves`, a row an accepted step.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa
from pydantic import BaseModel, TypeAdapter

from bus.record import Record
from bus.store import bulk, storable
from producers.tables import MATTER_KEYS, MOVES, PAPERS
from schemas.envelope import department_of
from schemas.records import Due, MatterMove

MOST_STEPS = 200
"""Steps that a view shows, the newest: a consultation may have more comments than anybody reads."""
OVER = 2
"""In `waiting`: it waited in vain and was refused."""
_c = MOVES.c


class StepView(BaseModel):
    """一个环节。A step that was taken; `dept` is None where a citizen or the engine took it."""

    step: str
    step_name: str
    at: datetime
    dept: str | None
    state_name: str
    waiting: bool
    gaps: tuple[str, ...]
    depts: tuple[str, ...] = ()
    """此后的负责单位。Who is responsible after it."""
    reason: str = ""
    """理由。Why it was taken, where a department said so."""


class MatterView(BaseModel):
    """事项办理情况。A matter as it stands: state, who is responsible, steps so far, what is due."""

    subject: str
    lifecycle: str
    title: str
    state: str
    state_name: str
    ended: bool
    since: datetime
    version: int
    depts: tuple[str, ...]
    steps: list[StepView]
    dues: list[Due]


def note_moves(conn: sa.Connection, records: Iterable[Record]) -> None:
    """Keep what accepted steps made of their matters; of one that waited, what came of it in the end."""
    found = [data for each in records if _SAYS.search(each.value or b"") and (data := _said(each.value or b""))]
    bulk.insert_or_leave(conn, MOVES, [_row(data, data.event) for data in found if data.waited is None])
    for data in found:
        if data.waited is not None:
            _settle(conn, data, data.waited)


def _settle(conn: sa.Connection, data: _Data, waited: _Named) -> None:
    """A step that waited was tried again: it is taken under the name that it came by, over, or waits on."""
    if _is_move(data) and _MOVED.decode(data.matter).waiting:
        return
    row = _row(data, waited) if _is_move(data) else {**_row(data, waited), "waiting": OVER}
    bulk.upsert(conn, MOVES, [row])


def matter_view(conn: sa.Connection, subject: str) -> MatterView | None:
    """The matter, or None where no step of it was accepted yet."""
    own = sa.select(MOVES).where(_c.subject == subject, _c.waiting != OVER)
    newest = own.order_by(_c.version.desc(), _c.waiting).limit(MOST_STEPS)
    rows = conn.execute(newest).all()
    if not rows:
        return None
    now = MatterMove.model_validate_json(rows[0].body)
    return MatterView(
        subject=subject, lifecycle=now.lifecycle, title=now.title, state=now.state, state_name=now.state_name,
        ended=now.ended, since=now.at, version=now.version, depts=now.depts,
        steps=[_step(row) for row in sorted(rows, key=lambda row: (row.waiting, row.version))],
        dues=_dues(rows[0].dues),
    )  # fmt: skip


def responsible(conn: sa.Connection, subject: str) -> tuple[str, ...]:
    """The departments that handle it now; none where no step of it was accepted yet."""
    newest = sa.select(_c.body).where(_c.subject == subject, _c.waiting == 0).order_by(_c.version.desc()).limit(1)
    body = conn.execute(newest).scalar()
    if not body:
        return ()
    move = MatterMove.model_validate_json(body)
    return (*move.depts, *move.handlers)


def took_part(conn: sa.Connection, subject: str, depts: Collection[str]) -> bool:
    """Whether one of these departments sent an accepted step of it."""
    sources = [f"/departments/{dept}" for dept in depts]
    asked = sa.select(_c.event_id).where(_c.subject == subject, _c.source.in_(sources), _c.waiting != OVER).limit(1)
    return conn.execute(asked).first() is not None


def is_erased(conn: sa.Connection, subject: str, scope: str = "") -> bool:
    """Whether the personal data of the matter, or of that part of it, were erased."""
    k = MATTER_KEYS.c
    asked = sa.select(k.scope).where(k.scope.in_({subject, scope or subject}), k.wrapped.is_(None)).limit(1)
    return conn.execute(asked).first() is not None


def erased_event(conn: sa.Connection, source: str, event_id: str) -> bool:
    """Whether that event belongs to what was erased."""
    p = PAPERS.c
    row = conn.execute(sa.select(p.subject, p.scope).where(p.event_id == event_id, p.source == source)).first()
    return row is not None and is_erased(conn, row.subject, row.scope)


def _step(row: sa.Row[tuple[object, ...]]) -> StepView:
    move = MatterMove.model_validate_json(row.body)
    return StepView(
        step=move.step, step_name=move.step_name, at=move.at, dept=department_of(row.source),
        state_name=move.state_name, waiting=move.waiting, gaps=move.gaps, depts=move.depts,
        reason=move.reason,
    )  # fmt: skip


def _dues(body: str) -> list[Due]:
    """What is due, by the newest verdict; when the gateway follows topic `duties`, this is where its rows come in."""
    return _DUES.validate_json(body)


class _Named(msgspec.Struct):
    id: str
    source: str


class _Ref(_Named):
    subject: str


class _Moved(msgspec.Struct):
    version: int
    waiting: bool = False


class _Data(msgspec.Struct):
    event: _Ref | None = None
    matter: msgspec.Raw = msgspec.Raw(b"null")
    dues: msgspec.Raw = msgspec.Raw(b"[]")
    waited: _Named | None = None


class _Verdict(msgspec.Struct):
    data: _Data


def _said(value: bytes) -> _Data | None:
    data = _VERDICT.decode(value).data
    return data if data.event is not None and (_is_move(data) or data.waited is not None) else None


def _is_move(data: _Data) -> bool:
    return bytes(data.matter) != b"null"


def _row(data: _Data, named: _Named | None) -> dict[str, object]:
    """What is kept of it, under that name."""
    assert data.event is not None
    assert named is not None
    moved = _MOVED.decode(data.matter) if _is_move(data) else _Moved(0)
    return {
        "event_id": storable(named.id), "source": storable(named.source), "subject": storable(data.event.subject),
        "version": moved.version, "waiting": int(moved.waiting), "body": bytes(data.matter).decode(),
        "dues": bytes(data.dues).decode(),
    }  # fmt: skip


_SAYS = re.compile(rb'"(?:matter|waited)":\{')
_VERDICT = msgspec.json.Decoder(_Verdict)
_MOVED = msgspec.json.Decoder(_Moved)
_DUES = TypeAdapter(list[Due])
