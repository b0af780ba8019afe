"""Random lives of the part by fixed seeds: told, taken back, refused, killed, asked again, rebuilt; nothing is lost.

The outside is a list that says what it heard; a kill may come behind any call, before it is written down.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from bus.store import digest
from consumers.notices.postman import Postman
from consumers.notices.shelf import Parcel, Shelf, of_targets
from consumers.notices.ways import Nowhere, Outcome, Result
from schemas.topics import DELIVERIES
from tests.consumers.notices.harness import Desk, JsonObject, cancelled, desk, rung, webhook

TARGETS = ("a", "b")
SEEDS = range(8)


class Killed(Exception):
    """The process ends behind a call."""


@dataclass
class Outside:
    """Whoever is told, through any target."""

    chance: Random
    heard: list[tuple[str, str]] = field(default_factory=list)
    """Target and id of the notice, each time it was said and heard."""
    confirmed: Counter[tuple[str, str]] = field(default_factory=Counter)
    calm: bool = False
    name: str = "outside"
    patience: float = 30.0

    @property
    def mine(self) -> sa.ColumnElement[bool]:
        return of_targets(TARGETS)

    def shut(self, parcel: Parcel, shelf: Shelf) -> None:
        """Always open."""

    def note(self, shelf: Shelf, outcome: Outcome, at: datetime) -> None:
        """Nothing to remember."""

    def close(self) -> None:
        """Nothing is held."""

    def carry(self, parcel: Parcel, at: datetime) -> Outcome:
        told = parcel.target, parcel.notice
        result: Result = "delivered" if self.calm else self.chance.choice(("delivered", "later", "later", "refused"))
        if result == "delivered" or (result == "later" and self.chance.random() < 0.5):
            self.heard.append(told)
        if not self.calm and self.chance.random() < 0.2:
            raise Killed
        if result == "delivered":
            self.confirmed[told] += 1
        return Outcome(result, result, answered=self.calm or self.chance.random() < 0.7)


class Life:
    """One walk, and what must be true at its end."""

    def __init__(self, made: Desk, seed: int) -> None:
        self.desk = made
        self.chance = Random(seed)
        self.outside = Outside(self.chance)
        self.told: list[JsonObject] = []
        self.back: dict[str, JsonObject] = {}
        self._begin()

    def walk(self, steps: int) -> None:
        for _ in range(steps):
            self.chance.choice(
                (self._tell, self._tell, self._take_back, self._work, self._work, self._ask, self._hear)
            )()
        self.outside.calm = True
        for _ in range(3):
            self._work(days=5)
            self._ask(every=True)
        self._work(days=5)

    def check(self) -> None:
        """Who was to hear of a rung has heard of it; of what was taken back nobody has, or has heard that too."""
        states = {(row.target, row.notice): row.state for row in self.desk.rows()}
        heard = Counter(self.outside.heard)
        assert max(self.outside.confirmed.values(), default=0) <= 1, "told again though it was confirmed"
        for told in self.told:
            for target in TARGETS:
                one, taken = (target, told["id"]), self.back.get(told["id"])
                if taken is None:
                    assert states[one] == "delivered" and heard[one], one
                elif heard[one] and states[one] != "dead" and not self._was_dead(one):
                    assert heard[target, taken["id"]], f"{one} was heard, taken back, and not corrected"
                else:
                    assert states[one] in {"cancelled", "delivered"}, one
        assert len(states) == len(self.desk.rows()), "one row for each notice and target"
        assert sum(each["state"] == "delivered" for each in self.desk.said("ended")) == sum(
            state == "delivered" for state in states.values()
        )

    def _was_dead(self, one: tuple[str, str]) -> bool:
        """Refused for good before it was taken back: that it was heard at an earlier try is nobody's knowledge."""
        dead = {(each["target"], each["notice"]) for each in self.desk.said("ended") if each["state"] == "dead"}
        return one in dead

    def _begin(self) -> None:
        store = self.desk.player.store
        ways = (self.outside, Nowhere(TARGETS))
        self.desk.postmen = [Postman(store, way, lambda: self.desk.now, 5.0) for way in ways]

    def _tell(self) -> None:
        made = rung(len(self.told) + 1, to=["owner"])
        self.told.append(made)
        self.desk.read(made)

    def _take_back(self) -> None:
        open_ = [each for each in self.told if each["id"] not in self.back]
        if open_:
            told = self.chance.choice(open_)
            self.back[told["id"]] = cancelled(told)
            self.desk.read(self.back[told["id"]])

    def _work(self, **after: float) -> None:
        try:
            self.desk.work(**(after or {"seconds": self.chance.choice((0, 10, 400, 90_000))}))
        except Killed:
            self._begin()

    def _ask(self, *, every: bool = False) -> None:
        failed = [row.id for row in self.desk.rows() if row.state == "dead"]
        if failed:
            self.desk.ask_again(*(failed if every else [self.chance.choice(failed)]))

    def _hear(self) -> None:
        self.desk.hear_itself()


def life(home: Path, seed: int, steps: int = 60) -> Life:
    with desk(home, webhook=[webhook(each, 1, "owner") for each in TARGETS]) as made:
        lived = Life(made, seed)
        lived.walk(steps)
        lived.check()
        made.hear_itself()
        before, heard = digest(made.player.store), len(lived.outside.heard)
        with desk(home / "anew", webhook=[webhook(each, 1, "owner") for each in (*TARGETS, "c")]) as anew:
            anew.player.remember([one for one in made.log if one["source"] == "/engine/notices"])
            for each in made.told:
                anew.put(each)
            anew.read(*made.log, topic=DELIVERIES.name)
            assert digest(anew.player.store) == before
            anew.postmen = [Postman(anew.player.store, lived.outside, lambda: anew.now, 5.0)]
            anew.work(days=30)
        assert len(lived.outside.heard) == heard, "a rebuild told somebody again"
        return lived


def test_nothing_is_lost_or_said_again_and_the_walks_come_by_everything(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        lived = life(tmp_path / str(seed), seed)
        corrections = {one["id"] for one in lived.back.values()}
        seen["taken back"] += len(lived.back)
        seen["corrected"] += sum(notice in corrections for _, notice in lived.outside.heard)
        seen["said again"] += sum(count > 1 for count in Counter(lived.outside.heard).values())
    assert min(seen[each] for each in ("taken back", "corrected", "said again")) > 5, seen


def test_a_try_that_is_not_counted_before_it_is_made_would_be_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shelf, "begin", lambda *_: True)
    with pytest.raises(AssertionError):
        for seed in SEEDS:
            life(tmp_path / str(seed), seed)


def test_an_end_that_is_not_written_down_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shelf, "end", lambda *_: None)
    with pytest.raises(AssertionError):
        for seed in SEEDS:
            life(tmp_path / str(seed), seed, steps=20)
