"""Standing duties go their whole way: opened over links, answered by a publication, exempted, told of when overdue."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bus.store import Store
from bus.store.tables import KNOWN
from rules.lifecycle import Told
from rules.standing import Published
from schemas.city import Pack
from streams.duties import recall
from streams.duties.standing import answered
from streams.duties.tables import GAPS, STANDING, WATERMARKS
from tests.rules.making import pack
from tests.streams.duties.office import Office, at, city
from tests.streams.duties.wall import Wall


class Calendar(Office):
    """An office whose links are read back, as the stage does; one partition is the whole city's."""

    read: int = 0

    def follow(self, when: str) -> None:
        """Take the steps that lie on `links` and were not taken."""
        links = [out for out in self.sent if out.topic == "links"]
        for out in links[self.read :]:
            step = json.loads(out.value or b"")["data"]
            self._take(out.key.decode(), step, when)
        self.read = len(links)

    def _take(self, subject: str, step: dict[str, Any], when: str) -> None:
        given = {"lifecycle": step["lifecycle"]} if step["lifecycle"] else {}
        moment = step["at"][:16].replace("T", " ")
        done = self.step(
            subject, step["step"], moment, arrival=when, source="/engine/matters", **given, **step["fields"]
        )
        assert done.outcome == "accepted", [one.message.zh for one in done.findings]

    def publish(self, when: str, **given: Any) -> tuple[Told, ...]:
        """Something becomes public; its answers are taken at once."""
        whole: dict[str, Any] = {"subject": "mzj/2026-1", "dept": "mzj", "at": at(when)} | given
        with self.store.begin() as conn:
            told = answered(conn, self.pack, Published(**whole))
        for one in told:
            lifecycle = {"lifecycle": one.lifecycle} if one.lifecycle else {}
            self.step(one.target, one.step, when, source="/engine/matters", **lifecycle, **one.fields)
        return told


def only(*duties: str) -> Pack:
    return city(standing=tuple(one for one in pack().standing if one.id in duties))


@pytest.fixture
def office(store: Store) -> Calendar:
    made = Calendar(store)
    made.pack = only("annual-report", "annual-report-city")
    return made


def begun(office: Calendar, when: str) -> Wall:
    """The wall clock, with what is owed that day opened."""
    wall = Wall(office)
    wall.tick(when)
    office.follow(when)
    wall.send_all()
    return wall


def owed(office: Calendar, dept: str = "mzj") -> list[str]:
    return sorted({row.key for row in office.rows(STANDING) if row.key.startswith(f"{dept}/") and not row.done})


def test_a_period_is_opened_once_and_answered_by_its_row(office: Calendar) -> None:
    wall = begun(office, "2026-01-05 08:00")
    opened = len(office.notices("opened"))
    assert opened == 62
    wall.tick("2026-01-06 08:00")
    wall.tick("2026-01-07 08:00")
    office.follow("2026-01-07 08:00")
    assert len(office.notices("opened")) == opened
    office.publish("2026-01-20", row="01-09", kind="annual-report")
    (closed,) = office.notices("closed")
    assert (closed.subject, closed.late, closed.title) == (
        "mzj/duty.annual-report.2026-01-31",
        False,
        "政府信息公开工作年度报告（2026-01-31）",
    )
    assert owed(office) == []
    assert office.publish("2026-01-21", row="01-09", kind="annual-report") == ()


def test_who_is_late_is_supervised_the_day_after_and_nobody_else(office: Calendar) -> None:
    wall = begun(office, "2026-01-05 08:00")
    office.publish("2026-01-20", row="01-09")
    wall.tick("2026-01-31 23:59")
    assert not [one for one in office.notices("rung") if one.overdue]
    wall.tick("2026-02-01 00:00")
    late = {one.dept for one in office.notices("rung") if one.rung == "supervised"}
    assert len(late) == 61
    assert "mzj" not in late
    assert {one.rule for one in office.notices("rung")} == {"CLK-10"}


def test_one_publication_answers_one_period_the_earliest(office: Calendar) -> None:
    wall = begun(office, "2026-01-05 08:00")
    wall.tick("2026-02-02 08:00")
    office.follow("2026-02-02 08:00")
    assert owed(office, "zfb") == [
        "zfb/duty.annual-report-city.2026-03-31", "zfb/duty.annual-report.2026-01-31",
    ]  # fmt: skip
    office.publish("2026-02-03", dept="zfb", row="01-09")
    assert owed(office, "zfb") == ["zfb/duty.annual-report-city.2026-03-31"]


def test_the_lead_office_exempts_and_says_why_and_no_other_can(office: Calendar) -> None:
    begun(office, "2026-01-05 08:00")
    key = "mzj/duty.annual-report.2026-01-31"
    refused = office.step(key, "exempted", "2026-01-06", reason="本年度机构改革")
    assert refused.outcome == "rejected"
    done = office.step(key, "exempted", "2026-01-06", source="/departments/zfb", reason="机构改革")
    assert (done.outcome, [one.what for one in office.notices("exempted")]) == ("accepted", ["exempted"])
    assert office.notices("exempted")[0].reason == "机构改革"
    assert key not in owed(office)


def test_a_campaign_shows_who_is_done_and_supervises_the_rest_on_the_first_of_april(office: Calendar) -> None:
    office.pack = only("catalogue-completion")
    wall = begun(office, "2026-02-27 08:00")
    done = office.step("mzj/duty.catalogue-completion.2026-02-27", "done", "2026-03-30", reason="已在门户公开本局目录")
    assert done.outcome == "accepted"
    assert wall.tick("2026-03-31 23:59")[-1:] == ["rung reminded"]
    open_ = [row.key for row in office.rows(STANDING) if not row.done]
    assert len(open_) == 51
    wall.tick("2026-04-01 00:00")
    supervised = [one for one in office.notices("rung") if one.rung == "supervised"]
    assert {one.subject for one in supervised} == set(open_)
    assert {one.at for one in supervised} == {at("2026-04-01 00:00")}


def test_a_column_is_warned_of_at_four_fifths_and_begins_anew_with_something_new(office: Calendar) -> None:
    office.pack = only("column")
    wall = begun(office, "2026-03-02 00:00")
    office.publish("2026-03-10", column="news")
    wall.tick("2026-03-21 04:00")
    news = [one for one in office.notices("rung") if one.subject.endswith(".news")]
    assert not news
    wall.tick("2026-03-25 00:00")
    news = [one for one in office.notices("rung") if one.subject.endswith(".news")]
    assert [one.rung for one in news] == ["stale-warned", "stale"]
    assert office.publish("2026-03-25 09:00", column="news")[0].fields == {"due": "2026-04-08"}
    assert office.publish("2026-03-25 10:00", column="news") == (), "once a day is enough"


def test_a_document_is_told_of_ninety_days_before_it_expires(office: Calendar) -> None:
    office.pack = only("expiry")
    wall = begun(office, "2026-03-02 08:00")
    office.publish("2026-03-02 09:00", kind="normative-document", expires=date(2026, 12, 31))
    assert wall.tick("2026-10-01 23:59") == []
    assert wall.tick("2026-10-02 00:00") == ["rung expiring"]


def test_a_missing_schedule_is_asked_for_once_and_answered_by_its_release(office: Calendar) -> None:
    office.pack = only("calendar")
    wall = begun(office, "2026-12-20 08:00")
    office.step("mzj/1", "begun", "2026-12-28")
    office.step("mzj/2", "begun", "2026-12-28")
    assert [row.year for row in office.rows(GAPS)] == [2027]
    wall.tick("2026-12-28 13:00")
    office.follow("2026-12-28 13:00")
    assert owed(office, "zfb") == ["zfb/duty.calendar.2027"]
    wall.send_all()
    wall.tick("2026-12-29 08:00")
    office.follow("2026-12-29 08:00")
    assert len(office.notices("opened")) == 3, "two cases, and the schedule once"
    year = city().years[-1].model_copy(update={"year": 2027, "off": (date(2027, 1, 1),), "work": ()})
    released = city().city.model_copy(update={"release": "2"})
    office.pack = replace(only("calendar"), years=(*city().years, year), city=released)
    wall.send_all()
    wall.tick("2026-12-29 09:00")
    office.follow("2026-12-29 09:00")
    assert owed(office, "zfb") == []


def test_after_a_rebuild_what_was_slept_through_is_opened_still(office: Calendar) -> None:
    office.pack = only("annual-report", "annual-report-city", "monthly-digest")
    begun(office, "2026-01-05 08:00")
    sent = [(dict(out.headers)["gk-id"], out.value) for out in office.sent]
    with office.store.begin() as conn:
        conn.execute(WATERMARKS.update().values(release=None, day=None))
        rows = [{"gk_id": bytes.fromhex(id_.decode().replace("-", "")), "value": value} for id_, value in sent]
        conn.execute(KNOWN.insert(), rows)
        recall(conn)
    before = {row.key for row in office.rows(STANDING)}
    wall = Wall(office)
    wall.tick("2026-03-10 08:00")
    office.follow("2026-03-10 08:00")
    fresh = {row.key for row in office.rows(STANDING)} - before
    assert {key.rpartition(".")[2][:7] for key in fresh} >= {"2026-02", "2026-03"}
