"""The pages and the JSON say how each account and each item stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from consumers.newmedia.web import build_app
from schemas.topics import NEWMEDIA_FEED
from tests.consumers.newmedia.harness import WECHAT, WEIBO, House
from tests.support.events import submitted


@pytest.fixture
def client(lone_house: House) -> Iterator[TestClient]:
    outlets = [each for each in lone_house.pack.outlets if each.feed == NEWMEDIA_FEED.name]
    app = build_app(lone_house.store, lone_house.pack, outlets, lambda: lone_house.now)
    with TestClient(app) as client:
        yield client


def test_accounts_show_quota_and_what_waits(lone_house: House, client: TestClient) -> None:
    lone_house.publish(submitted(local_id="a1"), WECHAT)
    lone_house.work(5)
    lone_house.publish(submitted(local_id="a2"), WECHAT)
    lone_house.work(5)
    accounts = {each["account"]: each for each in client.get("/api/v1/accounts").json()}

    wechat = accounts[WECHAT]
    assert wechat["quota"] == {"n": 1, "per": "day", "period": "2026-09-21", "used": 1}
    assert (wechat["waiting"], wechat["live"], wechat["next_slot"]) == (1, 1, "2026-09-21T16:00:00Z")
    assert accounts[WEIBO]["quota"] is None


def test_the_queue_is_in_the_order_of_sending(lone_house: House, client: TestClient) -> None:
    for local_id, quota_class in (("a1", "动态"), ("a2", "应急"), ("a3", "政策")):
        lone_house.publish(submitted(local_id=local_id), WECHAT, quota_class=quota_class)
    queue = client.get("/api/v1/queue", params={"account": WECHAT}).json()

    assert [each["quota_class"] for each in queue] == ["应急", "政策", "动态"]
    assert len(client.get("/api/v1/queue", params={"limit": 2}).json()) == 2
    assert client.get("/api/v1/queue", params={"account": WEIBO}).json() == []
    assert client.get("/api/v1/queue", params={"limit": 0}).status_code == 422


def test_an_item_shows_what_became_of_it_on_each_account(lone_house: House, client: TestClient) -> None:
    lone_house.publish(submitted(local_id="a1"), WECHAT, WEIBO)
    lone_house.work(5)
    found = client.get("/api/v1/deliveries", params={"subject": "fgw/a1"}).json()

    assert [(each["account"], each["state"], len(each["platform_ids"])) for each in found] == [
        (WECHAT, "live", 1), (WEIBO, "live", 1),
    ]  # fmt: skip
    assert client.get("/api/v1/deliveries", params={"subject": "no subject"}).status_code == 422


def test_pages_are_chinese_and_show_markup_as_text(lone_house: House, client: TestClient) -> None:
    empty = client.get("/", headers={"accept": "text/html"})
    assert empty.status_code == 200
    assert "没有。" in empty.text

    lone_house.publish(submitted(local_id="a1", title="<b>标题</b>"), WECHAT, quota_class="应急")
    lone_house.publish(submitted(local_id="a2", title="长" * 33), WECHAT)
    lone_house.work(5)
    home = client.get("/").text
    assert "&lt;b&gt;标题&lt;/b&gt;" in home
    assert "<b>标题</b>" not in home
    assert "今日群发 <b>1</b> / 1 次" in home
    assert "平台拒绝" in home
    item = client.get("/items", params={"subject": "fgw/a1"}).text
    assert "已发布" in item
    assert client.get("/items", params={"subject": "fgw/none"}).status_code == 200
