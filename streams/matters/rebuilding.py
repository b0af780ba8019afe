"""`gongkai rebuild matters`: the store made anew from the log, nothing said twice.

Reads:    what matters itself had said; then its inputs, partition number by partition number, and the city.
Writes:   the store; into its outbox only what was never sent.
Keeps:    in memory, the steps of one partition number.
Fails to: Fatal where the store holds what no log has; Retriable where Kafka does not answer.

The order in which steps of one matter were taken is in their verdicts (`MatterMove.version`), so steps from several
topics are taken in the same order again; what was refused is remembered and not judged anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import NamedTuple

import msgspec

from bus.city import City
from bus.clock import now
from bus.program import one_line_exit
from bus.record import Record
from bus.settings import Settings
from bus.store import Projection, Rebuilt, Store, Tx, digest
from bus.store._cluster import resolved
from bus.store.rebuilding import prepare, read_to_end, rebuilt
from schemas.topics import LINKS, RECEIPTS, STEPPED, VERDICTS
from streams.duties import recall
from streams.matters.desk import Desk, Slice
from streams.matters.judges import ByRelease
from streams.matters.judging import INPUTS, PART
from streams.matters.program import extents_of
from streams.matters.room import move_id
from streams.matters.tables import metadata

PAGE = 500
_LAST = 1 << 60


class _Move(msgspec.Struct):
    version: int
    waiting: bool = False


class _Origin(msgspec.Struct):
    topic: str
    partition: int
    offset: int


class _Event(msgspec.Struct):
    id: str
    source: str
    subject: str


class _Data(msgspec.Struct):
    origin: _Origin
    outcome: str
    event: _Event | None = None
    matter: _Move | None = None
    findings: msgspec.Raw = msgspec.Raw(b"[]")


class _Verdict(msgspec.Struct):
    source: str
    data: _Data


_VERDICT = msgspec.json.Decoder(_Verdict)


class Part(Projection):
    """What a rebuild must know of matters: its tables and topics."""

    name = PART
    topics = INPUTS
    metadata = metadata

    def apply(self, tx: Tx, records: Sequence[Record]) -> None:
        """Never called: matters are made anew in an order of their own."""
        raise NotImplementedError


class _Told(NamedTuple):
    order: tuple[str, int, bool, str, int]
    record: Record


def rebuild(settings: Settings, store: Store, city: City) -> Rebuilt:
    """Make the store of matters anew; it must not run."""
    settings = resolved(settings)
    cluster = prepare(settings, store, Part())
    with store.begin() as conn:
        recall(conn)
    judge = ByRelease(city.at)
    desk = Desk(store, now, judge.at)
    places = [(topic.name, number) for topic in INPUTS for number in range(settings.partitions)]
    extents = extents_of(settings, places, cluster.topic_ids)
    desk.take_over(cluster, extents)
    applied = sum(_partition(settings, desk, judge, number) for number in range(settings.partitions))
    return rebuilt(store, applied)


def _partition(settings: Settings, desk: Desk, judge: ByRelease, number: int) -> int:
    given = _given(settings, number)
    told: list[_Told] = []
    refused: dict[str, str] = {}
    rest: list[Slice] = []
    count = 0
    for topic in (*STEPPED, LINKS):
        log = [record for some in read_to_end(settings, topic, number) for record in some]
        count += len(log)
        known = next((at for at, record in enumerate(log) if record.origin not in given), len(log))
        for record in log[:known]:
            _sort(record, given[record.origin], told, refused)
        reached = log[known - 1].offset + 1 if known else desk.positions[topic.name, number].next_offset
        desk.stand((topic.name, number), reached, max((each.timestamp for each in log[:known]), default=None))
        rest += _slices(topic.name, number, reached, log[known:])
    told.sort(key=lambda one: one.order)
    for first in range(0, len(told), PAGE):
        desk.replay(number, [one.record for one in told[first : first + PAGE]], (), judge)
    desk.replay(number, (), tuple(refused.items()), judge)
    for topic in (VERDICTS, RECEIPTS):
        log = [record for some in read_to_end(settings, topic, number) for record in some]
        count += len(log)
        rest += _slices(topic.name, number, desk.positions[topic.name, number].next_offset, log)
    for one in rest:
        desk.apply([one], judge)
    return count


def _given(settings: Settings, number: int) -> dict[str, _Data]:
    """What matters had said of each record of a partition number."""
    found: dict[str, _Data] = {}
    for some in read_to_end(settings, VERDICTS, number):
        for record in some:
            verdict = _VERDICT.decode(record.value or b"")
            if verdict.source == f"/engine/{PART}":
                origin = verdict.data.origin
                found[f"{origin.topic}/{origin.partition}/{origin.offset}"] = verdict.data
    return found


def _sort(record: Record, said: _Data, told: list[_Told], refused: dict[str, str]) -> None:
    event, matter = said.event, said.matter
    if event is None or said.outcome == "dead":
        return
    if said.outcome == "rejected":
        refused.setdefault(move_id(event.source, event.id), bytes(said.findings).decode())
    elif matter is not None:
        order = (event.subject, matter.version, matter.waiting, record.topic, record.offset)
        told.append(_Told(order, record))


def _slices(topic: str, number: int, base: int, log: Sequence[Record]) -> list[Slice]:
    found = []
    for first in range(0, len(log), PAGE):
        some = log[first : first + PAGE]
        found.append(Slice(topic, number, base, some[-1].offset + 1, some))
        base = some[-1].offset + 1
    return found


def main() -> int:
    """Rebuild, and say what was done as JSON."""
    with one_line_exit():
        settings = Settings()
        city = City.as_it_is(settings)
        with Store(settings, PART, metadata) as store:
            store.migrate()
            before = digest(store)
            done = rebuild(settings, store, city)
    print(json.dumps({"part": PART, "before": before, "after": done.digest, **asdict(done)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
