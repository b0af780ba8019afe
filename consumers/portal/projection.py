"""The portal's sink: every feed record becomes part of an item, and ends in one receipt.

Reads `portal-feed`, `duties` for days and rungs, and `city` for the catalogue's versions. Writes `receipts`. Keeps the
tables of `tables`.
Fails to: nothing; a record of the router's that can't be read ends the process with its place named, for nothing may
be skipped.

What depends on the clock or on the order of partitions (public time, index number) is in the receipt, and a
rebuild takes it from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from bus.record import Outgoing, Record
from bus.store import Projection, Tx, bulk
from bus.store.tables import KNOWN
from consumers.portal import numbering, receipts
from consumers.portal.catalogue.projection import take_city
from consumers.portal.facts import is_withdrawal, version_of, withdrawal_of
from consumers.portal.feed import FeedRecord, read
from consumers.portal.matters.duties import take_duties
from consumers.portal.matters.projection import is_matter, matter_url, take_matters
from consumers.portal.merge import take_version, take_withdrawal
from consumers.portal.receipts import Ending
from consumers.portal.registers.projection import is_register, register_url, take_registers
from consumers.portal.shelf import Kept, Shelf, instant, micros
from consumers.portal.site import Site
from consumers.portal.tables import MATTER_TERMS, REGISTER_TERMS, entries, index_numbers, metadata
from schemas.ids import receipt_id
from schemas.records import ReceiptKind
from schemas.topics import CITY, DUTIES, PORTAL_FEED


class PortalProjection(Projection):
    """How feed records become items."""

    name = "portal"
    topics = (PORTAL_FEED, DUTIES, CITY)
    metadata = metadata

    def __init__(self, site: Site) -> None:
        self._site = self._live = site
        self._remembered = False

    def apply(self, tx: Tx, records: Sequence[Record]) -> None:
        """Merge feed records into their items and answer each with a receipt; keep releases of the city pack."""
        self._site = self._live.fixed()
        if records[0].topic == CITY.name:
            take_city(tx.conn, records)
        elif records[0].topic == DUTIES.name:
            take_duties(tx.conn, records)
        else:
            self._carry(tx, records)

    def _carry(self, tx: Tx, records: Sequence[Record]) -> None:
        self._remember(tx.conn)
        feed = [read(record) for record in records]
        self._carry_items(tx, [each for each in feed if not is_register(each) and not is_matter(each)])
        self._carry_registers(tx, [each for each in feed if is_register(each)])
        self._carry_matters(tx, [each for each in feed if is_matter(each)])

    def _carry_items(self, tx: Tx, feed: Sequence[FeedRecord]) -> None:
        shelf = Shelf.load(tx.conn, {each.head.subject for each in feed})
        endings = [self._take(tx, shelf, each) for each in feed]
        self._number(tx.conn, shelf, endings)
        shelf.save(tx.conn, self._site.column_of)
        bulk.insert(tx.conn, entries, [_entry(ending) for ending in endings])
        for ending in endings:
            tx.send(self._receipt(shelf, ending))

    def _carry_registers(self, tx: Tx, feed: Sequence[FeedRecord]) -> None:
        endings = take_registers(tx, self._site, feed)
        bulk.insert(tx.conn, entries, [_entry(ending) for ending in endings])
        for ending in endings:
            shown = ending.kind in {"published", "removed"}
            tx.send(receipts.build(ending, register_url(self._site, ending) if shown else None, None))

    def _carry_matters(self, tx: Tx, feed: Sequence[FeedRecord]) -> None:
        endings = take_matters(tx, self._site, feed)
        bulk.insert(tx.conn, entries, [_entry(ending) for ending in endings])
        for ending in endings:
            tx.send(receipts.build(ending, matter_url(self._site, ending), None))

    def clear(self, conn: sa.Connection) -> None:
        """Empty the tables, and the terms that are searched."""
        super().clear(conn)
        REGISTER_TERMS.clear(conn)
        MATTER_TERMS.clear(conn)

    def _take(self, tx: Tx, shelf: Shelf, feed: FeedRecord) -> Ending:
        """Hold what one record brings."""
        kept = shelf.kept(feed.head.subject)
        gk_id = receipt_id(feed.feed_id)
        before = receipts.known(tx.known(gk_id))
        at = before.at if before else tx.now
        was = kept.item.state
        version, kind = _merge(shelf, kept, feed, micros(at))
        state = kept.item.state
        if state == "live" != was:
            kept.released_at = micros(at)
        if kind in {"published", "removed"} or state != was:
            kept.changed_at = micros(at)
        if before and before.index_no:
            kept.index_no = before.index_no
        return Ending(feed, gk_id, version, kind, at)

    def _number(self, conn: sa.Connection, shelf: Shelf, endings: Sequence[Ending]) -> None:
        """Give each item that became public for the first time its index number."""
        fresh = {ending.feed.head.subject for ending in endings if ending.kind == "published"}
        wants = [want for subject in sorted(fresh) if (want := self._want(shelf.items[subject]))]
        for subject, number in numbering.assign(conn, wants).items():
            shelf.items[subject].index_no = number

    def _want(self, kept: Kept) -> numbering.Want | None:
        facts = kept.facts
        if kept.index_no is not None or not self._site.is_indexed(facts.kind):
            return None
        agency, year = self._site.agency_of(facts.dept), instant(kept.listed_at).year
        brought = facts.given_index_no or ""
        own = facts.backfill or brought.startswith(f"{agency}/")
        return numbering.Want(kept.item.subject, agency, year, brought if brought and own else None)

    def _receipt(self, shelf: Shelf, ending: Ending) -> Outgoing:
        subject, shown = ending.feed.head.subject, ending.kind in {"published", "removed"}
        url = self._site.item_url(subject) if shown else None
        return receipts.build(ending, url, shelf.items[subject].index_no if shown else None)

    def _remember(self, conn: sa.Connection) -> None:
        """After a rebuild, no number named before may go to anybody else."""
        if self._remembered:
            return
        self._remembered = conn.execute(sa.select(index_numbers.c.index_no).limit(1)).first() is not None
        if not self._remembered:
            query = sa.select(KNOWN.c.value).execution_options(yield_per=2_000)
            for some in conn.execute(query).partitions():
                said = (receipts.told(value) for (value,) in some)
                numbering.remember(conn, [pair for pair in said if pair])


def _merge(shelf: Shelf, kept: Kept, feed: FeedRecord, at: int) -> tuple[int, ReceiptKind]:
    """Which version or withdrawal the record brought, and how it ended."""
    subject = feed.head.subject
    shelf.changed.add(subject)
    if is_withdrawal(feed.event):
        withdrawal = withdrawal_of(feed.event, feed.origin, at)
        shelf.changed_withdrawals.add((subject, withdrawal.number))
        return withdrawal.number, take_withdrawal(kept.item, withdrawal)
    version = version_of(feed.event, feed.route.action == "carry", feed.origin, feed.entry)
    shelf.changed_versions.add((subject, version.number))
    kind = take_version(kept.item, version)
    if kind == "published":
        kept.item.versions[version.number] = replace(version, public_at=at)
    return version.number, kind


def _entry(ending: Ending) -> dict[str, object]:
    record = ending.feed.record
    return {
        "partition": record.partition, "offset": record.offset, "timestamp": record.timestamp,
        "feed_id": ending.feed.feed_id, "subject": ending.feed.head.subject, "outcome": ending.kind,
        "routed": ending.feed.routed, "value": record.value,
    }  # fmt: skip
