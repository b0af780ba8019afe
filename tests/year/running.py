"""The year, hour by hour: what comes at the door, what stands still, and when the clock is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from tests.year.city import City
from tests.year.course import Sent
from tests.year.days import instant
from tests.year.plan import Plan


class Pace(NamedTuple):
    """How closely a year is lived through."""

    looks: tuple[float, ...]
    """Hours of the day at which the clock is looked at."""
    together: timedelta
    """Events of this long are carried on together."""

    @property
    def grace(self) -> timedelta:
        """Between an instant and the look at the clock that tells of it."""
        around = [*self.looks, self.looks[0] + 24]
        return timedelta(hours=max(later - sooner for sooner, later in pairwise(around)) + 0.1)


CLOSE = Pace((0.02, 9.02, 14, 20), timedelta(hours=1))
SWIFT = Pace((0.02,), timedelta(hours=24))


def run(plan: Plan, city: City, pace: Pace = CLOSE) -> None:
    """Live through the whole year."""
    events = iter([*plan.sent])
    waiting = next(events, None)
    for until in _instants(plan, pace.looks):
        batch: list[Sent] = []
        while waiting is not None and waiting.at < until:
            batch.append(waiting)
            waiting = next(events, None)
        for some in _in_turn(batch, pace.together):
            city.clock.now = some[-1].at
            city.take(some)
        city.clock.now = until
        _turn(plan, city)
        if until.hour == 0 and until.weekday() == 0:
            city.close_week()
    city.close_week()


def _turn(plan: Plan, city: City) -> None:
    """Matters stops and starts as planned; the clock is looked at."""
    down = any(first <= city.clock.now < last for first, last in plan.outages)
    if down and city.station.running:
        city.station.stop()
    elif not down and not city.station.running:
        city.station.start()
        city.tick()  # before anything was read: what lies there must not be taken for silence
    city.tick()


def _instants(plan: Plan, hours: Sequence[float]) -> Iterator[datetime]:
    """When the clock is looked at, and when an outage begins or ends, in order."""
    days = (plan.last - plan.first).days + 1
    looks = [plan.ends, *(instant(plan.first + timedelta(days=n), hour) for n in range(days) for hour in hours)]
    edges = [edge for outage in plan.outages for edge in outage]
    yield from sorted([*looks, *edges])


def _in_turn(batch: Sequence[Sent], together: timedelta) -> Iterator[list[Sent]]:
    """Runs of events of which none can know of another: of each matter one, and none hours after the first."""
    run_: list[Sent] = []
    for one in batch:
        if run_ and (one.at - run_[0].at > together or any(one.subject == other.subject for other in run_)):
            yield run_
            run_ = []
        run_.append(one)
    if run_:
        yield run_
