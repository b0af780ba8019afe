"""PostgreSQL's NOTIFY, so that a copy which holds the relay's lease hears of rows that another copy wrote."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import sqlalchemy as sa

from bus.errors import Retriable
from bus.store._border import sql_errors
from bus.store.engine import Store


class Listener:
    """A thread with a connection of its own. A lost word costs a second: the relay looks by itself as often."""

    def __init__(self, store: Store, channel: str, heard: Callable[[], None]) -> None:
        self._store = store
        self._channel = channel
        self._heard = heard
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{store.part}.listen", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, within a second or so."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with suppress(Retriable, sa.exc.SQLAlchemyError):
                self._listen()
            self._stopping.wait(0.5)

    def _listen(self) -> None:
        import psycopg  # noqa: PLC0415 - an optional dependency
        from psycopg import sql  # noqa: PLC0415

        with sql_errors(self._store.place), self._store.engine.connect() as conn:
            conn.execution_options(isolation_level="AUTOCOMMIT")
            driver = conn.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            conn.execute(sa.text("SELECT 1"))
            driver.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            try:
                while not self._stopping.is_set():
                    for _ in driver.notifies(timeout=0.5, stop_after=1):
                        self._heard()
            except psycopg.Error as error:
                conn.invalidate(error)
            else:
                driver.execute("UNLISTEN *")
