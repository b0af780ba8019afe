"""What the ledger takes from a verdict or a receipt: the few fields it keeps, decoded without building the rest.

The contract is `schemas.records`; these structs are its part that the ledger reads, and a test holds them to it.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from schemas.records import Outcome, ReceiptKind


class Origin(msgspec.Struct, frozen=True, gc=False):
    """The place of an input record."""

    topic: str
    partition: int
    offset: int


class EventRef(msgspec.Struct, frozen=True, gc=False):
    """The event spoken of."""

    id: str
    source: str
    type: str
    subject: str
    time: str


class Due(msgspec.Struct, frozen=True, gc=False):
    """A day by which something must be."""

    clock: str
    due: date
    calendar_complete: bool = True


class Routed(msgspec.Struct, frozen=True, gc=False):
    """An outlet that was asked to carry it."""

    outlet: str
    feed: str


class Rule(msgspec.Struct, frozen=True, gc=False):
    """Which rule spoke."""

    rule: str
    severity: str
    overridden: bool = False


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """A verdict as the ledger needs it."""

    origin: Origin
    outcome: Outcome
    arrival: datetime
    event: EventRef | None
    value_sha256: str
    dept: str | None = None
    item: str | None = None
    kind: str | None = None
    version: int | None = None
    title: str | None = None
    docno: str | None = None
    findings: tuple[Rule, ...] = ()
    outlets: tuple[Routed, ...] = ()
    dues: tuple[Due, ...] = ()
    backfill: bool = False
    corrects: str | None = None
    error: str | None = None


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """A receipt as the ledger needs it."""

    feed_id: str
    outlet: str
    kind: ReceiptKind
    event: EventRef
    version: int
    at: datetime
    url: str | None = None
    detail: str | None = None


class VerdictGiven(msgspec.Struct, frozen=True, gc=False):
    """The envelope of a verdict."""

    data: Verdict


class ReceiptGiven(msgspec.Struct, frozen=True, gc=False):
    """The envelope of a receipt."""

    source: str
    data: Receipt


_VERDICT = msgspec.json.Decoder(VerdictGiven)
_RECEIPT = msgspec.json.Decoder(ReceiptGiven)


def verdict(value: bytes) -> Verdict:
    """The verdict in a record of topic `verdicts`."""
    return _VERDICT.decode(value).data


def receipt(value: bytes) -> ReceiptGiven:
    """The receipt in a record of topic `receipts`; its envelope names the part that gave it."""
    return _RECEIPT.decode(value)
