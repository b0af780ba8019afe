"""Numbers used twice: one answer for one log, in whatever order its partitions are read."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.record import Record
from bus.store.digest import digest
from consumers.assessment.ledger import Ledger
from schemas.records import RejectionIssued
from tests.consumers.assessment.ledger_city import City
from tests.consumers.office import NOW, Player, player

NUMBER, OTHER = "示政发〔2026〕5号", "示政发〔2026〕6号"
Step = tuple[str, str, int]
"""Subject, verb or number, and version."""


def log_of(steps: Sequence[Step]) -> list[Record]:
    """The verdicts on these, which arrive one minute after the other."""
    city, log = City(), []
    for place, (subject, what, version) in enumerate(steps):
        verb = {"withdrawn": "withdrawn"}.get(what, "submitted" if version == 1 else "updated")
        number = {"number": NUMBER, "backfill": NUMBER, "other": OTHER}.get(what)
        log.append(city.verdict(
            f"e{place}", "rejected" if what == "rejected" else "accepted", subject=subject, version=version, verb=verb,
            arrival=NOW + timedelta(minutes=place), docno=number, backfill=what == "backfill",
        ))  # fmt: skip
    return log


def told(play: Player) -> list[str]:
    issued = [RejectionIssued.model_validate(value).data for value in play.sent()]
    return sorted(f"{one.event.id if one.event else ''} {one.findings[0].message.zh}" for one in issued)


def rebuilt(log: Sequence[Record]) -> tuple[list[str], str]:
    """What is told, and the digest, once all of `log` was read in this order."""
    with TemporaryDirectory() as home, player(Path(home), Ledger(), settling=False) as made:
        made.play(*log)
        assert made.sent() == []
        made.settle()
        return told(made), digest(made.store)


FREED = {
    "withdrawn": [("fgw/a", "number", 1), ("fgw/a", "withdrawn", 1), ("fgw/b", "number", 1)],
    "renumbered": [("fgw/a", "number", 1), ("fgw/a", "other", 2), ("fgw/b", "number", 1)],
}


@pytest.mark.parametrize("steps", FREED.values(), ids=FREED.keys())
def test_a_rebuild_that_reads_the_withdrawal_last_speaks_of_nothing(steps: list[Step]) -> None:
    first, freeing, second = log_of(steps)
    assert rebuilt([first, second, freeing])[0] == []


def test_a_withdrawal_after_the_second_claim_excuses_nothing(tmp_path: Path) -> None:
    first, second, withdrawn = log_of([("fgw/a", "number", 1), ("fgw/b", "number", 1), ("fgw/a", "withdrawn", 1)])
    for order in ([first, second, withdrawn], [first, withdrawn, second], [withdrawn, second, first]):
        (said,) = rebuilt(order)[0]
        assert said.startswith("e1 ")
        assert "fgw/a" in said


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fgw/a", "fgw/b", "fgw/c"]),
        st.sampled_from(["number", "number", "other", "withdrawn", "backfill", "rejected"]), st.integers(1, 3),
    ),
    min_size=2, max_size=7,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(STEPS, st.integers(0, 2**32))
def test_any_order_of_reading_tells_the_same(steps: list[Step], seed: int) -> None:
    log = log_of(steps)
    shuffled = random.Random(seed).sample(log, len(log))
    assert rebuilt(shuffled) == rebuilt(log)
