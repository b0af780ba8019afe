"""How the progress of matters reaches the tables; part of the portal's sink.

Reads `cn.gongkai.matter.moved.v1` on `portal-feed`. Writes the receipt `noted` for each. Keeps `matters`, `matter_…`
and `library_terms`. Fails to: nothing.

How a matter stands is what its highest version says; its public steps are a set, and a field is what the highest
version said of it. So the rows are the same in whatever order the records come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from bus.store import Tx, bulk, storable
from bus.store.bigrams import normal, terms_of
from consumers.portal import receipts
from consumers.portal import tables as t
from consumers.portal.feed import MOVED, FeedRecord
from consumers.portal.receipts import Ending
from consumers.portal.shelf import micros
from consumers.portal.site import Site, matter_path
from schemas.city.matters import Pages
from schemas.ids import receipt_id
from schemas.records import Progress

SEARCHED = "matter"
"""Mark of every matter among the terms."""
_STRINGS = msgspec.json.Decoder(dict[str, str])
_NUMBERS = msgspec.json.Decoder(dict[str, int])


def is_matter(feed: FeedRecord) -> bool:
    """Whether a feed record is of a matter's progress."""
    return feed.head.type == MOVED


def take_matters(tx: Tx, site: Site, feed: Sequence[FeedRecord]) -> list[Ending]:
    """Merge `feed` into matters; how each record ended, in order."""
    shelf = Shelf.load(tx.conn, {each.head.subject for each in feed})
    endings = [_take(tx, shelf, each) for each in feed]
    shelf.save(tx.conn, site)
    return endings


def matter_url(site: Site, ending: Ending) -> str:
    """Where readers find the matter."""
    return f"{site.base}{matter_path(ending.feed.head.subject)}"


@dataclass(slots=True)
class Kept:
    """A matter between two slices."""

    version: int = 0
    progress: Progress | None = None
    """The newest that this slice brought."""
    heard_at: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def take(self, progress: Progress, at: int) -> None:
        """Hold what a step says."""
        for name, value in progress.fields.items():
            if self.versions.get(name, 0) < progress.version:
                self.fields[storable(name)], self.versions[name] = storable(value), progress.version
        if progress.version > self.version:
            self.version, self.progress, self.heard_at = progress.version, progress, at


@dataclass(slots=True)
class Shelf:
    """The matters that a slice touches."""

    kept: dict[str, Kept]
    standing: dict[str, Progress] = field(default_factory=dict)
    steps: dict[tuple[str, int], tuple[Progress, int]] = field(default_factory=dict)
    chosen: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Matter, field and choice, how often it was made in this slice."""

    @classmethod
    def load(cls, conn: sa.Connection, subjects: set[str]) -> Shelf:
        """Everything held about `subjects`, but for their steps."""
        shelf = cls({subject: Kept() for subject in subjects})
        m = t.matters.c
        for row in bulk.among(conn, m.subject, subjects):
            fields, versions = _STRINGS.decode(row.fields), _NUMBERS.decode(row.field_versions)
            shelf.kept[row.subject] = Kept(row.version, None, row.heard_at, fields, versions)
            shelf.standing[row.subject] = Progress.model_validate_json(row.doc)
        return shelf

    def save(self, conn: sa.Connection, site: Site) -> None:
        """Write what changed."""
        shown = [_step_row(*key, *held) for key, held in sorted(self.steps.items(), key=lambda one: one[0])]
        bulk.upsert(conn, t.matter_steps, shown)
        rows = [self._row(site, subject) for subject in sorted(self.kept)]
        bulk.upsert(conn, t.matters, rows)
        t.MATTER_TERMS.put(conn, ((row["id"], SEARCHED, row["text"]) for row in rows))
        for subject in sorted(self.kept):
            self._relate(conn, site, subject)
        self._count(conn)

    def _count(self, conn: sa.Connection) -> None:
        """Add what was chosen to what was chosen before; a record is taken once, so in any order it is the same."""
        c = t.matter_tallies.c
        held = bulk.among(conn, c.subject, {subject for subject, _, _ in self.chosen})
        before = {(row.subject, row.field, row.value): row.number for row in held}
        rows = [
            {"subject": key[0], "field": key[1], "value": key[2], "number": number + before.get(key, 0)}
            for key, number in sorted(self.chosen.items())
        ]
        bulk.upsert(conn, t.matter_tallies, rows)

    def _row(self, site: Site, subject: str) -> dict[str, Any]:
        kept = self.kept[subject]
        progress = kept.progress or self.standing[subject]
        return _matter_row(subject, kept, progress, pages_of(site, progress.lifecycle))

    def _relate(self, conn: sa.Connection, site: Site, subject: str) -> None:
        """Links, tags and terms: small tables, written anew."""
        kept = self.kept[subject]
        progress = kept.progress or self.standing[subject]
        pages = pages_of(site, progress.lifecycle)
        links = {(storable(link.rel), storable(link.target)) for link in progress.links}
        asked = normal(kept.fields.get(pages.library, "")) if pages.library else ""
        tags = [(name, kept.fields[name]) for name in pages.narrows if name in kept.fields]
        for table, rows in (
            (t.matter_links, [{"rel": rel, "target": target} for rel, target in sorted(links)]),
            (t.matter_tags, [{"field": name, "value": value} for name, value in tags]),
            (t.library_terms, [{"term": term} for term in sorted(terms_of(asked))]),
        ):  # fmt: skip
            conn.execute(sa.delete(table).where(table.c.subject == subject))
            bulk.insert(conn, table, [{"subject": subject, **row} for row in rows])


def pages_of(site: Site, lifecycle: str) -> Pages:
    """How matters of a lifecycle are shown; nothing special where the pack no longer knows it."""
    known = site.pack.lifecycle.get(lifecycle)
    return known.pages if known else Pages()


def _take(tx: Tx, shelf: Shelf, feed: FeedRecord) -> Ending:
    progress = cast("Progress", feed.event.data)  # type: ignore[attr-defined]
    gk_id = receipt_id(feed.feed_id)
    before = receipts.known(tx.known(gk_id))
    at = before.at if before else tx.now
    shelf.kept[feed.head.subject].take(progress, micros(at))
    for name, text in progress.chosen.items():
        shelf.chosen.update((feed.head.subject, name, choice) for choice in dict.fromkeys(storable(text).split()))
    if progress.step_public:
        shelf.steps[feed.head.subject, progress.version] = (progress, micros(at))
    return Ending(feed, gk_id, progress.version, "noted", at)


def _matter_row(subject: str, kept: Kept, progress: Progress, pages: Pages) -> dict[str, Any]:
    title = storable(progress.title) or kept.fields.get(pages.library or "") or storable(progress.lifecycle_name)
    day = pages.calendar or pages.solved
    return {
        "subject": subject, "id": _id(subject), "lifecycle": progress.lifecycle,
        "name": storable(progress.lifecycle_name), "title": title, "state": progress.state,
        "state_name": storable(progress.state_name), "ended": progress.ended, "version": kept.version,
        "moved_at": micros(progress.at), "heard_at": kept.heard_at, "dept": next(iter(progress.depts), ""),
        "day": kept.fields.get(day) if day else None,
        "field_versions": _json(dict(sorted(kept.versions.items()))),
        "fields": _json(dict(sorted(kept.fields.items()))), "doc": progress.model_dump_json(),
        "text": normal(" ".join((title, *(value for _, value in sorted(kept.fields.items()))))),
    }  # fmt: skip


def _step_row(subject: str, version: int, progress: Progress, at: int) -> dict[str, Any]:
    told = progress.model_copy(update={"links": (), "gaps": (), "dues": (), "counts": {}, "chosen": {}})
    return {"subject": subject, "version": version, "doc": told.model_dump_json(), "heard_at": at}


def _id(subject: str) -> int:
    """The same number for a subject in any run: 63 bits."""
    return int.from_bytes(blake2b(subject.encode(), digest_size=8).digest()) >> 1


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
