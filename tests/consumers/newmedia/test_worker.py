"""What the accounts say, and how every feed record ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bus.errors import Fenced
from bus.store.lease import Lease
from consumers.newmedia.tables import ALERT, DELIVERY, POST
from tests.consumers.newmedia.harness import DRAFT, SEND_ALL, SERVICE, SHARE, WECHAT, WEIBO, House
from tests.support.events import submitted, updated, withdrawn
from tests.support.waiting import eventually

SENT = {WECHAT: "wechat", WEIBO: "weibo"}


@pytest.mark.feature("1-14")
def test_an_item_is_said_once_on_each_account_and_each_feed_record_ends_in_one_receipt(any_house: House) -> None:
    event = submitted(local_id="a1", title="关于供暖的通知")
    any_house.publish(event, WECHAT, WEIBO)
    any_house.work(10)

    assert [post["title"] for post in any_house.wechat.posts()] == ["关于供暖的通知"]
    (post,) = any_house.weibo.posts()
    assert "【关于供暖的通知】" in post["text"]
    assert "999900/2026-00001" in post["text"]
    assert f"/items/{event['subject']}" in post["text"]
    assert len(post["text"]) <= 140
    for account in (WECHAT, WEIBO):
        (receipt,) = any_house.receipts(account)
        assert receipt["kind"] == "published"
        assert receipt["platform_id"]


def test_nothing_goes_out_before_the_portal_has_it(any_house: House) -> None:
    event = submitted(local_id="a1")
    any_house.feed(event, WECHAT, WEIBO)
    any_house.work(10)

    assert any_house.wechat.posts() == any_house.weibo.posts() == []
    assert any_house.receipts() == []

    any_house.portal_says(event)
    any_house.work(10)
    assert len(any_house.wechat.posts()) == len(any_house.weibo.posts()) == 1


def test_the_portals_word_may_come_before_the_feed(lone_house: House) -> None:
    event = submitted(local_id="a1")
    lone_house.portal_says(event)
    lone_house.feed(event, WEIBO)
    lone_house.work(5)

    assert len(lone_house.weibo.posts()) == 1


def test_an_item_that_the_portal_does_not_carry_waits_for_nothing(lone_house: House) -> None:
    lone_house.feed(submitted(local_id="a1", channels=["两微一端"]), WEIBO)
    lone_house.work(5)

    assert len(lone_house.weibo.posts()) == 1


@pytest.mark.parametrize(("said", "ends"), [("superseded", "superseded"), ("conflict", "conflict"), ("noted", "noted")])
def test_what_the_portal_did_not_publish_is_not_said_here(lone_house: House, said: str, ends: str) -> None:
    event = submitted(local_id="a1")
    lone_house.feed(event, WEIBO)
    lone_house.portal_says(event, said)
    lone_house.work(5)

    assert lone_house.weibo.posts() == []
    assert lone_house.kinds(WEIBO) == [(1, ends)]


def test_history_is_not_announced(lone_house: House) -> None:
    event = submitted(local_id="a1", backfill=True, published_on="2020-01-02")
    lone_house.publish(event, WECHAT, WEIBO)
    lone_house.work(5)

    assert lone_house.wechat.posts() == lone_house.weibo.posts() == []
    assert lone_house.kinds(WECHAT) == lone_house.kinds(WEIBO) == [(1, "noted")]


# versions and withdrawals


def test_a_withdrawal_takes_posts_down(any_house: House) -> None:
    any_house.publish(submitted(local_id="a1"), WECHAT, WEIBO)
    any_house.work(10)
    any_house.feed(withdrawn(local_id="a1"), WECHAT, WEIBO, action="take-down")
    any_house.work(10)

    assert any_house.wechat.live() == any_house.weibo.live() == []
    for account in (WECHAT, WEIBO):
        assert any_house.kinds(account) == [(1, "published"), (1, "removed")]
        ids = {receipt["platform_id"] for receipt in any_house.receipts(account)}
        assert len(ids) == 1


def test_a_withdrawal_before_the_slot_ends_both_records_and_nothing_is_said(any_house: House) -> None:
    any_house.feed(submitted(local_id="a1"), WEIBO)
    any_house.feed(withdrawn(local_id="a1"), WEIBO, action="take-down")
    any_house.work(5)

    assert any_house.weibo.posts() == []
    assert any_house.kinds(WEIBO) == [(1, "noted"), (1, "superseded")]


def test_a_withdrawal_of_what_was_never_carried_is_noted(lone_house: House) -> None:
    lone_house.feed(withdrawn(local_id="a1"), WEIBO, action="take-down")

    assert lone_house.kinds(WEIBO) == [(1, "noted")]


def test_a_version_that_names_the_account_no_longer_takes_it_down(lone_house: House) -> None:
    lone_house.publish(submitted(local_id="a1"), WEIBO)
    lone_house.work(5)
    lone_house.feed(updated(local_id="a1", channels=["政府网站"]), WEIBO, action="take-down")
    lone_house.work(5)

    assert lone_house.weibo.live() == []
    assert lone_house.kinds(WEIBO) == [(1, "published"), (2, "removed")]


def test_a_newer_version_replaces_a_weibo_post(any_house: House) -> None:
    any_house.publish(submitted(local_id="a1"), WEIBO)
    any_house.work(5)
    any_house.publish(updated(local_id="a1", title="更正后的通知"), WEIBO)
    any_house.work(5)

    first, second = any_house.weibo.posts()
    assert (first["deleted"], second["deleted"]) == (True, False)
    assert "更正后的通知" in second["text"]
    assert any_house.kinds(WEIBO) == [(1, "published"), (2, "published")]


def test_a_newer_version_of_a_sent_article_is_noted_for_wechat_can_not_replace_it(any_house: House) -> None:
    any_house.publish(submitted(local_id="a1"), WECHAT)
    any_house.work(5)
    any_house.publish(updated(local_id="a1", title="更正后的通知"), WECHAT)
    any_house.work(5)

    assert len(any_house.wechat.live()) == 1
    assert any_house.kinds(WECHAT) == [(1, "published"), (2, "noted")]
    any_house.feed(withdrawn(local_id="a1", version=2), WECHAT, action="take-down")
    any_house.work(5)
    assert any_house.wechat.live() == []
    assert any_house.kinds(WECHAT) == [(1, "published"), (2, "noted"), (2, "removed")]


def test_an_older_version_is_superseded_and_another_body_is_a_conflict(lone_house: House) -> None:
    lone_house.publish(updated(local_id="a1", version=3), WEIBO)
    lone_house.feed(updated(local_id="a1", version=2), WEIBO)
    lone_house.feed(updated(local_id="a1", version=3, title="另一个标题"), WEIBO)
    lone_house.feed(updated(local_id="a1", version=3), WEIBO)
    lone_house.work(5)

    assert len(lone_house.weibo.posts()) == 1
    assert lone_house.kinds(WEIBO) == [(2, "superseded"), (3, "conflict"), (3, "noted"), (3, "published")]


def test_an_item_withdrawn_between_draft_and_send_is_not_sent(any_house: House) -> None:
    kept, gone = submitted(local_id="a1", title="留下的"), submitted(local_id="a2", title="撤回的")
    any_house.publish(kept, WECHAT)
    any_house.publish(gone, WECHAT)
    any_house.wechat.fault(SEND_ALL, "refuse", code=45009)
    any_house.work(5)
    assert any_house.wechat.posts() == []

    any_house.feed(withdrawn(local_id="a2"), WECHAT, action="take-down")
    any_house.pass_time(seconds=600)
    any_house.work(10)
    assert [post["title"] for post in any_house.wechat.posts()] == ["留下的"]
    ends = {(each["event"]["subject"], each["kind"]) for each in any_house.receipts(WECHAT)}
    assert ends == {(kept["subject"], "published"), (gone["subject"], "superseded"), (gone["subject"], "noted")}


def test_an_item_withdrawn_while_its_send_is_unknown_is_looked_up_and_taken_down(any_house: House) -> None:
    any_house.publish(submitted(local_id="a1"), WEIBO)
    any_house.weibo.fault(SHARE, "lost")
    any_house.steps()
    any_house.feed(withdrawn(local_id="a1"), WEIBO, action="take-down")
    any_house.work(5)

    assert any_house.weibo.counters() == {"posts": 1, "live": 0, "deleted": 1}
    assert any_house.kinds(WEIBO) == [(1, "published"), (1, "removed")]


# outcomes that nobody knows


@pytest.mark.parametrize("kind", ["lost", "5xx"])
@pytest.mark.parametrize("path", [DRAFT, SEND_ALL, "/cgi-bin/message/mass/get", "/cgi-bin/stable_token"])
def test_a_lost_answer_of_wechat_doubles_nothing(lone_house: House, path: str, kind: str) -> None:
    lone_house.wechat.fault(path, kind, times=2)
    lone_house.publish(submitted(local_id="a1"), WECHAT)
    lone_house.work(40)

    counters = lone_house.wechat.counters()
    assert (counters["drafts"], counters["sends"], counters["articles"]) == (1, 1, 1)
    assert lone_house.kinds(WECHAT) == [(1, "published")]


@pytest.mark.parametrize("kind", ["lost", "5xx", "refuse"])
@pytest.mark.parametrize("path", [SHARE, "/2/statuses/user_timeline.json", "/oauth2/access_token"])
def test_a_lost_answer_of_weibo_doubles_nothing(lone_house: House, path: str, kind: str) -> None:
    lone_house.weibo.fault(SHARE, "lost")
    lone_house.weibo.fault(path, kind, times=2)
    lone_house.publish(submitted(local_id="a1"), WEIBO)
    lone_house.work(40)

    assert lone_house.weibo.counters() == {"posts": 1, "live": 1, "deleted": 0}
    assert lone_house.kinds(WEIBO) == [(1, "published")]


def test_a_busy_platform_is_asked_again(lone_house: House) -> None:
    lone_house.wechat.fault(SEND_ALL, "refuse", code=-1, times=2)
    lone_house.publish(submitted(local_id="a1"), WECHAT)
    lone_house.work(40)

    assert lone_house.wechat.counters()["sends"] == 1


def test_an_expired_token_is_renewed(lone_house: House) -> None:
    lone_house.publish(submitted(local_id="a1"), WEIBO)
    lone_house.work(2)
    lone_house.pass_time(days=2)
    lone_house.publish(submitted(local_id="a2"), WEIBO, WECHAT)
    lone_house.work(5)
    lone_house.pass_time(hours=3)
    lone_house.feed(withdrawn(local_id="a2"), WECHAT, action="take-down")
    lone_house.work(5)

    assert len(lone_house.weibo.live()) == 2
    assert lone_house.wechat.live() == []


def test_a_removal_whose_answer_is_lost_is_done_once(lone_house: House) -> None:
    lone_house.publish(submitted(local_id="a1"), WECHAT, WEIBO)
    lone_house.work(5)
    lone_house.wechat.fault("/cgi-bin/message/mass/delete", "lost")
    lone_house.weibo.fault("/2/statuses/destroy.json", "lost")
    lone_house.feed(withdrawn(local_id="a1"), WECHAT, WEIBO, action="take-down")
    lone_house.work(20)

    assert lone_house.wechat.live() == lone_house.weibo.live() == []
    assert lone_house.kinds(WECHAT) == lone_house.kinds(WEIBO) == [(1, "published"), (1, "removed")]


def test_a_worker_whose_account_was_taken_over_does_nothing_more(any_house: House) -> None:
    any_house.publish(submitted(local_id="a1"), WEIBO)
    successor = Lease(any_house.store, f"account {WEIBO}", patience=0.0)
    eventually(successor.acquire)
    with pytest.raises(Fenced):
        any_house.steps()

    assert any_house.weibo.posts() == []


# quotas and slots


def test_items_of_a_day_go_in_one_send_the_most_urgent_first(any_house: House) -> None:
    for number, quota_class in enumerate(("动态", "解读", "政策", "热点")):
        any_house.publish(submitted(local_id=f"a{number}", title=quota_class), WECHAT, quota_class=quota_class)
    any_house.work(10)

    assert [post["title"] for post in any_house.wechat.posts()] == ["热点", "政策", "解读", "动态"]
    assert any_house.wechat.counters()["sends"] == 1


def test_what_finds_no_quota_goes_the_next_day_eight_at_most(any_house: House) -> None:
    for number in range(11):
        any_house.publish(submitted(local_id=f"a{number:02}"), WECHAT)
    any_house.work(10)
    assert len(any_house.wechat.posts()) == 8

    any_house.work(60)
    assert len(any_house.wechat.posts()) == 8
    any_house.set_clock(any_house.now.replace(hour=16, minute=0, second=1))  # 00:00:01 in Shanghai
    any_house.work(10)
    assert len(any_house.wechat.posts()) == 11
    assert any_house.wechat.counters()["sends"] == 2
    assert len(any_house.receipts(WECHAT)) == 11


def test_a_service_account_sends_four_times_a_month(lone_house: House) -> None:
    for number in range(5):
        lone_house.publish(submitted(local_id=f"a{number}"), SERVICE)
        lone_house.work(5)
        lone_house.pass_time(hours=1)
    assert lone_house.wechat.counters()["sends"] == 4

    lone_house.set_clock(lone_house.now.replace(month=lone_house.now.month + 1, day=1))
    lone_house.work(5)
    assert lone_house.wechat.counters()["sends"] == 5


def test_an_emergency_that_finds_no_quota_raises_one_alert_until_it_is_out(any_house: House) -> None:
    any_house.publish(submitted(local_id="a1"), WECHAT)
    any_house.work(5)
    any_house.publish(submitted(local_id="a2"), WECHAT, quota_class="应急")
    any_house.publish(submitted(local_id="a3"), WECHAT, quota_class="动态")
    any_house.work(20)

    (alert,) = any_house.rows(ALERT)
    assert (alert["kind"], alert["subject"]) == ("quota-missed", "fgw/a2")
    any_house.pass_time(days=1)
    any_house.work(10)
    assert [post["url"].partition("#")[0].rpartition("/")[2] for post in any_house.wechat.posts()] == ["a1", "a2", "a3"]
    assert any_house.rows(ALERT) == []


def test_an_emergency_does_not_wait_for_others(lone_house: House) -> None:
    lone_house.publish(submitted(local_id="a1"), WECHAT)
    lone_house.publish(submitted(local_id="a2"), WECHAT, quota_class="应急")
    lone_house.steps()

    assert len(lone_house.wechat.posts()) == 2


def test_a_quota_used_up_by_hand_is_respected(any_house: House) -> None:
    any_house.wechat.fault(SEND_ALL, "refuse", code=45028)
    any_house.publish(submitted(local_id="a1"), WECHAT)
    any_house.work(30)
    assert any_house.wechat.posts() == []

    any_house.pass_time(days=1)
    any_house.work(10)
    assert len(any_house.wechat.posts()) == 1
    assert any_house.wechat.counters()["drafts"] == 2


def test_one_refused_item_does_not_hold_the_others(any_house: House) -> None:
    good, bad = submitted(local_id="a1", title="好"), submitted(local_id="a2", title="坏")
    any_house.publish(good, WECHAT)
    any_house.publish(bad, WECHAT)
    any_house.wechat.fault(DRAFT, "refuse", code=45002)
    any_house.steps()
    any_house.pass_time(seconds=5)
    any_house.wechat.fault(DRAFT, "refuse", code=45002)
    any_house.work(10)
    any_house.pass_time(days=1)
    any_house.work(10)

    assert len(any_house.wechat.posts()) == 1
    assert sorted(kind for _, kind in any_house.kinds(WECHAT)) == ["noted", "published"]
    (alert,) = any_house.rows(ALERT)
    assert alert["kind"] == "refused"


def test_a_title_beyond_the_limit_is_told_and_never_cut(lone_house: House) -> None:
    lone_house.publish(submitted(local_id="a1", title="长" * 33), WECHAT)
    lone_house.work(5)

    assert lone_house.wechat.posts() == []
    assert lone_house.kinds(WECHAT) == [(1, "noted")]
    assert [alert["kind"] for alert in lone_house.rows(ALERT)] == ["refused"]


def test_wrong_credentials_lose_nothing_and_are_told(lone_house: House) -> None:
    lone_house.wechat.fault("/cgi-bin/stable_token", "refuse", code=40125, times=3)
    lone_house.publish(submitted(local_id="a1"), WECHAT)
    lone_house.work(7)
    assert [alert["kind"] for alert in lone_house.rows(ALERT)] == ["configuration"]

    lone_house.work(40)
    assert len(lone_house.wechat.posts()) == 1
    assert lone_house.rows(ALERT) == []


def test_a_worker_that_forgot_everything_goes_on_from_the_store(any_house: House) -> None:
    any_house.publish(submitted(local_id="a1"), WECHAT, WEIBO)
    for _ in range(30):
        any_house.restart()
        for worker in any_house.workers.values():
            worker.step()
        any_house.pass_time(seconds=1)

    assert any_house.wechat.counters()["sends"] == any_house.weibo.counters()["posts"] == 1
    assert any_house.kinds(WECHAT) == any_house.kinds(WEIBO) == [(1, "published")]


def test_the_store_ends_with_each_item_as_it_stands(lone_house: House) -> None:
    lone_house.publish(submitted(local_id="a1"), WEIBO)
    lone_house.work(5)

    (delivery,) = lone_house.rows(DELIVERY)
    (post,) = lone_house.rows(POST)
    assert (delivery["state"], delivery["content"]) == ("live", None)
    assert (post["state"], post["platform_id"]) == ("live", lone_house.weibo.posts()[0]["id"])
    assert post["at"] - lone_house.now < timedelta(0)
