"""One program: its services, its web server, and an end that is clean or loud.

Reads:    SIGTERM and SIGINT, which begin the end.
Writes:   `/healthz` and `/metrics`, through `bus.web`.
Fails to: one line and exit code 3: a taken port, a service that failed, an end that took too long.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import uvicorn
import uvloop
from fastapi import FastAPI
from prometheus_client import REGISTRY
from pydantic import ValidationError

from bus import log, metrics, web
from bus.errors import EXIT_INFRASTRUCTURE, EXIT_USAGE, Fatal, GongkaiError
from bus.settings import Settings, wrong_setting
from schemas.city.errors import PackError

STOP_SECONDS = 30.0
"""All services together may take this long to end; a supervisor must wait longer."""

_HTTP_STOP_SECONDS = 5
_WATCH_SECONDS = 0.1


class Service(Protocol):
    """A part that runs beside others in one process, in threads of its own."""

    name: str

    @property
    def failed(self) -> BaseException | None:
        """Why it can't go on, else None."""

    def start(self) -> None:
        """Begin, and return soon."""

    def stop(self) -> None:
        """End in good order, within a bound of its own."""

    def health(self) -> dict[str, object]:
        """What an operator asks first; `ok` False where it is not well."""


def run(
    name: str, settings: Settings, services: Sequence[Service], app: FastAPI | None = None, port: int | None = None
) -> None:
    """Run `services` in this order, and serve `app` on `port`, until told to end or one of them fails.

    Without `app` there is a bare one with health and metrics; without `port` there is none.
    """
    log.configure(settings, name)
    with one_line_exit():
        listener = None if port is None else _listen(name, settings, port)
        app = app or web.create_app(name)
        app.state.health = lambda: health(name, services)
        REGISTRY.register(metrics.ServiceCollector(lambda: {each.name: _health_of(each) for each in services}))
        uvloop.run(_Program(name, services, app, listener).main())


def health(name: str, services: Sequence[Service]) -> dict[str, object]:
    """The health of a program: that of all its services."""
    each = {service.name: _health_of(service) for service in services}
    return {"program": name, "ok": all(said.get("ok", True) for said in each.values()), "services": each}


@contextmanager
def one_line_exit() -> Iterator[None]:
    """End the process with one line: code 3 where something of ours says that it can't go on, 2 at a wrong setting."""
    try:
        yield
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        print(f"gongkai: {wrong_setting(error)}", file=sys.stderr)
        raise SystemExit(EXIT_USAGE) from error
    except (GongkaiError, PackError) as error:
        named = "the pack that GONGKAI_CITY names can't be used: " if isinstance(error, PackError) else ""
        print(f"gongkai: {named}{error.brief if isinstance(error, PackError) else error}", file=sys.stderr)
        raise SystemExit(EXIT_INFRASTRUCTURE) from error


class _Program:
    """The running of one program."""

    def __init__(self, name: str, services: Sequence[Service], app: FastAPI, listener: socket.socket | None) -> None:
        self._services = services
        self._log = log.get(name)
        self._server = _Server(
            uvicorn.Config(
                app, log_config=None, access_log=False, server_header=False, ws="none", lifespan="on",
                timeout_graceful_shutdown=_HTTP_STOP_SECONDS,
            )
        )  # fmt: skip
        self._listener = listener

    async def main(self) -> None:
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        started: list[Service] = []
        try:
            for service in self._services:
                service.start()
                started.append(service)
            self._log.info("started", services=[service.name for service in started])
            await self._serve(told)
        finally:
            self._stop(started)

    async def _serve(self, told: asyncio.Event) -> None:
        """Serve until told to end; a failed service or server ends the process at once, nothing acknowledged."""
        served = asyncio.ensure_future(self._server.serve([self._listener])) if self._listener else None
        while not told.is_set():
            self._exit_if_failed(served)
            try:
                await asyncio.wait_for(told.wait(), _WATCH_SECONDS)
            except TimeoutError:
                continue
        self._log.info("stopping")
        self._server.should_exit = True
        if served is not None:
            await served

    def _exit_if_failed(self, served: asyncio.Future[None] | None) -> None:
        for service in self._services:
            if service.failed is not None:
                self._exit("service failed", service=service.name, error=_one_line(service.failed))
        if served is not None and served.done():
            self._exit("web server ended", error=_one_line(served.exception()))

    def _stop(self, services: Sequence[Service]) -> None:
        """Stop them in reverse order; the process does not wait longer than its bound."""
        ending = threading.Thread(target=self._stop_each, args=(services,), daemon=True)
        ending.start()
        ending.join(STOP_SECONDS)
        if ending.is_alive():
            self._exit("services did not stop in time", seconds=STOP_SECONDS)
        self._log.info("stopped")

    def _stop_each(self, services: Sequence[Service]) -> None:
        for service in reversed(services):
            try:
                service.stop()
            except Exception as error:  # noqa: BLE001 - the others must be stopped too
                self._log.error("service did not stop cleanly", service=service.name, error=_one_line(error))

    def _exit(self, said: str, **why: object) -> None:
        self._log.error(said, **why)
        sys.stderr.flush()
        os._exit(EXIT_INFRASTRUCTURE)


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the program has its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _health_of(service: Service) -> dict[str, object]:
    if service.failed is not None:
        return {"ok": False, "error": _one_line(service.failed)}
    return service.health()


def _one_line(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}".replace("\n", " ")


def _listen(name: str, settings: Settings, port: int) -> socket.socket:
    try:
        return socket.create_server((settings.host, port), backlog=2048)
    except OSError as error:
        raise port_taken(name, settings, port, error) from error


def port_taken(name: str, settings: Settings, port: int, error: OSError) -> Fatal:
    """Which port can't be had, and the setting to change."""
    setting = name.replace("-", "_")
    advice = f"; set GONGKAI_{setting.upper()}_PORT to another" if hasattr(settings, f"{setting}_port") else ""
    number = error.errno or 0  # a name that can't be resolved has a negative one of its own
    if number < 0 or number == errno.EADDRNOTAVAIL:
        advice = "; set GONGKAI_HOST to an address of this machine"
    said = "no such host" if number < 0 else os.strerror(number)
    return Fatal(f"{name} can't listen on {settings.host}:{port}: {said}{advice}")


Build = Callable[[Settings], Sequence[Service]]
"""How a program makes its services; tests call the same with their own settings."""
