"""One reckoning, from the cut to the balance."""

from __future__ import annotations

from collections.abc import Callable

from bus.record import Record
from bus.settings import Settings
from consumers.reconcile.balance import Balance, balance
from consumers.reconcile.books import Books, books
from consumers.reconcile.cut import committed, ends, records
from consumers.reconcile.log import FEEDS, TAKES
from consumers.reconcile.stores import DOOR, JUDGE, Door, lay_door, lay_door_later, lay_store, open_stores, told_by
from schemas.topics import JUDGED

Progress = Callable[[int, int], None]
"""Told how many records of how many were read."""


def reconcile(settings: Settings, progress: Progress | None = None) -> Balance:
    """Whether anything between the door and the receipts was lost or doubled; the parts may run meanwhile.

    Raises:
        Fatal, Retriable: Kafka or a store can't be read.
    """
    with books() as laid:
        door = _lay_stores(settings, laid)
        _lay_topics(settings, laid, progress)
        for part, store in open_stores(settings):
            if part == DOOR:
                lay_door_later(laid, store)
        return balance(laid, door)


def _lay_stores(settings: Settings, laid: Books) -> Door:
    """First the door, then the router, then the stores."""
    stores = list(open_stores(settings))
    door = next((lay_door(laid, store) for part, store in stores if part == DOOR), Door())
    laid.add_all("committed", committed(settings))
    for part, store in stores:
        if part == JUDGE:
            names = {topic.name for topic in JUDGED}
            laid.add_all("committed", (row for row in told_by(store) if row[0] in names))
    for part, store in stores:
        if part != JUDGE:
            lay_store(laid, part, store)
    for _, store in stores:
        store.close()
    return door


def _lay_topics(settings: Settings, laid: Books, progress: Progress | None) -> None:
    extents = ends(settings, FEEDS)
    whole = sum(end - begin for begin, end in extents.values())
    for number, record in enumerate(records(settings, extents), 1):
        _lay(laid, record)
        if progress is not None and (number % 1_000 == 0 or number == whole):
            progress(number, whole)


def _lay(laid: Books, record: Record) -> None:
    TAKES[record.topic](laid, record)
