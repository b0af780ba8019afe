"""The bus's own records: verdicts, rejections, receipts, duties; CloudEvents like any other."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code, Instant, Model, Sha256
from schemas.envelope import Envelope
from schemas.events.common import Link, Override
from schemas.events.publications import SignOff

Severity = Literal["block", "error", "warn"]
Outcome = Literal["accepted", "rejected", "dead"]
ReceiptKind = Literal["published", "removed", "noted", "superseded", "conflict"]


class Sentence(Model):
    """The same sentence for a clerk and, beside it, in English."""

    zh: str
    en: str


class Finding(Model):
    """What a rule found: which rule, how grave, on what ground, where, and how to mend it."""

    rule: Code
    severity: Severity
    basis: str
    """The article or document the rule stands on."""
    place: str
    """JSON Pointer (RFC 6901) into the event."""
    message: Sentence
    remedy: Sentence
    span: tuple[int, int] | None = None
    """Code points of the field at `place`, from and to."""
    excerpt: str | None = None
    """Masked."""
    overridden: bool = False
    page: str | None = None
    """Path of the rule's page under the portal's root."""


class Due(Model):
    """A day by which something must be, and the clock that says so."""

    clock: Code
    due: date
    calendar_complete: bool = True
    basis: str = ""


class Routed(Model):
    """An outlet that carries an event, and what it is to say."""

    outlet: Code
    feed: Code
    """Feed topic, without prefix."""
    action: Literal["carry", "take-down"]
    title: str
    quota_class: Code = "ordinary"
    due: Instant | None = None


class MatterMove(Model):
    """What a step made of its matter, in a verdict."""

    lifecycle: Code
    state: Code
    """After the step; of a step that waits, the state it waits in."""
    state_name: Code
    step: Code
    step_name: Code
    version: int
    at: Instant
    ended: bool = False
    waiting: bool = False
    gaps: tuple[str, ...] = ()
    """Rules whose part of the chain is missing."""
    title: str = ""
    depts: tuple[Code, ...] = ()
    """Who is responsible for it now."""
    handlers: tuple[Code, ...] = ()
    """Who else handles it, and may open what is sealed in it."""
    beside: tuple[Code, ...] = ()
    """All others who have a part in it."""
    reason: str = ""
    """Why the step was taken, where it said so; of confidential matters never."""


class Waited(Model):
    """A step that waited, by the event that it came as."""

    id: str
    source: str


class Origin(Model):
    """The place of an input record; `topic` is without the city's prefix."""

    topic: Code
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class EventRef(Model):
    """The event spoken of. Fields are as the sender wrote them, so they may break its model's limits."""

    id: str
    source: str
    type: str
    subject: str
    time: str


class Verdict(Model):
    """What the engine said of one input record; never holds the body."""

    origin: Origin
    outcome: Outcome
    arrival: Instant
    event: EventRef | None = None
    """None where the record could not be read."""
    dept: Code | None = None
    item: str | None = None
    kind: str | None = None
    version: int | None = None
    title: str | None = None
    """Where accepted."""
    docno: str | None = None
    """发文字号 in its right form; the ledger looks whether another live document of the organ has it."""
    links: tuple[Link, ...] = ()
    dates: dict[str, date] = {}
    value_sha256: Sha256
    content_sha256: Sha256 | None = None
    findings: tuple[Finding, ...] = ()
    overrides: tuple[Override, ...] = ()
    outlets: tuple[Routed, ...] = ()
    dues: tuple[Due, ...] = ()
    backfill: bool = False
    corrects: str | None = None
    error: Code | None = None
    """Where dead: its code (UNREADABLE, UNKNOWN-VERSION, ENGINE-FAULT …)."""
    matter: MatterMove | None = None
    """Of a step of a matter, where it was accepted."""
    waited: Waited | None = None
    """Of a record by which a step that waited is tried again: which one, whatever came of it."""
    five_open: str | None = None
    sign_offs: tuple[SignOff, ...] = ()
    """Of a publication, where accepted; compared with the review steps that were sent."""
    cut: dict[str, int] = {}
    """How many findings, links, overrides or sign-offs were left out to keep the verdict under 64 KB."""


class Rejection(Model):
    """A refusal, for the department: who, which rule, which article, how to mend."""

    by: Literal["door", "router", "matters", "portal", "assessment"]
    origin: Origin | None = None
    """None where the door refused before the event had an offset."""
    event: EventRef | None = None
    dept: Code
    arrival: Instant
    findings: Annotated[tuple[Finding, ...], Field(min_length=1)]
    corrects: str | None = None
    pack: str
    value_sha256: Sha256


class Receipt(Model):
    """How one feed record ended at its outlet."""

    feed_id: str
    outlet: Code
    kind: ReceiptKind
    event: EventRef
    version: int
    at: Instant
    """For the portal: public time, which alone stops the statutory clock."""
    url: str | None = None
    platform_id: str | None = None
    index_no: str | None = None
    detail: str | None = None


DutyWord = Literal[
    "opened", "assigned", "paused", "resumed", "restarted", "extended", "redated", "exempted", "closed",
    "rung", "rung-cancelled",
]  # fmt: skip
"""What can be said of a duty; `rung` names the rung in `rung`: reminded, urged, supervised, circulated …"""


class DutyNotice(Model):
    """A word about something due, with the duty as it stands then; the last by `version` is how it stands."""

    duty: Code
    """Its id: `<matter>#<clock>#<n>`."""
    clock: Code
    """Of the lifecycle, or of the standing duty."""
    dept: Code
    """The first of `depts`."""
    subject: str
    due: date
    rung: Code | None = None
    reason: str = ""
    leader_post: str | None = None
    """Post that answers for it (第一责任人), of the first department."""
    what: DutyWord = "opened"
    version: int = 1
    """Counts the words about this duty."""
    name: str = ""
    """What is due, in words."""
    lifecycle: Code | None = None
    """None: a standing duty."""
    title: str = ""
    rule: str = ""
    law: str = ""
    basis: str = ""
    depts: tuple[Code, ...] = ()
    since: Instant | None = None
    due_at: Instant | None = None
    calendar_complete: bool = True
    state: Literal["open", "paused", "closed", "exempt"] = "open"
    opened_at: Instant | None = None
    closed_at: Instant | None = None
    late: bool = False
    pauses: tuple[tuple[date, date], ...] = ()
    extended: tuple[str, ...] = ()
    at: Instant | None = None
    """When what is told happened: a step's own time, a rung's instant."""
    rung_name: str = ""
    overdue: bool = False
    to: tuple[str, ...] = ()
    """Of a rung: `owner`, `leader`, `lead-office`, `public`."""
    cancels: str | None = None
    """Of a rung that is taken back: the id of the record that told of it."""


DeliveryState = Literal["waiting", "delivered", "dead", "cancelled", "unaddressed", "old"]


class PlannedDelivery(Model):
    """One delivery: to which target, in whose stead."""

    delivery: str
    """Its id: a webhook's `webhook-id`, the local part of a mail's Message-ID."""
    target: Code
    """Id of a mailbox or webhook in the operators' settings; of nobody, `nobody/<role>/<department>`."""
    roles: tuple[str, ...]
    """Of the rung's `to`, those that the target stands for."""
    dept: Code
    """Whose; of several the first."""
    state: Literal["waiting", "unaddressed", "old"] = "waiting"
    """`old`: the rung was reached longer ago than notices are carried."""


class DeliveryPlan(Model):
    """Who is to be told of a rung, or that it was taken back: decided once, by the settings of that moment."""

    cause: str
    """Id of the record that asked for it: the rung, its cancellation, or that it be sent again."""
    notice: str
    """Id of the record on `duties` that is carried."""
    duty: Code
    rung: Code
    correction: bool = False
    deliveries: tuple[PlannedDelivery, ...] = ()
    withdrawn: tuple[str, ...] = ()
    """Deliveries of a rung that was taken back before they were made."""


class DeliveryEnd(Model):
    """How a delivery ended."""

    delivery: str
    notice: str
    target: Code
    state: Literal["delivered", "dead"]
    round: int = 0
    """How often it had been asked for again."""
    attempts: int = 1
    detail: str = ""
    at: Instant


class DeliveryRequest(Model):
    """An operator's wish that a delivery be tried again."""

    delivery: str
    notice: str
    target: Code
    round: int
    """One more than it had: asked twice, it is one wish."""
    by: str = ""
    why: str = ""


class Gap(Model):
    """A part of a chain that is missing."""

    rule: Code
    message: Sentence


class Progress(Model):
    """What the public may see of a matter after a step; the highest `version` is how it stands."""

    lifecycle: Code
    lifecycle_name: Code
    title: str = ""
    state: Code
    state_name: Code
    ended: bool = False
    version: int
    step: Code
    step_name: Code
    step_public: bool
    """Whether the step itself is shown, or only the state it led to."""
    at: Instant
    dept: Code | None = None
    """Who took the step; None for citizens and the engine."""
    depts: tuple[Code, ...] = ()
    fields: dict[str, str] = {}
    """Public fields of the step, by id."""
    chosen: dict[str, str] = {}
    """What was chosen in the step's fields that are counted: nobody learns by whom."""
    labels: dict[str, str] = {}
    """Their names."""
    links: tuple[Link, ...] = ()
    """All of the matter."""
    gaps: tuple[Gap, ...] = ()
    counts: dict[str, int] = {}
    """How often each step was taken."""
    dues: tuple[DutyNotice, ...] = ()
    """Its duties as they stand."""


class LinkMade(Model):
    """A step that something in one stream takes for a matter in another; the key is the matter's."""

    step: Code
    lifecycle: Code | None = None
    """What to open where the matter is not there yet."""
    at: Instant
    fields: dict[str, str] = {}
    links: tuple[Link, ...] = ()
    title: str = ""
    cause: EventRef | None = None
    """None: a clock."""
    duty: str = ""
    """The duty that ended by itself, where this step is its end."""
    reason: str = ""
    retry: Literal["again", "last"] | None = None
    """The step that waited, `cause`, is tried again: something has come since, or its day is over."""


PackPath = Annotated[
    str,
    Field(
        pattern=r"^[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*(/[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*)*$",
        max_length=200,
    ),
]
"""Path of a file inside a pack, no step of it beginning with a dot; it is the Kafka key of the file's record."""


class PackRelease(Model):
    """A release of the city pack: its number, when it comes into force, and every file by digest."""

    release: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$")]
    """Its number: used once, and higher than those before."""
    released_at: Instant
    """From this arrival on events are judged by it; the first release of all also judges what came before."""
    files: Annotated[dict[PackPath, Sha256], Field(min_length=1, max_length=2_000)]
    note: Annotated[str, Field(max_length=500)] = ""
    by: Code
    """The department that released it."""


class VerdictGiven(Envelope):
    """A verdict on topic `verdicts`."""

    type: Literal["cn.gongkai.verdict.given.v1"]
    data: Verdict


class RejectionIssued(Envelope):
    """A rejection on topic `rejections`."""

    type: Literal["cn.gongkai.rejection.issued.v1"]
    data: Rejection


class ReceiptGiven(Envelope):
    """A receipt on topic `receipts`."""

    type: Literal["cn.gongkai.receipt.given.v1"]
    data: Receipt


class DutyNoticed(Envelope):
    """A duty's notice, on topic `duties`."""

    type: Literal["cn.gongkai.duty.noticed.v1"]
    data: DutyNotice


class MatterMoved(Envelope):
    """A matter's progress on topic `portal-feed`."""

    type: Literal["cn.gongkai.matter.moved.v1"]
    data: Progress


class MatterLinked(Envelope):
    """A step for another matter, on topic `links`."""

    type: Literal["cn.gongkai.matter.linked.v1"]
    data: LinkMade


class DeliveryPlanned(Envelope):
    """Who is told of a rung, on topic `deliveries`."""

    type: Literal["cn.gongkai.delivery.planned.v1"]
    data: DeliveryPlan


class DeliveryEnded(Envelope):
    """How a delivery ended, on topic `deliveries`."""

    type: Literal["cn.gongkai.delivery.ended.v1"]
    data: DeliveryEnd


class DeliveryRequested(Envelope):
    """That a delivery is to be tried again, on topic `deliveries`, by operators."""

    type: Literal["cn.gongkai.delivery.requested.v1"]
    data: DeliveryRequest


class PackReleased(Envelope):
    """The record that ends a release on topic `city`, behind those of its files."""

    type: Literal["cn.gongkai.pack.released.v1"]
    data: PackRelease


RECORDS: dict[str, type[Envelope]] = {
    "cn.gongkai.verdict.given.v1": VerdictGiven,
    "cn.gongkai.rejection.issued.v1": RejectionIssued,
    "cn.gongkai.receipt.given.v1": ReceiptGiven,
    "cn.gongkai.duty.noticed.v1": DutyNoticed,
    "cn.gongkai.matter.moved.v1": MatterMoved,
    "cn.gongkai.matter.linked.v1": MatterLinked,
    "cn.gongkai.delivery.planned.v1": DeliveryPlanned,
    "cn.gongkai.delivery.ended.v1": DeliveryEnded,
    "cn.gongkai.delivery.requested.v1": DeliveryRequested,
    "cn.gongkai.pack.released.v1": PackReleased,
}
"""Type name to model, for our own records."""
