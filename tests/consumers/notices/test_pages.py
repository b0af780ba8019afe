"""The page and the JSON of what was carried to whom: all of it, and no secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from consumers.notices.web import build_app
from tests.consumers.notices.harness import SECRET, Desk, cancelled, desk, mailbox, rung, smtp, standing, webhook
from tests.support.sinks import hook_sink, mail_sink


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One delivery in each state."""
    with mail_sink() as mail, hook_sink() as hook:
        hook.answer(410)
        home: Path = tmp_path_factory.mktemp("notices")
        oa = webhook("oa", hook.port, "owner", url=f"http://127.0.0.1:{hook.port}/t0ken")
        with desk(home, smtp=smtp(mail.port), mailbox=[mailbox("chief", "leader")], webhook=[oa]) as office:
            back = rung(2, to=["leader"])
            office.read(rung(1, to=["owner", "leader", "lead-office"], title="<script>alert(1)</script>"))
            office.work()
            office.read(back, cancelled(back), rung(3, to=["leader"]))
            office.read(rung(4, to=["leader"]), age=30)
            yield office


@pytest.fixture(scope="module")
def client(made: Desk) -> TestClient:
    return TestClient(build_app(made.player.store, made.addresses, standing()))


def test_the_page_shows_who_is_told_what_failed_and_what_waits(client: TestClient) -> None:
    page = client.get("/").text
    for word in ("chief", "oa", "已送达", "未送达", "待送达", "已撤回", "无收件地址", "时间过久未送", "已停用（410）"):
        assert word in page, word
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    assert SECRET not in page and "t0ken" not in page and "chief@" not in page


def test_the_json_gives_what_failed_or_any_state(client: TestClient) -> None:
    failed = client.get("/api/v1/deliveries").json()
    assert sorted(each["state"] for each in failed) == ["dead", "old", "unaddressed"]
    asked = {"state": ["delivered", "cancelled"], "target": "chief"}
    assert {each["state"] for each in client.get("/api/v1/deliveries", params=asked).json()} == {
        "delivered",
        "cancelled",
    }
    assert len(client.get("/api/v1/deliveries", params={"state": "waiting", "limit": 1}).json()) == 1
    assert client.get("/api/v1/deliveries", params={"state": "lost"}).status_code == 422
    targets = {each["target"]: each for each in client.get("/api/v1/targets").json()}
    assert targets["oa"]["gone"] and targets["oa"]["counts"] == {"dead": 1} and targets["oa"]["host"] == "127.0.0.1"
    assert targets["chief"]["kind"] == "mail" and targets["chief"]["host"] == "shilishi.example"
    assert SECRET not in client.get("/api/v1/targets").text


def test_without_addresses_the_page_says_so(tmp_path: Path) -> None:
    with desk(tmp_path) as office:
        page = TestClient(build_app(office.player.store, office.addresses, standing())).get("/").text
    assert "没有设置收件地址" in page
