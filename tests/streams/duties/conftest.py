from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from bus.store import Store
from streams import duties
from tests.streams.duties.office import Office
from tests.support.servers import plain_settings


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store on SQLite."""
    with Store(plain_settings(tmp_path, fsync=False), "matters", duties.metadata) as made:
        made.migrate()
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store on either database."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    settings = plain_settings(tmp_path, database=url, prefix=f"d{uuid4().hex[:12]}.", fsync=False)
    with Store(settings, "matters", duties.metadata) as made:
        made.migrate()
        yield made


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)
