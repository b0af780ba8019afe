"""Expressions read by several threads at once: a release comes while another part of the process reads a pack."""

from __future__ import annotations

import gc
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from schemas.city.expressions import tree_of


def turn(phase: str, info: dict[str, Any]) -> None:
    """Let another thread run in the middle of whatever makes objects now."""
    time.sleep(0)


@pytest.fixture
def often_collected() -> Any:
    before = gc.get_threshold()
    gc.set_threshold(20, 1, 1)
    gc.callbacks.append(turn)
    yield
    gc.callbacks.remove(turn)
    gc.set_threshold(*before)


@pytest.mark.usefixtures("often_collected")
def test_threads_that_read_expressions_do_not_disturb_one_another() -> None:
    """CPython 3.11 keeps the depth of all trees in one place; without a lock some of these end in SystemError."""

    def reads(thread: int) -> int:
        texts = (f"done('a{thread}-{n}') and (matter.x == '{n}' or not links('y') > {n})" for n in range(60))
        return sum(tree_of(text) is not None for text in texts)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(reads, range(4))) == [60] * 4
