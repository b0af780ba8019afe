"""What the door itself refuses of a readable event: whose it is, and what this release does not take yet. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from producers.forms import has_control
from rules.case import finding_of
from rules.families import STEPPED
from rules.judge import SUBMITTED, UPDATED
from rules.timing import time_in_window
from schemas.city import Pack
from schemas.envelope import Envelope, department_of, issuer_of
from schemas.reasons import Reason, finding
from schemas.records import EventRef, Finding


@dataclass(frozen=True, slots=True)
class Principal:
    """Who stands at the door: the department whose key, folder, database or topic it is, and the way it came."""

    dept: str
    way: str
    lead: bool = False
    """Whether it is the lead office, whose key alone brings history in, for every department."""
    source: str = ""
    """What it speaks as, where it is no department: `/portal`, `/accounts/<id>`, `/platforms/<name>`."""


def principal(pack: Pack, dept: str, way: str) -> Principal:
    """The principal of a department of `pack`."""
    return Principal(dept, way, lead=dept == pack.lead_office)


FURTHEST = timedelta(days=30)
"""A release further ahead is a slip of the pen; its sign-offs would be stale by then."""
_GRACE = timedelta(minutes=1)
"""What comes within the minute of its release goes at once."""


def refusal(pack: Pack, who: Principal, event: Envelope, arrival: datetime) -> Finding | None:
    """Why the door refuses `event`, or None where it goes on to the stream.

    A step of a matter may be another department's than the one in its key: whose turn it is, the matter's state says.
    """
    data = getattr(event, "data", None)
    backfill = bool(getattr(data, "backfill", False))
    if has_control(event.id) or has_control(event.source):
        return finding(Reason.INVALID, "/id", detail="control characters in id or source")
    if found := foreign(who, event.source, backfill=backfill):
        return found
    sender, issuer = department_of(event.source) or "", issuer_of(event.subject)
    own = bool(who.source) or event.type in STEPPED or pack.is_or_succeeds(sender, issuer)
    if not own:
        why_zh, why_en = f"subject以{issuer}开头,不是本单位或所承接的单位", f"the subject's issuer is {issuer}"
        return finding(Reason.REJ_AUTHORITY, "/subject", dept=sender, why_zh=why_zh, why_en=why_en)
    if backfill and not who.lead:
        return finding(Reason.BACKFILL_KEY, "/data/backfill")
    return _release_refusal(pack, event, arrival)


def release_of(event: Envelope, arrival: datetime) -> datetime | None:
    """When it is to be released, where that is still to come."""
    wanted = _wanted(event)
    return wanted if wanted is not None and wanted > arrival else None


def _release_refusal(pack: Pack, event: Envelope, arrival: datetime) -> Finding | None:
    """The stream sees of it nothing but its minute: that it was no older when it came is for the door to say."""
    wanted = _wanted(event)
    if wanted is None:
        return None
    if arrival - _GRACE <= wanted <= arrival + FURTHEST:
        return _stale(pack, event, arrival)
    zh, en = ("已经过去", "has passed") if wanted < arrival else ("过远", "lies too far ahead")
    shown = wanted.isoformat()
    return finding(Reason.RELEASE_AT, "/data/release_at", release_at=shown, why_zh=zh, why_en=en, days=FURTHEST.days)


def _stale(pack: Pack, event: Envelope, arrival: datetime) -> Finding | None:
    oldest = arrival - timedelta(seconds=pack.city.clock_before)
    backfill = event.data.backfill  # type: ignore[attr-defined]
    faults = time_in_window(pack, event.time, arrival) if event.time < oldest and not backfill else ()
    return finding_of(faults[0]) if faults else None


def _wanted(event: Envelope) -> datetime | None:
    found = event.data.release_at if event.type in {SUBMITTED, UPDATED} else None  # type: ignore[attr-defined]
    return found if isinstance(found, datetime) else None


def foreign(who: Principal, source: str, *, backfill: bool) -> Finding | None:
    """The finding for a source that is not the principal's own; the lead office brings in everybody's history."""
    dept = department_of(source)
    if who.source == source if who.source else dept is not None and (dept == who.dept or (who.lead and backfill)):
        return None
    return finding(Reason.SOURCE_WRONG, "/source", source=source[:100], dept=who.dept)


def foreign_ref(who: Principal, ref: EventRef) -> bool:
    """Whether an event that could not be read whole names another's source."""
    return ref.source != who.source if who.source else department_of(ref.source) != who.dept
