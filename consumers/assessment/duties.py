"""Who owed what by when, and whether it became public: one duty for each version of a publication.

Several events may speak of one duty (a rejected one and the one that mends it): an accepted one speaks for it, else
the first rejected, for a rejection closes no duty. Public time is the portal's receipt of this version or of a later
one. History (backfill) is listed and never scored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from consumers.assessment.periods import Quarter
from consumers.assessment.rows import micros
from consumers.assessment.tables import outcomes, receipts


class Status(StrEnum):
    """How a duty stands on a day."""

    ON_TIME = "on-time"
    LATE = "late"
    OVERDUE = "overdue"
    REJECTED_OVERDUE = "rejected-overdue"
    PENDING = "pending"
    REJECTED_PENDING = "rejected-pending"
    WITHDRAWN = "withdrawn"
    UNCLOCKED = "unclocked"
    BACKFILL = "backfill"


LABELS = {
    Status.ON_TIME: "按时公开",
    Status.LATE: "逾期公开",
    Status.OVERDUE: "逾期未公开",
    Status.REJECTED_OVERDUE: "被退回且已逾期",
    Status.PENDING: "未到期",
    Status.REJECTED_PENDING: "被退回、仍应公开",
    Status.WITHDRAWN: "到期前已撤回",
    Status.UNCLOCKED: "无公开时限",
    Status.BACKFILL: "历史迁移(不计分)",
}

SCORED = (Status.ON_TIME, Status.LATE, Status.OVERDUE, Status.REJECTED_OVERDUE)
"""What K01 divides by: due in the period, and public or past its day (RULES §3.2)."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A department that has ended, who has its tasks, and the first µs of the day on which they passed."""

    dept: str
    heir: str
    since: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which duties: of a department, of a quarter, of some statuses; None or () is all."""

    dept: str | None = None
    quarter: Quarter | None = None
    statuses: tuple[Status, ...] = ()
    passed: tuple[Passed, ...] = ()
    """Departments that have ended; what they still owed is their successors'."""


def duties(wanted: Filter, now: datetime) -> sa.Subquery:
    """Every duty wanted, with its status at `now`."""
    one = _speakers(wanted)
    facts = sa.select(one, _public_at(one).label("public_at"), _withdrawn_at(one).label("withdrawn_at")).subquery(
        "facts"
    )
    judged = sa.select(
        facts, _owner(facts, wanted.passed).label("owner"), _status(facts, micros(now)).label("status")
    ).subquery("duties")
    found = sa.select(judged)
    if wanted.statuses:
        found = found.where(judged.c.status.in_([each.value for each in wanted.statuses]))
    if wanted.dept is not None:
        found = found.where(judged.c.owner == wanted.dept)
    return found.subquery("wanted")


def _speakers(wanted: Filter) -> sa.Subquery:
    """The one event that speaks for each duty: none of the same duty comes before it."""
    mine, rival = outcomes.alias("mine"), outcomes.alias("rival")
    before = sa.exists().where(
        rival.c.subject == mine.c.subject, rival.c.version == mine.c.version, rival.c.promise,
        _order(rival) < _order(mine),
    )  # fmt: skip
    speakers = sa.select(mine).where(mine.c.promise, sa.not_(before))
    if wanted.dept is not None:
        theirs = [each.dept for each in wanted.passed if each.heir == wanted.dept]
        speakers = speakers.where(mine.c.dept.in_([wanted.dept, *theirs]))
    if wanted.quarter is not None:
        first, last = wanted.quarter.first.isoformat(), wanted.quarter.last.isoformat()
        speakers = speakers.where(mine.c.counted_on.between(first, last))
    return speakers.subquery("speakers")


def _order(event: sa.FromClause) -> sa.Tuple:
    """Accepted before rejected, then as the log has them."""
    return sa.tuple_(event.c.refused, event.c.arrival, event.c.topic, event.c.partition, event.c.offset)


def _public_at(one: sa.Subquery) -> sa.ScalarSelect[int]:
    """When the portal made this version public, or a later one in its stead."""
    first = sa.select(sa.func.min(receipts.c.at)).where(
        receipts.c.subject == one.c.subject, receipts.c.version >= one.c.version,
        receipts.c.part == "portal", receipts.c.kind == "published",
    )  # fmt: skip
    return first.correlate(one).scalar_subquery()


def _withdrawn_at(one: sa.Subquery) -> sa.ScalarSelect[int]:
    """When this version was withdrawn."""
    taken = outcomes.alias("taken")
    first = sa.select(sa.func.min(taken.c.arrival)).where(
        taken.c.subject == one.c.subject, taken.c.version >= one.c.version, taken.c.withdrawal, taken.c.refused == 0,
    )  # fmt: skip
    return first.correlate(one).scalar_subquery()


def _owner(duty: sa.Subquery, passed: tuple[Passed, ...]) -> sa.ColumnElement[str]:
    """Whose it is: the department's own; its successor's where it still stood open on the day that the tasks passed."""
    if not passed:
        return duty.c.dept
    open_then = [
        sa.and_(
            duty.c.dept == each.dept, sa.not_(duty.c.backfill),
            sa.func.coalesce(duty.c.public_at, each.since) >= each.since,
            sa.func.coalesce(duty.c.withdrawn_at, each.since) >= each.since,
        )
        for each in passed
    ]  # fmt: skip
    whens = [(is_open, sa.literal(each.heir)) for is_open, each in zip(open_then, passed, strict=True)]
    return sa.case(*whens, else_=duty.c.dept)


def _status(duty: sa.Subquery, now: int) -> sa.Case[str]:
    past = sa.literal(now) >= duty.c.due_until
    rejected = duty.c.refused == 1
    return sa.case(
        (duty.c.backfill, Status.BACKFILL.value),
        (duty.c.due_until.is_(None), Status.UNCLOCKED.value),
        (duty.c.public_at < duty.c.due_until, Status.ON_TIME.value),
        (duty.c.public_at.is_not(None), Status.LATE.value),
        (duty.c.withdrawn_at < duty.c.due_until, Status.WITHDRAWN.value),
        (sa.and_(rejected, past), Status.REJECTED_OVERDUE.value),
        (rejected, Status.REJECTED_PENDING.value),
        (past, Status.OVERDUE.value),
        else_=Status.PENDING.value,
    )
