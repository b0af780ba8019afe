"""How fast the portal's projection applies feed records, on a SQLite store as the portal keeps it.

`python -m benchmarks.portal [--records 20000] [--batch 1000] [--rounds 5]`. Each round begins with an empty store and
applies the same records, all first versions, about 2.4 KB each, in slices as the sink does: position, inbox, items,
index numbers and receipts in one transaction a slice. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bus.city import Standing
from bus.clock import now
from bus.record import Record
from bus.settings import Settings
from bus.store import Store, Tx
from bus.store.positions import Extent, take_over
from bus.store.slices import Slices
from consumers.portal import queries, tables
from consumers.portal.program import site_of
from consumers.portal.projection import PortalProjection
from consumers.portal.queries import Filter
from schemas import headers as h
from schemas.ids import feed_id
from schemas.topics import PORTAL_FEED

DEPTS = ("fgw", "zfb", "mzj", "czj")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    records = [record(number) for number in range(asked.records)]
    rounds = [run(records, asked.batch) for _ in range(asked.rounds)]
    for number, each in enumerate(rounds, 1):
        print(f"round {number}: {each}")
    print(json.dumps({**machine(), "records": asked.records, "batch": asked.batch,
                      "bytes_per_record": len(records[0].value or b""), **figures(rounds)}))  # fmt: skip


def figures(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Median and spread: of the whole transaction (position, inbox, outbox, commit), and of the projection alone."""
    found: dict[str, Any] = {}
    for name, key in (("transactions", "whole_per_second"), ("projection", "projection_per_second")):
        rates = [each[name] for each in rounds]
        found |= {key: statistics.median(rates), f"{key}_spread": [min(rates), max(rates)]}
    found["cpu_us_per_record"] = statistics.median(each["cpu_us"] for each in rounds)
    return {**found, "list_ms": statistics.median(each["list_ms"] for each in rounds), "peak_rss_mb": rss()}


def run(records: list[Record], batch: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), _env_file=None)  # type: ignore[call-arg]
        with Store(settings, "portal", tables.metadata) as store:
            store.migrate()
            began, began_cpu = time.perf_counter(), time.process_time()
            projection = Timed(site_of(settings, Standing(settings.city)))
            apply(projection, store, records, batch)
            seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
            return {
                "transactions": round(len(records) / seconds),
                "projection": round(len(records) / projection.seconds),
                "cpu_us": round(cpu / len(records) * 1e6, 1),
                "list_ms": list_ms(store),
            }


class Timed(PortalProjection):
    """The projection with a watch on its own part of the transaction."""

    seconds = 0.0

    def apply(self, tx: Tx, records: Sequence[Record]) -> None:
        """As the portal does it."""
        began = time.perf_counter()
        super().apply(tx, records)
        self.seconds += time.perf_counter() - began


def apply(projection: Timed, store: Store, records: list[Record], batch: int) -> None:
    slices = Slices(store, projection, now)
    with store.begin() as conn:
        position = take_over(conn, store, PORTAL_FEED.name, 0, Extent("bench", 0, len(records)))
    for start in range(0, len(records), batch):
        position, _ = slices.apply(position, records[start : start + batch])


def list_ms(store: Store) -> float:
    """A department's list, twenty pages deep."""
    times, after = [], None
    for _ in range(20):
        began = time.perf_counter()
        with store.read() as conn:
            after = queries.live(conn, Filter(dept=DEPTS[0]), after, 20).after
        times.append(time.perf_counter() - began)
    return round(statistics.median(times) * 1000, 3)


def record(number: int) -> Record:
    dept = DEPTS[number % len(DEPTS)]
    text = f"第{number}号。" + "各单位要压实责任，严格落实值班制度，确保按时供热、稳定供热、达标供热。" * 10
    sign_offs = [{"level": 1 + n // 2, "role": "审校"[n % 2], "person": f"s{n}", "at": "2026-09-21T04:00:00Z",
                  "content_sha256": "0" * 64} for n in range(6)]  # fmt: skip
    event = {
        "specversion": "1.0", "id": f"e{number}", "source": f"/departments/{dept}", "subject": f"{dept}/{number}",
        "type": "cn.gongkai.publication.submitted.v1", "time": "2026-09-21T04:00:00Z",
        "datacontenttype": "application/json",
        "data": {"item": "01-06", "kind": "notice", "version": 1, "title": f"关于冬季供暖保障工作的通知（{number}）",
                 "body": text, "responsible_dept": dept, "disclosure_attr": "主动公开", "five_open": "管理",
                 "channels": ["政府网站"], "elements": {"事项": "冬季供暖", "发布机关": "示例市"},
                 "dates": {"formed": "2026-09-21"}, "sign_offs": sign_offs},
    }  # fmt: skip
    route = {"outlet": "portal", "feed": "portal-feed", "action": "carry", "title": event["subject"]}
    headers = (
        (h.ID, feed_id(str(event["source"]), str(event["id"]), "portal").encode()),
        (h.OUTLET, json.dumps(route).encode()),
        (h.ORIGIN, f"publications/0/{number}".encode()),
    )
    value = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    return Record(PORTAL_FEED.name, 0, number, 1_790_000_000_000, str(event["subject"]).encode(), value, headers)


def rss() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def machine() -> dict[str, str]:
    return {"machine": platform.platform(), "python": sys.version.split()[0], "sqlalchemy": version("sqlalchemy")}


if __name__ == "__main__":
    main()
