"""Every part's pages in Chromium with the example's data, as a phone and as a desk see them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import httpx
import pytest
from playwright.sync_api import Browser, Page

from bus.programs import environment
from bus.settings import Settings
from tests.support.servers import plain_settings
from tests.support.waiting import eventually, free_ports

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

WIDTHS = (360, 1440)
STARTS = {
    "portal": (
        "/", "/items", "/items?q=通知", "/columns", "/columns/notices", "/departments", "/departments/mzj",
        "/registers", "/registers/power-list", "/registers/power-list/report", "/matters", "/campaigns",
        "/campaigns/catalogue-completion", "/letters", "/counter/letters", "/counter/foi-requests", "/counter/query",
    ),
    "newmedia": ("/",),
    "gazette": ("/",),
    "notices": ("/",),
    "assessment": ("/", "/channels", "/departments/swj"),
}  # fmt: skip
FOLLOWED = 2
"""Pages of each kind (by the first word of their path) that are opened beside the starts."""
ASKED = 30
"""Links of each kind that are followed to see that they answer."""
META = ("SiteName", "SiteDomain", "SiteIDCode", "ArticleTitle", "PubDate", "ContentSource", "ColumnName")
"""What an item's page must say of itself (国办发〔2017〕47号)."""


@pytest.fixture(scope="module")
def city(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """`gongkai demo`, running, with all of the example arrived."""
    names = [name for name in Settings.model_fields if name.endswith("_port")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    folder = tmp_path_factory.mktemp("demo")
    settings = plain_settings(folder / "home", bootstrap=broker, prefix=f"b{os.getpid()}.", **ports)
    said = folder / "said"
    with said.open("w") as output:
        demo = subprocess.Popen(
            [sys.executable, "-m", "bus.cli", "demo"], stdout=output, stderr=output,
            env={**os.environ, **environment(settings)},
        )  # fmt: skip
    try:
        eventually(lambda: demo.poll() is not None or "Ctrl-C" in said.read_text(), 300, "the demonstration is up")
        assert demo.poll() is None, said.read_text()[-2_000:]
        yield settings
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(120)


@pytest.mark.parametrize("part", STARTS)
def test_every_page_fits_its_window_says_what_it_is_and_leads_somewhere(
    city: Settings, browser: Browser, part: str
) -> None:
    base = city.url_of(part)  # type: ignore[arg-type]
    found: dict[str, None] = {}
    for address in _walk(browser, base, part):
        links: list[str] = []
        for width in WIDTHS:
            page, heard = _opened(browser, address, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
            assert page.locator("h1").count() == 1, address
            assert page.title().strip(), address
            assert page.locator("html").get_attribute("lang") == "zh-CN", address
            assert heard == [], (address, heard)
            links = _links(page, base)
            page.close()
        found |= dict.fromkeys(links)
    with httpx.Client(timeout=30) as client:
        answers = {link: client.get(link).status_code for link in _some_of_each_kind(found, base)}
    assert {link: status for link, status in answers.items() if status not in {200, 410}} == {}


def test_items_carry_the_meta_tags_that_search_engines_of_government_ask_for(city: Settings, browser: Browser) -> None:
    base = city.url_of("portal")
    item = httpx.get(f"{base}/api/v1/items", timeout=30).json()["items"][0]
    page, _ = _opened(browser, f"{base}/items/{item['subject']}", 1440)

    said = {name: page.locator(f'meta[name="{name}"]').get_attribute("content") for name in META}
    page.close()

    assert all(said.values()), said
    assert said["ArticleTitle"] == item["title"]
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d", said["PubDate"] or "")


def test_screenshots_are_taken_for_eyes(city: Settings, browser: Browser) -> None:
    """Where GONGKAI_SCREENSHOTS names a folder, each start is kept there, narrow and wide."""
    folder = os.environ.get("GONGKAI_SCREENSHOTS")
    if not folder:
        pytest.skip("GONGKAI_SCREENSHOTS names no folder to keep screenshots in")
    Path(folder).mkdir(parents=True, exist_ok=True)
    for part, paths in STARTS.items():
        for number, path in enumerate(paths):
            for width in WIDTHS:
                page, _ = _opened(browser, city.url_of(part) + path, width)  # type: ignore[arg-type]
                page.screenshot(path=f"{folder}/{part}-{number}-{width}.png", full_page=True)
                page.close()


def _walk(browser: Browser, base: str, part: str) -> list[str]:
    """The starts, and a few pages of each kind that they lead to."""
    found, kinds = [base + path for path in STARTS[part]], dict[str, int]()
    for address in list(found):
        page, _ = _opened(browser, address, 1440)
        for link in _links(page, base):
            kind = link.removeprefix(base).split("?")[0].strip("/").partition("/")[0]
            if link in found or _for_machines(link) or kinds.get(kind, 0) >= FOLLOWED:
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            found.append(link)
        page.close()
    return found


def _some_of_each_kind(links: Iterable[str], base: str) -> list[str]:
    """At most `ASKED` links of each kind: the first word of the path, and what is asked for after it."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for link in links:
        path, _, query = link.removeprefix(base).partition("?")
        kind = (path.strip("/").partition("/")[0], *sorted({word.partition("=")[0] for word in query.split("&")}))
        kinds.setdefault(kind, []).append(link)
    return [link for same in kinds.values() for link in same[:ASKED]]


def _opened(browser: Browser, address: str, width: int) -> tuple[Page, list[str]]:
    """The page, and what its console complains of or it asks of other servers."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    here = "/".join(address.split("/")[:3])
    page.on("request", lambda request: None if request.url.startswith((here, "data:")) else heard.append(request.url))
    page.goto(address)
    return page, heard


def _links(page: Page, base: str) -> list[str]:
    """Addresses on the same server, each once."""
    written = page.eval_on_selector_all("a[href]", "all => all.map(each => each.getAttribute('href'))")
    absolute = (urldefrag(urljoin(page.url, link))[0] for link in written)
    return [link for link in dict.fromkeys(absolute) if link.startswith(base)]


def _for_machines(link: str) -> bool:
    return bool(re.search(r"/api/|\.json|\.atom|\.xml|/attachments/|/openapi", link))
