"""The items a batch touches: read in a few queries, changed in memory, written in a few statements."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import sqlalchemy as sa

from bus.store import bulk
from consumers.portal import tables as t
from consumers.portal.merge import Facts, Item, Version, Withdrawal
from consumers.portal.tables import Row

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept one offset without summer time since 1991 (RULES, units)."""
_NOTHING = Facts(title="", dept="", row="", kind="", five_open="")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """An instant as µs since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant(at: int) -> datetime:
    """µs since 1970 as an instant in China."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(SHANGHAI)


@dataclass(slots=True)
class Kept:
    """An item and what only its row keeps."""

    item: Item
    index_no: str | None = None
    released_at: int | None = None
    changed_at: int = 0

    @property
    def facts(self) -> Facts:
        """Of the version shown, or stood for."""
        return shown.facts if (shown := self.item.shown) else _NOTHING

    @property
    def listed_at(self) -> int:
        """Its release, or for history the day it was first public, where that lies before."""
        released = self.released_at or self.changed_at
        if not self.facts.published_on:
            return released
        day = date.fromisoformat(self.facts.published_on)
        return min(released, micros(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)))


_FORGET_LINKS = sa.delete(t.item_links).where(t.item_links.c.subject == sa.bindparam("of_subject"))


@dataclass(slots=True)
class Shelf:
    """Items by subject, and which of their rows changed."""

    items: dict[str, Kept] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    changed_versions: set[tuple[str, int]] = field(default_factory=set)
    changed_withdrawals: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def load(cls, conn: sa.Connection, subjects: Collection[str]) -> Shelf:
        """Everything held about `subjects`."""
        shelf = cls()
        for row in bulk.among(conn, t.items.c.subject, subjects):
            shelf.items[row.subject] = Kept(Item(row.subject), row.index_no, row.released_at, row.changed_at)
        for row in bulk.among(conn, t.versions.c.subject, shelf.items):
            shelf.items[row.subject].item.versions[row.version] = _version(row)
        for row in bulk.among(conn, t.withdrawals.c.subject, shelf.items):
            shelf.items[row.subject].item.withdrawals[row.version] = _withdrawal(row)
        return shelf

    def kept(self, subject: str) -> Kept:
        """What is held about `subject`, empty where nothing is."""
        return self.items.setdefault(subject, Kept(Item(subject)))

    def save(self, conn: sa.Connection, column_of: Callable[[Facts], str]) -> None:
        """Write what changed."""
        kept = self.items
        bulk.upsert(conn, t.items, [_item_row(kept[subject], column_of) for subject in sorted(self.changed)])
        numbers = sorted(self.changed_versions)
        bulk.upsert(conn, t.versions, [_version_row(s, kept[s].item.versions[n]) for s, n in numbers])
        numbers = sorted(self.changed_withdrawals)
        bulk.upsert(conn, t.withdrawals, [_withdrawal_row(s, kept[s].item.withdrawals[n]) for s, n in numbers])
        bulk.run(conn, _FORGET_LINKS, [{"of_subject": subject} for subject in sorted(self.changed)])
        bulk.insert(conn, t.item_links, [row for subject in sorted(self.changed) for row in _link_rows(kept[subject])])


def _item_row(kept: Kept, column_of: Callable[[Facts], str]) -> dict[str, Any]:
    facts, shown = kept.facts, kept.item.shown
    return {
        "subject": kept.item.subject, "state": kept.item.state, "version": shown.number if shown else 0,
        "title": facts.title, "dept": facts.dept, "row": facts.row, "kind": facts.kind,
        "column": column_of(facts) if shown else "", "five_open": facts.five_open, "docno": facts.docno,
        "index_no": kept.index_no, "backfill": facts.backfill, "published_on": facts.published_on,
        "released_at": kept.released_at, "listed_at": kept.listed_at, "changed_at": kept.changed_at,
    }  # fmt: skip


def _link_rows(kept: Kept) -> list[dict[str, str]]:
    """What a live item names; what is no longer shown names nothing."""
    links = sorted(kept.facts.links) if kept.item.state == "live" else []
    return [{"subject": kept.item.subject, "rel": rel, "target": target} for rel, target in links]


def _version_row(subject: str, version: Version) -> dict[str, Any]:
    return {
        "subject": subject, "version": version.number, "carried": version.carried,
        "fingerprint": version.fingerprint, "origin_partition": version.origin[0],
        "origin_offset": version.origin[1], "entry_partition": version.entry[0],
        "entry_offset": version.entry[1], "facts": msgspec.json.encode(version.facts).decode(),
        "public_at": version.public_at,
    }  # fmt: skip


def _withdrawal_row(subject: str, withdrawal: Withdrawal) -> dict[str, Any]:
    return {
        "subject": subject, "version": withdrawal.number, "fingerprint": withdrawal.fingerprint,
        "origin_partition": withdrawal.origin[0], "origin_offset": withdrawal.origin[1],
        "reason": withdrawal.reason, "notice": withdrawal.notice, "substitute": withdrawal.substitute,
        "at": withdrawal.at,
    }  # fmt: skip


def _version(row: Row) -> Version:
    return Version(
        row.version, row.carried, row.fingerprint, (row.origin_partition, row.origin_offset),
        (row.entry_partition, row.entry_offset), msgspec.json.decode(row.facts, type=Facts), row.public_at,
    )  # fmt: skip


def _withdrawal(row: Row) -> Withdrawal:
    origin = row.origin_partition, row.origin_offset
    return Withdrawal(row.version, row.fingerprint, origin, row.reason, row.notice, row.substitute, row.at)
