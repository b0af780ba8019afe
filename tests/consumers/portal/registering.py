"""A whole way for registers without a broker: a door with keys, the router's judging, a portal's store and pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bus.record import Record
from producers.client import GatewayClient
from producers.gateway import Gateway
from schemas.headers import Headers
from schemas.topics import PORTAL_FEED
from streams.judging import Judging
from tests.consumers.portal.feeding import BASE, SITE
from tests.consumers.portal.serving import Portal, served
from tests.producers.door import Caller, open_door
from tests.support.events import JsonObject, event, to_bytes
from tests.support.servers import plain_settings


@dataclass
class Way:
    """What a department sends at the door, and what readers find at the portal."""

    gateway: Gateway
    portal: Portal
    callers: dict[str, Caller] = field(default_factory=dict)
    carried: set[bytes | None] = field(default_factory=set)
    end: int = 0

    def caller(self, dept: str) -> Caller:
        """A department with a key."""
        if dept not in self.callers:
            self.callers[dept] = Caller(self.gateway, dept)
        return self.callers[dept]

    def client(self, dept: str) -> GatewayClient:
        """The department's own client library, at this door."""
        caller = self.caller(dept)
        client = GatewayClient("http://door", caller.key)
        client._http = caller.http
        return client

    def send(self, *events: JsonObject, status: int = 202) -> None:
        """Events at the door, each by its source's key; those taken reach the portal."""
        for each in events:
            answer = self.caller(each["source"].rpartition("/")[2]).post(to_bytes(each))
            assert answer.status_code == status, answer.text
        self.carry()

    def carry(self) -> None:
        """What waits at the door, judged and applied."""
        if not self.callers:
            return
        waiting = next(iter(self.callers.values())).waiting()
        judging, feed = Judging(SITE.pack), []
        for sent in (each for each in waiting if each.value not in self.carried):
            record = Record(sent.topic, 0, len(self.carried), sent.timestamp or 0, sent.key, sent.value, sent.headers)
            feed += [out for out in judging(record) if out.topic == PORTAL_FEED.name]
            self.carried.add(sent.value)
        self.portal.shelf.apply([self._record(out.key, out.value, out.headers) for out in feed])

    def _record(self, key: bytes | None, value: bytes | None, headers: Headers) -> Record:
        self.end += 1
        return Record(PORTAL_FEED.name, 0, self.end - 1, 1_789_963_200_000, key, value, tuple(headers))


@contextmanager
def way(home: Path) -> Iterator[Way]:
    """All of it in one folder."""
    with ExitStack() as stack:
        portal = stack.enter_context(served(home / "portal"))
        gateway = stack.enter_context(open_door(plain_settings(home / "door", portal_url=BASE)))
        made = Way(gateway, portal)
        yield made
        for caller in made.callers.values():
            caller.http.close()


def load(register: str, *records: JsonObject, dept: str = "xzsp") -> JsonObject:
    """Many records in one event."""
    data = {"register_name": register, "records": list(records)}
    return event("register", "loaded", dept, "", data, subject=f"{dept}/{register}")


def record(code: str, version: int = 1, /, **fields: str) -> JsonObject:
    """One of them."""
    return {"record": code, "version": version, "fields": fields}
