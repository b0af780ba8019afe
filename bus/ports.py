"""TCP ports that nobody listens on and that no outgoing connection is given.

Reads: the system's range of ports for outgoing connections. Writes, keeps: nothing.
Fails to: a port of the system's own choice where the range is not told.
"""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack
from pathlib import Path

_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000
_ATTEMPTS = 200


def unused(number: int) -> list[int]:
    """As many ports of this machine, no two alike.

    A port out of the range for outgoing connections may be taken by one between the choice and the listening, and
    a client of a server that is away for a moment may even be connected to itself there.
    """
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        return [_bind(probe) for probe in probes]


def listenable(port: int) -> bool:
    """Whether a server could listen on it now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _bind(probe: socket.socket) -> int:
    for _ in range(_ATTEMPTS):
        try:
            probe.bind(("127.0.0.1", random.randrange(_LOWEST, _lowest_outgoing())))
        except (OSError, ValueError):
            continue
        break
    else:
        probe.bind(("127.0.0.1", 0))
    return int(probe.getsockname()[1])


def _lowest_outgoing() -> int:
    try:
        return int(_OUTGOING.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
