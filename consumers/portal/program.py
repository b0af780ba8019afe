"""The portal's program, wired: store, sink, relay, the outside portals' reports, and the web."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from fastapi import FastAPI

from bus.city import City, Packs
from bus.clock import Clock, now
from bus.program import Service
from bus.settings import Settings
from bus.store import FOLLOWING, Relay, Sink, Store
from consumers.portal import tables
from consumers.portal.bell import Bell, RingingRelay
from consumers.portal.catalogue.releases import Releases
from consumers.portal.counter.handing import Counter
from consumers.portal.platforms import tables as report_tables
from consumers.portal.platforms.readers import Readers
from consumers.portal.projection import PortalProjection
from consumers.portal.site import Site
from consumers.portal.web.app import build_app
from consumers.portal.web.context import Context, templates

REPORTS = "portal-reports"
"""The store of what outside portals report: a rebuild of the portal's own must not touch it."""


@dataclass(frozen=True)
class Portal:
    """The parts of a portal, not yet started; `close` gives its stores back."""

    store: Store
    services: Sequence[Service]
    app: FastAPI
    held: ExitStack

    def close(self) -> None:
        """Give back stores and connections."""
        self.held.close()


def site_of(settings: Settings, packs: Packs) -> Site:
    """The site, under the settings' addresses."""
    return Site(packs, settings.url_of("portal"), settings.url_of("assessment"))


def projection_of(settings: Settings) -> PortalProjection:
    """What the portal makes of its feed; a rebuild uses the same."""
    return PortalProjection(site_of(settings, City.as_it_is(settings)))


def build_portal(settings: Settings, clock: Clock = now) -> Portal:
    """Everything the portal's process runs."""
    city, bell, held = City.open(settings, clock), Bell(), ExitStack()
    site = site_of(settings, city)
    store = held.enter_context(Store(settings, "portal", tables.metadata))
    reports = held.enter_context(Store(settings, REPORTS, report_tables.metadata))
    for each in (store, reports):
        each.migrate()
    relay, reports_relay = RingingRelay(settings, store, clock, pace=FOLLOWING), Relay(settings, reports, clock)
    relay.bell = bell
    sink = Sink(settings, store, PortalProjection(site), relay, clock)
    readers = Readers(settings)
    held.callback(readers.close)
    counter = Counter.at(settings.url_of("gateway"))
    held.callback(counter.close)
    context = Context(
        store, site, readers, settings.file_of, clock, bell, reports, reports_relay, templates(), Releases(site.pack),
        counter,
    )  # fmt: skip
    return Portal(store, [city, relay, reports_relay, sink], build_app(context), held)
