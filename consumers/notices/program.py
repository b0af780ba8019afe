"""The program's parts, wired: the sink, the relay, a postman for each way out, and the page."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache

from fastapi import FastAPI

from bus import log
from bus.city import City, Packs
from bus.clock import Clock, now
from bus.program import Service
from bus.settings import Settings
from bus.store import FOLLOWING, Relay, Sink, Store
from consumers.notices.addresses import Addresses, load, unknown_departments
from consumers.notices.catching_up import CatchingUp
from consumers.notices.guard import Guard, by_this_machine
from consumers.notices.letters import Letterhead
from consumers.notices.mail import Mail
from consumers.notices.postman import Postman
from consumers.notices.projection import NoticesProjection
from consumers.notices.tables import metadata
from consumers.notices.ways import Nowhere, Way
from consumers.notices.web import build_app
from consumers.notices.webhooks import Hook


@dataclass(frozen=True, slots=True)
class Notices:
    """Everything the program runs; `close` gives its store back."""

    store: Store
    services: Sequence[Service]
    app: FastAPI
    held: ExitStack

    def close(self) -> None:
        """Give back the store."""
        self.held.close()


def build(settings: Settings, clock: Clock = now) -> Notices:
    """Wire the program. Addresses are read once: who changes them starts it again."""
    addresses = load(settings)
    city, held = City.open(settings, clock), ExitStack()
    _warn(addresses, city)
    store = held.enter_context(Store(settings, NoticesProjection.name, metadata))
    store.migrate()
    relay = Relay(settings, store, clock)
    sink = Sink(settings, store, NoticesProjection(city, lambda: addresses), relay, clock, pace=FOLLOWING)
    ready = CatchingUp(settings, store, NoticesProjection.topics)
    postmen = [
        Postman(store, way, clock, settings.infrastructure_deadline, ready=ready, after_end=relay.wake)
        for way in ways(addresses, city, settings, clock)
    ]
    return Notices(store, (city, relay, sink, *postmen), build_app(store, addresses, city), held)


def projection_of(settings: Settings) -> NoticesProjection:
    """The projection, for rebuilds."""
    addresses = load(settings)
    return NoticesProjection(City.as_it_is(settings), lambda: addresses)


def ways(addresses: Addresses, packs: Packs, settings: Settings, clock: Clock) -> list[Way]:
    """Every way out that the addresses name, and where those go that none of them takes."""
    guard = Guard(addresses.allow, by_this_machine)
    tls = cache(lambda: ssl.create_default_context(cafile=addresses.cafile or None))
    found: list[Way] = [Hook(each, guard, tls, clock) for each in addresses.webhook]
    if addresses.smtp is not None:
        head = Letterhead(addresses.smtp.sender, settings.url_of("assessment"), settings.url_of("portal"))
        found.append(Mail(addresses.smtp, addresses.mailbox, packs, head))
    return [*found, Nowhere(tuple(each.id for each in addresses.targets))]


def _warn(addresses: Addresses, city: City) -> None:
    said = log.get("notices")
    if not addresses.targets:
        said.warning("no-addresses", setting="secrets/notices.toml")
    for target, dept in unknown_departments(addresses, frozenset(city.current().pack.department)):
        said.warning("unknown-department", target=target, dept=dept)
