"""What steps do to duties is a row and a word each, on either database."""

from __future__ import annotations

from datetime import date

from bus.store import Store
from schemas.ids import duty_word_id
from streams.duties.tables import DUTIES, OWED, WATERMARKS, ms
from tests.streams.duties.office import Office, at


def test_each_change_of_a_duty_is_one_row_and_one_word_with_its_own_number(either: Store) -> None:
    office = Office(either)
    office.step("mzj/1", "begun", "2026-02-10")
    office.step("mzj/1", "asked", "2026-02-11")
    office.step("mzj/1", "answered", "2026-02-24")
    office.step("mzj/1", "finished", "2026-02-25")
    assert office.words() == ["opened", "paused", "resumed", "closed"]
    assert [one.version for one in office.notices()] == [1, 2, 3, 4]
    (row,) = office.rows(DUTIES)
    assert (row.state, row.version, row.next_at, row.topic) == ("closed", 4, None, "matters")
    assert not office.rows(OWED)


def test_a_duty_over_spring_festival_is_due_when_the_calendar_says(office: Office) -> None:
    office.step("mzj/1", "begun", "2026-02-10")
    (opened,) = office.notices()
    assert (opened.due, opened.leader_post, opened.state) == (date(2026, 2, 24), "市民政局局长", "open")
    (row,) = office.rows(DUTIES)
    assert row.next_at == ms(at("2026-02-14 09:00")), "the working day before the 24th is the 14th, a Saturday"
    assert [(one.dept, one.duty) for one in office.rows(OWED)] == [("mzj", "mzj/1#work#1")]


def test_ids_of_words_come_from_the_duty_and_its_number_alone(office: Office) -> None:
    office.step("mzj/1", "begun", "2026-02-10")
    (out,) = office.sent
    assert dict(out.headers)["gk-id"].decode() == duty_word_id("mzj/1#work#1#1")
    assert (out.key, out.partition, out.timestamp) == (b"mzj/1", 0, ms(at("2026-02-10")))


def test_titles_are_masked_and_those_of_confidential_matters_left_out(office: Office) -> None:
    office.step("mzj/1", "begun", "2026-02-10")
    office.step("mzj/2", "begun", "2026-02-10", lifecycle="letter-case")
    public, secret = office.notices()
    assert public.title == "mzj/1的事，电话138****8000"
    assert secret.title == "来信 2"
    assert b"mzj/2\xe7\x9a\x84" not in (office.sent[1].value or b"")


def test_a_watermark_never_goes_back(office: Office) -> None:
    office.step("mzj/1", "begun", "2026-02-10")
    office.step("mzj/1", "noted", "2026-02-09", arrival="2026-02-09")
    office.step("mzj/1", "noted", "2026-02-10 13:00")
    (row,) = office.rows(WATERMARKS)
    assert row.arrival == ms(at("2026-02-10 13:00"))
