"""A town in one process: departments and citizens before a door, and all that follows carried until it is quiet.

Each part is the real one over its own SQLite store; the test stands where the relay and the broker would, and moves
the one clock that all of them are given.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any
from zlib import crc32

from fastapi.testclient import TestClient

from bus.record import Outgoing, Record
from bus.settings import Settings
from bus.store import Store
from consumers.assessment.lateness import Lateness
from consumers.assessment.ledger import Ledger
from consumers.assessment.web import app as assessment
from consumers.assessment.web.context import Context
from producers.gateway import Gateway
from producers.projection import DoorProjection
from rules.calendar import SHANGHAI
from schemas.city import Pack
from schemas.topics import DUTIES, PORTAL_FEED, ROUTED
from streams.duties.ticker import Around, Ticker
from streams.judging import Judging
from streams.matters.judging import INPUTS, PART
from streams.matters.tables import metadata
from tests.consumers.office import Player, player
from tests.consumers.portal.feeding import BASE, PARTITIONS, SITE
from tests.consumers.portal.serving import Portal, served
from tests.producers.counter import Citizen, MovingClock, door_with
from tests.producers.door import Caller, standing
from tests.streams.matters.world import World
from tests.support import outboxes
from tests.support.events import JsonObject, event
from tests.support.servers import plain_settings
from tests.town.papers import paper

Links = Sequence[tuple[str, str]]
_FOLLOWED = frozenset(topic.name for topic in INPUTS)
_ROUTED = frozenset(topic.name for topic in ROUTED)


@cache
def calm() -> Pack:
    """The example city without what the calendar alone opens: hundreds of duties that no test here asks for."""
    return replace(SITE.pack, standing=())


@dataclass
class Town:
    """Everybody, and the log between them."""

    gateway: Gateway
    portal: Portal
    world: World
    door: Player
    ledger: Player
    assessment: TestClient
    clock: MovingClock
    pack: Pack
    """What the desk and the clock go by."""
    callers: dict[str, Caller] = field(default_factory=dict)
    log: list[Record] = field(default_factory=list)
    """Every record of every topic, in the order in which it came about."""
    ends: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        """Wire what looks at the clock."""
        self._route = Judging(SITE.pack)
        around = Around(lambda _: self.pack, self.world.desk.epochs, self._world_ends, self.clock)
        self._ticker = Ticker(self.world.store, around)
        self._seen = 0

    def caller(self, dept: str) -> Caller:
        """A department with a key."""
        if dept not in self.callers:
            self.callers[dept] = Caller(self.gateway, dept)
        return self.callers[dept]

    def citizen(self) -> Citizen:
        """Somebody without a key."""
        return Citizen(self.gateway, self.clock)

    def send(self, said: JsonObject) -> JsonObject:
        """An event at the door, and all that follows; what its sender then sees of it there."""
        return self.send_all([said])[0]

    def send_all(self, events: Sequence[JsonObject]) -> list[JsonObject]:
        """Events at the door, carried on together; what their senders then see of them."""
        callers = [self.caller(said["source"].rpartition("/")[2]) for said in events]
        for caller, said in zip(callers, events, strict=True):
            answer = caller.post(said)
            assert answer.status_code in {202, 422}, answer.text
        self.carry()
        return [
            caller.http.get(f"/v1/events/{said['id']}").json() for caller, said in zip(callers, events, strict=True)
        ]

    def open(
        self, lifecycle: str, key: str, title: str, *, dept: str = "", links: Links = (), family: str = "matter",
        **fields: str,
    ) -> JsonObject:  # fmt: skip
        """A matter begins now."""
        return self.send(self.opening(lifecycle, key, title, dept=dept, links=links, family=family, **fields))

    def opening(
        self, lifecycle: str, key: str, title: str, *, dept: str = "", links: Links = (), family: str = "matter",
        **fields: str,
    ) -> JsonObject:  # fmt: skip
        """The event by which a matter begins."""
        issuer = key.partition("/")[0]
        data = {
            "lifecycle": lifecycle, "title": title, "lead_dept": fields.get("lead_dept", issuer),
            "at": self.clock().isoformat(), "fields": fields, "links": _links(links),
        }  # fmt: skip
        return event(family, "opened", dept or issuer, "", data, at=self.clock(), subject=key)

    def step(self, key: str, step: str, **said: Any) -> JsonObject:
        """A step of it, as `stepping` makes it."""
        return self.send(self.stepping(key, step, **said))

    def stepping(
        self, key: str, step: str, *, dept: str = "", links: Links = (), reason: str = "", family: str = "matter",
        at: datetime | None = None, personal: Mapping[str, str] | None = None, **fields: str,
    ) -> JsonObject:  # fmt: skip
        """The event of a step, taken now or at another time."""
        actor, when = dept or key.partition("/")[0], at or self.clock()
        data: dict[str, Any] = {
            "step": step, "actor_dept": actor, "actor_role": "经办", "at": when.isoformat(), "fields": fields,
            "links": _links(links),
        }  # fmt: skip
        data |= ({"reason": reason} if reason else {}) | ({"personal": dict(personal)} if personal else {})
        return event(family, "stepped", actor, "", data, at=when, subject=key)

    def publishes(self, kind: str, key: str, title: str, **said: Any) -> JsonObject:
        """A publication of that kind, filled in as the catalogue asks, which is accepted."""
        view = self.send(paper(kind, key, self.clock(), title=title, **said))
        assert view["state"] == "accepted", view["findings"]
        return view

    def does(self, key: str, step: str, **said: Any) -> list[str]:
        """A step that is accepted; the rules of its findings."""
        view = self.step(key, step, **said)
        assert view["state"] == "accepted", view["findings"]
        return rules(view)

    def refused(self, key: str, step: str, **said: Any) -> list[str]:
        """A step that is refused; the rules of its findings."""
        view = self.step(key, step, **said)
        assert view["state"] == "rejected", view
        return rules(view)

    def sees(self, key: str, dept: str = "") -> JsonObject:
        """A matter as a department sees it."""
        answer = self.caller(dept or key.partition("/")[0]).http.get(f"/v1/matters/{key}")
        assert answer.status_code == 200, answer.text
        view: JsonObject = answer.json()
        return view

    def duties(self, dept: str, **asked: str) -> list[JsonObject]:
        """A department's worklist, the soonest due first."""
        answer = self.caller(dept).http.get("/v1/duties", params={"limit": "500", **asked})
        assert answer.status_code == 200, answer.text
        return [one["duty"] for one in answer.json()["items"]]

    def dues(self, dept: str, key: str, **asked: str) -> dict[str, str]:
        """When each clock of a matter runs out, to the minute in the city, as that department's worklist has it."""
        mine = [one for one in self.duties(dept, **asked) if one["subject"] == key]
        return {one["clock"]: minute(one["due_at"]) for one in mine}

    def words(self, dept: str, key: str) -> list[str]:
        """What a department was told of the duties of a matter, in order; of rungs which."""
        answer = self.caller(dept).http.get("/v1/duties/feed", params={"limit": "500"})
        assert answer.status_code == 200, answer.text
        mine = [one["word"] for one in answer.json()["items"] if one["word"]["subject"] == key]
        return [f"{one['clock']} {one.get('rung') or one['what']}" for one in mine]

    def told(self, topic: str) -> list[JsonObject]:
        """Everything that was ever said on a topic."""
        return [json.loads(record.value or b"{}") for record in self.log if record.topic == topic]

    def until(self, when: datetime) -> None:
        """Let time pass to an instant, and the clock be looked at."""
        self.clock.now = when
        self.carry()
        self._ticker.tick()
        self.carry()

    def page(self, path: str) -> str:
        """A page of the portal, as of now."""
        self.portal.now[0] = self.clock()
        return self.portal.text(path)

    def carry(self) -> None:
        """Everything on its way arrives."""
        outs: list[Outgoing] = outboxes.take(self.gateway.door.store)
        while True:
            records = [self._record(out) for out in outs]
            self.world.send([each for each in records if each.topic in _FOLLOWED])
            records += [self._record(out) for out in self._desk()]
            if not records:
                return
            self.log += records
            self._hear(records)
            outs = [out for each in records if each.topic in _ROUTED for out in self._route(each)]
            self.portal.shelf.apply([each for each in records if each.topic == DUTIES.name])
            outs += self._shown([each for each in records if each.topic == PORTAL_FEED.name])

    def _desk(self) -> list[Outgoing]:
        """What the desk makes of all that it was sent, and of what the clock told it."""
        self.world.now = self.clock()
        self.world.pump()
        self.world.run(most=500)
        outboxes.mark_sent(self.world.store)
        fresh, self._seen = self.world.sent[self._seen :], len(self.world.sent)
        return fresh

    def _hear(self, records: Sequence[Record]) -> None:
        """Door and ledger follow what is said of events."""
        for each, topics in ((self.door, DoorProjection.topics), (self.ledger, Ledger.topics)):
            named = {topic.name for topic in topics}
            each.now = self.clock()
            each.play_slices([record for record in records if record.topic in named])

    def _shown(self, feed: Sequence[Record]) -> list[Outgoing]:
        """The portal's answers."""
        for partition in range(PARTITIONS):
            self.portal.now[0] = self.clock() - timedelta(minutes=1)  # it goes on a minute with each slice
            self.portal.shelf.apply([each for each in feed if each.partition == partition])
        return outboxes.take(self.portal.shelf.store)

    def _record(self, out: Outgoing) -> Record:
        partition = crc32(out.key) % PARTITIONS if out.topic == PORTAL_FEED.name else 0
        offset = self.ends[out.topic, partition]
        self.ends[out.topic, partition] += 1
        at = out.timestamp or int(self.clock().timestamp() * 1000)
        return Record(out.topic, partition, offset, at, out.key, out.value, out.headers)

    def _world_ends(self) -> dict[tuple[str, int], int]:
        return {place: len(records) for place, records in self.world.log.items()}


@contextmanager
def town(home: Path, start: datetime, pack: Pack | None = None) -> Iterator[Town]:
    """Everything in one folder; it is that instant."""
    known = pack or calm()
    clock = MovingClock(start)
    copytree(_empty().name, home, dirs_exist_ok=True)
    with ExitStack() as stack:
        gateway = stack.enter_context(door_with(_settings(home, "door"), clock))
        portal = stack.enter_context(served(home / "portal"))
        desk = World(stack.enter_context(Store(_settings(home, "desk"), PART, metadata)), known, start)
        ledger = stack.enter_context(player(home / "assessment", Ledger()))
        context = Context(ledger.store, standing(), Lateness(standing()), list, clock, BASE)
        door = Player(gateway.door.store, DoorProjection())
        made = Town(gateway, portal, desk, door, ledger, TestClient(assessment.build_app(context)), clock, known)
        yield made
        for caller in made.callers.values():
            caller.http.close()


@cache
def _empty() -> TemporaryDirectory[str]:
    """A door and a desk whose stores have their tables and nothing in them, made once."""
    folder = TemporaryDirectory()
    home = Path(folder.name)
    with door_with(_settings(home, "door"), MovingClock()):
        pass
    with Store(_settings(home, "desk"), PART, metadata) as store:
        store.migrate()
    return folder


def _settings(home: Path, part: str) -> Settings:
    return plain_settings(home / part, fsync=False, portal_url=BASE)


def rules(view: JsonObject) -> list[str]:
    """The rules of what was found in an event."""
    return [finding["rule"] for finding in view["findings"]]


def minute(instant: str) -> str:
    """An instant as the city's clocks show it."""
    return f"{datetime.fromisoformat(instant).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _links(links: Links) -> list[JsonObject]:
    return [{"rel": rel, "target": target} for rel, target in links]
