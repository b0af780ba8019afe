"""Any walk of steps, looks and outages tells what a naive clock tells that knows everything beforehand."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bus.store import Store
from rules.lifecycle import rungs_of
from streams import duties
from tests.streams.duties.office import Office, at
from tests.streams.duties.wall import Wall
from tests.support.servers import plain_settings

STEPS = ("asked", "answered", "extended", "noted", "finished")
FIRST = at("2026-02-05 08:00")
LAST = 60
"""Days; Spring Festival lies within."""


@pytest.mark.parametrize("seed", range(6))
def test_every_walk_tells_of_what_is_due_then_and_of_nothing_else(tmp_path: Path, seed: int) -> None:
    walk = random.Random(seed)  # a fixed walk
    with Store(plain_settings(tmp_path, fsync=False), "matters", duties.metadata) as store:
        store.migrate()
        office = Office(store)
        wall = Wall(office)
        naive = Naive(office)
        for hour in range(0, LAST * 24, 6):
            now = FIRST + timedelta(hours=hour)
            if walk.random() < 0.25:
                naive.step(f"mzj/{walk.randrange(4)}", walk.choice(STEPS), now)
            wall.waiting("receipts", int(walk.random() < 0.3))
            naive.look(now, blind=bool(wall.behind["receipts", 0]))
            wall.tick(_shown(now + timedelta(minutes=1)))
        told = [(one.subject, one.rung, one.due_at) for one in office.notices("rung")]
        assert len(told) == len(set(told)), "each once"
        assert set(told) == naive.told
        assert not office.notices("rung-cancelled")


class Naive:
    """Looks at every duty of every case at every look, and remembers in a set what was told."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.told: set[tuple[str, str, datetime]] = set()
        self.set_at: dict[str, tuple[datetime, datetime]] = {}

    def step(self, subject: str, step: str, now: datetime) -> None:
        """A step, which opens the case where it was not begun."""
        begun = subject in self.office.matters
        done = self.office.step(subject, step if begun else "begun", _shown(now))
        for change in done.duties:
            due, at_ = self.set_at.get(change.duty.id, (None, now))
            anew = change.what in {"resumed", "restarted"} or due != change.duty.due
            self.set_at[change.duty.id] = (change.duty.due, now if anew else at_)

    def look(self, now: datetime, *, blind: bool) -> None:
        """What is reached by now; while something is unread, by the last record of each partition."""
        if blind:
            return
        for matter in self.office.matters.values():
            for duty in matter.duties.values():
                for one in rungs_of(self.office.pack, duty):
                    fresh = one.rung.overdue or one.at > self.set_at[duty.id][1]
                    if fresh and one.at <= now + timedelta(minutes=1):
                        self.told.add((duty.subject, one.rung.id, duty.due))


def _shown(now: datetime) -> str:
    return now.strftime("%Y-%m-%d %H:%M")
