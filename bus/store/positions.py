"""Where a store stands in each partition, and whether what stands before it is still the log it was filled from."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus import failpoints
from bus.errors import Fenced, Retriable, StoreMismatch
from bus.settings import Settings
from bus.store._cluster import Cluster, describe
from bus.store.engine import Store
from bus.store.tables import IDENTITY, PARTITIONS

_ADVANCE_UNFENCED = (
    PARTITIONS.update()
    .where(PARTITIONS.c.topic == sa.bindparam("of_topic"), PARTITIONS.c.partition == sa.bindparam("of_partition"))
    .values(next_offset=sa.bindparam("moved"))
)
_ADVANCE = _ADVANCE_UNFENCED.where(
    PARTITIONS.c.epoch == sa.bindparam("of_epoch"), PARTITIONS.c.next_offset == sa.bindparam("from_offset")
)
_HOLD = (
    PARTITIONS.update()
    .where(
        PARTITIONS.c.topic == sa.bindparam("of_topic"), PARTITIONS.c.partition == sa.bindparam("of_partition"),
        PARTITIONS.c.epoch == sa.bindparam("of_epoch"),
    )
    .values(epoch=PARTITIONS.c.epoch)
    .returning(PARTITIONS.c.next_offset)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Extent:
    """A partition's log as the broker holds it."""

    topic_id: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Position:
    """A partition taken over: only this epoch at this offset may write."""

    topic: str
    partition: int
    epoch: int
    next_offset: int


def check_cluster(settings: Settings, store: Store) -> None:
    """Write down the cluster's id at the first contact, compare it at every later one.

    Raises:
        StoreMismatch: it is another cluster.
        Retriable: it did not answer.
    """
    cluster = describe(settings, [])
    with store.begin() as conn:
        claim_cluster(conn, store, cluster)


def claim_cluster(conn: sa.Connection, store: Store, cluster: Cluster) -> None:
    """Compare the store's cluster with `cluster`, or write it down where there is none yet."""
    insert = postgresql.insert if store.is_postgres else sqlite.insert
    conn.execute(insert(IDENTITY).values(id=1, cluster_id=cluster.cluster_id).on_conflict_do_nothing())
    kept = conn.execute(sa.select(IDENTITY.c.cluster_id)).scalar_one()
    if kept != cluster.cluster_id:
        raise _mismatch(store, f"was filled from cluster {kept}, this is cluster {cluster.cluster_id}")


def take_over(conn: sa.Connection, store: Store, topic: str, partition: int, extent: Extent) -> Position:
    """Raise the partition's epoch, so that whoever had it before can write no more; a new one begins at the earliest.

    Raises:
        StoreMismatch: the topic is another one under the same name, or the offset lies outside its log.
    """
    of = (PARTITIONS.c.topic == topic, PARTITIONS.c.partition == partition)
    row = conn.execute(
        PARTITIONS.update()
        .where(*of)
        .values(epoch=PARTITIONS.c.epoch + 1)
        .returning(PARTITIONS.c.epoch, PARTITIONS.c.next_offset, PARTITIONS.c.topic_id)
    ).first()
    if row is None:
        return _begin(conn, store, topic, partition, extent)
    if row.topic_id != extent.topic_id:
        raise _mismatch(store, f"was filled from topic {topic} {row.topic_id}, this is {extent.topic_id}")
    if not extent.begin <= row.next_offset <= extent.end:
        log = f"{extent.begin} to {extent.end}"
        raise _mismatch(store, f"stands at offset {row.next_offset} of {topic}/{partition}, whose log is {log}")
    return Position(topic, partition, row.epoch, row.next_offset)


def advance(conn: sa.Connection, position: Position, next_offset: int) -> Position:
    """Move on within the slice's transaction, if nobody else has taken over or moved.

    Raises:
        Fenced: somebody has.
    """
    statement = _ADVANCE_UNFENCED if failpoints.broken("fence") else _ADVANCE
    asked = {"of_topic": position.topic, "of_partition": position.partition, "moved": next_offset}
    if statement is _ADVANCE:
        asked |= {"of_epoch": position.epoch, "from_offset": position.next_offset}
    if conn.execute(statement, asked).rowcount != 1:
        place = f"{position.topic}/{position.partition}"
        raise Fenced(f"{place} was taken over: epoch {position.epoch} at offset {position.next_offset} is past")
    return Position(position.topic, position.partition, position.epoch, next_offset)


def hold(conn: sa.Connection, topic: str, partition: int, epoch: int) -> int:
    """Keep a partition for the rest of the transaction without moving on; gives its next offset.

    Raises:
        Fenced: it was taken over.
    """
    row = conn.execute(_HOLD, {"of_topic": topic, "of_partition": partition, "of_epoch": epoch}).first()
    if row is None:
        raise Fenced(f"{topic}/{partition} was taken over: epoch {epoch} is past")
    return int(row.next_offset)


def _begin(conn: sa.Connection, store: Store, topic: str, partition: int, extent: Extent) -> Position:
    insert = postgresql.insert if store.is_postgres else sqlite.insert
    row = {"topic": topic, "partition": partition, "epoch": 1, "next_offset": extent.begin, "topic_id": extent.topic_id}
    new = insert(PARTITIONS).values(row).on_conflict_do_nothing().returning(PARTITIONS.c.epoch)
    if conn.execute(new).first() is None:
        raise Retriable(f"{topic}/{partition} was begun by another copy in the same moment")
    return Position(topic, partition, 1, extent.begin)


def _mismatch(store: Store, what: str) -> StoreMismatch:
    return StoreMismatch(f"{store.place} {what}; if that is meant, run: gongkai rebuild {store.part}")
