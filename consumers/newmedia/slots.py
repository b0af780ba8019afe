"""When an account may send, and which items go together: pure; days and months are Asia/Shanghai (RULES §5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.city import Outlet

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Candidate(NamedTuple):
    """An item that may be sent."""

    subject: str
    urgency: int
    """Place of its quota class in the pack's order, 0 the most urgent (应急)."""
    ready_at: datetime
    slot_at: datetime
    solo: bool
    """Whether it goes alone, because a send that it was part of was refused."""

    @property
    def emergency(self) -> bool:
        """Whether it waits for no slot."""
        return self.urgency == 0


def urgency(quota_class: str, order: Sequence[str]) -> int:
    """Place of a quota class in the pack's order; an unknown one comes last."""
    return order.index(quota_class) if quota_class in order else len(order)


def period_of(outlet: Outlet, at: datetime) -> str:
    """The quota's period that `at` lies in: a day or a calendar month, empty without a quota."""
    if outlet.quota is None:
        return ""
    day = at.astimezone(SHANGHAI)
    return day.strftime("%Y-%m") if outlet.quota.per == "month" else day.date().isoformat()


def next_period(outlet: Outlet, at: datetime) -> datetime:
    """The first moment of the period after the one of `at`."""
    day = at.astimezone(SHANGHAI).date()
    if outlet.quota is not None and outlet.quota.per == "month":
        return _midnight((day.replace(day=1) + timedelta(days=32)).replace(day=1))
    return _midnight(day + timedelta(days=1))


def slot_after(outlet: Outlet, at: datetime) -> datetime:
    """The first of the outlet's slots at or after `at`; `at` itself where it has none."""
    if not outlet.slots:
        return at
    local = at.astimezone(SHANGHAI)
    days = (local.date(), local.date() + timedelta(days=1))
    openings = (_at(day, slot) for day in days for slot in sorted(outlet.slots))
    return next(opening for opening in openings if opening >= local)


def first_slot(outlet: Outlet, at: datetime, *, emergency: bool) -> datetime:
    """When an item that became ready at `at` may go: an emergency at once, others at the next slot."""
    return at if emergency else slot_after(outlet, at)


def slot_without_quota(outlet: Outlet, at: datetime, *, emergency: bool) -> datetime:
    """When it may go now that this period's quota is used up."""
    start = next_period(outlet, at)
    return first_slot(outlet, start, emergency=emergency)


def pick(outlet: Outlet, waiting: Iterable[Candidate], now: datetime) -> tuple[Candidate, ...]:
    """The next send: most urgent first, then longest waiting; empty while there is reason to wait.

    An emergency opens a send at once; it takes along whatever is ready, for it uses up the quota.
    """
    ranked = sorted(waiting, key=lambda each: (each.urgency, each.ready_at, each.subject))
    open_now = [each for each in ranked if each.slot_at <= now]
    if not open_now:
        return ()
    alone = open_now[0].solo
    if open_now[0].emergency and not alone:
        open_now = [each for each in ranked if each.slot_at <= now or each.ready_at <= now]
    most = 1 if alone else outlet.limits.articles or 1
    batch = tuple(each for each in open_now if each.solo == alone)[:most]
    return batch if _settled(outlet, batch, most, now) else ()


def _settled(outlet: Outlet, batch: Sequence[Candidate], most: int, now: datetime) -> bool:
    """Whether nothing new has come for a while, or nothing more fits, or it can't wait."""
    if len(batch) >= most or batch[0].emergency:
        return True
    return max(each.ready_at for each in batch) + timedelta(seconds=outlet.settle_seconds) <= now


def _midnight(day: date) -> datetime:
    return _at(day, time())


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI)
