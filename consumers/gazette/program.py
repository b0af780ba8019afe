"""The gazette's program, wired: store, sink, relay, and the web."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from fastapi import FastAPI

from bus.clock import Clock, now
from bus.program import Service
from bus.settings import Settings
from bus.store import FOLLOWING, Relay, Sink, Store
from consumers.gazette import tables
from consumers.gazette.contents import Editor
from consumers.gazette.projection import GazetteProjection
from consumers.gazette.web.app import build_app
from schemas.city import Pack, load_pack
from schemas.city.gazette import load_sections
from schemas.envelope import Envelope


@dataclass(frozen=True)
class Gazette:
    """The parts of a gazette, not yet started; `close` gives its store back."""

    store: Store
    services: Sequence[Service]
    app: FastAPI
    held: ExitStack

    def close(self) -> None:
        """Give back the store."""
        self.held.close()


def projection_of(settings: Settings, pack: Pack | None = None) -> GazetteProjection:
    """What the gazette makes of its feed; a rebuild uses the same."""
    known = pack or load_pack(settings.city)
    shown = {word for outlet in known.outlets if outlet.platform == "portal" for word in outlet.channels}

    def goes_to_portal(event: Envelope) -> bool:
        return not shown.isdisjoint(event.data.channels)  # type: ignore[attr-defined]

    return GazetteProjection(goes_to_portal, settings.url_of("gazette"))


def build_gazette(settings: Settings, clock: Clock = now) -> Gazette:
    """Everything the gazette's process runs."""
    pack, held = load_pack(settings.city), ExitStack()
    editor = Editor(pack, load_sections(settings.city))
    store = held.enter_context(Store(settings, "gazette", tables.metadata))
    store.migrate()
    relay = Relay(settings, store, clock)
    sink = Sink(settings, store, projection_of(settings, pack), relay, clock, pace=FOLLOWING)
    return Gazette(store, [relay, sink], build_app(store, editor, settings.url_of("portal")), held)
