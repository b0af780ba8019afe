"""Waiting for a condition, never for a time."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from threading import Event
from typing import TypeVar

T = TypeVar("T")

_NEVER_SET = Event()


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
    """As many ports, no two alike."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
