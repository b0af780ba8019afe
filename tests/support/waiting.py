"""Waiting for a condition, never for a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from bus import ports

T = TypeVar("T")

_PROCESSES = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _PROCESSES
_NEVER_SET = Event()
_given: set[int] = set()


def eventually(condition: Callable[[], T], deadline: float = 60.0, saying: str = "") -> T:
    """What `condition` returns as soon as that is true.

    Raises:
        AssertionError: it was still false after `deadline` seconds; `saying` or its last value is in the message.
    """
    end = time.monotonic() + deadline
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:.0f} s: {saying or condition!r}; last: {value!r}")
        _NEVER_SET.wait(0.02)
    return value


def free_port() -> int:
    """A TCP port of this machine that nobody listens on now."""
    return free_ports(1)[0]


def free_ports(number: int) -> list[int]:
    """As many ports, no two alike, none given out before in this run, by any of its processes."""
    given = [port for port in ports.unused(number) if port not in _given and port % _PROCESSES == _PROCESS]
    _given.update(given)
    return given if len(given) == number else given + free_ports(number - len(given))
