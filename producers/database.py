"""Reads departments' database outboxes: new rows of one table, in the order of `seq`, each once.

    -- PostgreSQL
    CREATE TABLE gongkai_outbox (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event TEXT NOT NULL)
    -- SQLite
    CREATE TABLE gongkai_outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)

Reads:    `seq` and `event` (a CloudEvent as JSON); writes nothing there, needs SELECT (and, for gaps, LOCK) alone.
Writes:   events through the intake.
Keeps:    the last `seq` of each database, in the transaction that takes its rows.
Fails to: a log line and another try where a department's database does not answer; the others are read on.

`home/database-outboxes.toml` names them, and may be changed while the door runs:

    [[outbox]]
    dept = "fgw"
    url = "postgresql+psycopg://reader:…@host/database"     # or sqlite:////path/to/file.sqlite
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from bus import log
from bus.errors import Fatal, Retriable
from bus.looping import Looping
from bus.settings import Settings
from producers.answers import Answer, milliseconds
from producers.checks import Principal, principal
from producers.forms import Given, structured
from producers.intake import Intake
from producers.positions import move, position
from schemas.base import Code

LOOK_SECONDS = 0.2
BATCH = 500
_LOCK_TIMEOUT_MS = 2_000
_log = log.get("producers.database")

OUTBOX = sa.table("gongkai_outbox", sa.column("seq", sa.BigInteger), sa.column("event", sa.Text))


class Configured(BaseModel):
    """One database outbox, as its file names it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dept: Code
    url: SecretStr
    """SQLAlchemy URL; it may hold a password, so it is never shown."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outbox: list[Configured] = []


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an outbox."""

    seq: int
    event: str | None


@dataclass
class Database:
    """A department's database: one connection, read only."""

    who: Principal
    engine: sa.Engine
    trouble: str | None = None
    name: str = field(init=False)

    def __post_init__(self) -> None:
        url = self.engine.url
        self.name = f"database:{self.who.dept}:{url.host or ''}/{url.database}"

    def after(self, last: int) -> list[Row]:
        """The next rows. Behind a gap in `seq` may stand a row whose transaction is not committed yet."""
        rows = self._read(last)
        return rows if self._unbroken(last, rows) else self._read(last, settled=True)

    def _unbroken(self, last: int, rows: Sequence[Row]) -> bool:
        """SQLite has one writer, so there a gap is a row that was rolled back or deleted."""
        return self.engine.dialect.name == "sqlite" or all(row.seq == last + n for n, row in enumerate(rows, 1))

    def _read(self, last: int, *, settled: bool = False) -> list[Row]:
        """Rows after `last`; `settled` first waits under a lock for every transaction that writes to the table."""
        query = sa.select(OUTBOX.c.seq, OUTBOX.c.event).where(OUTBOX.c.seq > last).order_by(OUTBOX.c.seq).limit(BATCH)
        with self.engine.connect() as conn:
            if settled:
                conn.exec_driver_sql(f"SET LOCAL lock_timeout = {_LOCK_TIMEOUT_MS}")
                conn.exec_driver_sql("LOCK TABLE gongkai_outbox IN SHARE MODE")
            found = [Row(row.seq, row.event) for row in conn.execute(query)]
            conn.rollback()
        return found


class DatabaseOutboxes(Looping):
    """A service with one thread over all configured databases."""

    name = "database-outboxes"

    def __init__(self, settings: Settings, intake: Intake) -> None:
        """Read which databases there are.

        Raises:
            Fatal: the file that names them is wrong. Changed while the door runs, a wrong one changes nothing.
        """
        super().__init__()
        self._settings = settings
        self._intake = intake
        self._changed = _changed(settings)
        self._databases = configured(settings, intake)
        self._taken = 0

    def stop(self) -> None:
        """Finish the batch under way, and let the databases go."""
        super().stop()
        for database in self._databases:
            database.engine.dispose()

    def health(self) -> dict[str, object]:
        """How many rows were taken, and which databases trouble it."""
        troubles = {each.who.dept: each.trouble for each in self._databases if each.trouble}
        return {
            "ok": self.failed is None,
            "databases": len(self._databases),
            "taken": self._taken,
            "troubles": troubles,
        }

    def _turn(self) -> None:
        self._look_for_others()
        if not sum(self._drain(database) for database in self._databases):
            self._stopping.wait(LOOK_SECONDS)

    def _look_for_others(self) -> None:
        """Read the list again where its file has changed."""
        changed = _changed(self._settings)
        if changed == self._changed:
            return
        self._changed = changed
        try:
            found = configured(self._settings, self._intake)
        except Fatal as error:
            _log.error("database outboxes stay as they were", error=str(error))
            return
        for old in self._databases:
            old.engine.dispose()
        self._databases = found
        _log.info("database outboxes read", databases=len(found))

    def _drain(self, database: Database) -> bool:
        """Take the next rows of one database; whether there were any. Its trouble is its own."""
        try:
            took = self._take(database)
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, Retriable) as error:
            said = str(error).splitlines()[0]
            if database.trouble is None:
                _log.warning("database outbox waits", dept=database.who.dept, error=said)
            database.trouble = said
            return False
        database.trouble = None
        return took > 0

    def _take(self, database: Database) -> int:
        last = position(self._intake.store, database.name)
        rows = database.after(last)
        if not rows:
            return 0
        taken = 0

        def moved(conn: sa.Connection, answers: Sequence[Answer]) -> None:
            nonlocal taken
            taken = next((n for n, answer in enumerate(answers) if answer.outcome == "refused"), len(answers))
            if taken:
                move(conn, database.name, since=last, to=rows[taken - 1].seq, at=milliseconds(self._intake.clock()))

        self._intake.take(database.who, [_given(row) for row in rows], also=moved)
        self._taken += taken
        return taken


def configured(settings: Settings, intake: Intake) -> list[Database]:
    """The databases that `home/database-outboxes.toml` names.

    Raises:
        Fatal: the file is wrong, or names a department that the pack does not have.
    """
    path = _path(settings)
    if not path.exists():
        return []
    databases = []
    for each in _read(path):
        if each.dept not in intake.pack.department:
            raise Fatal(f"{path}: there is no department {each.dept!r} in the pack")
        databases.append(open_database(principal(intake.pack, each.dept, "database"), each.url.get_secret_value()))
    return databases


def _path(settings: Settings) -> Path:
    return settings.home / "database-outboxes.toml"


def _changed(settings: Settings) -> int:
    """When the list was last written; 0 where there is none."""
    try:
        return _path(settings).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def open_database(who: Principal, url: str) -> Database:
    """A department's database; a SQLite file is opened for reading alone."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(
            database=f"file:{Path(parsed.database or '').absolute()}", query={"mode": "ro", "uri": "true"}
        )
    elif parsed.get_backend_name() != "postgresql":
        raise Fatal(f"database outbox of {who.dept}: SQLite or PostgreSQL, not {parsed.get_backend_name()}")
    return Database(who, sa.create_engine(parsed, pool_pre_ping=True, pool_size=1))


def _read(path: Path) -> list[Configured]:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).outbox
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Fatal(f"{path}: {error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise Fatal(f"{path}: {'/'.join(map(str, first['loc']))}: {first['msg']}") from error


def _given(row: Row) -> Given:
    return None if row.event is None else structured(row.event.encode("utf-8", "surrogatepass"))
