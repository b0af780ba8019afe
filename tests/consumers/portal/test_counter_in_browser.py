"""The counter in Chromium without scripts, narrow and wide: a letter, a comment, a questionnaire, a query."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page

from tests.consumers.portal.counter import LETTER, Town, consultation, questionnaire, request_archived, town
from tests.consumers.portal.serving import address
from tests.support.events import NOON

pytestmark = pytest.mark.browser
WIDTHS = (360, 1440)


@dataclass
class Window:
    """A citizen's browser before the counter."""

    city: Town
    base: str
    browser: Browser
    heard: list[str]

    def open(self, path: str, width: int = 360) -> Page:
        """A page, no script running."""
        page = self.browser.new_page(java_script_enabled=False, viewport={"width": width, "height": 800})
        page.on("request", lambda request: self.heard.append(request.url))
        page.goto(self.base + path)
        self.city.clock.pass_(timedelta(seconds=5))
        return page

    def fits(self, page: Page, name: str) -> None:
        """No page is wider than its window; where a folder is named, it is kept there for eyes."""
        folder = os.environ.get("GONGKAI_SCREENSHOTS")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            box = page.locator("html").bounding_box()
            assert box is not None
            wide = page.locator("main").evaluate("main => main.scrollWidth")
            assert wide <= width, (name, wide, width)
            if folder:
                page.screenshot(path=f"{folder}/counter-{name}-{width}.png", full_page=True)
        assert page.locator("h1").count() == 1, name


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Window]:
    with town(tmp_path_factory.mktemp("counter"), NOON) as city, address(city.portal) as base:
        heard: list[str] = []
        yield Window(city, base, browser, heard)
        assert {url.startswith((base, "data:")) for url in heard} == {True}


def test_a_letter_is_written_by_keyboard_mended_and_asked_after(window: Window) -> None:
    page = window.open("/letters")
    window.fits(page, "letters")
    page.get_by_role("link", name="写信").press("Enter")
    window.city.clock.pass_(timedelta(seconds=5))
    page.locator("main").get_by_label("信箱").select_option("mayor")
    page.locator("main").get_by_label("类型").select_option("投诉")
    page.locator("main").get_by_label("标题").fill("路灯")
    page.locator("main").get_by_label("正文").fill(LETTER["body"])
    page.locator("main").get_by_label("姓名").fill(LETTER["name"])
    page.locator("main").get_by_label("电话").fill(LETTER["phone"])
    window.fits(page, "letter")
    page.get_by_role("button", name="提交").press("Enter")
    assert page.locator("#title-wrong").is_visible()
    assert page.locator("main").get_by_label("正文").input_value() == LETTER["body"]
    window.fits(page, "letter-wrong")
    page.locator("main").get_by_label("标题").fill(LETTER["title"])
    page.get_by_role("button", name="提交").press("Enter")
    number, code = page.locator("#number").inner_text(), page.locator("#code").inner_text()
    window.fits(page, "receipt")
    window.city.carry()
    subject = f"zfb/{number}"
    assert window.city.does("complaint", "transferred", "zfb", subject, reason="路灯由住建部门管理", dept="zjj") == []
    page.get_by_role("link", name="查询办理情况").first.press("Enter")
    page.locator("main").get_by_label("受理编号").fill(number)
    page.locator("main").get_by_label("10位查询码").fill("1" * 10)
    page.get_by_role("button", name="查询 Query").press("Enter")
    assert page.get_by_role("alert").inner_text().startswith("受理编号或查询码不正确")
    window.fits(page, "query-wrong")
    page.locator("main").get_by_label("10位查询码").fill(code)
    page.get_by_role("button", name="查询 Query").press("Enter")
    assert page.get_by_text("理由：路灯由住建部门管理").is_visible()
    window.fits(page, "query")
    page.close()


def test_a_comment_is_written_from_the_page_of_its_matter(window: Window) -> None:
    path = consultation(window.city)
    page = window.open(path)
    window.fits(page, "consultation")
    page.get_by_role("button", name="提意见").press("Enter")
    window.city.clock.pass_(timedelta(seconds=5))
    page.locator("main").get_by_label("意见").first.fill("建议增加夜间停车位，方便附近居民。")
    page.locator("main").get_by_label("匿名").press("Space")
    window.fits(page, "comment")
    page.get_by_role("button", name="提交").press("Enter")
    assert page.locator("#number").inner_text().startswith("C2026")
    page.close()


def test_a_questionnaire_is_filled_in_and_its_results_fit(window: Window) -> None:
    key = questionnaire(window.city)
    page = window.open(f"/matters/{key}")
    page.get_by_role("button", name="填写问卷").press("Enter")
    window.city.clock.pass_(timedelta(seconds=5))
    page.locator("main").get_by_label("A 满意").check()
    page.locator("main").get_by_label("B 2路").check()
    window.fits(page, "questionnaire")
    page.get_by_role("button", name="提交").press("Enter")
    assert page.locator("#number").inner_text().startswith("Q2026")
    page.close()
    window.city.carry()
    window.city.portal.now[0] = window.city.clock.now = datetime.fromisoformat("2026-10-01T09:00:00+08:00")
    window.city.clockwork(key, "questionnaire", "closed")
    told = {"received": "1", "summary": "满意。", "r1": "满意1", "r2": "2路1", "r3": "无"}
    assert window.city.does("matter", "results-published", "fgw", key, **told) == []
    page = window.open(f"/matters/{key}")
    window.fits(page, "results")
    page.close()


@pytest.mark.parametrize("path", ["/counter/letters", "/counter/foi-requests", "/counter/query", "/campaigns",
                                  "/campaigns/catalogue-completion"])  # fmt: skip
def test_every_other_page_of_the_counter_fits(window: Window, path: str) -> None:
    page = window.open(path)
    window.fits(page, path.strip("/").replace("/", "-"))
    page.close()


def test_an_archived_request_shows_its_reply(window: Window) -> None:
    number, code = request_archived(window.city)
    page = window.open("/counter/query", 1440)
    page.locator("main").get_by_label("受理编号").fill(number)
    page.locator("main").get_by_label("10位查询码").fill(code)
    page.get_by_role("button", name="查询 Query").press("Enter")
    window.fits(page, "request")
    page.close()
