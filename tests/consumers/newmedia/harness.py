"""A newmedia without Kafka: its projection, its workers and both platforms, driven step by step under one clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa
import uvicorn

from bus.city import fixed
from bus.record import Record
from bus.settings import Settings
from bus.store import Outbox, Store, Tx
from bus.store.tables import BODIES
from consumers.newmedia.accounts import Credentials
from consumers.newmedia.hand import Pace
from consumers.newmedia.links import PortalLinks
from consumers.newmedia.platform import Platform
from consumers.newmedia.projection import NewmediaProjection
from consumers.newmedia.simulators import wechat as wechat_simulator
from consumers.newmedia.simulators import weibo as weibo_simulator
from consumers.newmedia.simulators.state import State
from consumers.newmedia.tables import metadata
from consumers.newmedia.wechat import WeChat
from consumers.newmedia.weibo import Weibo
from consumers.newmedia.worker import Worker
from schemas.city import Outlet, Pack
from schemas.ids import feed_id, receipt_id
from schemas.topics import NEWMEDIA_FEED, RECEIPTS
from tests.support.events import NOON, JsonObject, to_bytes
from tests.support.waiting import eventually, free_port

FAST = Pace(first=1.0, most=8.0, confirm=1.0)
WECHAT, SERVICE, WEIBO = "wechat-city", "wechat-city-service", "weibo-city"
SHARE = "/2/statuses/share.json"
DRAFT = "/cgi-bin/draft/add"
SEND_ALL = "/cgi-bin/message/mass/sendall"
PORTAL = "https://www.shilishi.gov.cn"


@dataclass
class Simulated:
    """One platform that answers over HTTP."""

    url: str

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, trust_env=False)

    def counters(self) -> dict[str, int]:
        counters: dict[str, int] = self.client.get("/_simulator/counters").json()
        return counters

    def posts(self, account: str | None = None) -> list[JsonObject]:
        posts: list[JsonObject] = self.client.get("/_simulator/posts").json()
        return [post for post in posts if account in (None, post["account"])]

    def live(self, account: str | None = None) -> list[JsonObject]:
        return [post for post in self.posts(account) if not post["deleted"]]

    def fault(self, path: str, kind: str, times: int = 1, code: int = -1) -> None:
        order = {"path": path, "kind": kind, "times": times, "code": code}
        assert self.client.post("/_simulator/faults", json=order).status_code == 200

    def recover(self) -> None:
        """Forget the faults that were ordered and have not come."""
        self.client.delete("/_simulator/faults").raise_for_status()

    def set_clock(self, now: datetime) -> None:
        assert self.client.post("/_simulator/clock", json={"now": now.isoformat()}).status_code == 200

    def set_type(self, account: str, kind: str) -> None:
        order = {"account": account, "type": kind}
        assert self.client.post("/_simulator/accounts", json=order).status_code == 200


@contextmanager
def simulated(app: Any) -> Iterator[Simulated]:
    """A platform in a thread of this process, over real HTTP."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started, saying="the simulator starts")
    platform = Simulated(f"http://127.0.0.1:{port}")
    try:
        yield platform
    finally:
        platform.client.close()
        server.should_exit = True
        thread.join(timeout=10)


@dataclass
class House:
    """Newmedia's own parts, its clock and its platforms."""

    store: Store
    pack: Pack
    wechat: Simulated
    weibo: Simulated
    now: datetime = NOON
    workers: dict[str, Worker] = field(default_factory=dict)
    offset: int = 0

    def __post_init__(self) -> None:
        self.set_clock(self.now)
        self.wechat.set_type(SERVICE, "service")
        self.restart()

    def restart(self, pack: Pack | None = None) -> None:
        """Workers that remember nothing, as after a kill."""
        self.close()
        self.pack = pack or self.pack
        self.projection = NewmediaProjection(fixed(self.pack), PortalLinks(PORTAL), lambda: None)
        outlets = [each for each in self.pack.outlets if each.feed == NEWMEDIA_FEED.name]
        self.workers = {each.id: self._worker(each) for each in outlets}

    def close(self) -> None:
        """The end of every worker; a copy on PostgreSQL would wait for their leases."""
        for worker in self.workers.values():
            worker.lease.release()
            worker.close()

    def _worker(self, outlet: Outlet) -> Worker:
        given = Credentials(key=outlet.id, secret="s", refresh_token="r")
        simulated = self.wechat if outlet.platform == "wechat" else self.weibo
        platform: Platform = (WeChat if outlet.platform == "wechat" else Weibo)(simulated.url, given)
        classes = self.pack.city.quota_classes
        worker = Worker(self.store, outlet, platform, classes, clock=lambda: self.now, pace=FAST)
        assert worker.lease.acquire()
        return worker

    def set_clock(self, now: datetime) -> None:
        self.now = now
        self.wechat.set_clock(now)
        self.weibo.set_clock(now)

    def pass_time(self, **delta: float) -> None:
        self.set_clock(self.now + timedelta(**delta))

    def feed(
        self, event: JsonObject, *outlets: str, quota_class: str = "动态", action: str = "carry", title: str = ""
    ) -> None:
        """The router's feed records for these accounts."""
        for outlet in outlets:
            routed = {
                "outlet": outlet, "feed": NEWMEDIA_FEED.name, "action": action, "quota_class": quota_class,
                "title": title or event["data"].get("title") or event["data"]["notice"],
            }  # fmt: skip
            headers = (
                ("gk-id", feed_id(event["source"], event["id"], outlet).encode()),
                ("gk-outlet", msgspec.json.encode(routed)),
                ("gk-origin", b"publications/0/0"),
            )
            self.apply(NEWMEDIA_FEED.name, event["subject"], to_bytes(event), headers)

    def portal_says(self, event: JsonObject, kind: str = "published", index_no: str = "999900/2026-00001") -> None:
        """The portal's receipt for an event."""
        feed = feed_id(event["source"], event["id"], "portal")
        head = {name: event[name] for name in ("id", "source", "type", "subject", "time")}
        shown = {"url": f"{PORTAL}/items/{event['subject']}", "index_no": index_no} if kind == "published" else {}
        receipt = {
            "specversion": "1.0", "id": receipt_id(feed), "source": "/engine/portal",
            "type": "cn.gongkai.receipt.given.v1", "subject": event["subject"], "time": self.now.isoformat(),
            "datacontenttype": "application/json",
            "data": {
                "feed_id": feed, "outlet": "portal", "kind": kind, "event": head,
                "version": event["data"]["version"], "at": self.now.isoformat(), **shown,
            },
        }  # fmt: skip
        headers = (("gk-id", receipt_id(feed).encode()),)
        self.apply(RECEIPTS.name, event["subject"], msgspec.json.encode(receipt), headers)

    def publish(self, event: JsonObject, *outlets: str, quota_class: str = "动态", title: str = "") -> None:
        """Both: what the router feeds and what the portal answers."""
        self.feed(event, *outlets, quota_class=quota_class, title=title)
        self.portal_says(event)

    def apply(self, topic: str, subject: str, value: bytes, headers: tuple[tuple[str, bytes], ...]) -> None:
        """One record, as the sink applies it."""
        self.offset += 1
        record = Record(topic, 0, self.offset, 0, subject.encode(), value, headers)
        with self.store.begin() as conn:
            tx = Tx(conn, self.now, Outbox(self.store), f"{topic}/0")
            self.projection.apply(tx, [record])
            tx.flush()

    def work(self, seconds: float = 30) -> None:
        """Let every worker do what it can, and time pass, second by second."""
        for _ in range(int(seconds) + 1):
            self.steps()
            self.pass_time(seconds=1)

    def steps(self) -> None:
        """Let every worker do what it can at this moment."""
        for worker in self.workers.values():
            for _ in range(200):
                if not worker.step():
                    break
            else:
                raise AssertionError(f"{worker.outlet.id} does not come to rest")

    def receipts(self, account: str | None = None) -> list[JsonObject]:
        """The data of every receipt given, in order; twice the same id is an error."""
        with self.store.read() as conn:
            bodies = conn.execute(sa.select(BODIES.c.value).order_by(BODIES.c.lane, BODIES.c.seq)).scalars().all()
        events = [msgspec.json.decode(body) for body in bodies]
        ids = [event["id"] for event in events]
        assert len(ids) == len(set(ids)), "a feed record ended twice"
        return [event["data"] for event in events if account in (None, event["data"]["outlet"])]

    def kinds(self, account: str) -> list[tuple[int, str]]:
        """Version and kind of the account's receipts, sorted by version."""
        return sorted((each["version"], each["kind"]) for each in self.receipts(account))

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        with self.store.read() as conn:
            return [dict(row._mapping) for row in conn.execute(sa.select(table))]


@contextmanager
def house(settings: Settings, pack: Pack, folder: Path) -> Iterator[House]:
    """A house with an empty store and empty platforms."""
    with (
        closing(State(folder / "wechat.sqlite")) as wechat,
        closing(State(folder / "weibo.sqlite")) as weibo,
        simulated(wechat_simulator.build_app(wechat)) as one,
        simulated(weibo_simulator.build_app(weibo)) as other,
        Store(settings, "newmedia", metadata) as store,
    ):
        store.migrate()
        with closing(House(store, pack, one, other)) as built:
            yield built
