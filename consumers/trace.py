"""One item's way, from the door's outbox to the receipts, as the log tells it.

A key is an item's subject, an event's id, or the derived id of a record of ours. Records of one subject lie in the
partition with the same number on every topic, so a subject is read from one partition each; an id is looked for
everywhere, and then the whole item it belongs to is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from kafka.partitioner import murmur2

from bus.errors import Fatal
from bus.record import Record
from bus.settings import Settings
from bus.store import Store
from bus.store.tables import BODIES, OUTBOX
from consumers.reconcile.cut import Place, ends, records
from consumers.reconcile.log import FEEDS
from schemas import headers as h
from schemas.topics import DEAD_LETTERS, JUDGED, RECEIPTS, REJECTIONS, VERDICTS

_STAGES = (*JUDGED, VERDICTS, REJECTIONS, DEAD_LETTERS, *FEEDS, RECEIPTS)
_STAGE = {topic.name: number for number, topic in enumerate(_STAGES)}


@dataclass(frozen=True, slots=True)
class Step:
    """One record of an item's way."""

    at: datetime
    where: str
    """`topic/partition/offset`, or the door's outbox with lane and row."""
    what: str
    event: str
    """Id of the event it is about."""
    detail: str


def trace(settings: Settings, key: str) -> list[Step]:
    """Every record about the item that `key` names, in the order of their times; empty where nothing is known."""
    extents = ends(settings, FEEDS)
    subject = key if (found := _of_subject(settings, extents, key)) else _subject_of(settings, extents, key)
    if subject is None:
        return []
    found = found or _of_subject(settings, extents, subject)
    steps = sorted(((_STAGE[record.topic], _step(record)) for record in found), key=lambda each: (each[1].at, each[0]))
    return [*_at_the_door(settings, subject, found), *(step for _, step in steps)]


def _of_subject(settings: Settings, extents: dict[Place, tuple[int, int]], subject: str) -> list[Record]:
    """Records whose key is `subject`."""
    try:
        key = subject.encode("ascii")
    except UnicodeEncodeError:
        return []
    partitions = {number for _, number in extents}
    mine = (murmur2(key) & 0x7FFFFFFF) % len(partitions)
    return list(_having(settings, {p: e for p, e in extents.items() if p[1] == mine}, lambda record: record.key == key))


def _subject_of(settings: Settings, extents: dict[Place, tuple[int, int]], name: str) -> str | None:
    """The subject of the item that some record with this id is about."""
    needle = name.encode()

    def named(record: Record) -> bool:
        return record.gk_id == name or (needle in (record.value or b"") and name in _ids(record))

    found = next(_having(settings, extents, named), None)
    return None if found is None or found.key is None else found.key.decode("utf-8", "replace")


def _having(
    settings: Settings, extents: dict[Place, tuple[int, int]], wanted: Callable[[Record], bool]
) -> Iterator[Record]:
    return (record for record in records(settings, extents) if wanted(record))


def _at_the_door(settings: Settings, subject: str, found: list[Record]) -> list[Step]:
    """The door's outbox rows of the input records found, and those of this subject that still wait."""
    try:
        store = Store.reader(settings, "gateway", sa.MetaData())
    except Fatal:
        return []
    with store, store.read() as conn:
        if not sa.inspect(conn).has_table(OUTBOX.name):
            return []
        steps = [step for record in found if record.topic in _INPUT_NAMES for step in _sent(conn, record)]
        waiting = (
            sa.select(OUTBOX.c.lane, OUTBOX.c.seq, OUTBOX.c.topic, BODIES.c.timestamp)
            .join(BODIES, (BODIES.c.lane == OUTBOX.c.lane) & (BODIES.c.seq == OUTBOX.c.seq))
            .where(BODIES.c.key == subject.encode(), OUTBOX.c.sent_offset.is_(None))
        )
        for row in conn.execute(waiting):
            at = datetime.fromtimestamp((row.timestamp or 0) / 1000, UTC)
            steps.append(Step(at, f"door {row.lane}/{row.seq}", f"waits for {row.topic}", "", ""))
    return steps


def _sent(conn: sa.Connection, record: Record) -> Iterator[Step]:
    rows = conn.execute(
        sa.select(OUTBOX.c.lane, OUTBOX.c.seq, OUTBOX.c.sent_at).where(
            OUTBOX.c.topic == record.topic, OUTBOX.c.sent_partition == record.partition,
            OUTBOX.c.sent_offset == record.offset,
        )
    )  # fmt: skip
    for row in rows:
        at = datetime.fromtimestamp((row.sent_at or 0) / 1000, UTC)
        yield Step(at, f"door {row.lane}/{row.seq}", f"sent as {record.origin}", "", "")


def _step(record: Record) -> Step:
    value = _json(record)
    data = _data(value)
    event = data.get("event") if isinstance(data.get("event"), dict) else value
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    what, detail = _words(record, value, data)
    return Step(at, record.origin, what, str((event or {}).get("id", "")), detail)


def _words(record: Record, value: dict[str, Any], data: dict[str, Any]) -> tuple[str, str]:
    """What a record says, in a word and a few more."""
    if record.topic == VERDICTS.name:
        outlets = ", ".join(str(each.get("outlet")) for each in data.get("outlets", ()))
        return f"verdict: {data.get('outcome')}", f"{_rules(data)} {outlets}".strip()
    if record.topic == REJECTIONS.name:
        return f"rejected by {data.get('by')}", _rules(data)
    if record.topic == DEAD_LETTERS.name:
        return "dead letter", h.get(record.headers, h.ERROR) or ""
    if record.topic == RECEIPTS.name:
        return (
            f"receipt: {data.get('kind')}",
            f"{data.get('outlet')} {data.get('url') or data.get('detail') or ''}".strip(),
        )
    if record.topic in _INPUT_NAMES:
        return "event", f"{value.get('type', '')} version {data.get('version', '-')}"
    routed = msgspec.json.decode(h.get(record.headers, h.OUTLET) or "{}")
    return f"feed: {routed.get('action')}", str(routed.get("outlet", ""))


def _rules(data: dict[str, Any]) -> str:
    return ", ".join(str(found.get("rule")) for found in data.get("findings", ()))


def _ids(record: Record) -> set[str]:
    """Ids that a record is about: its own event's, or those it names."""
    value = _json(record)
    data = _data(value)
    event = data.get("event")
    return {str(value.get("id")), str(data.get("feed_id")), str(event.get("id")) if isinstance(event, dict) else ""}


def _data(value: dict[str, Any]) -> dict[str, Any]:
    data = value.get("data")
    return data if isinstance(data, dict) else {}


def _json(record: Record) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(record.value or b"{}")
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return {}
    return value if isinstance(value, dict) else {}


_INPUT_NAMES = {topic.name for topic in JUDGED}
