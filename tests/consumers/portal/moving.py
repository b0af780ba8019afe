"""Matters from the door to the portal's pages without a broker: a door with keys, the matters' judge, a portal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bus.record import Outgoing, Record
from producers.gateway import Gateway
from schemas.topics import LINKS, PORTAL_FEED, REJECTIONS
from streams.matters.judging import MatterJudging
from streams.matters.room import Room
from tests.consumers.portal.feeding import BASE, SITE
from tests.consumers.portal.serving import Portal, served
from tests.producers.door import Caller, open_door
from tests.support.events import NOON, JsonObject, event, to_bytes
from tests.support.servers import plain_settings

Links = Sequence[tuple[str, str]]


@dataclass
class Movers:
    """Everybody who takes steps, and the log of what the public sees of them."""

    gateway: Gateway
    portal: Portal
    records: list[Record] = field(default_factory=list)
    callers: dict[str, Caller] = field(default_factory=dict)
    room: Room = field(default_factory=Room)
    judging: MatterJudging = field(default_factory=lambda: MatterJudging(SITE.pack))
    ends: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    carried: set[bytes | None] = field(default_factory=set)

    def open(
        self, lifecycle: str, key: str, title: str, *, dept: str = "", links: Links = (), at: datetime = NOON,
        family: str = "matter", **fields: str,
    ) -> None:  # fmt: skip
        """A matter begins."""
        data = {
            "lifecycle": lifecycle, "title": title, "lead_dept": key.partition("/")[0], "at": at.isoformat(),
            "fields": fields, "links": _links(links),
        }  # fmt: skip
        self.send(event(family, "opened", dept or key.partition("/")[0], "", data, at=at, subject=key))

    def step(
        self, key: str, step: str, *, dept: str = "", links: Links = (), reason: str = "", at: datetime = NOON,
        family: str = "matter", **fields: str,
    ) -> None:  # fmt: skip
        """A step of it."""
        actor = dept or key.partition("/")[0]
        data = {
            "step": step,
            "actor_dept": actor,
            "actor_role": "经办",
            "at": at.isoformat(),
            "fields": fields,
            "links": _links(links),
        }
        said = data | ({"reason": reason} if reason else {})
        self.send(event(family, "stepped", actor, "", said, at=at, subject=key))

    def follow(self, key: str, lifecycle: str, step: str, **fields: str) -> None:
        """A step that a publication takes for a matter, as the engine writes it."""
        data = {"step": step, "lifecycle": lifecycle, "at": NOON.isoformat(), "fields": fields}
        said = event("matter", "linked", "", "", data, source="/engine/matters", subject=key)
        self._judge(Outgoing(LINKS.name, key.encode(), to_bytes(said), (), int(NOON.timestamp() * 1000)))

    def send(self, said: JsonObject) -> None:
        """An event at the door, and all that follows from it."""
        dept = said["source"].rpartition("/")[2]
        if dept not in self.callers:
            self.callers[dept] = Caller(self.gateway, dept)
        answer = self.callers[dept].post(said)
        assert answer.status_code == 202, answer.text
        for sent in self.callers[dept].waiting():
            if sent.value not in self.carried:
                self.carried.add(sent.value)
                self._judge(sent)

    def _judge(self, sent: Outgoing) -> None:
        for out in self.judging(self.room, self._placed(sent)):
            assert out.topic != REJECTIONS.name, out.value
            if out.topic == LINKS.name:
                self._judge(out)
            if out.topic == PORTAL_FEED.name:
                self.records.append(self._placed(out))
                self.portal.shelf.apply(self.records[-1:])

    def _placed(self, sent: Outgoing) -> Record:
        self.ends[sent.topic] += 1
        return Record(
            sent.topic, 0, self.ends[sent.topic] - 1, sent.timestamp or 0, sent.key or b"", sent.value, sent.headers
        )


@contextmanager
def movers(home: Path) -> Iterator[Movers]:
    """All of it in one folder."""
    with ExitStack() as stack:
        portal = stack.enter_context(served(home / "portal"))
        made = Movers(stack.enter_context(open_door(plain_settings(home / "door", portal_url=BASE))), portal)
        yield made
        for caller in made.callers.values():
            caller.http.close()


def _links(links: Links) -> list[JsonObject]:
    return [{"rel": rel, "target": target} for rel, target in links]
