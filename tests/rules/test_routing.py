"""Which outlets carry what, under which title, by when."""

from __future__ import annotations

import json
from datetime import datetime

from rules import route
from schemas.decode import decode
from schemas.records import Routed
from tests.rules.making import Event, backfill, changed, envelope, example, normative, pack, signed

EVERY = ["portal", "gazette", "wechat-city", "wechat-city-service", "weibo-city", "wechat-mzj"]


def routed(event: Event) -> tuple[Routed, ...]:
    return route(pack(), decode(json.dumps(event).encode()))


def carried(event: Event) -> list[str]:
    return [one.outlet for one in routed(event) if one.action == "carry"]


def test_the_first_version_goes_where_its_channels_name_and_to_nothing_else() -> None:
    assert [one.outlet for one in routed(example())] == ["portal", "wechat-city", "weibo-city", "wechat-mzj"]
    assert carried(changed(example(), channels=["政府网站"])) == ["portal"]
    assert carried(normative()) == ["portal", "gazette"]


def test_a_departments_account_carries_its_own_departments_items_alone() -> None:
    event = changed(envelope(example(), {"source": "/departments/czj", "subject": "czj/1"}), responsible_dept="czj")
    assert carried(event) == ["portal", "wechat-city", "weibo-city"]


def test_an_account_of_some_classes_carries_those_alone() -> None:
    policy = changed(normative(), channels=["政府网站", "政府公报", "两微一端"])
    assert carried(policy) == ["portal", "gazette", "wechat-city", "wechat-city-service", "weibo-city"]
    assert {one.quota_class for one in routed(policy)} == {"政策"}


def test_the_citys_gazette_takes_no_districts_papers() -> None:
    names = {"item": "01-06", "kind": "notice", "channels": ["政府网站", "政府公报"]}
    city = changed(example(), **names)
    district = changed(example(), **names, responsible_dept="dhq")
    assert (carried(city), carried(district)) == (["portal", "gazette"], ["portal"])


def test_a_later_version_goes_to_every_outlet_and_is_taken_down_where_it_is_no_longer_named() -> None:
    later = changed(example("publication.updated"), channels=["政府网站"])
    assert [one.outlet for one in routed(later)] == EVERY
    assert carried(later) == ["portal"]


def test_a_withdrawal_goes_to_every_outlet_with_its_notice() -> None:
    event = example("publication.withdrawn")
    given = routed(event)
    assert [one.outlet for one in given] == EVERY
    assert {(one.action, one.title) for one in given} == {("take-down", event["data"]["notice"])}


def test_history_is_carried_by_the_portal_alone_and_is_due_never() -> None:
    assert [(one.outlet, one.due) for one in routed(backfill())] == [("portal", None)]


def test_other_families_have_no_outlets() -> None:
    assert routed(example("matter.opened")) == ()


def test_titles_are_short_where_they_must_be_and_never_cut() -> None:
    long, short = "关于临时救助工作的通知" * 4, "临时救助通知"
    event = signed(changed(example(), title=long, short_title=short))
    titles = {one.outlet: one.title for one in routed(event)}
    assert titles == {"portal": long, "wechat-city": short, "weibo-city": long, "wechat-mzj": short}


def test_the_portal_alone_has_the_rows_due_day_to_its_end() -> None:
    due = {one.outlet: one.due for one in routed(example())}
    assert due.pop("portal") == datetime.fromisoformat("2026-03-19T23:59:59+08:00")
    assert set(due.values()) == {None}


def test_feeds_are_topics() -> None:
    from schemas.topics import BY_NAME

    assert {one.feed for one in routed(example("publication.withdrawn"))} <= set(BY_NAME)
