"""Cases of all lifecycles sent through the real desk in any order, with what goes wrong on the way.

A course draws what comes next from a chance that it is given, so that a seed is a whole story; `Mirror` follows it.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
from msgspec.structs import replace

from bus import failpoints
from bus.errors import Fenced
from bus.record import Record
from rules import judge
from rules.lifecycle import Matter, advance, move_of
from rules.lifecycle import matter as matters
from schemas.city import Pack, load_pack
from schemas.decode import Unreadable, decode
from schemas.events.common import Link
from schemas.ids import feed_id
from schemas.topics import LINKS, VERDICTS
from streams.duties.tables import DUTIES
from streams.matters.desk import Desk, Place, Slice
from streams.matters.tables import MATTERS, MOVES, WAITING
from streams.telling import instant
from tests.rules.lifecycles.test_against_naive import Walker, compare
from tests.rules.making import ROOT
from tests.streams.matters.city import FENCE, GARDEN
from tests.streams.matters.mirror import Mirror, Said, steps_of
from tests.streams.matters.sending import publication, record_of
from tests.streams.matters.world import World
from tests.support.events import to_bytes

CASES = 3
"""Of each lifecycle; links name them before they are there."""
DAY_MS = 24 * 3600 * 1000


@cache
def whole_city() -> Pack:
    """The example city, and two kinds of matter more: one has a step that waits, one is opened by the other."""
    with TemporaryDirectory() as folder:
        made = copytree(ROOT / "cities/example", Path(folder) / "city")
        (made / "matters/garden.toml").write_text(GARDEN, encoding="utf-8")
        (made / "matters/fence.toml").write_text(FENCE, encoding="utf-8")
        return load_pack(made)


class Course:
    """One store, the log around it, and what the reference makes of the same records."""

    def __init__(self, world: World, pack: Pack, focus: str) -> None:
        """`focus`: the lifecycle that most cases are of."""
        self.world, self.pack, self.mirror = world, pack, Mirror(pack)
        self._focus = focus
        self._walkers: dict[str, Walker] = {}
        self._plans: dict[str, Matter] = {}
        """Each case as its sender thinks that it stands."""
        self._sent: list[Record] = []
        self._published = 0

    def send(self, chance: Random) -> None:
        """The next step of some case: on its family's topic, or on `links` where the engine takes it."""
        name = self._focus if chance.random() < 0.7 else chance.choice([one.id for one in self.pack.lifecycles])
        subject = f"{self.pack.lead_office}/{name}-{chance.randrange(CASES)}"
        walker = self._walkers.setdefault(subject, self._walker(name, subject))
        walker.chance = chance
        drawn = [self._draw(chance, walker, subject) for _ in range(chance.choice([1, 8]))]
        self._send(next((one for one in drawn if self._is_likely(one)), drawn[-1]))

    def bring(self, records: list[Record]) -> None:
        """Records that somebody else made."""
        self.world.send(records)
        self._sent += [record for record in records if (record.value or b"").endswith(b"}")]  # one is torn

    def publish(self, chance: Random) -> None:
        """A publication that cases wait for: its verdict and its receipt, either of which may be read first."""
        triggers = [(one, trigger) for one in self.pack.lifecycles for trigger in one.triggers]
        mine = [pair for pair in triggers if pair[0].id == self._focus]
        lifecycle, trigger = chance.choice(mine if mine and chance.random() < 0.7 else triggers)
        self._published += 1
        subject, target = (
            f"fgw/p-{self._published}",
            f"{self.pack.lead_office}/{lifecycle.id}-{chance.randrange(CASES)}",
        )
        links = [{"rel": trigger.rel, "target": target}] if trigger.rel else []
        kind = chance.choice(trigger.kinds or ("notice",))
        for record in publication(subject, kind, links, self._latest()):
            self.world.send([record])

    def repeat(self, chance: Random) -> None:
        """An event again, as it was or with other bytes under the same id."""
        if not self._sent:
            return
        record = chance.choice(self._sent)
        value = record.value or b""
        if chance.random() < 0.5:
            whole = json.loads(value)
            whole["time"] = "2026-01-26T09:00:01+08:00"
            value = to_bytes(whole)
        later = record.timestamp + chance.choice([0, 1, DAY_MS])
        self.world.send([replace(record, value=value, timestamp=later)])

    def spoil(self, chance: Random) -> None:
        """A record that nobody can read."""
        if self._sent:
            self.world.send([replace(chance.choice(self._sent), value=chance.choice([b"{", b"\xff", None]))])

    def turn(self, chance: Random) -> None:
        """Some records of some partitions in one transaction; what it sends comes to the log later."""
        turn = self._drawn(chance)
        self.world.desk.apply(turn, self.world._judge)
        self._committed(turn)
        if chance.random() < 0.8:
            self._pump()

    def lose(self, chance: Random) -> None:
        """A process that dies before its commit, and one that takes over."""
        turn = self._drawn(chance)
        with patch.object(failpoints, "reach", _broken):
            try:
                self.world.desk.apply(turn, self.world._judge)
            except failpoints.Broken:
                self._restart()

    def restart(self, chance: Random) -> None:
        """A process that dies between commit and acknowledgement: the next one is given the same records again."""
        turn, old = self._drawn(chance), self.world.desk
        old.apply(turn, self.world._judge)
        self._committed(turn)
        self._restart()
        self.world.desk.apply(turn, self.world._judge)
        if late := self._drawn(chance):
            self._is_refused(old, late)

    def resend(self, chance: Random) -> None:
        """A relay that dies after it sent and before it knew: the end of the outbox is on the log twice."""
        self.world.pump(again=chance.randint(1, 4))

    def sleep(self, chance: Random) -> None:
        """A day goes by at rest: what waits is called for the last time, where its partition was read to its end."""
        idle = [place for place, log in self.world.log.items() if self._next(place) == len(log)]
        self._expire(idle, self._latest() + chance.choice([0, DAY_MS + 1]))

    def finish(self) -> None:
        """Read everything, let the last day go by, and hold what there is against the reference."""
        self._drain()
        assert self.mirror.forgotten() == []
        self._agree()
        last = max((one.until for one in self.mirror.waiting.values()), default=0)
        self._expire(list(self.world.log), last + 1)
        self._drain()
        assert not self.mirror.waiting
        self._agree()

    def _draw(self, chance: Random, walker: Walker, subject: str) -> Record:
        move = walker.move(self._plans.get(subject))._replace(id=f"{subject}-e{walker.number}")
        move = move._replace(links=tuple(self._aimed(chance, link) for link in move.links))
        if move.actor is not None and subject not in self._plans:
            move = move._replace(source=f"/departments/{self.pack.lead_office}", actor=self.pack.lead_office)
        return record_of(self.pack, walker.lifecycle, move)

    def _is_likely(self, record: Record) -> bool:
        """Whether its sender may think that it will be taken."""
        if record.topic == LINKS.name:
            return True
        try:
            event = decode(record.value)
        except Unreadable:
            return False
        arrival = instant(record.timestamp)
        if judge(self.pack, event, arrival).outcome == "rejected":
            return False
        said = advance(self.pack, self._plans.get(event.subject), move_of(event, arrival))
        if said.matter is not None:
            self._plans[event.subject] = said.matter
        return said.matter is not None

    def _walker(self, name: str, subject: str) -> Walker:
        walker = Walker(self.pack, self.pack.lifecycle[name], len(self._walkers))
        walker.subject = subject
        return walker

    def _aimed(self, chance: Random, link: Link) -> Link:
        """Links that effects follow lead to cases of a kind that knows the step."""
        wanted = {
            effect.step for one in self.pack.lifecycles for step in one.steps for effect in step.effects
            if effect.rel == link.rel
        }  # fmt: skip
        fit = [one.id for one in self.pack.lifecycles if wanted & set(one.step)] or [self._focus]
        return Link(rel=link.rel, target=f"{self.pack.lead_office}/{chance.choice(fit)}-{chance.randrange(CASES)}")

    def _send(self, record: Record) -> None:
        self._sent.append(record)
        self.world.send([record])

    def _drawn(self, chance: Random) -> list[Slice]:
        behind = [place for place, log in self.world.log.items() if len(log) > self._next(place)]
        some = chance.sample(sorted(behind), min(len(behind), chance.randint(1, 3)))
        return [self._slice(place, chance.randint(1, 6)) for place in some]

    def _slice(self, place: Place, most: int) -> Slice:
        base = self._next(place)
        records = self.world.log[place][base : base + most]
        return Slice(*place, base, base + len(records), records)

    def _committed(self, turn: list[Slice]) -> None:
        for each in turn:
            for record in each.records:
                self.mirror.read(record)

    def _pump(self) -> None:
        """The relay sends; no step is called for the last time before its partition tells that its day is over."""
        before = len(self.world.sent)
        self.world.pump()
        for out in self.world.sent[before:]:
            data: Any = json.loads(out.value or b"{}") if out.topic == LINKS.name else {"data": {}}
            if data["data"].get("retry") == "last":
                self.mirror.called(data["data"]["cause"])

    def _expire(self, places: list[Place], at: int) -> None:
        self.world.desk.expire(places, at)
        for place in places:
            self.mirror.look(place, at)

    def _is_refused(self, old: Desk, late: list[Slice]) -> None:
        try:
            old.apply(late, self.world._judge)
        except Fenced:
            return
        raise AssertionError("a process that was taken over wrote")

    def _restart(self) -> None:
        self.world.desk = self.world.new_desk()

    def _drain(self) -> None:
        self._pump()
        while behind := [place for place, log in self.world.log.items() if len(log) > self._next(place)]:
            turn = [self._slice(place, 50) for place in sorted(behind)]
            self.world.desk.apply(turn, self.world._judge)
            self._committed(turn)
            self._pump()

    def _next(self, place: Place) -> int:
        return self.world.desk.positions[place].next_offset

    def _latest(self) -> int:
        return max((record.timestamp for record in self._sent), default=0)

    def _agree(self) -> None:
        self._agree_on_verdicts()
        self._agree_on_rows()
        self._agree_on_what_was_sent()

    def _agree_on_verdicts(self) -> None:
        """Every record that was read has one verdict, and it says what the reference says."""
        told: dict[str, Said] = {}
        for one in unique(self.world.values(VERDICTS.name)):
            data: Any = one["data"]
            place = "{topic}/{partition}/{offset}".format(**data["origin"])
            assert place not in told, f"two verdicts on {place}"
            moved = data.get("matter") or {}
            waits = bool(moved.get("waiting"))
            state, version = (None, None) if waits else (moved.get("state"), moved.get("version"))
            told[place] = Said(data["outcome"], state, version, waits)
        wanted = self.mirror.verdicts
        assert told.keys() == wanted.keys()
        for place, said in wanted.items():
            unread = said.outcome == "unreadable" and told[place].outcome in {"dead", "rejected"}
            assert unread or told[place] == said, f"{place}: {told[place]}, not {said}"

    def _agree_on_rows(self) -> None:
        with self.world.store.read() as conn:
            kept = {row.subject: matters.DECODE(row.doc) for row in conn.execute(sa.select(MATTERS))}
            moves = Counter(conn.execute(sa.select(MOVES.c.outcome)).scalars())
            waiting = {(row.source, row.event_id) for row in conn.execute(sa.select(WAITING))}
            duties = {row.id: (row.state, row.due) for row in conn.execute(sa.select(DUTIES))}
            waits = [
                row.due for row in conn.execute(sa.select(DUTIES)) if "#waiting." in row.id and row.state == "open"
            ]
        assert kept.keys() == self.mirror.matters.keys()
        for subject, naive in self.mirror.matters.items():
            compare(kept[subject], naive, subject)
        assert moves == Counter(self.mirror.outcomes.values())
        assert waiting == self.mirror.waiting.keys()
        assert sorted(waits) == sorted(one.until for one in self.mirror.waiting.values())
        newest = [duty for matter in kept.values() for duty in matter.duties.values()]
        assert {duty.id for duty in newest} <= duties.keys()
        for duty in newest:
            assert duties[duty.id] == (duty.state, int(duty.due.timestamp() * 1000)), duty.id

    def _agree_on_what_was_sent(self) -> None:
        """Nothing lost, and nothing twice under other ids."""
        assert Counter(steps_of(unique(self.world.values(LINKS.name)))) == self.mirror.links
        shown = {one["id"] for one in unique(self.world.values("portal-feed"))}
        assert shown == {feed_id(*key, "portal") for key in self.mirror.shown}
        told: dict[str, list[int]] = {}
        for one in unique(self.world.values("duties")):
            told.setdefault(one["data"]["duty"], []).append(one["data"]["version"])
        with self.world.store.read() as conn:
            versions = {row.id: row.version for row in conn.execute(sa.select(DUTIES))}
        numbered = {name: sorted(given) for name, given in told.items()}  # lanes pass each other on their way
        assert numbered == {name: list(range(1, last + 1)) for name, last in versions.items()}
        refused = Counter("{topic}/{partition}/{offset}".format(**one["data"]["origin"])
                          for one in unique(self.world.values("rejections")))  # fmt: skip
        assert set(refused.values()) <= {1}
        wanted = {place for place, said in self.mirror.verdicts.items() if said.outcome == "rejected"}
        assert wanted <= refused.keys()


def unique(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records without their repeats, which are the same to the byte."""
    found: dict[str, dict[str, Any]] = {}
    for one in values:
        assert found.setdefault(one["id"], one) == one, f"two records under {one['id']}"
    return list(found.values())


def _broken(place: str) -> None:
    raise failpoints.Broken(place)
