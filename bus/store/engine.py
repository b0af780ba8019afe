"""A part's store: one SQLite file held by one process, or one PostgreSQL schema shared by its copies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from bus.errors import Fatal
from bus.settings import Settings
from bus.store import schema
from bus.store._border import sql_errors
from bus.store._engines import BEGIN, postgres_engine, sqlite_engine
from bus.store._lock import FileLock
from bus.store.tables import IDENTITY


class Store:
    """Everything one part keeps. `begin` writes, `read` looks at one moment; both map errors to ours."""

    def __init__(self, settings: Settings, part: str, metadata: sa.MetaData) -> None:
        """Take the store for writing; a SQLite file is then held against every other process.

        Raises:
            Fatal: another process holds the file, or PostgreSQL's driver is missing.
        """
        self._lock: FileLock | None = None
        if not settings.database:
            path = _path(settings, part)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(path.with_suffix(".lock"), f"the store {path}")
        self._read_only = False
        self._wire(settings, part, metadata)

    @classmethod
    def reader(cls, settings: Settings, part: str, metadata: sa.MetaData) -> Self:
        """The store for commands that only look, whether its part runs or not.

        Raises:
            Fatal: there is no such store yet.
        """
        store = cls.__new__(cls)
        store._lock = None
        store._read_only = True
        store._wire(settings, part, metadata)
        if not store._is_made():
            raise Fatal(f"no {store.place}: {part} has not run yet, or it runs with other settings")
        return store

    def _is_made(self) -> bool:
        if not self.settings.database and not self.path.exists():
            return False
        with sql_errors(self.place):
            return sa.inspect(self.engine).has_table(IDENTITY.name)

    def _wire(self, settings: Settings, part: str, metadata: sa.MetaData) -> None:
        self.settings = settings
        self.part = part
        self.metadata = metadata
        self.path = _path(settings, part)
        """Of the SQLite file."""
        self.schema = f"{settings.prefix}{part}"
        """Of PostgreSQL."""
        self._turn: AbstractContextManager[object] = nullcontext() if settings.database else Lock()
        """SQLite has one writer at a time; who waits here is woken at once, where its busy handler would sleep."""
        if settings.database:
            self.place = f"PostgreSQL schema {self.schema}"
            self.engine = self._lazy = postgres_engine(settings.database, self.schema)
        else:
            self.place = f"store {self.path}"
            self.engine = sqlite_engine(self.path, "FULL" if settings.fsync else "OFF")
            self._lazy = sqlite_engine(self.path, "NORMAL" if settings.fsync else "OFF")

    @property
    def is_postgres(self) -> bool:
        """Whether copies of this part may share the store."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A write transaction: committed at the end, rolled back by any exception.

        Raises:
            Retriable, Fatal: as `bus.store._border` maps the database's errors.
        """
        with sql_errors(self.place), self._write_on(self.engine) as conn:
            if self.is_postgres and not self.settings.fsync:
                conn.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield conn

    @contextmanager
    def begin_lazily(self) -> Iterator[sa.Connection]:
        """A write transaction whose commit does not wait for the disk: a power cut may undo it, never tear it.

        For what may be done twice, such as marking rows as sent.
        """
        with sql_errors(self.place), self._write_on(self._lazy) as conn:
            if self.is_postgres:
                conn.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield conn

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one moment of the store and writes nothing."""
        with sql_errors(self.place), self.engine.connect() as conn:
            if self.is_postgres:
                conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with conn.begin():
                yield conn

    def migrate(self) -> None:
        """Bring the common tables and the part's own to their newest form (docs/stores.md)."""
        with self.begin() as conn:
            schema.upgrade(conn, self.schema, self.part, self.metadata)

    def close(self) -> None:
        """Give back every connection and the file."""
        self.engine.dispose()
        self._lazy.dispose()
        if self._lock is not None:
            self._lock.release()

    @contextmanager
    def _write_on(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        if self._read_only:
            raise Fatal(f"{self.place} was opened to be read only")
        with self._turn, engine.connect() as conn:
            conn.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
            with conn.begin():
                yield conn

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Store {self.part} in {self.place}>"


def _path(settings: Settings, part: str) -> Path:
    return settings.stores / f"{part}.sqlite"
