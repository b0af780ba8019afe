"""The temporary database in which everything is laid side by side: constant memory, however long the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SCHEMA = """
CREATE TABLE door (lane, seq, topic, gk_id, sha, partition, offset, PRIMARY KEY (lane, seq)) WITHOUT ROWID;
CREATE TABLE door_later (sha PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE positions (part, topic, partition, next, PRIMARY KEY (topic, partition, part)) WITHOUT ROWID;
CREATE TABLE committed (topic, partition, next, PRIMARY KEY (topic, partition)) WITHOUT ROWID;
CREATE TABLE inbox (part, gk_id, PRIMARY KEY (part, gk_id)) WITHOUT ROWID;
CREATE TABLE pending (gk_id PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE inputs (topic, partition, offset, sha, PRIMARY KEY (topic, partition, offset)) WITHOUT ROWID;
CREATE TABLE verdicts (topic, partition, offset, outcome, source, event_id, arrival,
                       PRIMARY KEY (topic, partition, offset)) WITHOUT ROWID;
CREATE TABLE wanted (gk_id PRIMARY KEY, feed, outlet, topic, partition, offset) WITHOUT ROWID;
CREATE TABLE answered (topic, partition, offset, kind, PRIMARY KEY (topic, partition, offset, kind)) WITHOUT ROWID;
CREATE TABLE fed (gk_id PRIMARY KEY, receipt, feed, partition, offset, o_topic, o_partition, o_offset) WITHOUT ROWID;
CREATE TABLE receipts (gk_id PRIMARY KEY, part, kind, source, event_id) WITHOUT ROWID;
CREATE TABLE said (topic, gk_id, what, PRIMARY KEY (topic, gk_id, what)) WITHOUT ROWID;
CREATE TABLE rungs (plan PRIMARY KEY, topic, partition, offset) WITHOUT ROWID;
CREATE TABLE ours (topic, gk_id, partition, offset, PRIMARY KEY (topic, gk_id)) WITHOUT ROWID;
"""
"""What was read: `gk_id` are 16 bytes, `sha` 32; `o_…` is the place of the input record; `pending` are receipts."""

DERIVED = """
CREATE INDEX verdicts_by_event ON verdicts (source, event_id);
CREATE INDEX ours_by_id ON ours (gk_id);
CREATE INDEX fed_by_receipt ON fed (receipt);
CREATE INDEX door_by_sha ON door (sha);
CREATE TABLE firsts AS
    SELECT source, event_id, topic, partition, offset, outcome FROM (
        SELECT *, row_number() OVER (PARTITION BY source, event_id ORDER BY arrival, topic, partition, offset) AS place
        FROM verdicts WHERE outcome <> 'dead')
    WHERE place = 1;
CREATE UNIQUE INDEX firsts_by_event ON firsts (source, event_id);
CREATE UNIQUE INDEX firsts_by_place ON firsts (topic, partition, offset);
CREATE TABLE submitted (topic, partition, offset, PRIMARY KEY (topic, partition, offset)) WITHOUT ROWID;
"""
"""Made of it when everything is in: the one outcome of each event, and the input records that are submissions."""

BATCH = 2_000


class Books:
    """Rows are gathered and written by the thousand; the first under a key stays."""

    def __init__(self, path: Path) -> None:
        self._conn = sqlite3.connect(path, isolation_level=None)
        self._conn.execute("PRAGMA journal_mode=OFF")
        self._conn.execute("PRAGMA synchronous=OFF")
        self._conn.execute("PRAGMA cache_size=-32000")
        self._conn.executescript(SCHEMA)
        self._waiting: dict[str, list[tuple[Any, ...]]] = {}

    def add(self, table: str, *row: object) -> None:
        """Write `row` into `table`, unless its key is there."""
        rows = self._waiting.setdefault(table, [])
        rows.append(row)
        if len(rows) >= BATCH:
            self._write(table)

    def add_all(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Write many rows."""
        for row in rows:
            self.add(table, *row)

    def ask(self, statement: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows that answer `statement`, one after the other."""
        self.flush()
        return self._conn.execute(statement, values)

    def count(self, statement: str, values: Sequence[object] = ()) -> int:
        """The one number that `statement` answers."""
        return int(next(self.ask(statement, values))[0] or 0)

    def run(self, statement: str, values: Sequence[object] = ()) -> None:
        """Change what the books hold."""
        self.flush()
        self._conn.execute(statement, values)

    def derive(self) -> None:
        """Make the tables and indexes that the laws ask."""
        self.flush()
        self._conn.executescript(DERIVED)

    def flush(self) -> None:
        """Write what was gathered."""
        for table in list(self._waiting):
            self._write(table)

    def close(self) -> None:
        """Let go of the file."""
        self._conn.close()

    def _write(self, table: str) -> None:
        rows = self._waiting.pop(table, [])
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._conn.execute("BEGIN")
            self._conn.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own names
            self._conn.execute("COMMIT")


@contextmanager
def books() -> Iterator[Books]:
    """Books for one reckoning, gone afterwards."""
    with TemporaryDirectory(prefix="gongkai-reconcile-") as folder:
        opened = Books(Path(folder) / "books.sqlite")
        try:
            yield opened
        finally:
            opened.close()
