"""The gazette's program, wired: store, sink, relay, and the web."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from fastapi import FastAPI

from bus.city import City, Kept, Packs
from bus.clock import Clock, now
from bus.program import Service
from bus.settings import Settings
from bus.store import FOLLOWING, Relay, Sink, Store
from consumers.gazette import tables
from consumers.gazette.contents import Editor
from consumers.gazette.projection import GazetteProjection
from consumers.gazette.web.app import build_app
from schemas.city import Pack
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


def projection_of(settings: Settings, packs: Packs | None = None) -> GazetteProjection:
    """What the gazette makes of its feed; a rebuild uses the same."""
    shown = Kept(packs or City.as_it_is(settings), lambda span: _portal_words(span.pack))

    def goes_to_portal(event: Envelope) -> bool:
        return not shown().isdisjoint(event.data.channels)  # type: ignore[attr-defined]

    return GazetteProjection(goes_to_portal, settings.url_of("gazette"))


def build_gazette(settings: Settings, clock: Clock = now) -> Gazette:
    """Everything the gazette's process runs."""
    city, held = City.open(settings, clock), ExitStack()
    editor = Kept(city, lambda span: Editor(span.pack, span.release.sections()))
    editor()  # sections that are wrong are said at the start
    store = held.enter_context(Store(settings, "gazette", tables.metadata))
    store.migrate()
    relay = Relay(settings, store, clock)
    sink = Sink(settings, store, projection_of(settings, city), relay, clock, pace=FOLLOWING)
    return Gazette(store, [city, relay, sink], build_app(store, editor, settings.url_of("portal")), held)


def _portal_words(pack: Pack) -> frozenset[str]:
    """The catalogue's words for what the portal carries."""
    return frozenset(word for outlet in pack.outlets if outlet.platform == "portal" for word in outlet.channels)
