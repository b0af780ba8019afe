"""A delivery on its way out: which is next, that it was begun, how it ended, each in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus.record import Outgoing
from consumers.notices import words
from consumers.notices.addresses import Webhook
from consumers.notices.tables import DELIVERY, GONE, NOTICE
from schemas.ids import delivery_id
from schemas.records import DeliveryEnd, DutyNoticed

_D = DELIVERY.c
_PARCEL = sa.select(
    _D.id, _D.notice, _D.target, _D.roles, _D.dept, _D.round, _D.attempts, NOTICE.c.value, NOTICE.c.corrects,
    NOTICE.c.arrival, NOTICE.c.partition,
).join(NOTICE, NOTICE.c.id == _D.notice)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery that is to be made."""

    id: str
    notice: str
    target: str
    roles: tuple[str, ...]
    dept: str
    round: int
    attempts: int
    value: bytes
    """The record of the notice, as it lies on its topic."""
    corrects: str | None
    """The notice that this one takes back."""
    arrival: int
    partition: int

    @property
    def event(self) -> DutyNoticed:
        """The notice, read."""
        return DutyNoticed.model_validate_json(self.value)

    @property
    def answers(self) -> str | None:
        """The delivery to the same target that this one takes back."""
        return None if self.corrects is None else delivery_id(self.corrects, self.target)


class Shelf:
    """The rows of one way out, within one transaction."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn

    def next_due(self, mine: sa.ColumnElement[bool], now: datetime) -> Parcel | None:
        """What is to be made first, of those that `mine` says."""
        due = (_D.state == "waiting", _D.next_at <= now, mine)
        row = self._conn.execute(_PARCEL.where(*due).order_by(_D.next_at, _D.id).limit(1)).first()
        if row is None:
            return None
        return Parcel(
            row.id, row.notice, row.target, tuple(row.roles.split()), row.dept, row.round, row.attempts,
            bytes(row.value), row.corrects, row.arrival, row.partition,
        )  # fmt: skip

    def begin(self, parcel: Parcel, next_at: datetime, now: datetime) -> bool:
        """Count the try before it is made; False where somebody withdrew or began it meanwhile.

        `next_at`: when it is tried again should nobody live to say how this one ended.
        """
        as_read = (_D.id == parcel.id, _D.state == "waiting", _D.round == parcel.round, _D.attempts == parcel.attempts)
        begun = {"attempts": parcel.attempts + 1, "next_at": next_at, "changed_at": now}
        return self._conn.execute(DELIVERY.update().where(*as_read).values(**begun)).rowcount == 1

    def later(self, parcel: Parcel, next_at: datetime, detail: str) -> None:
        """It did not arrive, and is tried again."""
        same = (_D.id == parcel.id, _D.state == "waiting", _D.round == parcel.round)
        self._conn.execute(DELIVERY.update().where(*same).values(next_at=next_at, detail=detail))

    def end(self, parcel: Parcel, end: DeliveryEnd) -> Outgoing | None:
        """It arrived, or nobody tries any more; None where it was withdrawn meanwhile and did not arrive."""
        states = ("waiting", "cancelled") if end.state == "delivered" else ("waiting",)
        same = (_D.id == parcel.id, _D.round == parcel.round, _D.state.in_(states))
        ended = {"state": end.state, "detail": end.detail, "changed_at": end.at}
        if self._conn.execute(DELIVERY.update().where(*same).values(**ended)).rowcount != 1:
            return None
        return words.ended(end, parcel.event.subject, parcel.partition)

    def rest(self, mine: sa.ColumnElement[bool], until: datetime) -> None:
        """Nobody answers there: what is due waits a little, and loses none of its tries."""
        due = (_D.state == "waiting", _D.next_at < until, mine)
        self._conn.execute(DELIVERY.update().where(*due).values(next_at=until))

    # webhooks that are gone

    def is_gone(self, webhook: Webhook) -> bool:
        """Whether this address said that nobody is there any more."""
        same = (GONE.c.target == webhook.id, GONE.c.url_sha256 == _digest(webhook))
        return self._conn.execute(sa.select(GONE.c.at).where(*same)).first() is not None

    def gone(self, webhook: Webhook, at: datetime) -> None:
        """It says so now."""
        insert = postgresql.insert if self._conn.dialect.name == "postgresql" else sqlite.insert
        row = {"target": webhook.id, "url_sha256": _digest(webhook), "at": at}
        made = insert(GONE).values(row)
        self._conn.execute(made.on_conflict_do_update(index_elements=["target"], set_=row))

    def back(self, target: str) -> None:
        """It answered again."""
        self._conn.execute(GONE.delete().where(GONE.c.target == target))


def of_targets(ids: Sequence[str]) -> sa.ColumnElement[bool]:
    """Deliveries to these targets."""
    return _D.target.in_(ids)


def of_no_target(ids: Sequence[str]) -> sa.ColumnElement[bool]:
    """Deliveries to targets that are none of these."""
    return _D.target.not_in(ids)


def _digest(webhook: Webhook) -> str:
    return sha256(webhook.url.encode()).hexdigest()
