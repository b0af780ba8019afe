"""What the simulated platform remembers: one SQLite file, on disk before anything is answered."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
create table if not exists appeal (no text primary key, change integer not null, body text not null);
create index if not exists appeal_by_change on appeal (change);
create table if not exists word (key text primary key, no text not null, sent text not null);
create table if not exists token (token text primary key, client text not null, until real not null);
create table if not exists used (client text, minute text, n integer not null, primary key (client, minute));
create table if not exists setting (name text primary key, value text not null);
"""
Body = dict[str, Any]


class State:
    """The durable state of the platform; used from one thread, the event loop's."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.executescript("pragma journal_mode=wal; pragma synchronous=full;" + _SCHEMA)

    def now(self) -> datetime:
        """The platform's time: the machine's, or what the control path has set."""
        row = self.db.execute("select value from setting where name = 'now'").fetchone()
        return datetime.fromisoformat(row[0]) if row else datetime.now(UTC)

    def set_now(self, now: datetime) -> None:
        """Let the platform's clock stand at `now`."""
        self.db.execute("insert or replace into setting values ('now', ?)", (now.isoformat(),))

    def appeal(self, no: str) -> Body | None:
        """One appeal as it is now."""
        row = self.db.execute("select body from appeal where no = ?", (no,)).fetchone()
        return json.loads(row[0]) if row else None

    def appeals(self) -> list[Body]:
        """Every appeal, the one that changed last at the end."""
        return [json.loads(row[0]) for row in self.db.execute("select body from appeal order by change")]

    def put(self, body: Body) -> None:
        """Keep an appeal as it is now; it is the newest change."""
        whole = json.dumps(body, ensure_ascii=False)
        self.db.execute(
            "insert or replace into appeal values (?, (select coalesce(max(change), 0) + 1 from appeal), ?)",
            (body["appeal_no"], whole),
        )

    def changes(self, after: int, size: int) -> tuple[list[Body], int]:
        """Appeals that changed behind a cursor, and where to read on."""
        rows = self.db.execute(
            "select change, body from appeal where change > ? order by change limit ?", (after, size)
        ).fetchall()
        return [json.loads(body) for _, body in rows], rows[-1][0] if rows else after

    def word(self, key: str) -> tuple[str, Body] | None:
        """The appeal and the body that came under a key."""
        row = self.db.execute("select no, sent from word where key = ?", (key,)).fetchone()
        return (row[0], json.loads(row[1])) if row else None

    def add_word(self, key: str, no: str, sent: Body) -> None:
        """Keep a word under its key."""
        self.db.execute("insert into word values (?, ?, ?)", (key, no, json.dumps(sent, ensure_ascii=False)))

    def words(self, no: str) -> list[Body]:
        """What was said of an appeal, in order."""
        rows = self.db.execute("select sent from word where no = ? order by rowid", (no,))
        return [json.loads(row[0]) for row in rows]

    def use(self, client: str) -> int:
        """Count one call of a client, and say how many there are in this minute."""
        minute = self.now().strftime("%Y-%m-%dT%H:%M")
        self.db.execute(
            "insert into used values (?, ?, 1) on conflict (client, minute) do update set n = n + 1", (client, minute)
        )
        asked = "select n from used where client = ? and minute = ?"
        return int(self.db.execute(asked, (client, minute)).fetchone()[0])
