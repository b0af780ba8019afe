"""A door without a broker (what it takes waits in its outbox), and one with everything running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.settings import Settings
from producers.gateway import Gateway
from tests.producers.door import Caller, open_door, running_door
from tests.support.servers import plain_settings


@pytest.fixture
def plain(tmp_path: Path) -> Settings:
    """Settings of a home of its own, without a broker."""
    return plain_settings(tmp_path / "home", fsync=False)


@pytest.fixture
def gateway(plain: Settings) -> Iterator[Gateway]:
    """A door whose writer runs and whose relay does not."""
    with open_door(plain) as opened:
        yield opened


@pytest.fixture
def caller(gateway: Gateway) -> Iterator[Caller]:
    """A department before that door, over HTTP without a network."""
    with Caller(gateway, "fgw") as made:
        yield made


@pytest.fixture
def whole_gateway(settings: Settings) -> Iterator[Gateway]:
    """The door with all its services, over the session's broker."""
    with running_door(settings) as opened:
        yield opened
