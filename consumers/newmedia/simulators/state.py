"""What a simulated platform remembers: one SQLite file, every acceptance on disk before it is answered."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

SCHEMA = """
create table if not exists setting (name text primary key, value text not null);
create table if not exists token (token text primary key, account text not null, until real not null);
create table if not exists thing (
    kind text not null, id integer primary key autoincrement, account text not null,
    at text not null, state text not null, body text not null
);
create index if not exists thing_by_account on thing (kind, account, id);
create table if not exists used (account text, name text, period text, n integer, primary key (account, name, period));
"""


class State:
    """The durable state of one platform; used from one thread, the event loop's."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.executescript("pragma journal_mode=wal; pragma synchronous=full;" + SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        self.db.close()

    def now(self) -> datetime:
        """The platform's time in Asia/Shanghai: the machine's, or what the control path has set."""
        at = self.setting("now")
        return (datetime.fromisoformat(at) if at else datetime.now(UTC)).astimezone(SHANGHAI)

    def setting(self, name: str) -> str | None:
        """A setting made by the control path."""
        row = self.db.execute("select value from setting where name = ?", (name,)).fetchone()
        return row["value"] if row else None

    def set(self, name: str, value: str | None) -> None:
        """Make or, with None, drop a setting."""
        self.db.execute("delete from setting where name = ?", (name,))
        if value is not None:
            self.db.execute("insert into setting values (?, ?)", (name, value))

    def add(self, kind: str, account: str, body: dict[str, Any], state: str = "live") -> int:
        """Accept a thing; its number is unique over all kinds and never used again."""
        cursor = self.db.execute(
            "insert into thing (kind, account, at, state, body) values (?, ?, ?, ?, ?)",
            (kind, account, self.now().isoformat(), state, json.dumps(body, ensure_ascii=False)),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def things(self, kind: str, account: str | None = None) -> list[dict[str, Any]]:
        """Every thing of a kind, oldest first, with `id`, `account`, `at`, `state` beside its own members."""
        rows = self.db.execute(
            "select * from thing where kind = ? and (? is null or account = ?) order by id",
            (kind, account, account),
        )
        return [_thing(row) for row in rows]

    def thing(self, kind: str, account: str, number: object) -> dict[str, Any] | None:
        """One thing by its number."""
        row = self.db.execute(
            "select * from thing where kind = ? and account = ? and id = ?", (kind, account, str(number))
        ).fetchone()
        return _thing(row) if row else None

    def mark(self, number: int, state: str, body: dict[str, Any] | None = None) -> None:
        """Change a thing's state, and its members where given."""
        self.db.execute("update thing set state = ? where id = ?", (state, number))
        if body is not None:
            self.db.execute("update thing set body = ? where id = ?", (json.dumps(body, ensure_ascii=False), number))

    def used(self, account: str, name: str, period: str) -> int:
        """How often an account has used something in a period."""
        row = self.db.execute(
            "select n from used where account = ? and name = ? and period = ?", (account, name, period)
        ).fetchone()
        return row["n"] if row else 0

    def use(self, account: str, name: str, period: str) -> int:
        """Count one use and say how many there are now."""
        self.db.execute(
            "insert into used values (?, ?, ?, 1) on conflict (account, name, period) do update set n = n + 1",
            (account, name, period),
        )
        return self.used(account, name, period)


def _thing(row: sqlite3.Row) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(row["body"])
    return {**body, **{name: row[name] for name in ("id", "account", "at", "state")}}
