"""The fixtures that every folder of tests may ask for; what they are made of is in `tests.support`."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.errors import KafkaError
from playwright.sync_api import Browser, sync_playwright

from bus import clients, topics
from bus.settings import Settings
from tests.support import servers
from tests.support.waiting import free_ports

pytest_plugins = ["tests.support.features"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "partitions(number): of this test's topics, where 4 will not do")


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """The address of a real Kafka."""
    with servers.kafka() as address:
        yield address


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of a real PostgreSQL; schemas are kept apart by each test's own prefix."""
    with servers.postgres() as url:
        yield url


@pytest.fixture
def fresh_settings(broker: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings with a prefix, a home and ports of this test's own; no topic exists yet, and none stays."""
    mark = request.node.get_closest_marker("partitions")
    names = [name for name in Settings.model_fields if name.endswith("_port")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    settings = servers.plain_settings(
        tmp_path / "home", bootstrap=broker, prefix=f"t{uuid.uuid4().hex[:12]}.",
        partitions=mark.args[0] if mark else 4, **ports,
    )  # fmt: skip
    settings.home.mkdir()
    yield settings
    _delete_topics(settings)


@pytest.fixture
def settings(fresh_settings: Settings) -> Settings:
    """`fresh_settings` with every topic created."""
    topics.create(fresh_settings)
    return fresh_settings


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_store_settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """`settings` on either kind of store."""
    if request.param == "sqlite":
        return settings
    return settings.model_copy(update={"database": request.getfixturevalue("postgres_url")})


def _delete_topics(settings: Settings) -> None:
    with clients.admin(settings) as admin:
        mine = [name for name in admin.list_topics() if name.startswith(settings.prefix)]
        if mine:
            try:
                admin.delete_topics(mine)
            except KafkaError:
                return  # a test of a broker that is gone has nothing to tidy


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here: install it (apt-get install chromium) to walk the pages")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()
