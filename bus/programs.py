"""The one table of programs that make up the bus on one machine: what `gongkai up` runs and `status` asks after."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bus.settings import Settings


@dataclass(frozen=True, slots=True)
class Program:
    """A program to be kept running."""

    name: str
    command: tuple[str, ...]
    port: int | None = None
    """Of its HTTP server, which answers `/healthz`; None where it has none."""
    order: int = 50
    """Started from the lowest up, stopped from the highest down: readers first, the door last."""
    reads: bool = True
    """Whether it reads topics in the consumer group of its name."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside the settings, which every program is given."""

    @property
    def setting(self) -> str:
        """The setting that names its port, as the environment has it."""
        return f"GONGKAI_{self.name.upper().replace('-', '_')}_PORT"


def table(settings: Settings) -> tuple[Program, ...]:
    """Every program of a city."""
    return (
        _module("assessment", "consumers.assessment", 10, settings.assessment_port),
        _module("gazette", "consumers.gazette", 10, settings.gazette_port),
        _module("newmedia", "consumers.newmedia", 10, settings.newmedia_port),
        _module("notices", "consumers.notices", 10, settings.notices_port),
        _module("portal", "consumers.portal", 10, settings.portal_port),
        _module("router", "streams.router", 20, settings.router_port),
        _module("matters", "streams.matters", 20, settings.matters_port),
        _module("gateway", "producers.gateway", 30, settings.gateway_port),
    )


def environment(settings: Settings) -> dict[str, str]:
    """`settings` as the environment of a program, with paths that hold in any folder."""
    return {f"GONGKAI_{name.upper()}": _text(value) for name, value in settings.model_dump().items()}


def _module(name: str, module: str, order: int, port: int | None) -> Program:
    return Program(name, (sys.executable, "-m", module), port, order)


def _text(value: object) -> str:
    if isinstance(value, Path):
        return str(value.absolute())
    return str(value).lower() if isinstance(value, bool) else str(value)
