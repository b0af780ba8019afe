"""The portal's feed as the router writes it, and a portal's store that reads it without a broker."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import sqlalchemy as sa

from bus.city import Standing
from bus.record import Outgoing, Record
from bus.settings import Settings
from bus.store import Store
from bus.store.positions import Extent, Position, take_over
from bus.store.slices import Slices
from bus.store.tables import BODIES
from consumers.portal import tables
from consumers.portal.projection import PortalProjection
from consumers.portal.site import Site
from schemas import headers as h
from schemas.city.released import CityRecord
from schemas.ids import feed_id
from schemas.records import Receipt, ReceiptGiven
from schemas.topics import CITY, DUTIES, PORTAL_FEED
from tests.support.events import NOON, JsonObject, to_bytes

BASE = "https://www.shilishi.example"
SITE = Site(Standing(Path("cities/example")), BASE, "https://kaohe.shilishi.example")
PARTITIONS = 4


class Feed:
    """A log of feed records; each append takes the next offset of its key's partition."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._ends: dict[int, int] = defaultdict(int)

    def add(self, event: JsonObject, action: str = "carry") -> Record:
        """What the router makes of an accepted event."""
        outgoing = routed(event, action)
        partition = crc32(outgoing.key) % PARTITIONS
        offset = self._ends[partition]
        self._ends[partition] += 1
        origin = (h.ORIGIN, f"publications/{partition}/{offset}".encode())
        record = Record(
            outgoing.topic, partition, offset, int(NOON.timestamp() * 1000), outgoing.key, outgoing.value,
            (*outgoing.headers, origin),
        )  # fmt: skip
        self.records.append(record)
        return record


def routed(event: JsonObject, action: str = "carry") -> Outgoing:
    """A feed record, but for its place in the log."""
    route = {"outlet": "portal", "feed": "portal-feed", "action": action, "title": event["data"].get("title", "-")}
    headers = (
        (h.ID, feed_id(event["source"], event["id"], "portal").encode()),
        (h.OUTLET, json.dumps(route, ensure_ascii=False).encode()),
    )
    return Outgoing(PORTAL_FEED.name, event["subject"].encode(), to_bytes(event), headers)


class City:
    """The log of topic `city`: each append takes the next offset."""

    def __init__(self) -> None:
        self._end = 0

    def add(self, *written: CityRecord) -> list[Record]:
        """What a reader of the topic sees."""
        made = [
            Record(CITY.name, 0, self._end + n, each.at, each.key, each.value, each.headers)
            for n, each in enumerate(written)
        ]
        self._end += len(made)
        return made


class Shelf:
    """A portal's store and the sink's inner part."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = lambda: NOON, site: Site = SITE) -> None:
        self.store = store
        self._slices = Slices(store, PortalProjection(site), clock)
        with store.begin() as conn:
            places = [(PORTAL_FEED.name, partition) for partition in range(PARTITIONS)]
            places += [(CITY.name, 0), (DUTIES.name, 0)]
            self._positions: dict[tuple[str, int], Position] = {
                place: take_over(conn, store, *place, Extent("topic-1", 0, 10**9)) for place in places
            }

    def apply(self, records: Iterable[Record]) -> None:
        """Apply runs of one partition as slices, in the order given."""
        run: list[Record] = []
        for record in records:
            if run and (run[0].topic, run[0].partition) != (record.topic, record.partition):
                self._slice(run)
                run = []
            run.append(record)
        if run:
            self._slice(run)

    def receipts(self) -> dict[str, Receipt]:
        """Event id to the receipt that was sent for it; more than one would fail."""
        with self.store.read() as conn:
            values = conn.execute(sa.select(BODIES.c.value)).scalars().all()
        found = [ReceiptGiven.model_validate_json(value).data for value in values]
        assert len({receipt.feed_id for receipt in found}) == len(found)
        return {receipt.event.id: receipt for receipt in found}

    def _slice(self, run: list[Record]) -> None:
        place = run[0].topic, run[0].partition
        self._positions[place], _ = self._slices.apply(self._positions[place], run)


@contextmanager
def opened(settings: Settings, **wiring: object) -> Iterator[Shelf]:
    """A migrated store."""
    file = settings.stores / "portal.sqlite"
    if not settings.database and not file.exists():
        settings.stores.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_migrated())
    with Store(settings, "portal", tables.metadata) as store:
        store.migrate()
        yield Shelf(store, **wiring)  # type: ignore[arg-type]


@cache
def _migrated() -> bytes:
    """An empty SQLite store, made once."""
    with TemporaryDirectory() as home:
        with Store(plain(Path(home)), "portal", tables.metadata) as store:
            store.migrate()
            with store.engine.connect() as conn:
                conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return (Path(home) / "stores" / "portal.sqlite").read_bytes()


def plain(home: Path) -> Settings:
    """Settings of no broker."""
    return Settings(home=home, fsync=False, portal_url=BASE, _env_file=None)
