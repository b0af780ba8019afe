"""While parts come up a person sees which one is waited for, and bytes only where some are fetched."""

from __future__ import annotations

import io
import re

from rich.console import Console

from bus import starting

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Screen:
    """A terminal, and what stands on it."""

    def __init__(self) -> None:
        self._out = io.StringIO()
        self.console = Console(file=self._out, force_terminal=True, width=100, legacy_windows=False)

    def seen(self) -> str:
        return ESCAPES.sub("", self._out.getvalue())


def refreshed(progress: starting.Starting) -> None:
    progress._bar.refresh()


def test_without_anything_to_fetch_no_bytes_are_shown() -> None:
    screen = Screen()
    with starting.shown(screen.console) as progress:
        refreshed(progress)
        progress.waiting(["kafka"])
        refreshed(progress)
        progress.waiting(["assessment", "gazette", "newmedia", "portal", "router"])
        refreshed(progress)
    seen = screen.seen()
    assert "bytes" not in seen
    assert "━" not in seen
    assert "waiting for kafka" in seen
    assert "waiting for assessment, gazette, newmedia and 2 more" in seen


def test_bytes_are_shown_while_they_come_and_no_longer() -> None:
    screen = Screen()
    with starting.shown(screen.console) as progress:
        progress.fetched(1_000_000, 4_000_000)
        refreshed(progress)
        fetching = screen.seen()
        progress.fetched(4_000_000, 4_000_000)
        progress.waiting(["router"])
        before = len(screen.seen())
        refreshed(progress)
    assert "fetching Apache Kafka" in fetching
    assert "1.0/4.0 MB" in fetching
    assert "MB" not in screen.seen()[before:]
    assert "waiting for router" in screen.seen()[before:]
