from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.events import NOON
from tests.town.town import Town, town


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Town]:
    """A town on a working Monday at noon."""
    with town(tmp_path, NOON) as made:
        yield made
