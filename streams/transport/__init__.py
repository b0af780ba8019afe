"""The batch transport: Faust at the speed of its client, one message for each fetched slice of a partition.

Read `chain` first (what may be committed), then `slices`, `consumer`, `output`, `watchdog`.
"""

from __future__ import annotations

from typing import ClassVar

from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver

from streams.transport.consumer import Consumer
from streams.transport.flow import Flow
from streams.transport.output import Producer
from streams.transport.slices import Limits, Slice

SCHEME = "slices"
"""Scheme of a broker's address that Faust is to reach through this transport."""


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's aiokafka transport with our consumer and producer; the app carries a `Flow` as `app.flow`."""

    Consumer: ClassVar[type[Consumer]] = Consumer
    Producer: ClassVar[type[Producer]] = Producer


def register() -> None:
    """Tell Faust of the scheme; it may be said again."""
    TRANSPORTS.aliases[SCHEME] = "streams.transport:Transport"


__all__ = ["SCHEME", "Flow", "Limits", "Slice", "Transport", "register"]
