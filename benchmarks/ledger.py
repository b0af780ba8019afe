"""How fast the ledger takes verdicts and receipts, and what memory it holds at 200,000 items; no Kafka in between.

    python -m benchmarks.ledger [--items 200000] [--slice 1000]

The last line is JSON: machine, versions, events a second (an event is a verdict with its two receipts), records a
second, peak memory of the process, and the time of the heaviest pages.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import sqlalchemy as sa

from bus.record import Record
from bus.settings import Settings
from bus.store import Store
from bus.store.positions import Extent, take_over
from bus.store.slices import Slices
from consumers.assessment.departments import figures, listed
from consumers.assessment.duties import Filter
from consumers.assessment.ledger import Ledger
from consumers.assessment.periods import Quarter
from schemas import headers as h
from schemas.ids import feed_id, judged_id, receipt_id
from schemas.topics import PUBLICATIONS, RECEIPTS, VERDICTS

BEGIN = datetime(2026, 7, 1, tzinfo=UTC)
NOW = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)


def verdict(number: int) -> Record:
    arrival = BEGIN + timedelta(seconds=number % 5_000_000)
    gk_id = judged_id(PUBLICATIONS.name, 0, number, "verdict")
    dept = f"dept{number % 52:02}"
    routed = [
        {"outlet": name, "feed": f"{name}-feed", "action": "carry", "title": "关于做好冬季供暖保障工作的通知",
         "quota_class": "ordinary", "due": None}
        for name in ("portal", "newmedia")
    ]  # fmt: skip
    data = {
        "origin": {"topic": PUBLICATIONS.name, "partition": 0, "offset": number}, "outcome": "accepted",
        "arrival": arrival.isoformat(), "event": event(number), "dept": dept, "item": "01-06", "kind": "notice",
        "version": 1, "title": "关于做好冬季供暖保障工作的通知", "links": [], "dates": {"formed": "2026-07-01"},
        "value_sha256": "0" * 64, "content_sha256": "0" * 64, "findings": [], "overrides": [], "outlets": routed,
        "dues": [{"clock": "publish", "due": (arrival + timedelta(days=28)).date().isoformat(), "basis": "条例第26条"}],
        "backfill": False, "corrects": None, "error": None,
    }  # fmt: skip
    value = {"specversion": "1.0", "id": gk_id, "source": "/engine/router", "type": "cn.gongkai.verdict.given.v1",
             "subject": f"{dept}/{number}", "time": arrival.isoformat(), "data": data}  # fmt: skip
    return record(VERDICTS.name, number, value, gk_id)


def receipt(number: int, offset: int, part: str) -> Record:
    named = feed_id(f"/departments/dept{number % 52:02}", f"e{number}", part)
    at = (BEGIN + timedelta(seconds=number % 5_000_000, days=number % 40)).isoformat()
    data = {"feed_id": named, "outlet": part, "kind": "published", "event": event(number), "version": 1, "at": at,
            "url": f"https://portal/items/dept{number % 52:02}/{number}", "index_no": None, "detail": None}  # fmt: skip
    value = {"specversion": "1.0", "id": receipt_id(named), "source": f"/engine/{part}",
             "type": "cn.gongkai.receipt.given.v1", "subject": f"dept{number % 52:02}/{number}", "time": at,
             "data": data}  # fmt: skip
    return record(RECEIPTS.name, offset, value, receipt_id(named))


def event(number: int) -> dict[str, str]:
    dept = f"dept{number % 52:02}"
    return {"id": f"e{number}", "source": f"/departments/{dept}", "type": "cn.gongkai.publication.submitted.v1",
            "subject": f"{dept}/{number}", "time": "2026-07-01T00:00:00+08:00"}  # fmt: skip


def record(topic: str, offset: int, value: dict[str, object], gk_id: str) -> Record:
    assert UUID(gk_id)
    headers = ((h.ID, gk_id.encode()), (h.PACK, b"1"))
    return Record(topic, 0, offset, 0, b"k", json.dumps(value, ensure_ascii=False).encode(), headers)


def slices(items: int, size: int) -> Iterator[list[Record]]:
    for start in range(0, items, size):
        numbers = range(start, min(start + size, items))
        yield [verdict(number) for number in numbers]
        yield [
            receipt(number, 2 * number + place, part)
            for number in numbers
            for place, part in enumerate(("portal", "newmedia"))
        ]


def timed(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return round(time.perf_counter() - begin, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--slice", type=int, default=1_000)
    given = parser.parse_args()
    with (
        TemporaryDirectory() as home,
        Store(Settings(_env_file=None, home=Path(home), database=""), Ledger.name, Ledger.metadata) as store,
    ):
        store.migrate()
        spent, cpu = fill(store, given.items, given.slice)
        quarter = Quarter(2026, 3)
        with store.read() as conn:
            city_page = timed(lambda: figures(conn, Filter(quarter=quarter), NOW))
            dept_page = timed(lambda: figures(conn, Filter("dept01", quarter), NOW))
            list_page = timed(
                lambda: listed(conn, Filter("dept01", quarter), NOW, lambda due, day: ((day - due).days, True))
            )
    print(json.dumps({
        "benchmark": "ledger", "machine": {"cpus": os.cpu_count(), "platform": platform.platform()},
        "versions": {"python": platform.python_version(), "sqlalchemy": sa.__version__}, "items": given.items,
        "slice": given.slice, "events_per_second": round(given.items / spent),
        "events_per_cpu_second": round(given.items / cpu), "records_per_second": round(3 * given.items / spent),
        "cpu_seconds_per_1000_events": round(1000 * cpu / given.items, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "city_page_seconds": city_page, "department_page_seconds": dept_page, "list_page_seconds": list_page,
    }))  # fmt: skip


def fill(store: Store, items: int, size: int) -> tuple[float, float]:
    """Seconds and CPU seconds of applying alone, the making of records left out."""
    applying = Slices(store, Ledger(), lambda: NOW)
    positions = {}
    with store.begin() as conn:
        for topic in (VERDICTS.name, RECEIPTS.name):
            positions[topic] = take_over(conn, store, topic, 0, Extent("topic", 0, 10**9))
    spent = cpu = 0.0
    for records in slices(items, size):
        began, used = time.perf_counter(), time.process_time()
        positions[records[0].topic], _ = applying.apply(positions[records[0].topic], records)
        spent += time.perf_counter() - began
        cpu += time.process_time() - used
    return spent, cpu


if __name__ == "__main__":
    main()
