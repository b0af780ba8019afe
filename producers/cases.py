"""One submission, read and checked as far as that needs no store: where it would go, or why it is refused. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from bus.errors import Retriable
from producers import notices
from producers.answers import instant
from producers.checks import Principal, foreign, foreign_ref, refusal
from producers.forms import Given, Oversize, Unformed
from schemas.city import Pack
from schemas.decode import Unreadable, decode
from schemas.envelope import Envelope, TypeName, department_of
from schemas.events.common import Attachment
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

    @property
    def name(self) -> tuple[str | None, str | None]:
        """The event's id and source, where it has any."""
        return (self.ref.id, self.ref.source) if self.ref else (None, None)


def read(pack: Pack, who: Principal, judge: Judge, given: Given, arrival: int) -> Case:
    """The case of one value that came at `arrival`."""
    value = given.value if isinstance(given, Unformed) else given
    sha256 = notices.digest(value)
    try:
        event = _decode(given)
    except Unreadable as error:
        return _unread(who, value, sha256, arrival, error)
    return _checked(pack, who, judge, event, value=value, sha256=sha256, arrival=arrival)


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
    if rejected and not own and ref is not None:
        found = foreign(who, ref.source, backfill=False) or found
    return Case(
        value, sha256, arrival, ref if own or rejected else None, dept=who.dept, lane=who.dept, code=found.rule,
        dead=not rejected, findings=(found,), owned=own,
    )  # fmt: skip


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
    status, findings = _judged(pack, judge, event, arrival)
    return Case(
        value, sha256, arrival, ref, topic=TOPIC_OF_FAMILY[name.family].name if name else "", dept=dept,
        lane=f"{dept}#backfill" if getattr(data, "backfill", False) else dept, findings=findings, status=status,
        attachments=getattr(data, "attachments", ()),
    )  # fmt: skip


def _judged(pack: Pack, judge: Judge, event: Envelope, arrival: int) -> tuple[int, tuple[Finding, ...]]:
    """The answer's status and findings. The door is no judge: a fault of ours here is the stream's to report.

    Raises:
        Retriable: what stands in an attachment can't be read at the moment.
    """
    try:
        judged = judge(pack, event, instant(arrival))
    except Retriable:
        raise
    except Exception:
        log.exception("the judge failed at the door", event_id=notices.clean(event.id))
        return 202, ()
    return (202 if judged.outcome == "accepted" else 422), tuple(judged.findings)
