"""What became of what a citizen handed in: asked with both numbers, and answered alike whichever of them is wrong."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel

from bus.store import Store, storable
from producers.answers import instant
from producers.citizens import codes
from producers.citizens.limits import Counter
from producers.http.views import event_view
from producers.matters import StepView, is_erased, matter_view
from producers.personal.opening import Opener
from producers.refusals import Refused
from producers.tables import MOVES, PAPERS, RECEIPTS
from schemas.city import Pack
from schemas.city.matters import StepField
from schemas.reasons import Reason
from schemas.records import Due, Sentence

REPLY = "reply"
"""Name of the sealed text that a department writes to the person who asked."""


class Done(BaseModel):
    """已办环节。A step that was taken."""

    step_name: str
    at: datetime
    dept: str | None = None
    """办理单位。Who took it; None where the writer or the clock did."""
    depts: tuple[str, ...] = ()
    """此后的负责单位。Who is responsible after it."""
    reason: str = ""


class Reply(BaseModel):
    """答复。What the department said: by name of the field."""

    step: str
    at: datetime
    texts: dict[str, str]


class Status(BaseModel):
    """办理情况。What a citizen is told."""

    number: str
    kind: str
    handed_in: datetime
    state: str
    state_name: str
    ended: bool = False
    steps: list[Done] = []
    dues: list[Due] = []
    replies: list[Reply] = []
    refused: Sentence | None = None
    """Where it was not taken: why."""


class Query:
    """Answers queries by the gateway's view."""

    def __init__(self, store: Store, secret: bytes, opener: Opener, pack: Pack) -> None:
        self._store = store
        self._secret = secret
        self._opener = opener
        self._pack = pack

    def ask(self, number: str, code: str, address: str, counter: Counter, now: int) -> Status:
        """The status, for whoever has both numbers.

        Raises:
            Refused: QUERY-WRONG, whichever is wrong; TOO-MANY; ERASED.
        """
        return self._status(self.proven(number, code, address, counter, now))

    def proven(
        self, number: str, code: str, address: str, counter: Counter, now: int
    ) -> sa.Row[tuple[object, ...]]:  # fmt: skip
        """The receipt, for whoever has both numbers.

        Raises:
            Refused: QUERY-WRONG, whichever is wrong; TOO-MANY; ERASED.
        """
        receipt, queries = self._pack.limit["receipt"], self._pack.limit["queries"]
        with self._store.begin() as conn:
            counter.check(conn, receipt, number, now)
            counter.check(conn, queries, address, now)
            row = conn.execute(sa.select(RECEIPTS).where(RECEIPTS.c.number == storable(number))).first()
            right = codes.agrees(self._secret, number, code, row.code if row else None)
            if not right:
                counter.count(conn, receipt, number, now)
                counter.count(conn, queries, address, now)
            erased = row is not None and right and is_erased(conn, row.subject, row.scope)
        if row is None or not right:
            raise Refused(Reason.QUERY_WRONG)
        if erased:
            raise Refused(Reason.ERASED, id=number)
        return row

    def _status(self, row: sa.Row[tuple[object, ...]]) -> Status:
        own = event_view(self._store, str(row.source), str(row.event_id))
        begun = Status(number=str(row.number), kind=str(row.kind), handed_in=instant(row.made), state="received",
                       state_name="已收到")  # fmt: skip
        if own is not None and own.state in {"rejected", "dead"}:
            said = own.findings[0].message if own.findings else None
            return begun.model_copy(update={"state": "refused", "state_name": "未受理", "refused": said, "ended": True})
        if own is None or own.state != "accepted":
            return begun
        with self._store.read() as conn:
            view = matter_view(conn, str(row.subject))
        if view is None:
            return begun.model_copy(update={"state": "taken", "state_name": "已受理"})
        told = {"state": view.state, "state_name": view.state_name, "ended": view.ended, "dues": view.dues}
        if row.subject == row.scope and row.kind in {"letters", "foi-requests"}:
            kind, tells = str(row.kind), self._tells(str(row.kind))
            told |= {"steps": [_done(each, tells) for each in view.steps],
                     "replies": self._replies(str(row.subject), kind, view.lifecycle)}  # fmt: skip
        return begun.model_copy(update=told)

    def _replies(self, subject: str, kind: str, lifecycle: str) -> list[Reply]:
        """What departments' accepted steps say to the person: public fields, and the sealed reply."""
        moved = (MOVES.c.event_id == PAPERS.c.event_id) & (MOVES.c.source == PAPERS.c.source)
        asked = sa.select(PAPERS, MOVES.c.body).join(MOVES, moved).where(
            PAPERS.c.subject == subject, PAPERS.c.actor.is_not(None), MOVES.c.waiting == 0
        ).order_by(MOVES.c.version)  # fmt: skip
        with self._store.read() as conn:
            rows = conn.execute(asked).all()
        replies = [self._reply(row, kind, lifecycle) for row in rows]
        return [reply for reply in replies if reply.texts]

    def _reply(self, row: sa.Row[tuple[object, ...]], kind: str, lifecycle: str) -> Reply:
        known, moved = self._pack.lifecycle.get(lifecycle), json.loads(row.body)
        told = self._tells(kind).get(moved["step"], ())
        shown = {name: one for name, one in known.fields.items() if one.public or name in told} if known else {}
        open_ = {
            shown[name].name: _worded(shown[name], text)
            for name, text in json.loads(row.fields).items()
            if name in shown
        }
        sealed = self._opener.texts(row)
        own = {"答复": sealed[REPLY]} if sealed.get(REPLY) else {}
        return Reply(step=moved["step_name"], at=moved["at"], texts=open_ | own)

    def _tells(self, kind: str) -> Mapping[str, tuple[str, ...]]:
        """What whoever handed in such a form is told beside all that is public."""
        form = next((form for form in self._pack.forms if form.id == kind), None)
        return form.tells if form else {}


def _done(step: StepView, tells: Collection[str]) -> Done:
    reason = step.reason if step.step in tells else ""
    return Done(step_name=step.step_name, at=step.at, dept=step.dept, depts=step.depts, reason=reason)


def _worded(field: StepField, text: str) -> str:
    return dict(zip(field.choices, field.labels, strict=False)).get(text, text)
