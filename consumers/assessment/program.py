"""The assessment's program, wired: store, sink, relay, the watch over the channels, and the web."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from fastapi import FastAPI

from bus.city import City
from bus.clock import Clock, now
from bus.program import Service
from bus.settings import Settings
from bus.store import FOLLOWING, Relay, Sink, Store
from consumers.assessment import tables
from consumers.assessment.channels import ChannelWatch
from consumers.assessment.lateness import Lateness
from consumers.assessment.ledger import Ledger
from consumers.assessment.web.app import build_app
from consumers.assessment.web.context import Context


@dataclass(frozen=True)
class Assessment:
    """The parts of the assessment, not yet started; `close` gives its store back."""

    store: Store
    services: Sequence[Service]
    app: FastAPI
    held: ExitStack

    def close(self) -> None:
        """Give back the store."""
        self.held.close()


def build_assessment(settings: Settings, clock: Clock = now) -> Assessment:
    """Everything the assessment's process runs."""
    city, held = City.open(settings, clock), ExitStack()
    store = held.enter_context(Store(settings, Ledger.name, tables.metadata))
    store.migrate()
    relay, watch = Relay(settings, store, clock), ChannelWatch(settings, clock)
    sink = Sink(settings, store, Ledger(), relay, clock, pace=FOLLOWING)
    context = Context(store, city, Lateness(city), watch.board, clock, settings.url_of("portal"))
    return Assessment(store, [city, relay, sink, watch], build_app(context), held)
