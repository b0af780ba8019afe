"""What the gateway knows of matters by the verdicts: where each stands, who is responsible, what was done.

Reads: verdicts with `.matter`, through the door's projection.
Keeps: `door_moves`, a row an accepted step.
"""

from __future__ import annotations

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
    """Keep what accepted steps made of their matters."""
    rows = [row for each in records if b'"matter":{' in (each.value or b"") for row in _rows(each.value or b"")]
    bulk.insert_or_leave(conn, MOVES, rows)


def matter_view(conn: sa.Connection, subject: str) -> MatterView | None:
    """The matter, or None where no step of it was accepted yet."""
    newest = sa.select(MOVES).where(_c.subject == subject).order_by(_c.version.desc(), _c.waiting).limit(MOST_STEPS)
    rows = conn.execute(newest).all()
    if not rows:
        return None
    now = MatterMove.model_validate_json(rows[0].body)
    return MatterView(
        subject=subject, lifecycle=now.lifecycle, title=now.title, state=now.state, state_name=now.state_name,
        ended=now.ended, since=now.at, version=now.version, depts=now.depts,
        steps=[_step(row) for row in reversed(rows)], dues=_dues(rows[0].dues),
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
    asked = sa.select(_c.event_id).where(_c.subject == subject, _c.source.in_(sources)).limit(1)
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


class _Ref(msgspec.Struct):
    id: str
    source: str
    subject: str


class _Moved(msgspec.Struct):
    version: int
    waiting: bool = False


class _Data(msgspec.Struct):
    event: _Ref | None = None
    matter: msgspec.Raw = msgspec.Raw(b"null")
    dues: msgspec.Raw = msgspec.Raw(b"[]")


class _Verdict(msgspec.Struct):
    data: _Data


def _rows(value: bytes) -> list[dict[str, object]]:
    data = _VERDICT.decode(value).data
    if data.event is None or bytes(data.matter) == b"null":
        return []
    moved, event = _MOVED.decode(data.matter), data.event
    return [{
        "event_id": storable(event.id), "source": storable(event.source), "subject": storable(event.subject),
        "version": moved.version, "waiting": int(moved.waiting), "body": bytes(data.matter).decode(),
        "dues": bytes(data.dues).decode(),
    }]  # fmt: skip


_VERDICT = msgspec.json.Decoder(_Verdict)
_MOVED = msgspec.json.Decoder(_Moved)
_DUES = TypeAdapter(list[Due])
