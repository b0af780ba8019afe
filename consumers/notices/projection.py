"""Rungs become deliveries: who is told is decided once, written down, and never decided anew.

Reads `duties` and its own `deliveries`. Writes `deliveries`: the plan of each rung. Keeps `notice`, `delivery`.
Fails to: nothing; a record of ours that can't be read ends the process with its place named.

A rebuild reads back the plans and the ends, so it tells nobody anything twice, whatever the addresses are by then.
The rows are the same in whatever order the two topics are read: rows come from plans, and the later round holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from bus.city import Packs
from bus.record import Record
from bus.store import Projection, Tx
from consumers.notices import planning, words
from consumers.notices.addresses import Addresses
from consumers.notices.rows import Rows
from consumers.notices.tables import DELIVERY, NOTICE, metadata
from schemas.records import (
    DeliveryEnded,
    DeliveryPlan,
    DeliveryPlanned,
    DeliveryRequest,
    DutyNotice,
    DutyNoticed,
    PlannedDelivery,
)
from schemas.topics import DELIVERIES, DUTIES

RUNG, CANCELLED = "rung", "rung-cancelled"


class _Data(msgspec.Struct, gc=False):
    what: str = ""


class _Head(msgspec.Struct, gc=False):
    data: _Data


_HEAD = msgspec.json.Decoder(_Head).decode


class NoticesProjection(Projection):
    """How words about duties become deliveries."""

    name = "notices"
    topics = (DUTIES, DELIVERIES)
    metadata = metadata

    def __init__(self, packs: Packs, addresses: Callable[[], Addresses]) -> None:
        self._packs = packs
        self._addresses = addresses

    def apply(self, tx: Tx, records: Sequence[Record]) -> None:
        """Keep what is to be carried, and what became of it."""
        rows = Rows(tx.conn, tx.now)
        for record in records:
            if record.topic == DELIVERIES.name:
                self._hear(tx, rows, record)
            elif (what := _HEAD(record.value or b"").data.what) in {RUNG, CANCELLED}:
                event = DutyNoticed.model_validate_json(record.value or b"")
                take = self._tell if what == RUNG else self._take_back
                take(tx, rows, record, event)

    def clear(self, conn: sa.Connection) -> None:
        """Forget what the log can tell again; which webhook is gone it can't."""
        conn.execute(DELIVERY.delete())
        conn.execute(NOTICE.delete())

    def _tell(self, tx: Tx, rows: Rows, record: Record, event: DutyNoticed) -> None:
        """A rung was reached: whoever is to hear of it gets a delivery."""
        rows.keep_notice(record, event, corrects=None)
        plan = self._known(tx, event.id)
        if plan is None:
            state = "old" if self._is_old(record, tx.now) else "waiting"
            plan = _plan(event.id, event.id, event.data, self._planned(record, event, state))
        self._carry_out(tx, rows, plan, event.subject, record.partition)

    def _take_back(self, tx: Tx, rows: Rows, record: Record, event: DutyNoticed) -> None:
        """A rung was taken back: what is not out stays in, and who may have heard of it hears this too."""
        corrected = event.data.cancels or rows.last_rung(event.data)
        rows.keep_notice(record, event, corrects=corrected)
        plan = self._known(tx, event.id)
        if plan is None:
            heard, unsaid = rows.told_and_untold(corrected)
            corrections = tuple(planning.correction(event.id, each) for each in heard)
            plan = _plan(event.id, event.id, event.data, corrections, unsaid, correction=True)
        self._carry_out(tx, rows, plan, event.subject, record.partition)

    def _hear(self, tx: Tx, rows: Rows, record: Record) -> None:
        """What this part said itself, read back, or what an operator wants."""
        match words.read(record.value):
            case DeliveryPlanned(data=plan):
                rows.keep_plan(plan)
            case DeliveryEnded(data=end):
                rows.end(end)
            case wish:
                self._again(tx, rows, record, wish.id, wish.data)

    def _again(self, tx: Tx, rows: Rows, record: Record, cause: str, wish: DeliveryRequest) -> None:
        """Tried anew; where nobody stood for the addressee, by whoever does so now."""
        found = rows.unaddressed(wish.delivery)
        rows.again(wish)
        if found is not None:
            plan = self._known(tx, cause) or self._addressed_anew(record, cause, *found)
            self._carry_out(tx, rows, plan, found[1].subject, record.partition)

    def _addressed_anew(self, record: Record, cause: str, missed: PlannedDelivery, event: DutyNoticed) -> DeliveryPlan:
        alone = event.data.model_copy(update={"to": missed.roles, "depts": (missed.dept,), "dept": missed.dept})
        lead_office = self._packs.at(record.timestamp).pack.lead_office
        found = planning.deliveries(self._addresses(), alone, event.id, lead_office)
        reached = tuple(each for each in found if each.state == "waiting")
        return _plan(cause, event.id, event.data, reached, (missed.delivery,) if reached else ())

    def _planned(self, record: Record, event: DutyNoticed, state: str) -> tuple[PlannedDelivery, ...]:
        lead_office = self._packs.at(record.timestamp).pack.lead_office
        return planning.deliveries(self._addresses(), event.data, event.id, lead_office, state=state)

    def _is_old(self, record: Record, now: datetime) -> bool:
        days = timedelta(days=self._addresses().carry_days)
        return record.timestamp < int((now - days).timestamp() * 1000)

    @staticmethod
    def _known(tx: Tx, cause: str) -> DeliveryPlan | None:
        """In a rebuild: as it was decided."""
        value = tx.known(words.plan_id(cause))
        return None if value is None else words.read_plan(value)

    @staticmethod
    def _carry_out(tx: Tx, rows: Rows, plan: DeliveryPlan, subject: str, partition: int) -> None:
        """Also where nobody is told: that was decided too. It goes before the ends that follow from it, by one lane."""
        rows.keep_plan(plan)
        tx.of_lane(words.lane(partition)).send(words.planned(plan, subject, partition, tx.now))


def _plan(
    cause: str, notice_id: str, notice: DutyNotice, found: tuple[PlannedDelivery, ...],
    withdrawn: tuple[str, ...] = (), *, correction: bool = False,
) -> DeliveryPlan:  # fmt: skip
    return DeliveryPlan(
        cause=cause, notice=notice_id, duty=notice.duty, rung=notice.rung or "-", correction=correction,
        deliveries=found, withdrawn=withdrawn,
    )  # fmt: skip
