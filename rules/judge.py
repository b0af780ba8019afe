"""May this department publish this, so? One answer for one event, arrival and pack, the same in any process.

Publications, withdrawals and the records of registers are judged whole; the other families for form and authority
(`rules.families`).
Rules that need other records, such as a duplicate number, are judged where the store is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from rules import authority, content, docno, papers, registers, review, timing
from rules.calendar import day_of
from rules.case import Case, Fault, Faults
from rules.clocks import due_of_row
from rules.families import sender_of, speaker_faults
from rules.overriding import findings_of
from rules.texts import attachments_right, texts_right
from schemas.city import CatalogueRow, Kind, Pack
from schemas.content import content_sha256
from schemas.envelope import Envelope
from schemas.events.common import Link, Override
from schemas.events.publications import Publication, SignOff, Withdrawal
from schemas.extracts import Extracts
from schemas.reasons import Reason
from schemas.records import Due, Finding, Severity

SUBMITTED = "cn.gongkai.publication.submitted.v1"
UPDATED = "cn.gongkai.publication.updated.v1"
WITHDRAWN = "cn.gongkai.publication.withdrawn.v1"

RULES: tuple[Callable[[Case], Faults], ...] = (
    authority.publisher_fits,
    authority.version_fits,
    content.elements_present,
    content.sections_present,
    content.codes_right,
    content.channels_ticked,
    content.audience_fits,
    content.mode_fits,
    content.five_open_fits,
    content.titles_fit,
    content.docno_right,
    content.links_named,
    papers.title_fits,
    papers.inward_kept,
    papers.annotation_agrees,
    papers.index_right,
    papers.theme_known,
    papers.validity_bounded,
    review.signed_off,
    review.secrecy_reviewed,
    authority.others_confirmed,
    timing.dates_right,
    timing.history_right,
    timing.in_time,
    texts_right,
    attachments_right,
)
"""One a reason, in the order in which findings stand; each is pure and sees the case alone."""

UNSEEN = (
    Reason.KEY_MISSING, Reason.SOURCE_WRONG, Reason.ID_REUSED, Reason.BACKFILL_KEY, Reason.REJ_ATTACHMENT,
    Reason.VER_CONFLICT, Reason.DOCNO_TWICE,
)  # fmt: skip
"""What `judge` can't see, because it needs the sender's key or other records."""


class Judgement(NamedTuple):
    """What the rules said; every word of a verdict that is theirs."""

    outcome: Literal["accepted", "rejected"]
    findings: tuple[Finding, ...] = ()
    dues: tuple[Due, ...] = ()
    dept: str | None = None
    """The department that answers for it; None where the pack knows none."""
    item: str | None = None
    kind: str | None = None
    version: int | None = None
    title: str | None = None
    """Where accepted."""
    docno: str | None = None
    """发文字号 in its right form, where it has one."""
    links: tuple[Link, ...] = ()
    """Where accepted."""
    dates: dict[str, date] = {}
    content_sha256: str | None = None
    overrides: tuple[Override, ...] = ()
    """Those that a finding was overridden by."""
    backfill: bool = False
    corrects: str | None = None
    five_open: str | None = None
    sign_offs: tuple[SignOff, ...] = ()
    """Of a publication, where accepted: what the review steps sent meanwhile are compared with."""


def judge(pack: Pack, event: Envelope, arrival: datetime, texts: Extracts | None = None) -> Judgement:
    """The judgement on `event`, which came at `arrival`, by the release `pack`.

    `texts` tells what stands in its attachments; without it they are not looked at.
    """
    if event.type in {SUBMITTED, UPDATED}:
        return _publication(pack, event, arrival, texts)
    if event.type == WITHDRAWN:
        return _withdrawal(pack, event, arrival)
    sender = sender_of(event)
    faults = (*speaker_faults(pack, event, arrival), *timing.time_in_window(pack, event.time, arrival))
    if event.type in registers.TYPES:
        return _register(pack, event, (*faults, *registers.register_faults(pack, event)))
    return _answer(faults, (), {}, dept=_known(pack, sender))


def _register(pack: Pack, event: Envelope, faults: Faults) -> Judgement:
    title, version = registers.title_of(pack, event), registers.version_of(event)
    return _answer(faults, (), {}, dept=_known(pack, sender_of(event)), title=title, version=version)


def row_of(pack: Pack, event: Envelope) -> CatalogueRow | None:
    """The edition of a publication's row in force on its day, of history on the day it was first public.

    Where none is, the newest: it is refused, and the other rules are told all the same.
    """
    data: Publication = event.data  # type: ignore[attr-defined]
    return _row(pack, data.item, _rules_day(data, day_of(event.time)))


def kind_of(pack: Pack, event: Envelope) -> Kind | None:
    """The edition of a publication's kind, as `row_of` finds its row's."""
    data: Publication = event.data  # type: ignore[attr-defined]
    return _kind(pack, data.kind, _rules_day(data, day_of(event.time)))


def _row(pack: Pack, code: str, day: date) -> CatalogueRow | None:
    return pack.row_on(code, day) or pack.row.get(code)


def _kind(pack: Pack, name: str, day: date) -> Kind | None:
    return pack.kind_on(name, day) or pack.kind.get(name)


def _rules_day(data: Publication, day: date) -> date:
    """The day by whose catalogue it is judged: its own, of history the one on which it was first public."""
    return (data.published_on if data.backfill else None) or day


def _publication(pack: Pack, event: Envelope, arrival: datetime, texts: Extracts | None) -> Judgement:
    data: Publication = event.data  # type: ignore[attr-defined]
    sender = sender_of(event)
    day = day_of(event.time)
    rules_day = _rules_day(data, day)
    row, kind = _row(pack, data.item, rules_day), _kind(pack, data.kind, rules_day)
    faults = _entry(pack, event, row, arrival, day)
    if row is not None:
        faults += authority.kind_fits(row, kind, data.kind, rules_day)
    facts: dict[str, Any] = {
        "dept": _known(pack, data.responsible_dept) or _known(pack, sender), "item": data.item, "kind": data.kind,
        "version": data.version, "docno": _docno(data.docno, day.year), "dates": data.dates, "backfill": data.backfill,
        "corrects": data.corrects, "five_open": data.five_open,
    }  # fmt: skip
    if row is None or kind is None or sender is None:
        return _answer(faults, data.overrides, kind.severity if kind else {}, **facts)
    case = _case(pack, event, row, kind, arrival=arrival, day=day, sender=sender, texts=texts)
    faults += _faults(case)
    facts |= {"content_sha256": case.digest, "dues": (case.due,) if case.due else ()}
    facts |= {"title": data.title, "links": data.links, "sign_offs": data.sign_offs}
    return _answer(faults, data.overrides, kind.severity, **facts)


def _entry(pack: Pack, event: Envelope, row: CatalogueRow | None, arrival: datetime, day: date) -> Faults:
    """Whether the sender may speak of that row at all, and now.

    History comes at any time, from the lead office or from a department for itself; whose key it was, the door saw.
    """
    data: Publication = event.data  # type: ignore[attr-defined]
    sender = sender_of(event)
    if not data.backfill:
        return (
            *authority.sender_may_speak(pack, sender, event.subject, day),
            *timing.time_in_window(pack, event.time, _sent(event, arrival)),
            *authority.row_in_force(row, data.item, day),
        )
    speaks = (
        () if sender == pack.lead_office else authority.sender_may_speak(pack, sender, event.subject, day_of(arrival))
    )
    return (*speaks, *authority.row_in_force(row, data.item, data.published_on or day))


def _sent(event: Envelope, arrival: datetime) -> datetime:
    """When it was sent: what the door held for its minute arrives at that minute, however long it waited."""
    data: Publication = event.data  # type: ignore[attr-defined]
    return min(arrival, event.time) if data.release_at == arrival else arrival


def _case(
    pack: Pack, event: Envelope, row: CatalogueRow, kind: Kind, *, arrival: datetime, day: date, sender: str,
    texts: Extracts | None,
) -> Case:  # fmt: skip
    data: Publication = event.data  # type: ignore[attr-defined]
    return Case(
        pack, data, row, kind, sender, event.type == UPDATED, arrival, day, day_of(arrival),
        content_sha256(data.title, data.body, [attachment.sha256 for attachment in data.attachments]),
        pack.outlets_for(data.channels, data.responsible_dept, kind.quota_class),
        due_of_row(pack, row, data.dates, data.version),  # type: ignore[arg-type]
        texts,
    )  # fmt: skip


def _faults(case: Case) -> Faults:
    found: list[Fault] = []
    for rule in RULES:
        found += rule(case)
    return tuple(found)


def _withdrawal(pack: Pack, event: Envelope, arrival: datetime) -> Judgement:
    data: Withdrawal = event.data  # type: ignore[attr-defined]
    sender = sender_of(event)
    faults = authority.sender_may_speak(pack, sender, event.subject, day_of(event.time))
    faults += timing.time_in_window(pack, event.time, arrival)
    if data.item not in pack.row:
        faults += authority.row_in_force(None, data.item, day_of(event.time))
    return _answer(
        faults, (), {},
        dept=_known(pack, sender), item=data.item, version=data.version, title=data.notice, corrects=data.corrects,
    )  # fmt: skip


def _answer(
    faults: Faults, overrides: tuple[Override, ...], severities: dict[str, Severity], **facts: Any
) -> Judgement:
    """Severity decides: block refuses, error refuses unless answered for, warn does not."""
    if not faults:
        return Judgement("accepted", **facts)
    findings, used = findings_of(faults, overrides, severities)
    refused = any(one.severity == "block" or (one.severity == "error" and not one.overridden) for one in findings)
    if refused:
        facts |= {"title": None, "links": (), "sign_offs": ()}
    return Judgement("rejected" if refused else "accepted", findings, overrides=used, **facts)


def _docno(given: str | None, latest_year: int) -> str | None:
    found = docno.parse(given, latest_year) if given else None
    return found.text if isinstance(found, docno.DocNo) else None


def _known(pack: Pack, dept: str | None) -> str | None:
    return dept if dept in pack.department else None
