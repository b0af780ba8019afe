"""From SQL into a room and back: a few statements for a slice, whatever it holds.

Rows of matters are locked in the order of their keys, and written only where nobody moved them on meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from bus.errors import Retriable
from bus.record import Record
from bus.store import bulk, storable
from rules.lifecycle import matter as matters
from schemas.topics import RECEIPTS, REVIEWS, VERDICTS
from streams.matters import following
from streams.matters.room import Known, Room, Waiter, move_id
from streams.matters.signing import Signature
from streams.matters.tables import MATTERS, MOVES, PUBLICATIONS, SIGNATURES, WAITING

_UPDATE = (
    MATTERS.update()
    .where(MATTERS.c.subject == sa.bindparam("of_subject"), MATTERS.c.version == sa.bindparam("was"))
    .values(state=sa.bindparam("new_state"), version=sa.bindparam("new_version"), doc=sa.bindparam("new_doc"))
)
_END_WAIT = WAITING.delete().where(WAITING.c.id == sa.bindparam("of_id"))
_EXPIRED = (
    WAITING.update()
    .where(
        WAITING.c.topic == sa.bindparam("of_topic"), WAITING.c.partition == sa.bindparam("of_partition"),
        WAITING.c.asked.is_(False), WAITING.c.until <= sa.bindparam("until_then"),
    )
    .values(asked=True)
    .returning(*WAITING.c)
)  # fmt: skip
_UNSIGN = SIGNATURES.delete().where(SIGNATURES.c.subject == sa.bindparam("of_subject"))


class _Head(msgspec.Struct):
    id: str = ""
    source: str = ""


_HEAD = msgspec.json.Decoder(_Head)


def load(conn: sa.Connection, records: Sequence[Record]) -> Room:
    """What `records` may touch."""
    room = Room()
    subjects = {text for record in records if (text := _subject(record))}
    topics = {record.topic for record in records}
    if topics & {VERDICTS.name, RECEIPTS.name}:
        told = {_subject(each) for each in records if each.topic in {VERDICTS.name, RECEIPTS.name}}
        for row in bulk.among(conn, PUBLICATIONS.c.subject, told, locked=True):
            room.seen[row.subject, row.version] = following.DECODE(row.doc)
    if topics & {VERDICTS.name, REVIEWS.name}:
        _load_signatures(conn, room, subjects)
    steps = [record for record in records if record.topic not in {VERDICTS.name, RECEIPTS.name}]
    if steps:
        _load_steps(conn, room, steps)
    return room


def save(conn: sa.Connection, room: Room) -> None:
    """Write what changed.

    Raises:
        Retriable: another copy moved a matter on, or opened the same one.
    """
    _save_matters(conn, room)
    bulk.insert(conn, MOVES, [
        {"id": key, "outcome": known.outcome, "findings": known.findings}
        for key, known in room.fresh.items() if key not in room.revised
    ])  # fmt: skip
    bulk.upsert(conn, MOVES, [
        {"id": key, "outcome": known.outcome, "findings": known.findings}
        for key, known in room.fresh.items() if key in room.revised
    ])  # fmt: skip
    bulk.run(conn, _END_WAIT, [{"of_id": id_} for id_ in sorted(room.gone)])
    bulk.insert(conn, WAITING, [_waiting(waiter) for waiter in room.came.values()])
    bulk.upsert(conn, PUBLICATIONS, [
        {"subject": key[0], "version": key[1], "doc": following.ENCODE(room.seen[key]).decode()}
        for key in sorted(room.seen_anew)
    ])  # fmt: skip
    bulk.run(conn, _UNSIGN, [{"of_subject": subject} for subject in sorted(room.signed_anew)])
    bulk.insert(conn, SIGNATURES, [
        {"subject": subject, "version": version, "level": level, "role": role, **signature._asdict()}
        for subject in sorted(room.signed_anew)
        for (version, level, role), signature in sorted(room.signatures[subject].items())
    ])  # fmt: skip


def expired(conn: sa.Connection, topic: str, partition: int, until: int) -> list[Waiter]:
    """Steps of that partition whose day is over by `until`, each given once."""
    asked = {"of_topic": topic, "of_partition": partition, "until_then": until}
    found = [_waiter(row) for row in conn.execute(_EXPIRED, asked)]
    return sorted(found, key=lambda one: (one.until, one.id))


def _load_steps(conn: sa.Connection, room: Room, records: Sequence[Record]) -> None:
    subjects = {text for record in records if (text := _subject(record))}
    for row in bulk.among(conn, MATTERS.c.subject, subjects, MATTERS.c.version, MATTERS.c.doc, locked=True):
        matter = matters.DECODE(row.doc)
        room.matters[matter.subject] = matter
        room.versions[matter.subject] = row.version
    for row in bulk.among(conn, WAITING.c.subject, subjects):
        waiter = _waiter(row)
        room.waiting.setdefault(waiter.subject, {})[waiter.id] = waiter
    for row in bulk.among(conn, MOVES.c.id, _moves(records)):
        room.known[row.id] = Known(row.outcome, row.findings)
        room.revised.add(row.id)
    for held in room.waiting.values():
        room.revised |= held.keys()


def _load_signatures(conn: sa.Connection, room: Room, subjects: Iterable[str]) -> None:
    for row in bulk.among(conn, SIGNATURES.c.subject, subjects):
        kept = room.signatures.setdefault(row.subject, {})
        kept[row.version, row.level, row.role] = Signature(row.person, row.content_sha256)


def _save_matters(conn: sa.Connection, room: Room) -> None:
    new = sorted(subject for subject in room.changed if subject not in room.versions)
    rows = [_row(room, subject) for subject in new]
    if bulk.insert_or_leave(conn, MATTERS, rows) != len(rows):
        raise Retriable("matters: another copy opened the same matter")
    old = [_changed(room, subject) for subject in sorted(room.changed) if subject in room.versions]
    if bulk.run(conn, _UPDATE, old) != len(old):
        raise Retriable("matters: another copy moved the same matter on")


def _row(room: Room, subject: str) -> dict[str, Any]:
    matter = room.matters[subject]
    return {
        "subject": subject, "lifecycle": matter.lifecycle, "state": matter.state, "version": matter.version,
        "doc": matters.ENCODE(matter).decode(),
    }  # fmt: skip


def _changed(room: Room, subject: str) -> dict[str, Any]:
    row = _row(room, subject)
    return {
        "of_subject": subject, "was": room.versions[subject], "new_state": row["state"],
        "new_version": row["version"], "new_doc": row["doc"],
    }  # fmt: skip


def _waiting(waiter: Waiter) -> dict[str, Any]:
    """Ids as a database takes them; `value` has them as they are."""
    texts = {name: storable(getattr(waiter, name)) for name in ("source", "event_id", "step")}
    return waiter._asdict() | texts


def _waiter(row: sa.Row[Any]) -> Waiter:
    made = Waiter(**row._mapping)
    return made._replace(asked=bool(made.asked), value=bytes(made.value))


def _subject(record: Record) -> str:
    """The key as text; one that is none belongs to no matter."""
    try:
        return (record.key or b"").decode("ascii").replace("\x00", "")
    except UnicodeDecodeError:
        return ""


def _moves(records: Iterable[Record]) -> set[str]:
    """Under which the steps, and those that they try again, are remembered."""
    found = set()
    for record in records:
        try:
            head = _HEAD.decode(record.value or b"{}")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        found.add(move_id(head.source, head.id))
    return found
