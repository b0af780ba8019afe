"""Who may send what of the other families: registers, reviews, consultations, letters, requests, matters.

Judged for form and authority alone, but for what registers hold (`rules.registers`); lifecycles are another verb.
"""

from __future__ import annotations

from datetime import datetime

from rules.authority import sender_may_speak
from rules.calendar import day_of
from rules.case import Fault, Faults, why
from schemas.city import Pack
from schemas.envelope import Envelope, department_of, issuer_of
from schemas.reasons import Reason

STEPPED = frozenset(
    f"cn.gongkai.{family}.stepped.v1" for family in ("complaint", "consultation", "foi-request", "matter")
)
"""Steps of a case, which whoever handles it takes, whoever opened it."""

CITIZENS = frozenset(
    {"cn.gongkai.complaint.submitted.v1", "cn.gongkai.foi-request.submitted.v1", "cn.gongkai.consultation.commented.v1"}
)
"""What citizens send, through the portal, an account or a platform; the lead office is the issuer of its subject."""

_OF_ANY_ISSUER = ("cn.gongkai.consultation.", "cn.gongkai.matter.")
"""Cases of departments in which citizens take part: a comment, a questionnaire."""
_PUBLIC_SOURCES = ("/portal", "/accounts/", "/platforms/")


def sender_of(event: Envelope) -> str | None:
    """The department that `source` names; None for any other source."""
    return department_of(event.source)


def speaker_faults(pack: Pack, event: Envelope, arrival: datetime) -> Faults:
    """Whether who sent this may send it."""
    sender, day = sender_of(event), day_of(event.time)
    if event.type in CITIZENS and sender is None:
        return _from_citizen(pack, event)
    if event.type in STEPPED:
        return _step(pack, event, sender, arrival)
    return sender_may_speak(pack, sender, event.subject, day)


def _from_citizen(pack: Pack, event: Envelope) -> Faults:
    issuer = issuer_of(event.subject)
    of_any = event.type.startswith(_OF_ANY_ISSUER) and issuer in pack.department
    if _is_public(event.source) and (issuer == pack.lead_office or of_any):
        return ()
    told = why("来源或编号不是本平台给出的", "its source or subject was not given by this platform", dept=event.source)
    return (Fault(Reason.REJ_AUTHORITY, "/source", event.source, None, told),)


def _is_public(source: str) -> bool:
    return source == _PUBLIC_SOURCES[0] or source.startswith(_PUBLIC_SOURCES[1:])


def _step(pack: Pack, event: Envelope, sender: str | None, arrival: datetime) -> Faults:
    """A step is taken by its own actor, which is the sender or one it succeeds; the case is of a known issuer.

    Citizens take steps too (a correction, a rating), as themselves: the department they name counts for nothing.
    """
    if sender is None and _is_public(event.source):
        return _from_citizen(pack, event)
    actor = event.data.actor_dept  # type: ignore[attr-defined]
    if issuer_of(event.subject) not in pack.department:
        told = why(
            "事项编号的制发机关不在部门名录中", "the subject's issuer is no department of this city", dept=sender or ""
        )
        return (Fault(Reason.REJ_AUTHORITY, "/subject", event.subject, None, told),)
    return sender_may_speak(pack, sender, f"{actor}/-", day_of(arrival))
