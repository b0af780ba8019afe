"""What a part writes: `Projection`, and `Tx`, the transaction it is handed for each slice of records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bus.record import Outgoing, Record
from bus.store.ids import compact, id_of
from bus.store.outbox import Outbox
from bus.store.tables import KNOWN
from schemas import headers as h
from schemas.topics import Topic


class Projection(ABC):
    """How records become rows. It must give the same rows whatever the interleaving of partitions (DESIGN §5)."""

    name: str
    """Of the part: its store, its consumer group, its lease."""
    topics: tuple[Topic, ...]
    metadata: sa.MetaData
    """The part's own tables (`part_metadata`)."""

    @abstractmethod
    def apply(self, tx: Tx, records: Sequence[Record]) -> None:
        """Write what `records` say, through `tx.conn` alone.

        They are of one partition of one topic, in the order of their offsets, none of them applied before.
        Whatever this raises rolls the slice back; it is tried again record by record, and a record that can't
        be applied ends the process with its place named, for nothing may be skipped.
        """

    def settle(self, tx: Tx) -> None:  # noqa: B027 - most have nothing to say
        """Send what a record not read yet could take back.

        Called at the end of each transaction of a sink, which stays near the log's end; in a rebuild, which reads one
        partition after the other, once when all is read.
        """

    def clear(self, conn: sa.Connection) -> None:
        """Empty the part's own tables before a rebuild; extend it where some are made by hand (a search index)."""
        for table in reversed(self.metadata.sorted_tables):
            conn.execute(table.delete())


class Tx:
    """One transaction: rows, offset, inbox and outgoing records live or die together."""

    def __init__(self, conn: sa.Connection, now: datetime, outbox: Outbox, lane: str = "") -> None:
        """`lane`: where records go that are sent before the first `of_lane`."""
        self.conn = conn
        self.now = now
        """When the transaction began, by the program's clock."""
        self._lane = lane
        self._outbox = outbox
        self._sent: dict[str, list[Outgoing]] = {}

    def of_lane(self, lane: str) -> Tx:
        """The same transaction, for the slice whose outgoing records go into that lane."""
        self._lane = lane
        return self

    def send(self, outgoing: Outgoing) -> None:
        """Put a record into the outbox of this transaction, unless its gk-id was sent before a rebuild.

        Raises:
            ValueError: it has no gk-id, by which its readers know a repeat.
        """
        if h.get(outgoing.headers, h.ID) is None:
            raise ValueError(f"a record for {outgoing.topic} has no {h.ID}")
        self._sent.setdefault(self._lane, []).append(outgoing)

    def known(self, gk_id: str) -> bytes | None:
        """The value that this part had already sent under that id when it was rebuilt, else None."""
        if not self._outbox.has_known(self.conn):
            return None
        row = self.conn.execute(sa.select(KNOWN.c.value).where(KNOWN.c.gk_id == compact(gk_id))).first()
        return None if row is None else row.value

    def flush(self) -> int:
        """Write what was sent; the sink calls it last, so that the lanes' locks are held shortly."""
        sent, self._sent = self._sent, {}
        fresh = {lane: self._unknown(outgoings) for lane, outgoings in sorted(sent.items())}
        self._outbox.append_all(self.conn, fresh)
        return sum(map(len, fresh.values()))

    def _unknown(self, outgoings: Sequence[Outgoing]) -> Sequence[Outgoing]:
        if not outgoings or not self._outbox.has_known(self.conn):
            return outgoings
        ids = {gk_id for each in outgoings if (gk_id := id_of(each.headers)) is not None}
        found = set(self.conn.execute(sa.select(KNOWN.c.gk_id).where(KNOWN.c.gk_id.in_(ids))).scalars())
        return [each for each in outgoings if id_of(each.headers) not in found]
