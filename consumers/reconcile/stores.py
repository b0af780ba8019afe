"""What each store says: how far it has read, what it has applied, what it still owes, what the door sent.

Only the tables that every store has are read (`bus.store.tables`), and the door's count of submissions by name; of
our own parts also what waits for the portal, for a slot or for a platform.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
import sqlalchemy as sa

from bus.errors import Fatal
from bus.settings import Settings
from bus.store import Store
from bus.store.tables import BODIES, INBOX, LANES, OUTBOX, PARTITIONS
from consumers.gazette.tables import documents
from consumers.newmedia.merge import OPEN
from consumers.newmedia.tables import DELIVERY, POST
from consumers.reconcile.books import Books
from schemas import headers as h
from schemas.ids import receipt_id
from schemas.topics import TOPICS

DOOR = "gateway"
JUDGE = "matters"
"""Keeps a store, and gives verdicts: how far it has come is how far it has told of."""
JUDGES = ("router",)
"""Readers that keep no store of their own."""

STORES = tuple(sorted({part for topic in TOPICS for part in topic.readers} - set(JUDGES)))

_HEADERS = msgspec.msgpack.Decoder(tuple[tuple[str, bytes], ...])
_SUBMISSIONS = sa.table("door_submissions", sa.column("outcome"), sa.column("source"), sa.column("event_id"))
_RECEIPTS = sa.table("door_receipts", sa.column("number"), sa.column("source"), sa.column("event_id"))
_UNHELD = (
    sa.select(_RECEIPTS.c.number)
    .where(
        ~sa.exists().where(_SUBMISSIONS.c.event_id == _RECEIPTS.c.event_id, _SUBMISSIONS.c.source == _RECEIPTS.c.source)
    )
    .order_by(_RECEIPTS.c.number)
)
_ROWS = sa.func.count(OUTBOX.c.seq)
_TORN = (
    sa.select(LANES.c.lane, LANES.c.written - _ROWS)
    .outerjoin(OUTBOX, OUTBOX.c.lane == LANES.c.lane)
    .group_by(LANES.c.lane, LANES.c.written)
    .having(LANES.c.written > _ROWS)
    .order_by(LANES.c.lane)
)


@dataclass(slots=True)
class Door:
    """What the door counted, in the same moment as its outbox."""

    submissions: dict[str, int] = field(default_factory=dict)
    """Outcome at the door (forwarded, rejected, dead, repeated) to how many."""
    exists: bool = False
    unheld: tuple[str, ...] = ()
    """Numbers that citizens were given for what the door does not have."""
    torn: dict[str, int] = field(default_factory=dict)
    """Lanes of the outbox to how many of their rows are gone: they are numbered, and none is ever dropped."""

    @property
    def settled(self) -> int:
        """Submissions that ended at the door."""
        return sum(count for outcome, count in self.submissions.items() if outcome != "forwarded")


def open_stores(settings: Settings) -> Iterator[tuple[str, Store]]:
    """The stores that are there, for the caller to close; a part that never ran has none, and owes everything."""
    for part in STORES:
        try:
            store = Store.reader(settings, part, sa.MetaData())
        except Fatal:
            continue
        with store.read() as conn:
            there = sa.inspect(conn).has_table(PARTITIONS.name)
        if there:
            yield part, store
        else:
            store.close()


def lay_door(books: Books, store: Store) -> Door:
    """The door's outbox, and its submissions, as of one moment."""
    with store.read() as conn:
        rows = conn.execution_options(yield_per=2_000).execute(
            sa.select(
                OUTBOX.c.lane, OUTBOX.c.seq, OUTBOX.c.topic, OUTBOX.c.gk_id, OUTBOX.c.sha256, OUTBOX.c.sent_partition,
                OUTBOX.c.sent_offset,
            )
        )  # fmt: skip
        books.add_all("door", rows)
        counted = conn.execute(sa.select(_SUBMISSIONS.c.outcome, sa.func.count()).group_by(_SUBMISSIONS.c.outcome))
        torn = {row.lane: row[1] for row in conn.execute(_TORN)}
        return Door({row.outcome: row[1] for row in counted}, exists=True, unheld=_unheld(conn), torn=torn)


def lay_door_later(books: Books, store: Store) -> None:
    """The digests of everything the door ever put into its outbox, read when the topics have been."""
    with store.read() as conn:
        rows = conn.execution_options(yield_per=2_000).execute(sa.select(OUTBOX.c.sha256))
        books.add_all("door_later", rows)


def lay_store(books: Books, part: str, store: Store) -> None:
    """How far a part has read, what it applied, and what it knows it still owes, as of one moment."""
    with store.read() as conn:
        for row in conn.execute(sa.select(PARTITIONS.c.topic, PARTITIONS.c.partition, PARTITIONS.c.next_offset)):
            books.add("positions", part, *row)
        many = conn.execution_options(yield_per=2_000)
        books.add_all("inbox", ((part, gk_id) for (gk_id,) in many.execute(sa.select(INBOX.c.gk_id))))
        unsent = sa.select(OUTBOX.c.gk_id).where(OUTBOX.c.sent_offset.is_(None), OUTBOX.c.gk_id.is_not(None))
        books.add_all("pending", ((gk_id,) for (gk_id,) in many.execute(unsent)))
        for statement in _OWED.get(part, ()):
            books.add_all("pending", ((_receipt_of(row.feed_id),) for row in many.execute(statement)))


def told_by(store: Store) -> Iterator[tuple[str, int, int]]:
    """How far a judge with a store has come in each partition, and all that it said is sent: topic, number, offset."""
    with store.read() as conn:
        reached = {
            (row.topic, row.partition): row.next_offset
            for row in conn.execute(sa.select(PARTITIONS.c.topic, PARTITIONS.c.partition, PARTITIONS.c.next_offset))
        }
        unsent = (
            sa.select(BODIES.c.headers)
            .join(OUTBOX, (OUTBOX.c.lane == BODIES.c.lane) & (OUTBOX.c.seq == BODIES.c.seq))
            .where(OUTBOX.c.sent_offset.is_(None))
        )
        for row in conn.execution_options(yield_per=2_000).execute(unsent):
            origin = h.get(_HEADERS.decode(bytes(row.headers)), h.ORIGIN)
            if origin is not None:
                topic, partition, offset = origin.rsplit("/", 2)
                place = topic, int(partition)
                reached[place] = min(reached.get(place, 0), int(offset))
    yield from ((topic, partition, offset) for (topic, partition), offset in reached.items())


def _unheld(conn: sa.Connection) -> tuple[str, ...]:
    if not sa.inspect(conn).has_table(_RECEIPTS.name):
        return ()
    return tuple(conn.execute(_UNHELD).scalars())


def _receipt_of(feed_id: str) -> bytes:
    return UUID(receipt_id(feed_id)).bytes


_OWED: dict[str, tuple[sa.Select[tuple[str]], ...]] = {
    "gazette": (sa.select(documents.c.feed_id).where(documents.c.state == "waiting"),),
    "newmedia": (
        sa.select(DELIVERY.c.feed_id).where(DELIVERY.c.state.in_(sorted(OPEN))),
        sa.select(POST.c.feed_id).where(POST.c.state.in_(("sending", "removing"))),
    ),
}
"""Feed records whose receipt is rightly not given yet."""
