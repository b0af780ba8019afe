"""A folder held by one running process: who holds it, ending it, and a watcher that ends it for a lost starter.

The holder was started with an open, locked file (`flock`), so the kernel itself lets go when it dies, however it dies;
no process id is trusted unless the lock is held. Standard library alone: the watcher stays small.

Reads:  `state.json` in the folder: `pid` of the holder.
Keeps:  `lock` in the folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def try_lock(folder: Path) -> int | None:
    """A file descriptor that holds `folder`, or None where another process has it."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_held(folder: Path) -> bool:
    """Whether a running process holds `folder`."""
    if not (folder / "lock").exists():
        return False
    descriptor = try_lock(folder)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is None


def read_state(folder: Path) -> dict[str, Any] | None:
    """What the holder's starter wrote down; None where nothing is written or nobody holds the folder."""
    try:
        state = json.loads((folder / "state.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return state if isinstance(state, dict) and is_held(folder) else None


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Write `state` down, whole or not at all."""
    scratch = folder / "state.json.new"
    scratch.write_text(json.dumps(state, indent=2) + "\n")
    scratch.replace(folder / "state.json")


def end(folder: Path, patience: float = 30.0, pid: int | None = None) -> bool:
    """End the holder: SIGTERM, after `patience` seconds SIGKILL; False where nobody held the folder.

    With `pid` only that holder is ended, not a successor.
    """
    state = read_state(folder)
    if state is None or pid not in (None, state["pid"]):
        return False
    _signal(state["pid"], signal.SIGTERM)
    if not wait_for(lambda: not is_held(folder), patience):
        _signal(state["pid"], signal.SIGKILL)
        wait_for(lambda: not is_held(folder), 10.0)
    return True


def watcher(folder: Path, pid: int, patience: float = 30.0) -> subprocess.Popen[bytes]:
    """Start a process that ends the holder `pid` as soon as this process closes its pipe or is gone."""
    return subprocess.Popen(
        [sys.executable, str(Path(__file__)), str(folder), str(pid), str(patience)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def leave_running(process: subprocess.Popen[bytes]) -> None:
    """Stop minding a process that is to outlive this one; Python would warn that it was forgotten."""
    process.returncode = 0


def wait_for(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Whether `condition` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _watch(folder: Path, pid: int, patience: float) -> None:
    """Wait until the starter's end of our standard input closes, then end what it started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdin.buffer.read()
    end(folder, patience, pid)


if __name__ == "__main__":
    _watch(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
