"""What is owed each period is opened by the calendar, and answered by what is public (CLK-10 to CLK-13, NM-01)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from rules.calendar import SHANGHAI
from rules.standing import Opening, Published, answers_of, closers_of, expiry, openings, owing, renewed
from schemas.city import Pack, TimeLimit
from tests.rules.making import pack


def day(text: str) -> date:
    return date.fromisoformat(text)


def open_on(
    text: str, duty: str, *, city: Pack | None = None, since: str = "", gaps: tuple[int, ...] = ()
) -> list[Opening]:
    found = openings(city or pack(), day(since or text), day(text), gaps)
    return [one for one in found if one.standing.id == duty]


def published(**given: object) -> Published:
    at = datetime.fromisoformat(str(given.pop("at", "2026-03-02T09:00:00"))).replace(tzinfo=SHANGHAI)
    whole: dict[str, object] = {"subject": "mzj/2026-1", "dept": "mzj", "at": at} | given
    return Published(**whole)  # type: ignore[arg-type]


@pytest.mark.parametrize(("duty", "rule", "text", "due"), [
    ("annual-report", "CLK-10", "2026-01-01", "2026-01-31"),
    ("annual-report-city", "CLK-10G", "2026-02-01", "2026-03-31"),
    ("website-report", "CLK-11", "2026-01-01", "2026-01-31"),
    ("monthly-digest", "CLK-12", "2026-02-25", "2026-03-01"),
])  # fmt: skip
def test_a_day_fixed_by_name_never_rolls_though_it_is_a_weekend(duty: str, rule: str, text: str, due: str) -> None:
    opened = open_on(text, duty)
    assert {one.due for one in opened} == {day(due)}
    assert {one.standing.rule for one in opened} == {rule}
    assert not open_on("2026-02-10" if duty == "monthly-digest" else "2025-11-30", duty)


def test_a_duty_opens_so_many_days_ahead_and_not_before() -> None:
    assert not open_on("2025-12-31", "annual-report")
    assert open_on("2026-01-01", "annual-report")
    assert not open_on("2026-02-01", "annual-report"), "what is over is not invented"
    assert open_on("2026-02-10", "annual-report", since="2026-01-20"), "what was slept through is made up for"


def test_each_department_that_owes_it_has_a_duty_of_its_own() -> None:
    keys = [one.key for one in open_on("2026-01-05", "annual-report")]
    assert len(keys) == len(set(keys))
    assert "mzj/duty.annual-report.2026-01-31" in keys
    levels = {pack().department[key.partition("/")[0]].level for key in keys}
    assert levels == {"市", "区", "街镇"}, "village committees owe none"


def test_a_department_that_ended_owes_nothing_new() -> None:
    ended = [one.code for one in pack().departments if one.to is not None]
    assert ended
    keys = {one.key.partition("/")[0] for one in open_on("2026-01-05", "annual-report")}
    assert keys.isdisjoint(ended)


def test_a_campaign_is_owed_once_until_the_end_of_the_following_month() -> None:
    assert {one.due for one in open_on("2026-02-27", "catalogue-completion")} == {day("2026-03-31")}
    assert len(open_on("2026-03-31", "catalogue-completion")) == len(
        owing(pack(), open_on("2026-03-31", "catalogue-completion")[0].standing, day("2026-03-31"))
    )
    assert not open_on("2026-02-26", "catalogue-completion")
    assert not open_on("2027-03-01", "catalogue-completion")


def test_a_row_with_a_day_of_its_own_is_owed_by_all_who_publish_it() -> None:
    row = next(one for one in pack().rows if one.code == "01-07")
    quarterly = TimeLimit(trigger="cron", cron="Q1-15", n=5, unit="WD", raw="每季度首月15日后5个工作日内")
    rows = tuple(one.model_copy(update={"time_limit": quarterly}) if one is row else one for one in pack().rows)
    opened = open_on("2026-10-10", "update-cycle", city=replace(pack(), rows=rows))
    assert {one.due for one in opened} == {day("2026-10-22")}
    assert {one.key.partition("/")[0] for one in opened} <= pack().publishers_of(row)
    key = opened[0].key
    assert closers_of(pack(), key) == (f"row:01-07@{key.partition('/')[0]}",)


def test_rows_that_a_duty_names_are_not_owed_twice() -> None:
    assert not open_on("2026-01-20", "update-cycle"), "the annual report's row has a duty of its own"


def test_columns_and_accounts_begin_anew_with_each_answer() -> None:
    (news,) = [one for one in open_on("2026-02-10", "column") if one.key.endswith(".news")]
    assert news.due == day("2026-02-24"), "14 days, over Spring Festival"
    assert renewed(pack(), news.key, day("2026-02-12")) == day("2026-02-26")
    assert closers_of(pack(), news.key) == ("column:news",)
    accounts = open_on("2026-02-10", "account")
    assert {one.key.rpartition(".")[2] for one in accounts} == {
        one.id for one in pack().outlets if one.platform in {"wechat", "weibo"}
    }
    assert {one.key.partition("/")[0] for one in accounts if "mzj" in one.key} == {"mzj"}
    assert renewed(pack(), "mzj/duty.annual-report.2026-01-31", day("2026-01-10")) is None


def test_what_is_not_public_is_looked_at_again_within_a_year() -> None:
    (one,) = [one for one in open_on("2026-03-02", "foi-reassessment") if one.key.startswith("mzj/")]
    assert (one.key, one.due, one.standing.rule) == ("mzj/duty.foi-reassessment", day("2027-03-02"), "FOI-A18")


def test_a_year_without_its_schedule_is_asked_for_once_and_no_other() -> None:
    (one,) = open_on("2026-09-25", "calendar", gaps=(2026, 2027))
    assert (one.key, one.due) == ("zfb/duty.calendar.2027", day("2026-12-31"))


def test_a_document_is_to_be_looked_at_before_its_last_day() -> None:
    found = expiry(pack(), published(kind="normative-document", expires=day("2026-12-31")))
    assert found is not None
    assert (found.key, found.due) == ("mzj/duty.expiry.2026-1", day("2026-12-31"))
    assert expiry(pack(), published(kind="normative-document", expires=day("2026-01-01"))) is None
    assert expiry(pack(), published(kind="penalty", expires=day("2026-12-31"))) is None
    assert closers_of(pack(), found.key) == (), "another document says nothing of this one"


def test_a_successor_answers_for_whom_it_succeeded() -> None:
    heir = next(one for one in pack().departments if one.successor)
    assert heir.successor is not None
    answers = answers_of(pack(), published(dept=heir.successor, row="01-09", kind="annual-report"))
    assert {f"row:01-09@{heir.code}", f"row:01-09@{heir.successor}"} <= set(answers)
    assert f"row:01-09@{heir.successor}" not in answers_of(pack(), published(dept=heir.code, row="01-09"))


def test_every_standing_duty_of_the_example_names_what_the_pack_has() -> None:
    city = pack()
    for one in city.standing:
        life = city.lifecycle[one.lifecycle]
        steps = {one.opens, *([one.redates] if one.redates else [])}
        assert steps <= life.step.keys(), one.id
        assert one.clock is None or one.clock in city.clock, one.id
        assert set(one.rows) <= city.row.keys(), one.id
        assert set(one.kinds) <= city.kind.keys(), one.id
