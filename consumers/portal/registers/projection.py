"""How events of registers reach the tables, a few statements for many records; part of the portal's sink.

Reads events of registers on `portal-feed`. Writes one receipt for each. Keeps `register_…`. Fails to: nothing.
A load is held whole or not at all: where one of its records contradicts what is held, its receipt says conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

import msgspec
import sqlalchemy as sa

from bus.store import Tx, bulk, storable
from bus.store.bigrams import normal
from consumers.portal import receipts
from consumers.portal import tables as t
from consumers.portal.feed import FeedRecord
from consumers.portal.receipts import Ending
from consumers.portal.registers.merge import Entry, Key, Removal, Version, fits, take_removal, take_version
from consumers.portal.shelf import micros
from consumers.portal.site import Site
from rules.registers import REMOVED, TYPES, entries_of, version_of
from schemas.city import Register
from schemas.envelope import issuer_of
from schemas.ids import receipt_id
from schemas.records import ReceiptKind

CHUNK = 1_000
"""Records merged at a time: memory stays the same however many come."""
TOLD = 5
"""Records named in a conflict's receipt."""


def is_register(feed: FeedRecord) -> bool:
    """Whether a feed record is of a register."""
    return feed.head.type in TYPES


def take_registers(tx: Tx, site: Site, feed: Sequence[FeedRecord]) -> list[Ending]:
    """Merge `feed` into the records of registers; how each ended, in order."""
    endings: list[Ending] = []
    for some in _chunks(feed):
        shelf = Shelf.load(tx.conn, {key for each in some for key in _keys(each)})
        endings += [_take(tx, shelf, each) for each in some]
        shelf.save(tx.conn, site)
    return endings


def register_url(site: Site, ending: Ending) -> str:
    """Where readers find what an event brought: the record, or its department's part of the register."""
    keys = list(_keys(ending.feed))
    key = keys[0]
    path = record_path(*key) if len(keys) == 1 else f"{register_path(key.register)}?dept={quote(key.issuer)}"
    return f"{site.base}{path}"


def register_path(register: str) -> str:
    """Path of a register's page."""
    return f"/registers/{quote(register, safe='')}"


def record_path(register: str, issuer: str, record: str) -> str:
    """Path of a record's page."""
    return f"{register_path(register)}/records/{quote(issuer, safe='')}/{quote(record, safe='')}"


@dataclass(slots=True)
class Shelf:
    """Records by key, and what changed of them."""

    entries: dict[Key, Entry] = field(default_factory=dict)
    fresh: list[tuple[Key, Version]] = field(default_factory=list)
    gone: list[tuple[Key, Removal]] = field(default_factory=list)
    changed: set[Key] = field(default_factory=set)

    @classmethod
    def load(cls, conn: sa.Connection, keys: set[Key]) -> Shelf:
        """Everything held about `keys`, but for what versions say."""
        shelf = cls({key: Entry(key) for key in keys})
        by_text = {str(key): entry for key, entry in shelf.entries.items()}
        r, v = t.register_records.c, t.register_versions.c
        for row in bulk.among(conn, r.key, by_text, r.key, r.changed_at):
            by_text[row.key].changed_at = row.changed_at
        for row in bulk.among(conn, v.key, by_text, v.key, v.version, v.fingerprint):
            by_text[row.key].versions[row.version] = Version(row.version, row.fingerprint, None)
        for row in bulk.among(conn, t.register_removals.c.key, by_text):
            removal = Removal(row.version, row.fingerprint, row.reason, row.effective_on, row.at)
            by_text[row.key].removals[row.version] = removal
        return shelf

    def save(self, conn: sa.Connection, site: Site) -> None:
        """Write what changed."""
        bulk.insert(conn, t.register_versions, [_version_row(key, version) for key, version in self.fresh])
        bulk.insert(conn, t.register_removals, [_removal_row(key, removal) for key, removal in self.gone])
        fields = self._newest(conn)
        rows = [_record_row(site, self.entries[key], fields.get(key, {})) for key in sorted(self.changed)]
        bulk.upsert(conn, t.register_records, rows)
        t.REGISTER_TERMS.drop(conn, [row["id"] for row in rows if row["state"] != "live"])
        live = ((row["id"], row["register"], row["text"]) for row in rows if row["state"] == "live")
        t.REGISTER_TERMS.put(conn, live)

    def _newest(self, conn: sa.Connection) -> dict[Key, dict[str, str]]:
        """What the newest version says, from what came, else from the store."""
        entries = [entry for key in self.changed if (entry := self.entries[key]).versions]
        given = {entry.key: entry.versions[entry.newest].fields for entry in entries}
        absent = {str(key): key for key, fields in given.items() if fields is None}
        v = t.register_versions.c
        for row in bulk.among(conn, v.key, absent, v.key, v.version, v.fields):
            if row.version == self.entries[absent[row.key]].newest:
                given[absent[row.key]] = row.fields
        return {key: _FIELDS.decode(fields) for key, fields in given.items() if fields is not None}


def _chunks(feed: Iterable[FeedRecord]) -> Iterator[list[FeedRecord]]:
    some: list[FeedRecord] = []
    count = 0
    for each in feed:
        some.append(each)
        count += max(1, len(entries_of(each.event)))
        if count >= CHUNK:
            yield some
            some, count = [], 0
    if some:
        yield some


def _keys(feed: FeedRecord) -> Iterator[Key]:
    data, issuer = feed.event.data, issuer_of(feed.head.subject)  # type: ignore[attr-defined]
    if feed.head.type == REMOVED:
        yield Key(data.register_name, issuer, storable(data.record))
    for entry in entries_of(feed.event):
        yield Key(data.register_name, issuer, storable(entry.record))


def _take(tx: Tx, shelf: Shelf, feed: FeedRecord) -> Ending:
    gk_id = receipt_id(feed.feed_id)
    before = receipts.known(tx.known(gk_id))
    at = before.at if before else tx.now
    kind, detail = _removed(shelf, feed, micros(at)) if feed.head.type == REMOVED else _held(shelf, feed, micros(at))
    return Ending(feed, gk_id, version_of(feed.event), kind, at, detail)


def _held(shelf: Shelf, feed: FeedRecord, at: int) -> tuple[ReceiptKind, str | None]:
    """Hold every record of the event, or none of them."""
    brought = [
        (shelf.entries[key], _version(entry.version, entry.fields, entry.effective_on, at))
        for key, entry in zip(_keys(feed), entries_of(feed.event), strict=True)
    ]
    rivals = [f"{entry.key.record} ({version.number})" for entry, version in brought if not fits(entry, version)]
    if rivals:
        words = ", ".join(rivals[:TOLD]) + (f" +{len(rivals) - TOLD}" if len(rivals) > TOLD else "")
        return "conflict", f"已有另一内容 / held with another content: {words}"
    kinds = {_kept(shelf, entry, version) for entry, version in brought}
    return next(kind for kind in ("published", "superseded", "noted") if kind in kinds), None


def _kept(shelf: Shelf, entry: Entry, version: Version) -> ReceiptKind:
    kind = take_version(entry, version)
    if kind != "noted":
        shelf.fresh.append((entry.key, entry.versions[version.number]))
        shelf.changed.add(entry.key)
    return kind


def _removed(shelf: Shelf, feed: FeedRecord, at: int) -> tuple[ReceiptKind, str | None]:
    data = feed.event.data  # type: ignore[attr-defined]
    key, day = next(_keys(feed)), data.effective_on and data.effective_on.isoformat()
    removal = Removal(data.version, _digest([data.reason, day]), storable(data.reason), day, at)
    held = removal.number in shelf.entries[key].removals
    kind = take_removal(shelf.entries[key], removal)
    if not held:
        shelf.gone.append((key, removal))
        shelf.changed.add(key)
    return kind, None


def _version(number: int, fields: dict[str, str], effective_on: Any, at: int) -> Version:
    said = {storable(name): storable(value) for name, value in sorted(fields.items()) if value.strip()}
    day = effective_on and effective_on.isoformat()
    return Version(number, _digest([said, day]), msgspec.json.encode(said).decode(), day, at)


def _digest(value: object) -> str:
    return blake2b(msgspec.json.encode(value), digest_size=8).hexdigest()


def _version_row(key: Key, version: Version) -> dict[str, Any]:
    return {
        "key": str(key), "version": version.number, "fingerprint": version.fingerprint, "fields": version.fields,
        "effective_on": version.effective_on, "public_at": version.public_at,
    }  # fmt: skip


def _removal_row(key: Key, removal: Removal) -> dict[str, Any]:
    return {
        "key": str(key), "version": removal.number, "fingerprint": removal.fingerprint, "reason": removal.reason,
        "effective_on": removal.effective_on, "at": removal.at,
    }  # fmt: skip


def _record_row(site: Site, entry: Entry, fields: dict[str, str]) -> dict[str, Any]:
    key, register = entry.key, site.pack.register.get(entry.key.register)
    title, kind, unit = (
        fields.get(name or "", "")
        for name in ((register.title, register.kind, register.unit) if register else (None, None, None))
    )
    department = site.departments.get(unit or key.issuer)
    return {
        "key": str(key), "id": _id(str(key)), "register": key.register, "issuer": key.issuer, "record": key.record,
        "state": entry.state, "version": entry.newest, "title": title or key.record,
        "kind": kind, "unit": unit or key.issuer, "level": department.level if department else "",
        "text": normal(" ".join((key.record, *_searched(register, fields)))), "changed_at": entry.changed_at,
    }  # fmt: skip


def _searched(register: Register | None, fields: dict[str, str]) -> list[str]:
    return [fields.get(name, "") for name in register.searched] if register else list(fields.values())


def _id(key: str) -> int:
    """The same number for a key in any run: 63 bits, so two keys of a million share one in a run of twenty million."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) >> 1


_FIELDS = msgspec.json.Decoder(dict[str, str])
