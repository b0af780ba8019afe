"""One submission, read and checked as far as that needs no store: where it would go, or why it is refused. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog

from bus.errors import Retriable
from producers import notices
from producers.answers import instant
from producers.checks import Principal, foreign, foreign_ref, refusal, release_of
from producers.forms import Given, Oversize, Unformed
from producers.papers import Paper, paper_of
from producers.personal import plain
from producers.personal.facts import Measured, measure
from producers.refusals import Refused
from rules.calendar import day_of
from schemas.city import Pack
from schemas.decode import Unreadable, decode
from schemas.envelope import Envelope, TypeName, department_of
from schemas.events.common import Attachment, Sealed
from schemas.reasons import Reason, finding
from schemas.records import EventRef, Finding
from schemas.topics import TOPIC_OF_FAMILY


class Judged(Protocol):
    """What the door reads of a judgement."""

    @property
    def outcome(self) -> str:
        """Accepted or rejected."""
        ...

    @property
    def findings(self) -> Sequence[Finding]:
        """What the rules found."""
        ...


Judge = Callable[[Pack, Envelope, datetime], Judged]


class Seals(Protocol):
    """What seals personal data."""

    def seal(self, event: Envelope, texts: Mapping[str, str], measured: Measured) -> Sealed:
        """The field as it travels; raises `Refused` with ERASED."""
        ...


log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Case:
    """A submission as read: `code` empty means it goes on; else it is refused, `dead` or with a rejection."""

    value: bytes | Oversize | None
    sha256: str
    arrival: int
    ref: EventRef | None
    """The event it names, where it is readable and the principal's own."""
    topic: str = ""
    lane: str = ""
    dept: str = ""
    """The department whose event it is."""
    code: str = ""
    dead: bool = False
    findings: tuple[Finding, ...] = ()
    status: int = 202
    attachments: tuple[Attachment, ...] = ()
    owned: bool = True
    """Whether the identity (source, id) is the principal's to use."""
    event: Envelope | None = None
    """Where it goes on."""
    release_at: datetime | None = None
    """Where it is held until then."""
    paper: Paper | None = None
    """Of an event of a matter that goes on."""

    @property
    def name(self) -> tuple[str | None, str | None]:
        """The event's id and source, where it has any."""
        return (self.ref.id, self.ref.source) if self.ref else (None, None)


def read(pack: Pack, who: Principal, judge: Judge, given: Given, arrival: int, *, seals: Seals | None = None) -> Case:
    """The case of one value that came at `arrival`.

    Personal data are taken out before anything else looks, and `seals` puts them back sealed; without it the value has
    been through a door already.
    """
    lifted = plain.lift(given) if seals is not None and isinstance(given, bytes) else None
    if seals is not None and lifted is not None:
        return _personal(pack, who, judge, lifted, arrival=arrival, seals=seals)
    value = given.value if isinstance(given, Unformed) else given
    sha256 = notices.digest(value)
    try:
        event = _decode(given)
    except Unreadable as error:
        return _unread(who, value, sha256, arrival, error)
    return _checked(pack, who, judge, event, value=value, sha256=sha256, arrival=arrival)


def _personal(
    pack: Pack, who: Principal, judge: Judge, lifted: plain.Lifted, *, arrival: int, seals: Seals
) -> Case:  # fmt: skip
    """The case of a value whose personal data were taken out: of what is refused nothing of them stays."""
    bare = lifted.with_(None)
    measured = measure(pack, lifted.texts, day_of(instant(arrival)))
    draft = bare if lifted.fault else lifted.with_(measured.sealed(_DRAFT, _DRAFT))
    try:
        event = decode(draft)
    except Unreadable as error:
        return _unread(who, bare, notices.digest(bare), arrival, error)
    case = _checked(pack, who, judge, event, value=bare, sha256=notices.digest(bare), arrival=arrival)
    if case.code or lifted.fault:
        return case if case.code else _refused(case, lifted.fault)
    try:
        value = lifted.with_(seals.seal(event, lifted.texts, measured))
        event = decode(value)
    except Refused as refused:
        return _refused(case, refused.finding)
    except Unreadable as error:
        return _refused(case, finding(Reason(error.code), "/data/personal", detail=error.detail))
    paper = paper_of(case.topic, event, instant(arrival))
    return replace(case, value=value, sha256=notices.digest(value), event=event, paper=paper)


def _refused(case: Case, found: Finding | None) -> Case:
    assert found is not None
    return replace(case, code=found.rule, findings=(found,))


_DRAFT = "-"
"""Stands for key and sealed texts while an event is looked at that may be refused."""


def _decode(given: Given) -> Envelope:
    if isinstance(given, Oversize):
        raise Unreadable("SIZE", f"{given.length} bytes")
    if isinstance(given, Unformed):
        raise Unreadable(given.code, given.detail)
    return decode(given)


def _unread(who: Principal, value: bytes | Oversize | None, sha256: str, arrival: int, error: Unreadable) -> Case:
    """Dead, or rejected where the model refuses an event that one can still answer to (DESIGN: who is dead)."""
    ref = notices.readable(error.head)
    own = ref is not None and not foreign_ref(who, ref)
    found = finding(Reason(error.code), error.detail.partition(":")[0] if error.code == "INVALID" else "",
                    detail=error.detail)  # fmt: skip
    rejected = error.code in {Reason.INVALID, Reason.UNKNOWN_TYPE} and ref is not None
    if not rejected:
        value = _kept(value)
    if rejected and not own and ref is not None:
        found = foreign(who, ref.source, backfill=False) or found
    return Case(
        value, sha256, arrival, ref if own or rejected else None, dept=who.dept, lane=who.dept, code=found.rule,
        dead=not rejected, findings=(found,), owned=own,
    )  # fmt: skip


def _kept(value: bytes | Oversize | None) -> bytes | Oversize | None:
    """What the dead letters keep: of bytes that may hold personal data their length and digest alone."""
    if isinstance(value, Oversize):
        return replace(value, head=b"") if plain.may_hold(value.head) else value
    return replace(Oversize.of(value), head=b"") if value and plain.may_hold(value) else value


def _checked(
    pack: Pack,
    who: Principal,
    judge: Judge,
    event: Envelope,
    *,
    value: bytes | Oversize | None,
    sha256: str,
    arrival: int,
) -> Case:
    ref = EventRef(id=notices.clean(event.id), source=notices.clean(event.source), type=event.type,
                   subject=event.subject, time=event.time.isoformat())  # fmt: skip
    data = getattr(event, "data", None)
    if found := refusal(pack, who, event, instant(arrival)):
        owned = found.rule != Reason.SOURCE_WRONG and ref.id == event.id
        return Case(
            value, sha256, arrival, ref, dept=who.dept, lane=who.dept, code=found.rule, findings=(found,), owned=owned
        )
    dept = department_of(event.source) or who.dept
    name = TypeName.parse(event.type)
    topic = TOPIC_OF_FAMILY[name.family].name if name else ""
    release_at = release_of(event, instant(arrival))
    status, findings = _judged(pack, judge, event, release_at or instant(arrival))
    return Case(
        value, sha256, arrival, ref, topic=topic, dept=dept, lane=_lane(who, dept, data), findings=findings,
        status=status, attachments=getattr(data, "attachments", ()), event=event, release_at=release_at,
        paper=paper_of(topic, event, instant(arrival)),
    )  # fmt: skip


def _lane(who: Principal, dept: str, data: object) -> str:
    """Citizens have lanes of their own, so that none of them fills a department's."""
    if who.source:
        return who.source
    return f"{dept}#backfill" if getattr(data, "backfill", False) else dept


def _judged(pack: Pack, judge: Judge, event: Envelope, arrival: datetime) -> tuple[int, tuple[Finding, ...]]:
    """The answer's status and findings, as of `arrival`: of a held event its minute.

    The door is no judge: a fault of ours here is the stream's to report.

    Raises:
        Retriable: what stands in an attachment can't be read at the moment.
    """
    try:
        judged = judge(pack, event, arrival)
    except Retriable:
        raise
    except Exception:
        log.exception("the judge failed at the door", event_id=notices.clean(event.id))
        return 202, ()
    return (202 if judged.outcome == "accepted" else 422), tuple(judged.findings)
