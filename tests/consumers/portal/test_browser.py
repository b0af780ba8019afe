"""The pages in Chromium, at a phone's and a desk's width: nothing overflows, nothing is loaded from elsewhere."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from consumers.portal.program import Portal, build_portal
from tests.consumers.portal.feeding import Feed, Shelf, plain
from tests.support.events import submitted, updated, withdrawn
from tests.support.waiting import eventually, free_port

pytestmark = pytest.mark.browser
BODY = (
    """各区人民政府，市级各部门：
一、总体要求
坚持安全第一，确保按时供热、稳定供热、达标供热。
（一）加强设备检修
- 燃煤储备不少于十五日
| 阶段 | 时间 | 责任单位 |
|---|---|---|
| 检修 | 10月15日前 | 各供热单位 |
<script>document.title = "ran"</script>
一个没有空格的很长的网址：https://www.shilishi.example/"""
    + "a" * 300
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = plain(tmp_path_factory.mktemp("portal")).model_copy(
        update={"portal_url": "", "portal_port": free_port()}
    )
    portal = build_portal(settings)
    fill(portal)
    server = uvicorn.Server(uvicorn.Config(portal.app, log_level="error"))
    listener = socket.create_server((settings.host, settings.portal_port))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    eventually(lambda: server.started)
    yield settings.url_of("portal")
    server.should_exit = True
    thread.join()
    portal.close()


def fill(portal: Portal) -> None:
    feed = Feed()
    events = [
        submitted(local_id="1", title="关于做好冬季供暖保障工作的通知" * 3, body=BODY, docno="示政发〔2026〕5号"),
        updated(local_id="1", title="关于做好冬季供暖保障工作的通知（修订）", body=BODY, docno="示政发〔2026〕5号"),
        submitted(local_id="2"),
        withdrawn(local_id="2", reason="数据有误"),
        submitted(local_id="3", backfill=True, published_on="2019-05-15"),
        *(submitted("zfb", str(n)) for n in range(25)),
    ]
    Shelf(portal.store).apply([feed.add(event) for event in events])


PAGES = (
    "/",
    "/items",
    "/columns",
    "/columns/notices",
    "/departments",
    "/departments/zfb",
    "/items/fgw/1",
    "/items/fgw/2",
)


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_its_window_and_none_loads_from_elsewhere(
    browser: object, address: str, path: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})  # type: ignore[attr-defined]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.title() != "ran"
    assert page.locator("h1").count() == 1
    assert {url.startswith((address, "data:")) for url in asked} == {True}
    page.close()


def test_a_citizen_walks_from_the_home_page_to_a_text_and_finds_it_by_number(browser: object, address: str) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(address)
    page.get_by_role("link", name="部门公开").first.click()
    page.get_by_role("link", name="示例市发展和改革委员会").click()
    page.get_by_role("link", name="关于做好冬季供暖保障工作的通知（修订）").click()
    assert page.locator("h1").inner_text() == "关于做好冬季供暖保障工作的通知（修订）"
    assert page.get_by_text("第 2 版").is_visible()
    page.get_by_role("searchbox").fill("〔2026〕5号")
    page.get_by_role("button", name="查找").click()
    assert page.locator("ul.items li").count() == 1
    page.close()
