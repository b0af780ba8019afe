"""One simulated year from seed to report, with the time that it took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from schemas.city import Pack
from tests.year.city import City, city
from tests.year.days import instant
from tests.year.load import Load
from tests.year.plan import Plan, draw
from tests.year.report import Report, report
from tests.year.running import CLOSE, Pace, run
from tests.year.station import Judge

SEED = 2026


class Simulated(NamedTuple):
    """A year and what came of it."""

    plan: Plan
    report: Report
    seconds: float
    spent: Mapping[str, float]
    """Seconds by part."""
    records: Mapping[str, int]
    """By topic."""


def simulate(
    load: Load, pack: Pack, *, seed: int = SEED, pace: Pace = CLOSE, partitions: int = 1, plan: Plan | None = None,
    judge: Judge | None = None,
) -> Simulated:  # fmt: skip
    """Live through a year of that size, or through `plan`."""
    began = perf_counter()
    plan = plan or draw(load, pack, seed)
    with lived(plan, pack, pace, partitions, judge) as made:
        said = report(plan, made, pack, pace.grace)
        return Simulated(plan, said, perf_counter() - began, dict(made.spent), dict(made.carried))


@contextmanager
def lived(
    plan: Plan, pack: Pack, pace: Pace, partitions: int = 1, judge: Judge | None = None
) -> Iterator[City]:  # fmt: skip
    """The city at the end of its year."""
    with TemporaryDirectory() as home, city(Path(home), pack, instant(plan.first), partitions, judge) as made:
        run(plan, made, pace)
        yield made
