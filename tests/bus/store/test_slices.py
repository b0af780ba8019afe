"""Position, inbox, rows and outbox of a slice live or die together, in any interleaving."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bus import failpoints
from bus.errors import Fatal, Fenced, StoreMismatch
from bus.record import Record
from bus.store import Outbox, Store, digest
from bus.store._cluster import Cluster
from bus.store.positions import Extent, Position, claim_cluster, take_over
from bus.store.slices import Slices
from schemas.headers import ID
from tests.bus.store.journal import EFFECTS, METADATA, Journal, uid
from tests.support.servers import plain_settings

NOON = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)
LOG = Extent("topic-1", 0, 1_000)


@contextmanager
def opened() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        given_ = plain_settings(Path(folder), fsync=False)
        with Store(given_, "portal", METADATA) as store:
            store.migrate()
            yield store


@pytest.fixture
def store() -> Iterator[Store]:
    with opened() as it:
        yield it


def record(text: str, offset: int, partition: int = 0) -> Record:
    return Record("portal-feed", partition, offset, 0, b"k", text.encode(), ((ID, uid("feed", text).encode()),))


def taken(store: Store, partition: int = 0, extent: Extent = LOG) -> Position:
    with store.begin() as conn:
        return take_over(conn, store, "portal-feed", partition, extent)


def slices(store: Store, poison: str = "") -> Slices:
    return Slices(store, Journal(poison), lambda: NOON)


def counts(store: Store) -> dict[str, int]:
    with store.read() as conn:
        return dict(conn.execute(sa.select(EFFECTS.c.text, EFFECTS.c.count)).all())


def waiting(store: Store) -> int:
    with store.read() as conn:
        return Outbox(store).pending(conn, "portal-feed/0")


def test_a_repeat_within_a_slice_and_in_a_later_one_has_no_second_effect(store: Store) -> None:
    position, sent = slices(store).apply(taken(store), [record("a", 0), record("a", 1), record("b", 2)])
    assert sent == 2
    slices(store).apply(position, [record("b", 3), record("c", 4)])
    assert counts(store) == {"a": 1, "b": 1, "c": 1}
    assert waiting(store) == 3


def test_who_was_succeeded_is_refused_and_writes_nothing(store: Store) -> None:
    paused = taken(store)
    successor, _ = slices(store).apply(taken(store), [record("a", 0)])
    with pytest.raises(Fenced):
        slices(store).apply(paused, [record("b", 0)])
    assert counts(store) == {"a": 1}
    slices(store).apply(successor, [record("c", 1)])
    assert waiting(store) == 2


def test_without_the_fence_the_paused_one_would_write(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    paused = taken(store)
    slices(store).apply(taken(store), [record("a", 0)])
    monkeypatch.setattr(failpoints, "broken", failpoints.Plan("fence=break").broken)
    slices(store).apply(paused, [record("b", 1)])
    assert counts(store) == {"a": 1, "b": 1}


def test_without_the_inbox_a_repeat_would_count_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    position, _ = slices(store).apply(taken(store), [record("a", 0)])
    monkeypatch.setattr(failpoints, "broken", failpoints.Plan("inbox=break").broken)
    slices(store).apply(position, [record("a", 1)])
    assert counts(store) == {"a": 2}


def test_a_poison_record_is_named_and_all_before_it_is_kept(store: Store) -> None:
    with pytest.raises(Fatal, match=r"record portal-feed/0/2 .*ZeroDivisionError: this text is poison"):
        slices(store, poison="c").apply(taken(store), [record(text, n) for n, text in enumerate("abcd")])
    assert counts(store) == {"a": 1, "b": 1}
    position = taken(store)
    assert position.next_offset == 2
    slices(store).apply(position, [record("c", 2), record("d", 3)])
    assert counts(store) == {"a": 1, "b": 1, "c": 1, "d": 1}


def test_slices_of_one_poll_share_a_transaction_and_keep_their_lanes(store: Store) -> None:
    turn = [(taken(store, number), [record(text, 0, number)]) for number, text in enumerate("ab")]
    moved, sent = slices(store).apply_all(turn)
    assert [(each.partition, each.next_offset) for each in moved] == [(0, 1), (1, 1)]
    assert sent == 2
    with store.read() as conn:
        assert [(each.lane, each.rows) for each in Outbox(store).waiting(conn)] == [
            ("portal-feed/0", 1), ("portal-feed/1", 1),
        ]  # fmt: skip


def test_who_was_succeeded_in_one_partition_writes_in_none(store: Store) -> None:
    paused, held = taken(store, 0), taken(store, 1)
    taken(store, 0)
    with pytest.raises(Fenced):
        slices(store).apply_all([(held, [record("a", 0, 1)]), (paused, [record("b", 0, 0)])])
    assert counts(store) == {}


def test_a_poison_record_of_one_slice_leaves_the_slices_before_it(store: Store) -> None:
    turn = [(taken(store, number), [record(text, 0, number)]) for number, text in enumerate("abc")]
    with pytest.raises(Fatal, match=r"record portal-feed/1/0 "):
        slices(store, poison="b").apply_all(turn)
    assert counts(store) == {"a": 1}
    assert [taken(store, number).next_offset for number in range(3)] == [1, 0, 0]


@pytest.mark.parametrize(
    ("extent", "said"),
    [
        (Extent("topic-2", 0, 1_000), "was filled from topic"),
        (Extent("topic-1", 0, 0), "stands at offset 1 of portal-feed/0, whose log is 0 to 0"),
        (Extent("topic-1", 5, 9), "whose log is 5 to 9"),
    ],
)
def test_another_log_is_refused_with_the_command_to_run(store: Store, extent: Extent, said: str) -> None:
    slices(store).apply(taken(store), [record("a", 0)])
    with pytest.raises(StoreMismatch, match=said) as caught:
        taken(store, extent=extent)
    assert "gongkai rebuild portal" in str(caught.value)


def test_another_cluster_is_refused(store: Store) -> None:
    with store.begin() as conn:
        claim_cluster(conn, store, Cluster("one", {}))
    with store.begin() as conn, pytest.raises(StoreMismatch, match="gongkai rebuild portal"):
        claim_cluster(conn, store, Cluster("two", {}))


@settings(max_examples=20, deadline=None)
@given(
    texts=st.lists(st.sampled_from("abcdefgh"), max_size=12),
    others=st.lists(st.sampled_from("stuvwxyz"), max_size=12),
    data=st.data(),
)
def test_any_interleaving_slicing_and_restarting_gives_the_same_rows(
    texts: list[str], others: list[str], data: st.DataObject
) -> None:
    logs = {0: [record(t, n, 0) for n, t in enumerate(texts)], 1: [record(t, n, 1) for n, t in enumerate(others)]}
    with opened() as plain, opened() as wild:
        for partition, log in logs.items():
            if log:
                slices(plain).apply(taken(plain, partition), log)
        _wildly(wild, logs, data)
        assert counts(wild) == dict.fromkeys([*texts, *others], 1)
        assert digest(wild) == digest(plain)
        with wild.read() as conn:
            waits = sum(lane.rows for lane in Outbox(wild).waiting(conn))
        assert waits == len({*texts, *others})


def _wildly(store: Store, logs: Mapping[int, Sequence[Record]], data: st.DataObject) -> None:
    """Slices of any length, from any partition; now and then the one before the last writes too, and is refused."""
    held = {partition: taken(store, partition) for partition in logs}
    while open_ := [p for p, log in logs.items() if held[p].next_offset < len(log)]:
        partition = data.draw(st.sampled_from(open_))
        position, log = held[partition], logs[partition]
        length = data.draw(st.integers(1, len(log) - position.next_offset))
        piece = log[position.next_offset : position.next_offset + length]
        if data.draw(st.booleans()):
            held[partition] = taken(store, partition)
            with pytest.raises(Fenced):
                slices(store).apply(position, piece)
        else:
            held[partition], _ = slices(store).apply(position, piece)
