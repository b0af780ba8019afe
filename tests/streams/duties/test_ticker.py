"""The clock tells of what is due once, by what is known of the log, whatever was slept through."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bus.errors import Fenced
from bus.store import Store
from bus.store.tables import KNOWN, PARTITIONS
from rules.lifecycle import Matter
from schemas import headers as h
from schemas.city import Pack
from schemas.ids import clock_step_id, duty_word_id
from schemas.records import DutyNoticed
from streams import duties
from streams.duties import Stamp, Stepped
from streams.duties.tables import DUTIES, OWED, RUNGS, WATERMARKS, ms
from tests.streams.duties.office import Office, at, city, data
from tests.streams.duties.wall import Wall

BEGUN = "2026-02-10"
"""A Tuesday: five working days are over on the 24th, behind Spring Festival."""


def test_each_rung_is_told_of_once_when_its_instant_is_past(either: Store) -> None:
    office = Office(either)
    wall = Wall(office)
    office.step("mzj/1", "begun", BEGUN)
    told = [(when, wall.tick(when)) for when in (
        "2026-02-14 08:59", "2026-02-14 09:00", "2026-02-14 09:01", "2026-02-24 23:59", "2026-02-25 00:00",
        "2026-02-25 00:01", "2026-03-02 23:59", "2026-03-03 00:00", "2026-06-01 00:00",
    )]  # fmt: skip
    assert [(when, words) for when, words in told if words] == [
        ("2026-02-14 09:00", ["rung reminded"]),
        ("2026-02-25 00:00", ["rung urged", "rung supervised"]),
        ("2026-03-03 00:00", ["rung circulated"]),
    ]
    last = office.notices()[-1]
    assert (last.rung_name, last.overdue, last.to) == ("通报", True, ("leader", "lead-office", "public"))
    assert (last.leader_post, last.version, last.at) == ("市民政局局长", 5, at("2026-03-03 00:00"))


def test_the_id_of_a_rung_is_its_duty_its_name_and_its_day(office: Office) -> None:
    office.step("mzj/1", "begun", BEGUN)
    Wall(office).tick("2026-02-14 09:00")
    due = ms(at("2026-02-24 23:59") + timedelta(seconds=59))
    assert dict(office.sent[-1].headers)["gk-id"].decode() == duty_word_id(f"mzj/1#work#1/reminded/{due}")


def test_an_outage_raises_nothing_false_and_then_tells_of_all_that_is_due(office: Office) -> None:
    wall = Wall(office)
    office.step("mzj/1", "begun", BEGUN)
    office.step("mzj/2", "begun", BEGUN)
    wall.tick("2026-02-24 12:00")
    wall.waiting("matters", 1)  # finished on the 24th, told while nobody read
    assert wall.tick("2026-02-26 09:00") == []
    office.step("mzj/1", "finished", "2026-02-24 17:00")
    assert wall.tick("2026-02-26 09:01") == [], "the last that was read arrived on the 24th"
    wall.waiting("matters", 0)
    assert wall.tick("2026-02-26 09:02") == ["rung urged", "rung supervised"]
    assert {one.subject for one in office.notices("rung") if one.overdue} == {"mzj/2"}


def test_a_partition_that_lags_elsewhere_holds_the_clock_of_all(office: Office) -> None:
    wall = Wall(office)
    office.step("mzj/1", "begun", BEGUN)
    wall.waiting("receipts", 3)
    assert wall.tick("2026-02-26") == []
    wall.waiting("receipts", 0)
    assert wall.tick("2026-02-26") == ["rung reminded", "rung urged", "rung supervised"]


def test_steps_on_their_way_to_other_matters_hold_the_clock(office: Office) -> None:
    wall = Wall(office)
    office.step("mzj/1", "begun", BEGUN, until="2026-02-20")
    assert wall.tick("2026-02-21 00:00")[-1:] != ["rung urged"]
    assert [out.topic for out in office.sent].count("links") == 1, "the period ended by itself"
    assert wall.tick("2026-02-26") == [], "its step is still in the outbox"
    wall.send_all()
    assert "rung supervised" in wall.tick("2026-02-26")


def test_nothing_is_told_before_every_partition_was_read(office: Office) -> None:
    wall = Wall(office, unread=True)
    office.step("mzj/1", "begun", BEGUN)
    assert wall.tick("2026-03-26") == []


def test_a_step_that_arrived_before_a_rung_and_was_read_after_it_takes_the_rung_back(either: Store) -> None:
    office = Office(either)
    wall = Wall(office)
    office.step("mzj/1", "begun", BEGUN)
    wall.tick("2026-02-25 00:00")
    office.step("mzj/1", "finished", "2026-02-24 17:00")
    assert office.words()[-3:] == ["rung-cancelled urged", "rung-cancelled supervised", "closed"]
    *_, urged, supervised, closed = office.notices()
    assert (closed.late, closed.version) == (False, 7)
    told = [h.get(out.headers, h.ID) for out in office.sent if data(out)["what"] == "rung" and data(out)["overdue"]]
    assert [urged.cancels, supervised.cancels] == told, "each names the record that it takes back"
    assert [row.cancelled for row in office.rows(RUNGS) if row.rung == "reminded"] == [False]
    assert wall.tick("2026-03-20") == []


def test_what_is_paused_is_told_nothing_and_comes_back_with_its_new_day(office: Office) -> None:
    wall = Wall(office)
    office.step("mzj/1", "begun", BEGUN)
    office.step("mzj/1", "asked", "2026-02-11")
    assert wall.tick("2026-04-30") == []
    office.step("mzj/1", "answered", "2026-04-30")
    due = office.notices()[-1].due
    assert due.isoformat() == "2026-05-09", "three working days were left: 05-06 … behind Labour Day's five days"
    assert wall.tick("2026-05-10 00:00") == ["rung reminded", "rung urged", "rung supervised"]


def test_an_extension_gives_the_ladder_anew(office: Office) -> None:
    wall = Wall(office)
    office.step("mzj/1", "begun", "2026-09-22")
    assert wall.tick("2026-09-29 10:00") == ["rung reminded"]
    office.step("mzj/1", "extended", "2026-09-29 11:00")
    assert office.notices()[-1].due.isoformat() == "2026-10-13", "National Day lies between"
    assert wall.tick("2026-10-14 00:00") == ["rung reminded", "rung urged", "rung supervised"]


def test_a_duty_that_was_told_of_late_is_not_reminded_of_but_is_overdue(office: Office) -> None:
    office.step("mzj/1", "begun", BEGUN, arrival="2026-02-28")
    assert Wall(office).tick("2026-02-28 12:01") == ["rung urged", "rung supervised"]


def test_a_period_that_ends_by_itself_takes_its_step_once_at_its_last_instant(office: Office) -> None:
    wall = Wall(office)
    office.step("mzj/1", "begun", BEGUN, until="2026-02-12")
    wall.tick("2026-02-12 23:59")
    assert not [out for out in office.sent if out.topic == "links"]
    wall.tick("2026-02-13 00:00")
    wall.tick("2026-02-13 00:01")
    (link,) = [out for out in office.sent if out.topic == "links"]
    assert (data(link)["step"], data(link)["at"][:19], link.key) == ("ended", "2026-02-12T23:59:59", b"mzj/1")
    due = ms(at("2026-02-12 23:59") + timedelta(seconds=59))
    gk_id = dict(link.headers)["gk-id"].decode()
    assert gk_id == clock_step_id(f"mzj/1#shown#1/{due}", "mzj/1", "ended")
    office.step("mzj/1", "ended", "2026-02-12 23:59", arrival="2026-02-13 00:02", source="/engine/matters")
    assert office.notices()[-1].what == "closed"


def test_who_lost_the_partition_tells_of_nothing(office: Office) -> None:
    wall = Wall(office)
    office.step("mzj/1", "begun", BEGUN)
    with office.store.begin() as conn:
        conn.execute(PARTITIONS.update().values(epoch=PARTITIONS.c.epoch + 1))
    with pytest.raises(Fenced):
        wall.tick("2026-02-26")
    assert not office.rows(RUNGS)


def test_a_new_schedule_moves_open_duties_with_the_reason_and_no_others(office: Office) -> None:
    wall = Wall(office)
    office.step("mzj/1", "begun", "2026-12-28")
    office.step("mzj/2", "begun", "2026-12-14")
    assert (office.notices()[0].due.isoformat(), office.notices()[0].calendar_complete) == ("2027-01-05", False)
    wall.tick("2026-12-28 13:00")
    office.pack = with_2027()
    wall.tick("2026-12-28 14:00")
    (moved,) = office.notices("redated")
    assert (moved.subject, moved.due.isoformat(), moved.calendar_complete) == ("mzj/1", "2027-01-07", True)
    assert "由2027-01-05改为2027-01-07" in moved.reason
    assert "2027-01-04由工作日(推算)改为节假日（关于2027年部分节假日安排的通知）" in moved.reason
    office.step("mzj/1", "finished", "2027-01-06")
    closed = office.notices("closed")[-1]
    assert (closed.due.isoformat(), closed.late) == ("2027-01-07", False)
    assert len(office.notices("redated")) == 1


def test_a_step_that_comes_first_under_a_new_release_carries_the_new_day(office: Office) -> None:
    wall = Wall(office)
    office.step("mzj/1", "begun", "2026-12-28")
    wall.tick("2026-12-28 13:00")
    office.pack = with_2027()
    office.step("mzj/1", "noted", "2026-12-28 14:00")
    wall.tick("2026-12-28 15:00")
    assert [one.due.isoformat() for one in office.notices("redated")] == ["2027-01-07"]


def test_what_a_department_owed_passes_to_its_successor_on_the_day(office: Office) -> None:
    ended = tuple(
        one.model_copy(update={"to": at("2026-02-20").date(), "successor": "rsj"}) if one.code == "mzj" else one
        for one in city().departments
    )
    office.pack = city(departments=ended)
    wall = Wall(office)
    office.step("mzj/1", "begun", BEGUN)
    wall.tick("2026-02-20 23:59")
    assert not office.notices("assigned")
    wall.tick("2026-02-21 00:01")
    (passed,) = office.notices("assigned")
    assert (passed.depts, passed.leader_post) == (("rsj",), city().department["rsj"].leader_post)
    assert [(row.dept, row.duty) for row in office.rows(OWED)] == [("rsj", "mzj/1#work#1")]
    office.step("mzj/1", "noted", "2026-02-24")
    assert len(office.notices("assigned")) == 1


def test_a_rebuild_tells_of_nothing_again(either: Store) -> None:
    office = Office(either)
    wall = Wall(office)
    taken: list[Stepped] = []

    def step(name: str, when: str, arrival: str = "") -> None:
        done = office.step("mzj/1", name, when, arrival=arrival or when)
        assert isinstance(done.matter, Matter)
        taken.append(Stepped(office.pack, done.matter, done.duties, Stamp(at(arrival or when))))

    step("begun", BEGUN)
    wall.tick("2026-02-14 09:00")
    step("extended", "2026-02-24")
    wall.tick("2026-03-05")
    step("finished", "2026-03-02", "2026-03-02")
    wall.tick("2026-03-06")
    before, sent = office.rows(DUTIES), {dict(out.headers)["gk-id"]: out.value for out in office.sent}
    assert office.words("rung-cancelled")
    again = Office(either, matters=dict(office.matters))
    with either.begin() as conn:
        for table in reversed(duties.metadata.sorted_tables):
            conn.execute(table.delete())
        rows = [{"gk_id": bytes.fromhex(id_.decode().replace("-", "")), "value": value} for id_, value in sent.items()]
        conn.execute(KNOWN.insert(), rows)
        assert duties.recall(conn) == 4
    for each in taken:
        again.keep([each], each.stamp.at)
    assert again.rows(DUTIES) == before
    assert all(sent[dict(out.headers)["gk-id"]] == out.value for out in again.sent)
    assert Wall(again).tick("2026-03-06") == []


def test_a_rebuild_knows_what_ended_by_itself(office: Office) -> None:
    wall = Wall(office)
    office.step("mzj/1", "begun", BEGUN, until="2026-02-25")
    wall.tick("2026-02-26")
    before = office.rows(RUNGS)
    assert "lapse" in {row.what for row in before}
    with office.store.begin() as conn:
        conn.execute(RUNGS.delete())
        known = [(dict(out.headers)["gk-id"], out.value) for out in office.sent]
        rows = [{"gk_id": bytes.fromhex(id_.decode().replace("-", "")), "value": value} for id_, value in known]
        conn.execute(KNOWN.insert(), rows)
        assert duties.recall(conn) == len(before)
    assert office.rows(RUNGS) == before


def test_a_rebuild_under_a_new_release_moves_what_the_release_moves(office: Office) -> None:
    wall = Wall(office)
    office.step("mzj/1", "begun", "2026-12-28")
    wall.tick("2026-12-28 13:00")
    with office.store.begin() as conn:  # by which release it looked is no word of the log
        conn.execute(WATERMARKS.update().values(release=None, day=None))
    office.pack = with_2027()
    wall.tick("2026-12-28 14:00")
    assert [one.due.isoformat() for one in office.notices("redated")] == ["2027-01-07"]


def test_every_word_is_a_record_its_readers_can_read(office: Office) -> None:
    office.step("mzj/1", "begun", BEGUN)
    Wall(office).tick("2026-02-25 00:00")
    for out in office.sent:
        DutyNoticed.model_validate_json(out.value or b"")


def test_the_scan_reads_what_is_due_and_nothing_else(office: Office) -> None:
    for number in range(200):
        office.step(f"mzj/{number}", "begun", "2026-02-10" if number % 20 else "2026-02-09")
    wall = Wall(office)
    wall.tick("2026-02-13 08:59")
    assert wall.last.due == 0
    wall.tick("2026-02-13 09:00")
    assert wall.last.due == 10, "those begun a day before, and not the others"
    with office.store.read() as conn:
        plan = conn.execute(sa.text(
            "EXPLAIN QUERY PLAN SELECT id FROM duties WHERE topic='matters' AND partition=0 AND next_at<=1"
            " ORDER BY next_at LIMIT 500"
        )).all()  # fmt: skip
    assert "ix_duties_topic_partition_next_at (topic=? AND partition=? AND next_at<?)" in plan[0].detail


def with_2027() -> Pack:
    """The city when the schedule of 2027 is there: days off to the third, a working Saturday behind."""
    notice = {
        "year": 2027, "version": 1, "announced": "2026-11-10", "basis": "关于2027年部分节假日安排的通知",
        "off": ["2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04", "2027-01-05"], "work": [],
    }  # fmt: skip
    year = type(city().years[0]).model_validate(notice)
    return replace(city(), years=(*city().years, year), city=city().city.model_copy(update={"release": "2"}))
