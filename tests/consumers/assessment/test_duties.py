"""On time, late, due, rejected and still due: what the ledger says of each version of a publication."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.city import fixed
from bus.errors import Invalid
from bus.settings import Settings
from consumers.assessment.departments import Figures, Listed, figures, listed, together
from consumers.assessment.duties import Filter, Status
from consumers.assessment.lateness import Lateness
from consumers.assessment.ledger import Ledger
from consumers.assessment.periods import Quarter
from schemas.city import Pack, load_pack
from tests.consumers.assessment.ledger_city import City, at
from tests.consumers.office import Player, player

TODAY = at("2026-09-28")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(Settings.model_fields["city"].default)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def play(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Player]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    with player(tmp_path, Ledger(), url) as made:
        yield made


def all_of(play: Player, pack: Pack, now: datetime = TODAY, wanted: Filter = Filter()) -> list[Listed]:  # noqa: B008
    with play.store.read() as conn:
        return listed(conn, wanted, now, Lateness(fixed(pack)))


def the_one(play: Player, pack: Pack, now: datetime = TODAY) -> Listed:
    (found,) = all_of(play, pack, now)
    return found


@pytest.mark.parametrize(
    ("public", "status", "late"),
    [
        (at("2026-09-25", 0), Status.ON_TIME, None),
        (at("2026-09-25", 23), Status.ON_TIME, None),
        (at("2026-09-26", 0), Status.LATE, 0),
        (at("2026-09-28"), Status.LATE, 1),
    ],
)
def test_the_due_day_counts_whole_and_lateness_in_working_days(
    play: Player, pack: Pack, public: datetime, status: Status, late: int | None
) -> None:
    # 2026-09-25 to 27 is the holiday of 中秋, so 09-28 is the first working day after the due day.
    city = City()
    play.play(city.verdict(due="2026-09-25"), city.receipt(at=public))
    found = the_one(play, pack)
    assert (found.status, found.late_days) == (status, late)


def test_without_the_portals_receipt_it_is_pending_then_overdue(play: Player, pack: Pack) -> None:
    city = City()
    play.play(city.verdict(due="2026-09-25"), city.receipt(part="newmedia"))
    assert the_one(play, pack, at("2026-09-25", 23)).status is Status.PENDING
    found = the_one(play, pack, at("2026-10-09"))
    assert (found.status, found.late_days) == (Status.OVERDUE, 5)


def test_a_rejection_closes_no_duty(play: Player, pack: Pack) -> None:
    city = City()
    play.play(city.verdict("e1", "rejected", due="2026-09-25", rules=("REJ-SECRET",)))
    assert the_one(play, pack, at("2026-09-24")).status is Status.REJECTED_PENDING
    assert the_one(play, pack).status is Status.REJECTED_OVERDUE

    play.play(city.verdict("e2", due="2026-09-29"), city.receipt("e2", at=at("2026-09-29")))
    found = the_one(play, pack)
    assert (found.status, found.event_id) == (Status.ON_TIME, "e2")


def test_a_later_version_public_in_its_stead_closes_the_duty(play: Player, pack: Pack) -> None:
    city = City()
    play.play(
        city.verdict("e1", due="2026-09-25"),
        city.verdict("e2", version=2, due="2026-10-20", verb="updated"),
        city.receipt("e1", "superseded"),
        city.receipt("e2", version=2, at=at("2026-09-24")),
    )
    assert [found.status for found in all_of(play, pack)] == [Status.ON_TIME, Status.ON_TIME]


def test_history_is_listed_and_never_scored(play: Player, pack: Pack) -> None:
    city = City()
    play.play(city.verdict(due="2019-01-05", backfill=True), city.receipt())
    assert the_one(play, pack).status is Status.BACKFILL
    with play.store.read() as conn:
        assert figures(conn, Filter(), TODAY)["fgw"].rate is None


def test_withdrawn_before_its_day_it_is_owed_no_longer_but_afterwards_it_was_missed(play: Player, pack: Pack) -> None:
    city = City()
    play.play(city.verdict("e1", due="2026-09-25"))
    play.play(city.verdict("w", subject="fgw/a", verb="withdrawn", due=None, arrival=at("2026-09-24")))
    assert the_one(play, pack).status is Status.WITHDRAWN

    play.play(city.verdict("e2", subject="fgw/b", due="2026-09-23"))
    play.play(city.verdict("v", subject="fgw/b", verb="withdrawn", due=None, arrival=at("2026-09-24")))
    assert {found.subject: found.status for found in all_of(play, pack)} == {
        "fgw/a": Status.WITHDRAWN, "fgw/b": Status.OVERDUE,
    }  # fmt: skip


def test_what_has_no_clock_is_said_so(play: Player, pack: Pack) -> None:
    play.play(City().verdict(due=None))
    assert the_one(play, pack).status is Status.UNCLOCKED


def test_days_counted_in_a_year_without_schedule_are_marked(play: Player, pack: Pack) -> None:
    city = City()
    play.play(city.verdict(due="2034-12-29"), city.receipt(at=at("2035-01-15")))
    found = the_one(play, pack, at("2035-02-01"))
    assert not found.calendar_complete
    assert found.late_days is not None


def test_each_figure_is_as_large_as_the_list_it_was_counted_from(play: Player, pack: Pack) -> None:
    city = City()
    for number, (due, public) in enumerate([
        ("2026-09-25", "2026-09-24"), ("2026-09-25", "2026-09-28"), ("2026-09-22", None), ("2026-09-30", None),
        ("2026-09-30", "2026-09-22"), ("2026-10-12", None),
    ]):  # fmt: skip
        subject = f"fgw/{number}"
        play.play(city.verdict(f"e{number}", subject=subject, due=due))
        if public:
            play.play(city.receipt(f"e{number}", subject=subject, at=at(public)))
    quarter = Quarter(2026, 3)
    with play.store.read() as conn:
        found = figures(conn, Filter(quarter=quarter), TODAY)["fgw"]
    assert found.rate == 0.5
    assert found.scored == 4
    for status in Status:
        members = all_of(play, pack, wanted=Filter("fgw", quarter, (status,)))
        assert len(members) == found.counts.get(status, 0)


def test_a_department_without_anything_due_has_no_rate_rather_than_zero() -> None:
    assert Figures({}).rate is None
    assert together([]).rate is None


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_every_day_lies_in_the_quarter_that_names_it(day: date) -> None:
    quarter = Quarter.of(day)
    assert quarter.first <= day <= quarter.last
    assert Quarter.parse(str(quarter)) == quarter
    assert quarter.next.previous == quarter


@pytest.mark.parametrize("name", ["2026Q5", "2026q3", "Q3", "", "２０２６Q3"])
def test_what_is_no_quarter_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(Invalid, match="2026Q3"):
        Quarter.parse(name)
