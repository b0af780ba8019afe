"""The pages in Chromium, at a phone's and a desk's width: nothing overflows, nothing is loaded from elsewhere."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from tests.consumers.portal.serving import Portal, served
from tests.support.events import submitted, updated, withdrawn
from tests.support.releasing import example_files
from tests.support.waiting import eventually

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
    with served(tmp_path_factory.mktemp("portal")) as portal:
        fill(portal)
        server = uvicorn.Server(uvicorn.Config(portal.client.app, log_level="error", lifespan="off"))
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        eventually(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def fill(portal: Portal) -> None:
    portal.publish(
        submitted(local_id="1", title="关于做好冬季供暖保障工作的通知" * 3, body=BODY, docno="示政发〔2026〕5号"),
        updated(local_id="1", title="关于做好冬季供暖保障工作的通知（修订）", body=BODY, docno="示政发〔2026〕5号"),
        submitted(local_id="2"),
        withdrawn(local_id="2", reason="数据有误"),
        submitted(local_id="3", backfill=True, published_on="2019-05-15"),
        *(submitted("zfb", str(n)) for n in range(25)),
    )
    portal.release(1, example_files(1), note="首次发布")
    portal.release(2, example_files(2, basic=("领导介绍", "没有任何停顿的很长的事项名称" * 4)), note="更改名称")


PAGES = (
    "/",
    "/items",
    "/columns",
    "/columns/notices",
    "/departments",
    "/departments/zfb",
    "/items/fgw/1",
    "/items/fgw/2",
    "/items?kind=notice",
    "/open/结果",
    "/letters",
    "/catalogue",
    "/catalogue?set=standard",
    "/catalogue/basic",
    "/catalogue/basic/diff/1..2",
    "/catalogue/rows/01-02",
    "/catalogue/rows/06-01/coverage",
    "/catalogue/fields/重大建设项目批准和实施",
    "/rules",
    "/rules/TX-10",
    "/rules/CAL-2026",
)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_its_window_and_none_loads_from_elsewhere(
    browser: object, address: str, path: str
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})  # type: ignore[attr-defined]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + path)
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 800})
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


def test_a_clerk_follows_a_finding_to_its_rule_and_a_citizen_the_catalogue_to_an_item_by_keyboard(
    browser: object, address: str
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})  # type: ignore[attr-defined]
    page.goto(address + "/rules/REJ-LATE")
    page.get_by_role("link", name="发布审核").press("Enter")
    assert page.locator("td.code a").first.is_visible()
    page.goto(address + "/catalogue")
    page.get_by_label("五公开").select_option("管理")
    page.get_by_role("button", name="筛选").press("Enter")
    page.get_by_role("link", name="政务动态 / 通知公告").first.press("Enter")
    assert page.locator("dl.five dt").all_inner_texts() == ["主体", "内容", "标准", "方式", "程序"]
    page.locator("ul.items a").first.press("Enter")
    assert page.locator("h1").inner_text() == "关于做好冬季供暖保障工作的通知"
    page.close()
