"""A letter that somebody makes away with at the door is found, however much of it is taken out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.store import Store
from bus.store.tables import BODIES, LANES, OUTBOX
from consumers.reconcile.balance import Balance, balance
from consumers.reconcile.books import books
from consumers.reconcile.stores import lay_door
from producers.gateway import Gateway
from producers.tables import EVENTS, PAPERS, RECEIPTS, SUBMISSIONS
from tests.producers.counter import Citizen, MovingClock, door_with
from tests.support.servers import plain_settings

SENT = "the door's outbox does not hold what it took"
GIVEN = "a citizen was given a number for what the door does not have"
TORN = "a numbered row of the door's outbox is gone"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A door that took three letters."""
    clock = MovingClock()
    with door_with(plain_settings(tmp_path, fsync=False), clock) as made:
        for _ in range(3):
            assert Citizen(made, clock).letter().status_code == 201
        yield made


def counted(store: Store) -> Balance:
    with books() as laid:
        return balance(laid, lay_door(laid, store))


def laws(store: Store) -> set[str]:
    return {gap.law for gap in counted(store).gaps}


def test_three_letters_taken_are_three_letters_on_their_way(gateway: Gateway) -> None:
    found = counted(gateway.door.store)
    assert (found.submitted, found.in_flight, found.gaps) == (3, 3, ())


def test_a_letter_kept_from_going_on_is_found(gateway: Gateway) -> None:
    conceal(gateway.door.store, "outbox")
    assert laws(gateway.door.store) == {SENT, TORN}


def test_a_letter_of_which_only_its_writer_has_the_number_is_found(gateway: Gateway) -> None:
    number = conceal(gateway.door.store, "outbox", "submission")
    assert laws(gateway.door.store) == {GIVEN, TORN}
    (given,) = [gap for gap in counted(gateway.door.store).gaps if gap.law == GIVEN]
    assert given.first == (number,)


def test_a_letter_of_which_nothing_is_left_is_found_by_the_number_that_is_missing(gateway: Gateway) -> None:
    conceal(gateway.door.store, "outbox", "submission", "receipt")
    (gap,) = counted(gateway.door.store).gaps
    assert (gap.law, gap.count) == (TORN, 1)


def conceal(store: Store, *what: str) -> str:
    """Take out what is there of the second letter; its number."""
    with store.begin() as conn:
        row = conn.execute(RECEIPTS.select().order_by(RECEIPTS.c.made).offset(1)).first()
        lane = conn.execute(LANES.select()).one().lane
        assert row is not None
        if "outbox" in what:
            for table in (OUTBOX, BODIES):
                conn.execute(table.delete().where(table.c.lane == lane, table.c.seq == 2))
        if "submission" in what:
            for kept in (SUBMISSIONS, EVENTS, PAPERS):
                conn.execute(kept.delete().where(kept.c.event_id == row.event_id))
        if "receipt" in what:
            conn.execute(RECEIPTS.delete().where(RECEIPTS.c.number == row.number))
    return str(row.number)
