"""A small projection for these tests: it writes down every record and answers each with a receipt."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa

from bus import clients
from bus.record import Outgoing, Record
from bus.settings import Settings
from bus.store import Instant, Projection, Tx
from schemas.headers import ID
from schemas.topics import PORTAL_FEED, RECEIPTS

METADATA = sa.MetaData()
LINES = sa.Table(
    "lines",
    METADATA,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
EFFECTS = sa.Table(
    "effects",
    METADATA,
    sa.Column("text", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("public_at", Instant, nullable=False),
)


class Journal(Projection):
    """Not idempotent by itself on purpose: an effect counted twice is seen."""

    name = "portal"
    topics = (PORTAL_FEED,)
    metadata = METADATA

    def __init__(self, poison: str = "", on_apply: Callable[[Sequence[Record]], None] = lambda records: None) -> None:
        self.poison = poison
        self.on_apply = on_apply

    def apply(self, tx: Tx, records: Sequence[Record]) -> None:
        self.on_apply(records)
        tx.conn.execute(
            LINES.insert(),
            [{"origin": r.origin, "key": (r.key or b"").decode(), "text": (r.value or b"").decode()} for r in records],
        )
        for record in records:
            self._effect(tx, record)

    def _effect(self, tx: Tx, record: Record) -> None:
        text = (record.value or b"").decode()
        if text and text == self.poison:
            raise ZeroDivisionError("this text is poison")
        gk_id = uid("receipt", text)
        old = tx.known(gk_id)
        at = tx.now.isoformat() if old is None else json.loads(old)["at"]
        public_at = type(tx.now).fromisoformat(at)
        done = tx.conn.execute(EFFECTS.update().where(EFFECTS.c.text == text).values(count=EFFECTS.c.count + 1))
        if not done.rowcount:
            tx.conn.execute(EFFECTS.insert().values(text=text, count=1, public_at=public_at))
        value = json.dumps({"source": "/engine/portal", "text": text, "at": at}).encode()
        headers = ((ID, gk_id.encode()),)
        tx.send(Outgoing(RECEIPTS.name, record.key or b"", value, headers, record.timestamp, record.partition))


def uid(*parts: str) -> str:
    """A derived id."""
    return str(uuid5(NAMESPACE_URL, "/".join(parts)))


def outgoing(text: str, key: str = "d/1", partition: int | None = None, topic: str = PORTAL_FEED.name) -> Outgoing:
    """A feed record saying `text`, with an id of its own."""
    return Outgoing(
        topic, key.encode(), text.encode(), ((ID, uid("feed", text).encode()),), 1_700_000_000_000, partition
    )


def feed(settings: Settings, records: Sequence[Outgoing]) -> None:
    """Write records to the real topic, as the router does."""
    producer = clients.producer(settings)
    futures = [
        producer.send(
            settings.topic(each.topic), key=each.key, value=each.value, headers=list(each.headers),
            partition=each.partition, timestamp_ms=each.timestamp,
        )
        for each in records
    ]  # fmt: skip
    for future in futures:
        future.get(timeout=30)
    producer.close()


def read_all(settings: Settings, topic: str) -> list[Record]:
    """Everything on a topic now, in the order of partition and offset."""
    from bus.store.rebuilding import read_to_end
    from schemas.topics import BY_NAME

    records = [record for batch in read_to_end(settings, BY_NAME[topic]) for record in batch]
    return sorted(records, key=lambda record: (record.partition, record.offset))
