"""What the door itself refuses of a readable event: whose it is, and what this release does not take yet. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from producers.forms import has_control
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


def principal(pack: Pack, dept: str, way: str) -> Principal:
    """The principal of a department of `pack`."""
    return Principal(dept, way, lead=dept == pack.lead_office)


def refusal(pack: Pack, who: Principal, event: Envelope, arrival: datetime) -> Finding | None:
    """Why the door refuses `event`, or None where it goes on to the stream."""
    data = getattr(event, "data", None)
    backfill = bool(getattr(data, "backfill", False))
    if has_control(event.id) or has_control(event.source):
        return finding(Reason.INVALID, "/id", detail="control characters in id or source")
    if found := foreign(who, event.source, backfill=backfill):
        return found
    sender, issuer = department_of(event.source) or "", issuer_of(event.subject)
    if not pack.is_or_succeeds(sender, issuer):
        why_zh, why_en = f"subject以{issuer}开头,不是本单位或所承接的单位", f"the subject's issuer is {issuer}"
        return finding(Reason.REJ_AUTHORITY, "/subject", dept=sender, why_zh=why_zh, why_en=why_en)
    if backfill and not who.lead:
        return finding(Reason.BACKFILL_KEY, "/data/backfill")
    if getattr(data, "personal", None) is not None:
        return finding(Reason.PERSONAL_UNSEALED, "/data/personal")
    release_at = getattr(data, "release_at", None)
    if release_at is not None and release_at > arrival:
        return finding(Reason.RELEASE_AT, "/data/release_at", release_at=release_at.isoformat())
    return None


def foreign(who: Principal, source: str, *, backfill: bool) -> Finding | None:
    """The finding for a source that is not the principal's own; the lead office brings in everybody's history."""
    dept = department_of(source)
    if dept is not None and (dept == who.dept or (who.lead and backfill)):
        return None
    return finding(Reason.SOURCE_WRONG, "/source", source=source[:100], dept=who.dept)


def foreign_ref(who: Principal, ref: EventRef) -> bool:
    """Whether an event that could not be read whole names another's source."""
    return department_of(ref.source) != who.dept
