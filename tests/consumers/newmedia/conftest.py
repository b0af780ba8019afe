"""A newmedia on either kind of store, with the example city's accounts and simulated platforms."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.city import Pack, load_pack
from tests.consumers.newmedia.harness import House, house
from tests.support.servers import plain_settings


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack("cities/example")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_house(tmp_path: Path, pack: Pack, request: pytest.FixtureRequest) -> Iterator[House]:
    """On SQLite and on PostgreSQL."""
    database = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    settings = plain_settings(tmp_path, database=database, prefix=f"t{uuid.uuid4().hex[:12]}.")
    with house(settings, pack, tmp_path) as built:
        yield built


@pytest.fixture
def lone_house(tmp_path: Path, pack: Pack) -> Iterator[House]:
    """On SQLite alone, where the database makes no difference."""
    with house(plain_settings(tmp_path), pack, tmp_path) as built:
        yield built
