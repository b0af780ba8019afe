"""One process holds a SQLite store; errors come out as ours; readers see and don't touch."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bus.errors import Fatal, Retriable
from bus.settings import Settings
from bus.store import Instant, Store, _engines, digest
from tests.bus.store.journal import EFFECTS, LINES, METADATA
from tests.support.servers import plain_settings


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return plain_settings(tmp_path)


def test_a_second_process_is_refused_in_one_line_naming_the_holder(home: Settings) -> None:
    with Store(home, "portal", METADATA) as store:
        store.migrate()
        program = (
            "import sys; from pathlib import Path; import sqlalchemy as sa; from bus.settings import Settings;"
            "from bus.store import Store; Store(Settings(home=Path(sys.argv[1])), 'portal', sa.MetaData())"
        )
        ended = subprocess.run(
            [sys.executable, "-c", program, str(home.home)], capture_output=True, text=True, check=False
        )
        assert f"is held by process {os.getpid()}; stop it first" in ended.stderr.splitlines()[-1]
    Store(home, "portal", METADATA).close()


def test_a_reader_sees_what_is_committed_and_can_not_write(home: Settings) -> None:
    with Store(home, "portal", METADATA) as store:
        store.migrate()
        with store.begin() as conn:
            conn.execute(LINES.insert().values(origin="t/0/0", key="k", text="a"))
        reader = Store.reader(home, "portal", METADATA)
        with reader.read() as conn:
            assert conn.execute(sa.select(LINES.c.text)).scalars().all() == ["a"]
        with pytest.raises(Fatal, match="read only"), reader.begin():
            pass
        reader.close()


def test_a_reader_of_a_store_that_never_was_says_so(home: Settings) -> None:
    with pytest.raises(Fatal, match="has not run yet"):
        Store.reader(home, "portal", METADATA)


def test_a_full_disk_is_one_fatal_line(home: Settings) -> None:
    with Store(home, "portal", METADATA) as store:
        store.migrate()
        with pytest.raises(Fatal, match="no space left on the disk") as caught, store.begin() as conn:
            pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
            conn.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            conn.execute(LINES.insert().values(origin="t/0/0", key="k", text="x" * 1_000_000))
        assert "\n" not in str(caught.value)


def test_a_locked_file_is_retriable(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_engines, "BUSY_TIMEOUT_MS", 100)
    with Store(home, "portal", METADATA) as store:
        store.migrate()
        other = sa.create_engine(f"sqlite:///{store.path}")
        with other.connect() as conn:
            conn.exec_driver_sql("BEGIN IMMEDIATE")
            with pytest.raises(Retriable, match="locked"), store.begin() as mine:
                mine.execute(LINES.insert().values(origin="t/0/0", key="k", text="a"))
        other.dispose()


@pytest.mark.postgres
def test_a_postgres_that_is_away_is_retriable(tmp_path: Path) -> None:
    settings = plain_settings(tmp_path, database="postgresql://nobody@127.0.0.1:1/none")
    with Store(settings, "portal", METADATA) as store, pytest.raises(Retriable), store.begin():
        pass


def test_another_kind_of_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="postgresql://"):
        Store(plain_settings(tmp_path, database="mysql://a@b/c"), "portal", METADATA)


def test_an_exception_rolls_everything_back(any_home: Settings) -> None:
    with Store(any_home, "portal", METADATA) as store:
        store.migrate()
        with pytest.raises(ZeroDivisionError), store.begin() as conn:
            conn.execute(LINES.insert().values(origin="t/0/0", key="k", text="a"))
            raise ZeroDivisionError
        with store.read() as conn:
            assert conn.execute(sa.select(sa.func.count()).select_from(LINES)).scalar_one() == 0


def test_an_instant_comes_back_aware_and_one_without_offset_is_refused(any_home: Settings) -> None:
    shanghai = datetime(2026, 9, 21, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with Store(any_home, "portal", METADATA) as store:
        store.migrate()
        with store.begin() as conn:
            conn.execute(EFFECTS.insert().values(text="a", count=1, public_at=shanghai))
            back = conn.execute(sa.select(EFFECTS.c.public_at)).scalar_one()
        assert back == shanghai
        assert back.tzinfo == UTC
    with pytest.raises(ValueError, match="no offset"):
        Instant().process_bind_param(datetime(2026, 9, 21), sa.create_engine("sqlite://").dialect)  # noqa: DTZ001


@pytest.mark.postgres
def test_the_digest_is_the_same_on_both_databases_and_in_any_order(tmp_path: Path, postgres_url: str) -> None:
    rows = [
        {"text": f"文{number}", "count": number, "public_at": datetime(2026, 9, 21, 4, number, tzinfo=UTC)}
        for number in range(5)
    ]
    one = _digest_of(plain_settings(tmp_path / "a"), rows)
    other = _digest_of(
        plain_settings(tmp_path / "b", database=postgres_url, prefix=f"d{uuid4().hex[:12]}."), rows[::-1]
    )
    third = _digest_of(plain_settings(tmp_path / "c"), rows[1:])
    assert one == other
    assert one != third


def _digest_of(settings: Settings, rows: list[dict[str, object]]) -> str:
    with Store(settings, "portal", METADATA) as store:
        store.migrate()
        with store.begin() as conn:
            conn.execute(EFFECTS.delete())
            conn.execute(EFFECTS.insert(), rows)
        return digest(store)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_home(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return plain_settings(tmp_path, database=url, prefix=f"e{uuid4().hex[:12]}.")


@pytest.mark.postgres
def test_a_transaction_whose_process_sleeps_is_ended_and_holds_nobody_up(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_engines, "IDLE_MS", 500)
    settings = plain_settings(tmp_path, database=postgres_url, prefix=f"t{uuid4().hex[:8]}.")
    write = LINES.insert().values(origin="t/0/0", key="k", text="t")
    with Store(settings, "portal", METADATA) as sleeper, Store(settings, "portal", METADATA) as successor:
        sleeper.migrate()
        with pytest.raises(Retriable), sleeper.begin() as asleep:
            asleep.execute(write)
            with successor.begin() as conn:
                conn.execute(write)
