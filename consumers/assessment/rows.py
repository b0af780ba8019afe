"""From a verdict or a receipt to the row that the ledger keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone

from bus.record import Record
from bus.store import storable
from consumers.assessment import reading
from schemas import headers as h
from schemas.envelope import TypeName

Row = dict[str, object]

CITY_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Days are the city's days (DESIGN §2); China has had one offset without summer time since 1991."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """µs since 1970, exact."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant(at: int) -> datetime:
    """The aware time that `micros` made a number of."""
    return _EPOCH + timedelta(microseconds=at)


def city_day(at: datetime) -> date:
    """The day it is in the city."""
    return at.astimezone(CITY_TIME).date()


def day_end(day: date) -> datetime:
    """The first moment after `day` in the city: a period of days ends at 24:00 (RULES CAL-02)."""
    return datetime.combine(day + timedelta(days=1), time(), CITY_TIME)


def outcome_row(record: Record, verdict: reading.Verdict, event: reading.EventRef) -> Row:
    """The row of table `outcomes` for a verdict that is not dead."""
    name = TypeName.parse(event.type)
    family, verb = (name.family, name.verb) if name else ("", "")
    due = min(verdict.dues, key=lambda one: one.due, default=None)
    accepted = verdict.outcome == "accepted"
    return {
        "source": storable(event.source), "event_id": storable(event.id),
        "topic": verdict.origin.topic, "partition": verdict.origin.partition, "offset": verdict.origin.offset,
        "outcome": verdict.outcome, "refused": int(verdict.outcome != "accepted"),
        "arrival": micros(verdict.arrival), "counted_on": _counted_on(verdict, due).isoformat(),
        "type": storable(event.type), "time": storable(event.time), "subject": storable(event.subject),
        "promise": family == "publication" and verb in {"submitted", "updated"} and verdict.version is not None,
        "withdrawal": family == "publication" and verb == "withdrawn",
        "dept": storable(verdict.dept or ""), "item": _optional(verdict.item), "kind": _optional(verdict.kind),
        "version": verdict.version, "title": _optional(verdict.title),
        "clock": due.clock if due else None, "due": due.due.isoformat() if due else None,
        "due_until": micros(day_end(due.due)) if due else None,
        "calendar_complete": due is None or due.calendar_complete, "backfill": verdict.backfill,
        "rules": ",".join(finding.rule for finding in verdict.findings), "outlets": len(verdict.outlets),
        "corrects": _optional(verdict.corrects), "docno": _optional(verdict.docno) if accepted else None,
        "overridden": sum(finding.overridden for finding in verdict.findings) if accepted else 0,
        "pack": h.get(record.headers, h.PACK) or "",
        "value_sha256": verdict.value_sha256,
    }  # fmt: skip


def dead_row(verdict: reading.Verdict) -> Row:
    """The row of table `dead`."""
    event = verdict.event
    return {
        **place(verdict), "error": verdict.error or "",
        "source": storable(event.source) if event else None, "event_id": storable(event.id) if event else None,
    }  # fmt: skip


def place(row: reading.Verdict | Mapping[str, object]) -> Row:
    """Where the input record lies, from a verdict or from a row of `outcomes`."""
    if isinstance(row, reading.Verdict):
        return {"topic": row.origin.topic, "partition": row.origin.partition, "offset": row.origin.offset}
    return {name: row[name] for name in ("topic", "partition", "offset")}


def receipt_row(given: reading.ReceiptGiven) -> Row:
    """The row of table `receipts`."""
    receipt = given.data
    return {
        "feed_id": storable(receipt.feed_id), "part": storable(given.source.removeprefix("/engine/")),
        "outlet": storable(receipt.outlet), "kind": receipt.kind,
        "source": storable(receipt.event.source), "event_id": storable(receipt.event.id),
        "subject": storable(receipt.event.subject), "version": receipt.version,
        "at": micros(receipt.at),
        "url": _optional(receipt.url), "detail": _optional(receipt.detail),
    }  # fmt: skip


def _counted_on(verdict: reading.Verdict, due: reading.Due | None) -> date:
    """The day it is due; history, and what has no clock, counts where it arrived."""
    return city_day(verdict.arrival) if due is None or verdict.backfill else due.due


def _optional(value: str | None) -> str | None:
    return None if value is None else storable(value)
