"""Health and metrics of a stage, from a thread of its own, so that it answers when the loop does not.

Reads the flow and the watchdog. Writes nothing.
Fails to `Fatal` where its port is taken.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any

from bus import metrics
from bus.errors import Fatal
from streams.stage import Stage
from streams.transport.flow import Flow
from streams.transport.watchdog import Watchdog

BEAT = 10.0
"""Seconds for which the loop may be silent; a slice takes some hundredths of one."""
GRACE = 30.0
"""Seconds in which a worker that has just started may still wait for its partitions."""


def health(name: str, flow: Flow, stage: Stage, watchdog: Watchdog, started: float) -> dict[str, object]:
    """What an operator asks first; `ok` False where nothing moves."""
    now = monotonic()
    silent, stalled = now - watchdog.beat, watchdog.stalled_for(now)
    places = sorted(flow.chains.committed_offsets())
    waiting = not places and now - started > GRACE and not watchdog.idle
    return {
        "program": name,
        "ok": silent < BEAT and stalled < flow.deadline / 2 and not waiting,
        "loop_silent_seconds": round(silent, 1),
        "stalled_seconds": round(stalled, 1),
        "partitions": len(places),
        "lag": flow.lag(),
        "unacknowledged": {"slices": flow.chains.slices, "bytes": flow.chains.bytes},
        "records": stage.counts.records,
        "engine_faults": stage.counts.faults,
        "engine_crashes": stage.counts.crashes,
        "refused_slices": flow.refused,
    }


class Page:
    """A little HTTP server: `/healthz` and `/metrics`."""

    def __init__(self, part: str, host: str, port: int, health: Callable[[], dict[str, object]]) -> None:
        try:
            self._server = ThreadingHTTPServer((host, port), _handler(health))
        except OSError as error:
            raise Fatal(
                f"port {port} on {host} can't be had ({error}): another {part}, or set GONGKAI_{part.upper()}_PORT"
            ) from error
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self._server.serve_forever, name="page", daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


def _handler(health: Callable[[], dict[str, object]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                said = health()
                self._answer(200 if said["ok"] else 503, "application/json", json.dumps(said).encode())
            elif self.path == "/metrics":
                self._answer(200, metrics.CONTENT_TYPE, metrics.exposition())
            else:
                self._answer(404, "text/plain", b"/healthz or /metrics\n")

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Health is asked every second; nobody reads that."""

    return Handler
