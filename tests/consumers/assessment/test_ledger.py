"""The ledger: one outcome for every event, conflicts told once, and the same rows whatever the interleaving."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.record import Record
from bus.store.digest import digest
from consumers.assessment.ledger import Ledger
from consumers.assessment.tables import conflicts, dead, outcomes, receipts, repeats
from schemas.records import RejectionIssued
from tests.consumers.assessment.ledger_city import City
from tests.consumers.office import NOW, Player, player


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def play(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Player]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    with player(tmp_path, Ledger(), url) as made:
        yield made


def rows(play: Player, table: sa.Table) -> list[Any]:
    with play.store.read() as conn:
        return list(conn.execute(sa.select(table)).all())


def test_an_event_has_the_outcome_that_came_first_and_later_ones_are_repeats(play: Player) -> None:
    city = City()
    play.play(
        city.verdict("e1", "rejected", rules=("REJ-NOITEM",)), city.verdict("e1", arrival=NOW + timedelta(hours=1))
    )
    (outcome,) = rows(play, outcomes)
    assert (outcome.outcome, outcome.offset, outcome.rules) == ("rejected", 0, "REJ-NOITEM")
    (repeat,) = rows(play, repeats)
    assert repeat.offset == 1


def test_first_is_first_in_the_log_though_it_came_later(play: Player) -> None:
    city = City()
    late = city.verdict("e1", offset=7)
    play.play(late, city.verdict("e1", "rejected", offset=3))
    assert [row.offset for row in rows(play, outcomes)] == [3]
    assert [row.offset for row in rows(play, repeats)] == [7]


def test_a_dead_record_is_no_outcome_so_a_redrive_can_have_one(play: Player) -> None:
    city = City()
    play.play(city.verdict("e1", "dead"), city.verdict("e1"))
    assert [row.error for row in rows(play, dead)] == ["JSON"]
    assert [row.outcome for row in rows(play, outcomes)] == ["accepted"]


def test_a_conflict_at_several_outlets_is_rejected_once(play: Player) -> None:
    city = City()
    play.play(city.verdict("e1"))
    play.play(city.receipt("e1", "conflict"), city.receipt("e1", "conflict", part="gazette"))
    (value,) = play.sent()
    issued = RejectionIssued.model_validate(value)
    assert issued.data.by == "assessment"
    assert [finding.rule for finding in issued.data.findings] == ["VER-CONFLICT"]
    assert "第1版" in issued.data.findings[0].message.zh
    assert issued.data.event is not None
    assert issued.data.event.id == "e1"
    assert [row.told for row in rows(play, conflicts)] == [True]


NUMBER = "示政发〔2026〕5号"


def told(play: Player) -> list[str]:
    issued = [RejectionIssued.model_validate(value).data for value in play.sent()]
    return [f"{one.event.id if one.event else ''} {one.findings[0].rule}" for one in issued]


def test_the_later_of_two_documents_with_one_number_is_rejected_once_whatever_came_first(play: Player) -> None:
    city = City()
    first = city.verdict("e1", subject="fgw/a", docno=NUMBER)
    second = city.verdict("e2", subject="fgw/b", docno=NUMBER, arrival=NOW + timedelta(hours=1))
    play.play(second)
    assert told(play) == []
    play.play(first)
    assert told(play) == ["e2 DOCNO-TWICE"]
    (issued,) = (RejectionIssued.model_validate(value).data for value in play.sent())
    assert "fgw/a" in issued.findings[0].message.zh
    assert NUMBER in issued.findings[0].message.zh
    play.play(city.verdict("e2", subject="fgw/b", docno=NUMBER, arrival=NOW + timedelta(hours=2)))
    assert told(play) == ["e2 DOCNO-TWICE"]


def test_a_number_is_not_taken_by_a_version_another_organ_history_or_what_was_withdrawn_or_rejected(
    play: Player,
) -> None:
    city = City()
    later = NOW + timedelta(hours=1)
    play.play(
        city.verdict("e1", subject="fgw/a", docno=NUMBER),
        city.verdict("e2", subject="fgw/a", docno=NUMBER, version=2, verb="updated"),
        city.verdict("e3", subject="jyj/a", docno=NUMBER, dept="jyj"),
        city.verdict("e4", subject="fgw/c", docno=NUMBER, outcome="rejected"),
        city.verdict("e5", subject="fgw/d", docno=NUMBER, backfill=True, arrival=later),
    )
    assert told(play) == []
    play.play(
        city.verdict("e6", subject="fgw/x", docno="示政发〔2026〕6号"),
        city.verdict("e7", subject="fgw/x", version=1, verb="withdrawn"),
        city.verdict("e8", subject="fgw/y", docno="示政发〔2026〕6号", arrival=later),
        city.verdict("e9", subject="fgw/z", docno="示政发〔2026〕7号"),
        city.verdict("e10", subject="fgw/z", docno="示政发〔2026〕8号", version=2, verb="updated"),
        city.verdict("e11", subject="fgw/w", docno="示政发〔2026〕7号", arrival=later),
    )
    assert told(play) == []


def test_a_conflict_waits_for_the_verdict_that_knows_whom_to_tell(play: Player) -> None:
    city = City()
    play.play(city.receipt("e1", "conflict"))
    assert play.sent() == []
    play.play(city.verdict("e1"))
    assert len(play.sent()) == 1


def test_a_rebuild_tells_no_conflict_again(play: Player, tmp_path: Path) -> None:
    city = City()
    log = [city.verdict("e1"), city.receipt("e1", "conflict")]
    play.play(*log)
    with player(tmp_path / "again", Ledger()) as again:
        again.remember(play.sent())
        again.play(*log)
        assert again.sent() == []
        assert digest(again.store) == digest(play.store)


def test_a_nul_in_what_a_sender_wrote_stops_nothing(play: Player) -> None:
    city = City()
    play.play(city.verdict("e\x001", "rejected", title="题\x00"))
    assert [row.event_id for row in rows(play, outcomes)] == ["e\ufffd1"]


VERDICTS = st.lists(
    st.tuples(
        st.sampled_from(["e1", "e2", "e3"]), st.sampled_from(["accepted", "rejected", "dead"]), st.integers(0, 3)
    ),
    max_size=8,
)
RECEIPTS = st.lists(
    st.tuples(
        st.sampled_from(["e1", "e2", "e3"]), st.sampled_from(["portal", "gazette", "newmedia"]),
        st.sampled_from(["published", "superseded", "conflict"]),
    ),
    max_size=8, unique_by=lambda receipt: receipt[:2],
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(VERDICTS, RECEIPTS, st.integers(0, 2**32))
def test_any_interleaving_gives_the_same_digest(
    verdicts: list[tuple[str, str, int]], given_: list[tuple[str, str, str]], seed: int
) -> None:
    city = City()
    told = [city.verdict(event, outcome, arrival=NOW + timedelta(seconds=late)) for event, outcome, late in verdicts]
    ended = [city.receipt(event, kind, part=part) for event, part, kind in given_]
    digests, rejections = set(), set()
    for mixing in (None, random.Random(seed)):
        with TemporaryDirectory() as home, player(Path(home), Ledger()) as made:
            made.play(*(told + ended if mixing is None else mixed(mixing, told, ended)))
            digests.add(digest(made.store))
            ids = [str(value["id"]) for value in made.sent()]
            assert len(ids) == len(set(ids))
            rejections.add(frozenset(ids))
            assert len(rows(made, outcomes)) + len(rows(made, repeats)) + len(rows(made, dead)) == len(verdicts)
            assert len(rows(made, receipts)) == len(given_)
    assert len(digests) == 1


def mixed(mixing: random.Random, *streams: list[Record]) -> list[Record]:
    """Partitions shuffled into each other; the ledger must not even care for the order within one."""
    left = [list(stream) for stream in streams if stream]
    found = []
    while left:
        found.append(mixing.choice(left).pop(0))
        left = [each for each in left if each]
    return found
