"""A whole small city on a real Kafka, written by hand, so that each law can be broken by leaving one record out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from kafka import KafkaAdminClient, OffsetAndMetadata, TopicPartition

from bus import clients
from bus.record import Outgoing, Record
from bus.settings import Settings
from bus.store import Outbox, Store
from bus.store.positions import Extent, take_over
from bus.store.projection import Projection
from bus.store.slices import Slices
from bus.store.tables import LANES, OUTBOX
from consumers.assessment.ledger import Ledger
from schemas import headers as h
from schemas.ids import feed_id, judged_id, receipt_id
from schemas.topics import DEAD_LETTERS, DUTIES, PORTAL_FEED, PUBLICATIONS, RECEIPTS, REJECTIONS, VERDICTS
from tests.consumers.office import NOW, ours
from tests.support import events

SHA = "0" * 64
_SUBMISSIONS = sa.MetaData()
sa.Table(
    "door_submissions", _SUBMISSIONS,
    sa.Column("seq", sa.Integer, primary_key=True), sa.Column("outcome", sa.Text, nullable=False),
)  # fmt: skip


class Seen(Projection):
    """A portal's store for these tests: what it applied is in the common tables."""

    name = "portal"
    topics = (PORTAL_FEED,)
    metadata = sa.MetaData()

    def apply(self, tx: Any, records: Any) -> None:
        """Nothing more."""


class Deaf(Seen):
    """A store of notices that reads of rungs and decides nothing."""

    name = "notices"
    topics = (DUTIES,)


class World:
    """Partition 0 of every topic; `publish` sends one event all its way, `without` leaves a record out."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._producer = clients.producer(settings)
        self._offsets: dict[str, int] = {}
        self._applied: dict[str, list[Record]] = {}

    def close(self) -> None:
        self._producer.close()

    def send(self, outgoing: Outgoing) -> Record:
        """Write a record, at the place it then has."""
        sent = self._producer.send(
            self.settings.topic(outgoing.topic), outgoing.value, key=outgoing.key, headers=list(outgoing.headers),
            partition=0,
        ).get(timeout=20)  # fmt: skip
        record = Record(outgoing.topic, 0, sent.offset, 0, outgoing.key, outgoing.value, outgoing.headers)
        self._applied.setdefault(outgoing.topic, []).append(record)
        return record

    def publish(self, event: dict[str, Any], outcome: str = "accepted", without: Iterable[str] = ()) -> Record:
        """An event's whole way: input, verdict, feed or rejection, receipt."""
        left_out = set(without)
        origin = self.send(Outgoing(PUBLICATIONS.name, event["subject"].encode(), events.to_bytes(event)))
        if "verdict" not in left_out:
            self.verdict(event, origin, outcome)
        if outcome != "accepted":
            topic, kind = (DEAD_LETTERS, "dead") if outcome == "dead" else (REJECTIONS, "rejection")
            if "answer" not in left_out:
                gk_id = judged_id(origin.topic, 0, origin.offset, kind)
                self.send(ours(topic.name, event, gk_id, (h.ORIGIN, origin.origin.encode())))
            return origin
        named = feed_id(event["source"], event["id"], "portal")
        if "feed" not in left_out:
            self.send(ours(PORTAL_FEED.name, event, named, (h.ORIGIN, origin.origin.encode()), (h.OUTLET, b"{}")))
        if "receipt" not in left_out:
            self.receipt(event)
        return origin

    def verdict(self, event: dict[str, Any], origin: Record, outcome: str) -> None:
        gk_id = judged_id(origin.topic, 0, origin.offset, "verdict")
        routed = {"outlet": "portal", "feed": PORTAL_FEED.name, "action": "carry", "title": "题"}
        names = {name: event[name] for name in ("id", "source", "type", "subject", "time")}
        data = {
            "origin": {"topic": origin.topic, "partition": 0, "offset": origin.offset}, "outcome": outcome,
            "arrival": NOW.isoformat(), "event": None if outcome == "dead" else names, "value_sha256": SHA,
            "outlets": [routed] if outcome == "accepted" else [], "error": "JSON" if outcome == "dead" else None,
            "dept": "fgw", "version": 1,
        }  # fmt: skip
        self.send(ours(VERDICTS.name, {**event, "id": gk_id, "source": "/engine/router", "data": data}, gk_id))

    def receipt(self, event: dict[str, Any], kind: str = "published") -> None:
        named = feed_id(event["source"], event["id"], "portal")
        names = {name: event[name] for name in ("id", "source", "type", "subject", "time")}
        data = {"feed_id": named, "outlet": "portal", "kind": kind, "event": names, "version": 1, "at": NOW.isoformat()}
        gk_id = receipt_id(named)
        self.send(ours(RECEIPTS.name, {**event, "id": gk_id, "source": "/engine/portal", "data": data}, gk_id))

    def settle(self, *, behind: int = 0, unread: int = 0) -> None:
        """The router acknowledged all but `behind` inputs, the stores applied all but `unread` of each topic."""
        end = len(self._applied.get(PUBLICATIONS.name, ())) - behind
        with clients.admin(self.settings) as admin:
            _commit(admin, self.settings, end)
        for projection in (Seen(), Ledger()):
            self._apply(projection, unread)

    def hear(self, *words: dict[str, Any]) -> None:
        """Words about duties, and a part that reads them and tells nobody."""
        for each in words:
            self.send(ours(DUTIES.name, each, each["id"]))
        self._apply(Deaf(), 0)

    def door(self, outcomes: Iterable[str], rows: Iterable[Record], unsent: Iterable[dict[str, Any]] = ()) -> None:
        """A door that counted `outcomes`, has sent `rows`, and still holds `unsent`."""
        with Store(self.settings, "gateway", _SUBMISSIONS) as store:
            store.migrate()
            sent = [Outgoing(row.topic, row.key or b"", row.value) for row in rows]
            held = [Outgoing(PUBLICATIONS.name, each["subject"].encode(), events.to_bytes(each)) for each in unsent]
            with store.begin() as conn:
                conn.execute(
                    sa.insert(_SUBMISSIONS.tables["door_submissions"]), [{"outcome": each} for each in outcomes]
                )
                Outbox(store).append(conn, "fgw", [*sent, *held])
                for seq, row in enumerate(rows, 1):
                    place = {"sent_partition": row.partition, "sent_offset": row.offset, "sent_at": 0}
                    conn.execute(OUTBOX.update().where(OUTBOX.c.seq == seq).values(**place))
                conn.execute(LANES.update().values(sent=len(sent)))

    def _apply(self, projection: Projection, unread: int) -> None:
        with Store(self.settings, projection.name, projection.metadata) as store:
            store.migrate()
            slices = Slices(store, projection, lambda: NOW)
            for topic in projection.topics:
                records = self._applied.get(topic.name, [])
                records = records[: len(records) - unread]
                with store.begin() as conn:
                    position = take_over(conn, store, topic.name, 0, Extent("topic", 0, 10**9))
                if records:
                    slices.apply(position, records)


def _commit(admin: KafkaAdminClient, settings: Settings, offset: int) -> None:
    place = TopicPartition(settings.topic(PUBLICATIONS), 0)
    admin.alter_group_offsets(settings.group("router"), {place: OffsetAndMetadata(offset, "", -1)})
