"""The city's parts, real ones over their own stores, with the log between them in memory and one clock for all.

Events come through the door's intake; the router, matters, the portal and the assessment follow as on the bus. What
the relay, the broker and the programs' loops do is done here: records are appended, handed on and forgotten.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter
from zlib import crc32

from fastapi.testclient import TestClient

from bus.city import Standing
from bus.record import Outgoing, Record
from consumers.assessment.lateness import Lateness
from consumers.assessment.ledger import Ledger
from consumers.assessment.web import app as assessment
from consumers.assessment.web.context import Context
from producers.checks import Principal, principal
from producers.gateway import Gateway
from schemas import headers as h
from schemas.city import Pack
from schemas.ids import feed_id
from schemas.topics import NEWMEDIA_FEED, PORTAL_FEED, RECEIPTS, ROUTED
from streams.judging import Judging
from tests.consumers.office import Player, player
from tests.consumers.portal.feeding import BASE, SITE, Shelf, opened, plain
from tests.producers.counter import MovingClock, door_with
from tests.support import outboxes
from tests.support.servers import plain_settings
from tests.year.course import Sent
from tests.year.station import Judge, Station, station

PORTAL = "/portal"
_ROUTED = frozenset(topic.name for topic in ROUTED)
_LEDGER = frozenset(topic.name for topic in Ledger.topics)
FEEDS = 4
"""Partitions of the portal's feed."""


@dataclass
class City:
    """Everybody, and the log between them."""

    gateway: Gateway
    station: Station
    portal: Shelf
    ledger: Player
    pages: TestClient
    """The assessment's."""
    clock: MovingClock
    words: list[bytes] = field(default_factory=list)
    """All that was told of duties."""
    refused: list[bytes] = field(default_factory=list)
    """Rejections and dead letters."""
    carried: Counter[str] = field(default_factory=Counter)
    """Records by topic."""
    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Seconds by part."""

    def __post_init__(self) -> None:
        """Wire the router."""
        self._route = Judging(SITE.pack)
        self._ends: dict[tuple[str, int], int] = defaultdict(int)
        self._unread: list[Record] = []

    def take(self, sent: Sequence[Sent]) -> None:
        """Events at the door, each at its own time."""
        with self._timed("door"):
            pack, intake = SITE.pack, self.gateway.intake
            groups = []
            for one in sent:
                who = Principal(pack.lead_office, "portal", source=PORTAL) if one.who == PORTAL else principal(
                    pack, one.who, "http")  # fmt: skip
                groups.append((who, intake.read(who, [one.value], [int(one.at.timestamp() * 1000)])))
            answers = intake.take_all(groups)
            told = [answer for group in answers for answer in group if answer.status != 202]
            assert not told, told[0]
            outs = outboxes.take(self.gateway.door.store)
        self.carry(outs)

    def carry(self, outs: Sequence[Outgoing] = ()) -> None:
        """Everything on its way arrives; where matters stands still, what is for it waits."""
        outs = list(outs)
        while outs or self.station.waits:
            records = [self._record(out) for out in outs]
            self._hear(records)
            with self._timed("router"):
                outs = [out for each in records if each.topic in _ROUTED for out in self._route(each)]
            outs += self._shown(records)
            with self._timed("matters"):
                self.station.receive(records)
                outs += self.station.work()

    def tick(self) -> None:
        """The clock is looked at, and what it says is carried on."""
        with self._timed("ticker"):
            outs = self.station.tick()
        self.carry(outs)

    def close_week(self) -> None:
        """Steps that waited for a day have their last call; the assessment reads what it has not yet read."""
        self.carry(self.station.expire())
        self.settle()

    def settle(self) -> None:
        """The assessment reads what it has not yet read."""
        with self._timed("assessment"):
            self.ledger.now = self.clock()
            self.ledger.play_slices(self._unread)
            outboxes.mark_sent(self.ledger.store)
            self._unread = []

    def _hear(self, records: Sequence[Record]) -> None:
        for record in records:
            self.carried[record.topic] += 1
            if record.topic == "duties":
                self.words.append(record.value or b"")
            elif record.topic in {"rejections", "dead-letters"}:
                self.refused.append(record.value or b"")
        self._unread += [record for record in records if record.topic in _LEDGER]

    def _shown(self, records: Sequence[Record]) -> list[Outgoing]:
        """What outlets answer: the portal, and accounts, which here carry whatever they are given."""
        with self._timed("portal"):
            feed = [each for each in records if each.topic == PORTAL_FEED.name]
            for partition in range(FEEDS):
                self.portal.apply([each for each in feed if each.partition == partition])
            answers = outboxes.take(self.portal.store) if feed else []
        return answers + [_carried(each, self.clock()) for each in records if each.topic == NEWMEDIA_FEED.name]

    def _record(self, out: Outgoing) -> Record:
        partition = crc32(out.key) % FEEDS if out.topic == PORTAL_FEED.name else 0
        offset = self._ends[out.topic, partition]
        self._ends[out.topic, partition] += 1
        at = out.timestamp or int(self.clock().timestamp() * 1000)
        return Record(out.topic, partition, offset, at, out.key, out.value, out.headers)

    @contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        began = perf_counter()
        yield
        self.spent[part] += perf_counter() - began


@contextmanager
def city(home: Path, pack: Pack, start: datetime, partitions: int = 1, judge: Judge | None = None) -> Iterator[City]:
    """Everything in one folder, from that instant on; `judge` takes the engine's place."""
    clock = MovingClock(start)
    with ExitStack() as stack:
        settings = plain_settings(home / "door", fsync=False, portal_url=BASE)
        gateway = stack.enter_context(door_with(settings, clock))
        shelf = stack.enter_context(opened(plain(home / "portal"), clock=clock))
        matters = stack.enter_context(station(home / "matters", pack, clock, partitions, judge))
        ledger = stack.enter_context(player(home / "assessment", Ledger()))
        packs = Standing(Path("cities/example"))
        context = Context(ledger.store, packs, Lateness(packs), list, clock, BASE)
        yield City(gateway, matters, shelf, ledger, TestClient(assessment.build_app(context)), clock)


def _carried(record: Record, at: datetime) -> Outgoing:
    """The receipt of an account that shows what it was given."""
    event, outlet = json.loads(record.value or b""), json.loads(h.get(record.headers, h.OUTLET) or "{}")["outlet"]
    id_ = feed_id(event["source"], event["id"], outlet)
    value = {
        "specversion": "1.0", "id": f"r-{id_}", "source": "/engine/newmedia", "type": "cn.gongkai.receipt.given.v1",
        "subject": event["subject"], "time": at.isoformat(), "datacontenttype": "application/json",
        "data": {
            "feed_id": id_, "outlet": outlet, "kind": "published", "version": event["data"]["version"],
            "at": at.isoformat(),
            "event": {name: event[name] for name in ("id", "source", "type", "subject", "time")},
        },
    }  # fmt: skip
    return Outgoing(RECEIPTS.name, record.key or b"", json.dumps(value, ensure_ascii=False).encode(),
                    ((h.ID, f"r-{id_}".encode()),), int(at.timestamp() * 1000))  # fmt: skip
