"""A Faust app with the batch transport: the settings that DESIGN asks for, a stage, its watchdog, its page.

Reads `Settings`; writes nothing itself.
"""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any

import faust

from bus import clients, failpoints
from bus.program import Service
from bus.settings import Settings
from schemas.topics import Topic
from streams.page import Page, health
from streams.stage import Stage, at_once
from streams.transport import SCHEME, Flow, Limits, careful, register
from streams.transport.begun import Begun
from streams.transport.chain import BrokenChains, Chains, Place
from streams.transport.flow import Exit, exit_now
from streams.transport.slices import Slice
from streams.transport.watchdog import Watchdog

FETCH_MEMORY = 16 * 1024 * 1024
"""Bytes that aiokafka may hold fetched and not yet taken, over all partitions."""

SESSION_SECONDS = 10.0
"""So long a killed worker holds its partitions; by default it would be a minute in which nothing moves."""


class StageApp(faust.App):  # type: ignore[misc]
    """A Faust app with one agent that judges slices."""

    flow: Flow
    stage: Stage
    watchdog: Watchdog
    services: tuple[Service, ...] = ()
    """What runs beside it, for as long as it does."""


def build(
    settings: Settings,
    part: str,
    inputs: tuple[Topic, ...],
    judge: Callable[[], Any],
    *,
    address: str,
    limits: Limits | None = None,
    fatal: Exit = exit_now,
    port: int | None = None,
    hang: float = 60.0,
    limit: float = careful.LIMIT,
    options: Mapping[str, Any] | None = None,
    ready: Callable[[Slice], Awaitable[None]] = at_once,
    for_child: Callable[[], careful.Build] | None = None,
    more: Callable[[], Mapping[str, object]] = dict,
    stage: Callable[..., Stage] = Stage,
) -> StageApp:
    """The app of a stage, wired and not started. `more` is shown with its health; `stage` makes its stage."""
    register()
    app = StageApp(settings.group(part), **_options(settings, inputs, address), **(options or {}))
    chains = BrokenChains() if failpoints.broken("ack-chain") else Chains()
    app.flow = Flow(settings.bare, limits=limits, deadline=settings.infrastructure_deadline, chains=chains, fatal=fatal)
    app.stage = stage(
        app.flow, build=judge, name=settings.topic, producer=partial(_producer, app),
        begun=Begun(settings.home / part), limit=limit, ready=ready, for_child=for_child,
    )  # fmt: skip
    app.watchdog = Watchdog(app.flow, partial(ends_of, app), hang=hang)
    _wire(app, [settings.topic(topic) for topic in inputs])
    if port is not None:
        _serve(app, part, settings.host, port, more)
    return app


def _producer(app: StageApp) -> Any:
    return app.producer._ensure_producer()


async def ends_of(app: StageApp) -> dict[Place, int]:
    """The ends of the logs that the app reads, asked of the broker."""
    ends: dict[Place, int] = await app.consumer._thread.ends()
    return ends


def _wire(app: StageApp, names: list[str]) -> None:
    @app.agent(app.topic(*names, internal=False), name="judge")  # type: ignore[untyped-decorator]
    async def judge(slices: Any) -> None:
        await app.stage.run(slices)

    @app.task  # type: ignore[untyped-decorator]
    async def watch() -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(300, 10, 10)  # fetched answers lie in rings of a few objects, of a megabyte each
        while not app.consumer.started:  # noqa: ASYNC110 - mode has no event for it
            await asyncio.sleep(0.05)
        await app.watchdog.run()


def _serve(app: StageApp, part: str, host: str, port: int, more: Callable[[], Mapping[str, object]]) -> None:
    """Health and metrics for as long as the app runs; a taken port is found before anything is read."""
    started = monotonic()
    page = Page(part, host, port, lambda: {**health(part, app.flow, app.stage, app.watchdog, started), **more()})
    page.start()


def _options(settings: Settings, inputs: tuple[Topic, ...], address: str) -> dict[str, Any]:
    """DESIGN §6: what is overridden, and what the batch transport is given."""
    fetch = max(128 * 1024, min(1024 * 1024, FETCH_MEMORY // (settings.partitions * len(inputs))))
    return {
        "broker": [f"{SCHEME}://{one}" for one in address.split(",")],
        "broker_credentials": credentials(settings),
        "datadir": settings.home / "faust",
        "store": "memory://",
        "table_standby_replicas": 0,  # else Faust's own assignor, which leaves a third worker without partitions
        "autodiscover": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "topic_replication_factor": settings.replication,
        "topic_partitions": settings.partitions,
        "web_enabled": False,
        "worker_redirect_stdouts": False,
        "value_serializer": "raw",
        "key_serializer": "raw",
        "stream_buffer_maxsize": 4,
        "stream_wait_empty": True,
        "broker_commit_interval": 0.2,
        "broker_session_timeout": SESSION_SECONDS,
        "broker_heartbeat_interval": SESSION_SECONDS / 5,
        "broker_max_poll_records": 2_000,
        "consumer_max_fetch_size": fetch,
        "consumer_metadata_max_age_ms": clients.METADATA_MS,
        "producer_max_batch_size": 1024 * 1024,
        "producer_max_request_size": 8 * 1024 * 1024,
        "producer_linger": 0,
        "producer_acks": -1,
        "stream_recovery_delay": 0.0,
    }


def credentials(settings: Settings) -> faust.SASLCredentials | faust.SSLCredentials | None:
    """What the settings say of security, in Faust's words; None where the broker asks for nothing."""
    encrypted = settings.security_protocol.endswith("SSL")
    context = ssl.create_default_context(cafile=settings.ssl_cafile or None) if encrypted else None
    if not settings.security_protocol.startswith("SASL"):
        return faust.SSLCredentials(context) if context else None
    return faust.SASLCredentials(
        username=settings.sasl_username, password=settings.sasl_password, mechanism=settings.sasl_mechanism,
        ssl_context=context,
    )  # fmt: skip
