"""One city for every journey: it takes half a minute to start, and journeys do not get in each other's way."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from bus.settings import Settings
from tests.journeys.city import started
from tests.support.servers import plain_settings
from tests.support.waiting import free_ports


@pytest.fixture(scope="package")
def city(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Every program, running; its settings."""
    names = [name for name in Settings.model_fields if name.endswith("_port")]
    supervisor = started(
        plain_settings(
            tmp_path_factory.mktemp("city") / "home",
            bootstrap=broker,
            prefix=f"j{uuid.uuid4().hex[:12]}.",
            partitions=4,
            **dict(zip(names, free_ports(len(names)), strict=True)),
        )
    )
    yield supervisor.settings
    supervisor.stop()
