"""The simulated platforms keep the platforms' published limits, and what they accepted outlives them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from consumers.newmedia.simulators import wechat, weibo
from consumers.newmedia.simulators.state import State
from consumers.newmedia.wechat import plain_png
from tests.support.events import JsonObject
from tests.support.waiting import eventually, free_port

NOON = "2026-09-21T12:00:00+08:00"


class Account:
    """An account of the simulated WeChat, called as its API describes."""

    def __init__(self, client: TestClient, appid: str = "a") -> None:
        self.client = client
        answer = client.post("/cgi-bin/stable_token", json=token_request(appid)).json()
        self.token = answer["access_token"]
        assert answer["expires_in"] == 7200
        self.cover = self.upload(plain_png(4, 4, (1, 2, 3)))["media_id"]

    def upload(self, content: bytes) -> JsonObject:
        path = "/cgi-bin/material/add_material"
        params = {"access_token": self.token, "type": "image"}
        return dict(self.client.post(path, params=params, files={"media": ("cover.png", content)}).json())

    def call(self, path: str, body: JsonObject) -> JsonObject:
        params = {"access_token": self.token}
        return dict(self.client.post(f"/cgi-bin/{path}", params=params, json=body).json())

    def article(self, **values: object) -> JsonObject:
        url = "https://example.org/1"
        given = {"title": "题", "content": "<p>文</p>", "content_source_url": url, "thumb_media_id": self.cover}
        return {**given, **values}

    def draft(self, *articles: JsonObject) -> JsonObject:
        return self.call("draft/add", {"articles": list(articles or [self.article()])})

    def send(self, media_id: str, client_id: str = "") -> JsonObject:
        body = {"filter": {"is_to_all": True}, "mpnews": {"media_id": media_id}, "msgtype": "mpnews"}
        return self.call("message/mass/sendall", {**body, "clientmsgid": client_id} if client_id else body)


def token_request(appid: str, secret: str = "s") -> JsonObject:
    return {"grant_type": "client_credential", "appid": appid, "secret": secret}


def set_clock(client: TestClient, now: str) -> None:
    assert client.post("/_simulator/clock", json={"now": now}).status_code == 200


@pytest.fixture
def wechat_client(tmp_path: Path) -> Iterator[TestClient]:
    with closing(State(tmp_path / "wechat.sqlite")) as state, TestClient(wechat.build_app(state)) as client:
        set_clock(client, NOON)
        yield client


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"title": "长" * 33}, 45003), ({"author": "长" * 17}, 45110), ({"digest": "长" * 129}, 45004),
        ({"content": "长" * 20_000}, 45002), ({"content_source_url": "h" * 1025}, 45005),
        ({"thumb_media_id": "material-999"}, 40007), ({"title": ""}, 47001),
    ],
)  # fmt: skip
def test_wechat_refuses_what_is_beyond_its_limits(wechat_client: TestClient, values: JsonObject, code: int) -> None:
    account = Account(wechat_client)

    assert account.draft(account.article(**values))["errcode"] == code
    assert "media_id" in account.draft(
        account.article(title="长" * 32, author="长" * 16, digest="长" * 128, content="长" * 19_999)
    )


def test_wechat_takes_eight_articles_and_no_more(wechat_client: TestClient) -> None:
    account = Account(wechat_client)

    assert "media_id" in account.draft(*[account.article()] * 8)
    assert account.draft(*[account.article()] * 9)["errcode"] == 45008
    assert account.call("draft/add", {"articles": []})["errcode"] == 44003


def test_a_subscription_account_sends_once_a_day_and_the_day_ends_at_midnight_in_shanghai(
    wechat_client: TestClient,
) -> None:
    account = Account(wechat_client)
    drafts = [account.draft()["media_id"] for _ in range(3)]

    assert account.send(drafts[0])["errcode"] == 0
    assert account.send(drafts[1])["errcode"] == 45028
    set_clock(wechat_client, "2026-09-21T23:59:59+08:00")
    account = Account(wechat_client)
    assert account.send(drafts[1])["errcode"] == 45028
    set_clock(wechat_client, "2026-09-22T00:00:00+08:00")
    assert account.send(drafts[1])["errcode"] == 0
    assert account.send(drafts[2])["errcode"] == 45028


def test_a_service_account_sends_four_times_a_calendar_month(wechat_client: TestClient) -> None:
    wechat_client.post("/_simulator/accounts", json={"account": "a", "type": "service"})
    account = Account(wechat_client)
    drafts = [account.draft()["media_id"] for _ in range(6)]

    assert [account.send(draft)["errcode"] for draft in drafts[:5]] == [0, 0, 0, 0, 45028]
    set_clock(wechat_client, "2026-10-01T00:00:00+08:00")
    assert Account(wechat_client).send(drafts[5])["errcode"] == 0


def test_a_clientmsgid_is_sent_once_and_answers_with_its_msg_id(wechat_client: TestClient) -> None:
    account = Account(wechat_client)
    first = account.send(account.draft()["media_id"], "mine")
    again = account.send(account.draft()["media_id"], "mine")

    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert account.send("draft-1", "x" * 65)["errcode"] == 45067
    assert wechat_client.get("/_simulator/counters").json()["sends"] == 1


def test_a_sent_draft_is_gone_and_its_articles_can_be_deleted_one_by_one(wechat_client: TestClient) -> None:
    account = Account(wechat_client)
    media_id = account.draft(account.article(title="甲"), account.article(title="乙"))["media_id"]
    assert account.call("draft/batchget", {"no_content": 1})["total_count"] == 1
    sent = account.send(media_id)

    assert account.call("draft/batchget", {})["total_count"] == 0
    assert account.call("draft/get", {"media_id": media_id})["errcode"] == 40007
    assert account.call("message/mass/delete", {"msg_id": sent["msg_id"], "article_idx": 1})["errcode"] == 0
    assert account.call("message/mass/get", {"msg_id": sent["msg_id"]})["msg_status"] == "SEND_SUCCESS"
    assert [post["deleted"] for post in wechat_client.get("/_simulator/posts").json()] == [True, False]
    assert account.call("message/mass/delete", {"msg_id": sent["msg_id"]})["errcode"] == 0
    assert account.call("message/mass/get", {"msg_id": sent["msg_id"]})["msg_status"] == "DELETE"


def test_publishing_without_a_message_needs_no_quota(wechat_client: TestClient) -> None:
    account = Account(wechat_client)
    for _ in range(3):
        published = account.call("freepublish/submit", {"media_id": account.draft()["media_id"]})
    state = account.call("freepublish/get", {"publish_id": published["publish_id"]})

    assert state["publish_status"] == 0
    assert account.call("freepublish/batchget", {"count": 2})["item_count"] == 2
    assert len(account.call("freepublish/getarticle", {"article_id": state["article_id"]})["news_item"]) == 1
    assert account.call("freepublish/delete", {"article_id": state["article_id"]})["errcode"] == 0
    assert account.call("freepublish/getarticle", {"article_id": state["article_id"]})["errcode"] == 53600
    assert account.call("freepublish/get", {"publish_id": published["publish_id"]})["publish_status"] == 5


def test_wechat_tokens_live_two_hours_and_belong_to_one_secret(wechat_client: TestClient) -> None:
    account = Account(wechat_client)
    set_clock(wechat_client, "2026-09-21T14:00:00+08:00")

    assert account.draft()["errcode"] == 42001
    account.token = "wrong"
    assert account.draft()["errcode"] == 40014
    assert wechat_client.post("/cgi-bin/draft/add", json={}).json()["errcode"] == 41001
    wrong = wechat_client.post("/cgi-bin/stable_token", json=token_request("a", "other")).json()
    assert wrong["errcode"] == 40125


def test_wechat_counts_calls_by_the_day(wechat_client: TestClient) -> None:
    params = {"grant_type": "client_credential", "appid": "many", "secret": "s"}
    answers = [wechat_client.get("/cgi-bin/token", params=params).json() for _ in range(2001)]

    assert "access_token" in answers[1999]
    assert answers[2000]["errcode"] == 45009


# Weibo


@pytest.fixture
def weibo_client(tmp_path: Path) -> Iterator[TestClient]:
    with closing(State(tmp_path / "weibo.sqlite")) as state, TestClient(weibo.build_app(state)) as client:
        set_clock(client, NOON)
        yield client


def weibo_token(client: TestClient, secret: str = "s") -> JsonObject:
    form = {"grant_type": "refresh_token", "client_id": "k", "client_secret": secret, "refresh_token": "r"}
    return dict(client.post("/oauth2/access_token", data=form).json())


def share(client: TestClient, text: str, token: str = "") -> JsonObject:
    form = {"access_token": token or weibo_token(client)["access_token"], "status": text, "rip": "127.0.0.1"}
    return dict(client.post("/2/statuses/share.json", data=form).json())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("字" * 121 + " https://example.org", 20012), ("没有链接", 10008),
        ("#话题# https://example.org", 10008), (" ", 20008),
    ],
)  # fmt: skip
def test_weibo_refuses_what_is_beyond_its_limits(weibo_client: TestClient, text: str, code: int) -> None:
    assert share(weibo_client, text)["error_code"] == code
    assert "idstr" in share(weibo_client, "字" * 120 + " https://example.org")


def test_weibo_takes_no_post_twice_in_a_row(weibo_client: TestClient) -> None:
    assert "idstr" in share(weibo_client, "甲 https://example.org/1")
    assert share(weibo_client, "甲 https://example.org/1")["error_code"] == 20019
    assert "idstr" in share(weibo_client, "乙 https://example.org/2")


def test_weibo_takes_thirty_posts_an_hour(weibo_client: TestClient) -> None:
    token = weibo_token(weibo_client)["access_token"]
    answers = [share(weibo_client, f"{number} https://example.org", token) for number in range(31)]

    assert "idstr" in answers[29]
    assert answers[30]["error_code"] == 10024


def test_weibo_gives_links_back_as_short_ones_and_deleted_posts_not_at_all(weibo_client: TestClient) -> None:
    token = weibo_token(weibo_client)["access_token"]
    post = share(weibo_client, "甲 https://example.org/1", token)
    query = {"access_token": token, "id": post["idstr"]}

    assert post["text"].startswith("甲 http://t.cn/")
    timeline = weibo_client.get("/2/statuses/user_timeline.json", params={"access_token": token}).json()
    assert timeline["total_number"] == 1
    assert weibo_client.get("/2/statuses/show.json", params=query).json()["idstr"] == post["idstr"]
    assert "error_code" not in weibo_client.post("/2/statuses/destroy.json", data=query).json()
    assert weibo_client.get("/2/statuses/show.json", params=query).json()["error_code"] == 20101
    assert weibo_client.post("/2/statuses/destroy.json", data=query).json()["error_code"] == 20101


def test_weibo_tokens_run_out_and_belong_to_one_secret(weibo_client: TestClient) -> None:
    token = weibo_token(weibo_client)["access_token"]
    set_clock(weibo_client, "2026-09-22T12:00:00+08:00")

    assert share(weibo_client, "甲 https://example.org", token)["error_code"] == 21327
    assert share(weibo_client, "甲 https://example.org", "wrong")["error_code"] == 21332
    assert weibo_token(weibo_client, "other")["error_code"] == 21324


# as processes


@contextmanager
def process(platform: str, port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "consumers.newmedia.simulators", platform, "--port", str(port)]
    with subprocess.Popen([*command, "--state", str(folder / f"{platform}.sqlite")]) as running:
        try:
            eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz"), saying="the simulator answers")
            yield running
        finally:
            running.kill()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_what_a_platform_accepted_outlives_a_kill(tmp_path: Path) -> None:
    port = free_port()
    form = {"grant_type": "refresh_token", "client_id": "k", "client_secret": "s", "refresh_token": "r"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        with process("weibo", port, tmp_path) as running:
            token = client.post("/oauth2/access_token", data=form).json()["access_token"]
            post = {"access_token": token, "status": "甲 https://example.org", "rip": "127.0.0.1"}
            assert "idstr" in client.post("/2/statuses/share.json", data=post).json()
            os.kill(running.pid, signal.SIGKILL)
            running.wait(10)
        with process("weibo", port, tmp_path):
            assert client.get("/_simulator/counters").json() == {"posts": 1, "live": 1, "deleted": 0}
            assert client.post("/2/statuses/share.json", data=post).json()["error_code"] == 20019


def test_a_lost_answer_breaks_the_connection_after_the_effect(tmp_path: Path) -> None:
    port = free_port()
    with (
        process("wechat", port, tmp_path),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        client.post("/_simulator/faults", json={"path": "/cgi-bin/stable_token", "kind": "lost"})
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/cgi-bin/stable_token", json=token_request("a"))
        assert client.post("/cgi-bin/stable_token", json=token_request("a", "other")).json()["errcode"] == 40125


def test_the_clock_of_a_platform_is_the_machines_unless_it_is_set(wechat_client: TestClient) -> None:
    assert wechat_client.post("/_simulator/clock", json={"now": NOON}).json()["now"] == NOON
    moving = wechat_client.post("/_simulator/clock", json={"now": None}).json()["now"]
    assert datetime.fromisoformat(moving).utcoffset() == datetime.fromisoformat(NOON).utcoffset()
