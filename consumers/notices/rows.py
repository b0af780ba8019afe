"""The projection's rows within one transaction: notices, and deliveries as plans, ends and wishes leave them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus.record import Record
from consumers.notices.tables import DELIVERY, NOTICE
from schemas.records import DeliveryEnd, DeliveryPlan, DeliveryRequest, DutyNotice, DutyNoticed, PlannedDelivery

_D = DELIVERY.c


class Rows:
    """Reads and writes `notice` and `delivery`."""

    def __init__(self, conn: sa.Connection, now: datetime) -> None:
        self._conn = conn
        self._now = now
        self._insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert

    def keep_notice(self, record: Record, event: DutyNoticed, corrects: str | None) -> None:
        """A record that is carried."""
        row = {
            "id": event.id, "duty": event.data.duty, "rung": event.data.rung or "-", "version": event.data.version,
            "partition": record.partition, "arrival": record.timestamp, "corrects": corrects, "value": record.value,
        }  # fmt: skip
        self._conn.execute(self._insert(NOTICE).values(row).on_conflict_do_nothing())

    def last_rung(self, cancelled: DutyNotice) -> str | None:
        """The rung that a word takes back which does not name it: the last one told before."""
        mine = (NOTICE.c.duty == cancelled.duty, NOTICE.c.rung == (cancelled.rung or "-"), NOTICE.c.corrects.is_(None))
        query = sa.select(NOTICE.c.id).where(*mine, NOTICE.c.version < cancelled.version)
        return self._conn.execute(query.order_by(NOTICE.c.version.desc()).limit(1)).scalar()

    def keep_plan(self, plan: DeliveryPlan) -> None:
        """The deliveries of a plan, each once; what it withdraws and is not out stays in."""
        for each in plan.deliveries:
            row = {
                "id": each.delivery, "notice": plan.notice, "target": each.target, "roles": " ".join(each.roles),
                "dept": each.dept, "state": each.state, "round": 0, "attempts": 0, "next_at": self._now, "detail": "",
                "changed_at": self._now,
            }  # fmt: skip
            self._conn.execute(self._insert(DELIVERY).values(row).on_conflict_do_nothing())
        if plan.withdrawn:
            open_ = (_D.id.in_(plan.withdrawn), _D.state != "delivered")
            self._conn.execute(DELIVERY.update().where(*open_).values(state="cancelled", changed_at=self._now))

    def told_and_untold(self, notice: str | None) -> tuple[tuple[PlannedDelivery, ...], tuple[str, ...]]:
        """Deliveries that were made or may have been, and those that are not to be made any more.

        One that was tried once is not known to have failed, and is both. The rows are locked: none is begun meanwhile.
        """
        query = sa.select(DELIVERY).where(_D.notice == notice).order_by(_D.id).with_for_update()
        rows = self._conn.execute(query).all()
        heard = [row for row in rows if row.state == "delivered" or (row.state == "waiting" and row.attempts > 0)]
        open_ = [row.id for row in rows if row.state not in {"delivered", "cancelled"}]
        return tuple(map(_as_planned, heard)), tuple(open_)

    def end(self, end: DeliveryEnd) -> None:
        """How one ended; a made one is made, though it was withdrawn while it was under way."""
        mine = (_D.id == end.delivery, _D.round <= end.round)
        open_ = _D.state != "delivered" if end.state == "delivered" else _D.state.in_(("waiting", "dead", "old"))
        self._conn.execute(
            DELIVERY.update()
            .where(*mine, open_)
            .values(state=end.state, round=end.round, attempts=end.attempts, detail=end.detail, changed_at=end.at)
        )

    def unaddressed(self, delivery: str) -> tuple[PlannedDelivery, DutyNoticed] | None:
        """One for whose addressee nobody stood, and what was to be told; None where somebody did."""
        mine = (_D.id == delivery, _D.state == "unaddressed")
        joined = sa.select(DELIVERY, NOTICE.c.value).join(NOTICE, NOTICE.c.id == _D.notice)
        row = self._conn.execute(joined.where(*mine)).first()
        return None if row is None else (_as_planned(row), DutyNoticed.model_validate_json(bytes(row.value)))

    def again(self, wish: DeliveryRequest) -> None:
        """What did not arrive is tried anew; a wish that came before counts no more.

        The round is raised whatever became of it meanwhile, so that it hangs on what was said and not on the order.
        """
        mine = (_D.id == wish.delivery, _D.round < wish.round)
        wanted = DELIVERY.update().where(*mine).values(round=wish.round, changed_at=self._now)
        fresh = wanted.values(state="waiting", attempts=0, next_at=self._now, detail="")
        self._conn.execute(fresh.where(_D.state.in_(("waiting", "dead", "old"))))
        self._conn.execute(wanted)


def _as_planned(row: sa.Row[tuple[object, ...]]) -> PlannedDelivery:
    return PlannedDelivery(delivery=row.id, target=row.target, roles=tuple(row.roles.split()), dept=row.dept)
