"""The gazette's sink: documents that must be gazetted enter the open issue once they are public on the portal.

Reads `gazette-feed`, `receipts` (the portal's alone).
Writes `receipts`: exactly one for every feed record.
Keeps `issues`, `documents`, `standings`, `portal_said`.
Fails to exit code 3 where a record is none of ours; its place is named, and nothing is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from bus.record import Record
from bus.store import Projection, Tx, bulk, storable
from consumers.gazette import reading
from consumers.gazette.answers import Asker, give
from consumers.gazette.desk import Desk, offer_of, open_issue
from consumers.gazette.merge import Answer, EventKey, called_off, offered, settled
from consumers.gazette.reading import Feed, PortalWord
from consumers.gazette.tables import documents, metadata, portal_said
from schemas.envelope import Envelope
from schemas.topics import GAZETTE_FEED, RECEIPTS


class GazetteProjection(Projection):
    """How feed records and the portal's receipts become an issue."""

    name = "gazette"
    topics = (GAZETTE_FEED, RECEIPTS)
    metadata = metadata

    def __init__(self, goes_to_portal: Callable[[Envelope], bool], base: str) -> None:
        self._goes_to_portal = goes_to_portal
        self._base = base

    def apply(self, tx: Tx, records: Sequence[Record]) -> None:
        """Take a slice of the feed, or of the portal's receipts."""
        if records[0].topic == GAZETTE_FEED.name:
            open_issue(tx.conn, min(record.timestamp for record in records) * 1_000)
            self._take_feed(tx, [reading.feed(record) for record in records])
        else:
            words = [word for record in records if (word := reading.portal_word(record))]
            self._take_words(tx, words)

    def _take_feed(self, tx: Tx, feeds: Sequence[Feed]) -> None:
        desk = Desk.load(tx.conn, [feed.subject for feed in feeds])
        desk.hear(tx.conn, [EventKey(feed.source, feed.event_id) for feed in feeds])
        askers = {feed.feed_id: Asker.of_feed(feed) for feed in feeds}
        for feed in feeds:
            self._give(tx, desk, askers, self._take(desk, feed))
        desk.save(tx.conn)

    def _take(self, desk: Desk, feed: Feed) -> list[Answer]:
        """One feed record's effect on its subject."""
        before = desk.standings[feed.subject]
        if feed.calls_off:
            after, answers = called_off(before, feed.version, feed.feed_id, desk.said)
        else:
            row = feed.document(feed.partition)
            desk.rows[feed.feed_id] = row
            if not self._goes_to_portal(feed.event):
                desk.said[offer_of(row).event] = "noted"
            after, answers = offered(before, offer_of(row), desk.said)
        desk.standings[feed.subject] = after
        desk.changed.add(feed.subject)
        return answers

    def _take_words(self, tx: Tx, words: Sequence[PortalWord]) -> None:
        """Keep what the portal said, and settle the documents that waited for it."""
        fresh = {(storable(w.data.event.source), storable(w.data.event.id)): w.data for w in words}
        if not fresh:
            return
        rows = [
            {"source": source, "event_id": event_id, "kind": data.kind, "url": data.url}
            for (source, event_id), data in fresh.items()
        ]
        tx.conn.execute(sa.insert(portal_said), rows)
        desk = Desk.load(tx.conn, _waiting(tx.conn, [event_id for _, event_id in fresh]))
        for subject, before in desk.standings.items():
            after, answers = settled(before, desk.said)
            if answers:
                desk.standings[subject] = after
                desk.changed.add(subject)
                self._give(tx, desk, {}, answers)
        desk.save(tx.conn)

    def _give(self, tx: Tx, desk: Desk, askers: Mapping[str, Asker], answers: Sequence[Answer]) -> None:
        """Send each answer, and mark the document that went into the issue."""
        for answer in answers:
            asker = askers.get(answer.feed_id) or Asker.of_row(desk.rows[answer.feed_id])
            taken = give(tx, self._base, asker, answer)
            if taken is not None:
                desk.rows[answer.feed_id].update(issue=taken.issue, taken_at=taken.at)


def _waiting(conn: sa.Connection, event_ids: Sequence[str]) -> list[str]:
    """Subjects of documents that wait for one of these events."""
    rows = bulk.among(conn, documents.c.event_id, event_ids, documents.c.subject)
    return sorted({row.subject for row in rows})
