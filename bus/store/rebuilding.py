"""Makes a part's rows anew from the log, without repeating anything outward.

Reads:    first what the part itself had sent (every topic it writes), then its topics from their beginning.
Writes:   rows; into the outbox only what was never sent.
Keeps:    epochs (they rise, so that a running copy is refused) and the rows of the outbox that were sent.
Fails to: Fatal where the store holds what no log has, or Kafka does not answer; begun again, it begins anew.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from kafka import TopicPartition
from sqlalchemy.dialects import postgresql, sqlite

from bus import clients
from bus.clock import Clock, now
from bus.errors import Fatal, Retriable
from bus.record import Record
from bus.settings import Settings
from bus.store import positions
from bus.store._cluster import Cluster, describe, resolved
from bus.store._consuming import as_records
from bus.store.digest import digest
from bus.store.engine import Store
from bus.store.ids import id_of
from bus.store.positions import Extent
from bus.store.projection import Projection
from bus.store.slices import Slices
from bus.store.tables import BODIES, IDENTITY, INBOX, KNOWN, LANES, OUTBOX, PARTITIONS
from schemas.topics import TOPICS, Topic


class _Head(msgspec.Struct):
    """As much of a CloudEvent as says whose it is."""

    source: str = ""


HEAD = msgspec.json.Decoder(_Head)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did."""

    known: int
    """Records this part had sent before, each counted once however often its relay repeated it."""
    applied: int
    to_send: int
    """Rows that wait in the outbox now, for they were never sent."""
    digest: str


def rebuild(settings: Settings, store: Store, projection: Projection, clock: Clock = now) -> Rebuilt:
    """Project everything from the beginning of the log to its end as it is now; the part goes on from there.

    The part itself must not run on a SQLite file (the file's lock sees to it); copies on PostgreSQL are refused from
    the moment the tables are emptied.

    Raises:
        Fatal: see above.
    """
    settings = resolved(settings)
    cluster = prepare(settings, store, projection)
    applied = _project(settings, store, projection, cluster, clock)
    return rebuilt(store, applied)


def prepare(settings: Settings, store: Store, projection: Projection) -> Cluster:
    """Remember what the part had sent, and forget all that the log can tell again.

    Raises:
        Fatal: as `rebuild`.
    """
    _refuse_foreign_lanes(store, projection)
    for batch in _own(settings, store.part):
        _remember(store, batch)
    cluster = describe(settings, [topic.name for topic in projection.topics])
    _empty(store, projection, cluster)
    return cluster


def rebuilt(store: Store, applied: int) -> Rebuilt:
    """What a rebuild that applied so many records has done."""
    with store.read() as conn:
        to_send = conn.execute(sa.select(sa.func.coalesce(sa.func.sum(LANES.c.written - LANES.c.sent), 0))).scalar_one()
        known = conn.execute(sa.select(sa.func.count()).select_from(KNOWN)).scalar_one()
    return Rebuilt(int(known), applied, int(to_send), digest(store))


def _refuse_foreign_lanes(store: Store, projection: Projection) -> None:
    """A lane that no topic of this projection fills holds what only this store knows."""
    mine = {topic.name for topic in projection.topics}
    with store.read() as conn:
        lanes = conn.execute(sa.select(LANES.c.lane)).scalars().all()
    foreign = [lane for lane in lanes if lane.rpartition("/")[0] not in mine]
    if foreign:
        raise Fatal(f"{store.place} can't be rebuilt: its lane {foreign[0]} holds what no topic has")


def _own(settings: Settings, part: str) -> Iterator[list[tuple[bytes, bytes | None]]]:
    """Batches of (gk-id, value) that this part has sent, from every topic it writes."""
    for topic in TOPICS:
        if part in topic.writers:
            for record in read_to_end(settings, topic):
                found = _of_part(record, part)
                if found:
                    yield found


def _of_part(records: Sequence[Record], part: str) -> list[tuple[bytes, bytes | None]]:
    return [
        (gk_id, record.value)
        for record in records
        if (gk_id := id_of(record.headers)) is not None and _source(record.value) == f"/engine/{part}"
    ]


def _source(value: bytes | None) -> str:
    try:
        return HEAD.decode(value or b"{}").source
    except msgspec.MsgspecError:
        return ""


def _remember(store: Store, rows: Sequence[tuple[bytes, bytes | None]]) -> None:
    insert = postgresql.insert if store.is_postgres else sqlite.insert
    with store.begin() as conn:
        conn.execute(
            insert(KNOWN).on_conflict_do_nothing(), [{"gk_id": gk_id, "value": value} for gk_id, value in rows]
        )


def _empty(store: Store, projection: Projection, cluster: Cluster) -> None:
    """Forget all that the log can tell again; in one transaction, after which no running copy can write."""
    with store.begin() as conn:
        conn.execute(PARTITIONS.update().values(epoch=PARTITIONS.c.epoch + 1, next_offset=0))
        conn.execute(INBOX.delete())
        conn.execute(BODIES.delete())
        conn.execute(OUTBOX.delete().where(OUTBOX.c.sent_offset.is_(None)))
        conn.execute(LANES.update().values(sent=LANES.c.written, swept=LANES.c.written))
        projection.clear(conn)
        _claim(conn, store, cluster)


def _claim(conn: sa.Connection, store: Store, cluster: Cluster) -> None:
    """Belong to this cluster from now on; what was sent to another one is no row of this log's."""
    kept = conn.execute(sa.select(IDENTITY.c.cluster_id)).scalar()
    if kept != cluster.cluster_id:
        conn.execute(OUTBOX.delete())
    conn.execute(IDENTITY.delete())
    for topic, topic_id in cluster.topic_ids.items():
        conn.execute(PARTITIONS.update().where(PARTITIONS.c.topic == topic).values(topic_id=topic_id))
    positions.claim_cluster(conn, store, cluster)


def _project(settings: Settings, store: Store, projection: Projection, cluster: Cluster, clock: Clock) -> int:
    slices = Slices(store, projection, clock, settling=False)
    applied, position = 0, None
    for topic in projection.topics:
        for partition, extent in _extents(settings, topic, cluster.topic_ids[topic.name]).items():
            with store.begin() as conn:
                conn.execute(
                    PARTITIONS.update()
                    .where(PARTITIONS.c.topic == topic.name, PARTITIONS.c.partition == partition)
                    .values(next_offset=extent.begin)
                )
                position = positions.take_over(conn, store, topic.name, partition, extent)
            for records in read_to_end(settings, topic, partition):
                position, _ = slices.apply(position, records)
                applied += len(records)
    if position is not None:
        slices.settle(position)
    return applied


def _extents(settings: Settings, topic: Topic, topic_id: str) -> dict[int, Extent]:
    consumer = clients.consumer(settings)
    with clients.kafka_errors(f"describe {topic.name}"):
        try:
            places = _places(consumer, settings, topic, None)
            begins, ends = consumer.beginning_offsets(places), consumer.end_offsets(places)
        finally:
            consumer.close()
    return {each.partition: Extent(topic_id, begins[each], ends[each]) for each in places}


def read_to_end(settings: Settings, topic: Topic, partition: int | None = None) -> Iterator[list[Record]]:
    """The records of a topic, or of one partition, from their beginning to the end as it is now."""
    consumer: Any = clients.consumer(settings, max_poll_records=1_000)
    with clients.kafka_errors(f"read {topic.name}"):
        try:
            places = _places(consumer, settings, topic, partition)
            consumer.assign(places)
            begins, ends = consumer.beginning_offsets(places), consumer.end_offsets(places)
            for place in places:
                consumer.seek(place, begins[place])
            yield from _until(consumer, settings, topic, ends)
        finally:
            consumer.close()


def _until(consumer: Any, settings: Settings, topic: Topic, ends: dict[TopicPartition, int]) -> Iterator[list[Record]]:
    heard = time.monotonic()
    while any(consumer.position(place) < end for place, end in ends.items()):
        polled = consumer.poll(timeout_ms=500)
        if polled:
            heard = time.monotonic()
        elif time.monotonic() - heard > settings.infrastructure_deadline:
            raise Retriable(f"{topic.name} does not come to its end")
        for place, records in polled.items():
            yield as_records(topic.name, place.partition, records)


def _places(consumer: Any, settings: Settings, topic: Topic, partition: int | None) -> list[TopicPartition]:
    name = settings.topic(topic)
    if partition is not None:
        return [TopicPartition(name, partition)]
    found = consumer.partitions_for_topic(name)
    if not found:
        raise Fatal(f"topic {name} is missing; run: gongkai topics create")
    return [TopicPartition(name, each) for each in sorted(found)]
