"""A small outside portal: `python -m tests.consumers.portal.outside_portal URL TOKEN FILE`.

Reads the portal feed by long-poll, keeps what it read and its cursor in one transaction of its own SQLite file, and
reports each record with a receipt. Nothing in its table forbids a double, so one would be seen.
"""

from __future__ import annotations

import sqlite3
import sys
from threading import Event
from typing import Any

import httpx

PAUSE = Event()


def main(url: str, token: str, file: str) -> None:
    kept = sqlite3.connect(file, isolation_level=None)
    kept.execute("PRAGMA journal_mode=WAL")
    kept.execute("CREATE TABLE IF NOT EXISTS page (feed_id TEXT, subject TEXT, version INTEGER, reported INTEGER)")
    kept.execute("CREATE TABLE IF NOT EXISTS place (cursor TEXT)")
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=20) as client:
        while True:
            try:
                turn(client, kept)
            except httpx.HTTPError:
                PAUSE.wait(0.1)


def turn(client: httpx.Client, kept: sqlite3.Connection) -> None:
    """Read on, keep it, report it."""
    after = (kept.execute("SELECT cursor FROM place").fetchone() or ("",))[0]
    page = answered(client.get("/api/v1/portal-feed", params={"after": after, "limit": 7, "wait": 2}))
    kept.execute("BEGIN IMMEDIATE")
    for record in page["records"]:
        event = record["event"]
        row = record["feed_id"], event["subject"], event["data"]["version"]
        kept.execute("INSERT INTO page VALUES (?, ?, ?, 0)", row)
    kept.execute("DELETE FROM place")
    kept.execute("INSERT INTO place VALUES (?)", (page["cursor"],))
    kept.execute("COMMIT")
    report(client, kept)


def report(client: httpx.Client, kept: sqlite3.Connection) -> None:
    """What was kept and not reported yet; a report that was not heard of is made again."""
    for (feed_id,) in kept.execute("SELECT feed_id FROM page WHERE reported = 0 LIMIT 20").fetchall():
        given = {"feed_id": feed_id, "kind": "published", "at": "2026-09-21T04:00:00Z"}
        answered(client.post("/api/v1/portal-feed/receipts", json={"receipts": [given]}))
        kept.execute("UPDATE page SET reported = 1 WHERE feed_id = ?", (feed_id,))


def answered(answer: httpx.Response) -> Any:
    answer.raise_for_status()
    return answer.json()


if __name__ == "__main__":
    main(*sys.argv[1:])
