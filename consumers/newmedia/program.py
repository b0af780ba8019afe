"""The program's parts, wired: the sink, the relay, the sender and the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI

from bus import log
from bus.city import City, Packs
from bus.clock import Clock, now
from bus.settings import Settings
from bus.store import FOLLOWING, Relay, Sink, Store
from consumers.newmedia.accounts import Account, accounts_of
from consumers.newmedia.hand import Pace
from consumers.newmedia.links import PortalLinks
from consumers.newmedia.platform import Platform
from consumers.newmedia.projection import NewmediaProjection
from consumers.newmedia.sender import Sender
from consumers.newmedia.tables import metadata
from consumers.newmedia.web import build_app
from consumers.newmedia.wechat import WeChat
from consumers.newmedia.weibo import Weibo
from consumers.newmedia.worker import Worker
from schemas.topics import NEWMEDIA_FEED


@dataclass(frozen=True, slots=True)
class Newmedia:
    """Everything the program runs."""

    store: Store
    relay: Relay
    sink: Sink
    sender: Sender
    app: FastAPI
    city: City

    @property
    def services(self) -> tuple[City, Relay, Sink, Sender]:
        """In the order of their start."""
        return self.city, self.relay, self.sink, self.sender


def build(settings: Settings, clock: Clock = now, pace: Pace | None = None) -> Newmedia:
    """Wire the program. Accounts are those of the release in force now: another one's new account waits for a start."""
    city = City.open(settings, clock)
    pack = city.current().pack
    store = Store(settings, "newmedia", metadata)
    store.migrate()
    relay = Relay(settings, store, clock)
    outlets = tuple(each for each in pack.outlets if each.feed == NEWMEDIA_FEED.name)
    workers = [
        Worker(store, each.outlet, _platform(each), pack.city.quota_classes, clock=clock, pace=pace)
        for each in accounts_of(pack, settings)
    ]
    if len(workers) < len(outlets):
        log.get("newmedia").warning("accounts-without-address", setting="GONGKAI_WECHAT_URL, GONGKAI_WEIBO_URL")
    sender = Sender(workers, settings.infrastructure_deadline, relay.wake)
    sink = Sink(settings, store, build_projection(settings, city, sender.wake), relay, clock, pace=FOLLOWING)
    return Newmedia(store, relay, sink, sender, build_app(store, pack, outlets, clock), city)


def build_projection(settings: Settings, packs: Packs, wake: Callable[[], None] = lambda: None) -> NewmediaProjection:
    """The projection, for the program and for rebuilds."""
    return NewmediaProjection(packs, PortalLinks(settings.url_of("portal")), wake)


def _platform(account: Account) -> Platform:
    if account.outlet.platform == "wechat":
        return WeChat(account.base, account.credentials)
    return Weibo(account.base, account.credentials)
