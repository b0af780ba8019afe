"""Pages, API and feeds of a portal whose store a real projection filled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from consumers.portal import render
from tests.consumers.portal.feeding import BASE, SITE
from tests.consumers.portal.serving import Portal, served
from tests.support.events import NOON, submitted, updated, withdrawn

ATOM = {"a": "http://www.w3.org/2005/Atom"}
FILE = b"%PDF-1.4 nothing in it"


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with served(tmp_path) as portal:
        yield portal


def metas(page: str) -> dict[str, str]:
    found = re.findall(r'<meta name="(\w+)" content="([^"]*)">', page)
    return {name: unescape(content) for name, content in found}


def test_an_item_page_has_every_meta_tag_that_must_be_there(portal: Portal) -> None:
    title = '关于"冬季供暖"的<通知>'
    portal.publish(submitted(local_id="1", title=title))
    found = metas(portal.text("/items/fgw/1"))
    column = SITE.columns["notices"]
    assert {name: found[name] for name in (
        "SiteName", "SiteDomain", "SiteIDCode", "ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType",
        "ArticleTitle", "PubDate", "ContentSource",
    )} == {
        "SiteName": SITE.pack.city.site_name, "SiteDomain": "www.shilishi.example", "SiteIDCode": "9999000001",
        "ColumnName": column.name, "ColumnDescription": column.description, "ColumnKeywords": column.keywords,
        "ColumnType": column.type, "ArticleTitle": title, "PubDate": "2026-09-21 12:01",
        "ContentSource": "示例市发展和改革委员会",
    }  # fmt: skip


def test_an_update_keeps_the_pub_date_and_lists_what_changed(portal: Portal) -> None:
    portal.publish(submitted(local_id="1"))
    portal.publish(updated(local_id="1", body="新的正文", title="新的标题"))
    page = portal.text("/items/fgw/1")
    assert metas(page)["PubDate"] == "2026-09-21 12:01"
    assert "更新时间" in page
    assert "标题、正文" in page
    assert "新的正文" in page


def test_the_display_block_says_what_the_rules_ask(portal: Portal) -> None:
    portal.publish(submitted(local_id="1", docno="示政发〔2026〕5号", topic="综合政务\\政务公开"))
    page = portal.text("/items/fgw/1")
    for term in (
        "索引号",
        "主题分类",
        "体裁分类",
        "发布机构",
        "发文字号",
        "成文日期",
        "发布日期",
        "公开方式",
        "有效性",
    ):
        assert f"<dt>{term}</dt>" in page
    assert "示政发〔2026〕5号" in page
    assert "综合政务\\政务公开" in page


def test_a_document_past_its_last_day_is_shown_as_lapsed(portal: Portal) -> None:
    portal.publish(submitted(local_id="1", dates={"formed": "2020-01-01", "expires": "2025-12-31"}))
    assert portal.json("/api/v1/items/fgw/1")["validity"] == "失效"


def test_a_withdrawn_item_is_a_tombstone_with_410(portal: Portal) -> None:
    portal.publish(submitted(local_id="1", title="错误的通知", body="不该再见到的正文"))
    portal.publish(withdrawn(local_id="1", reason="数据有误", notice="该信息已由发布机关撤回。", substitute="fgw/2"))
    page = portal.text("/items/fgw/1", 410)
    for word in ("错误的通知", "数据有误", "该信息已由发布机关撤回。", "2026-09-21", "/2026-00001"):
        assert word in page
    assert "不该再见到的正文" not in page
    assert portal.json("/api/v1/items/fgw/1", 410)["reason"] == "数据有误"
    assert portal.json("/api/v1/items")["items"] == []


def test_history_shows_its_day_and_its_mark(portal: Portal) -> None:
    portal.publish(submitted(local_id="1", backfill=True, published_on="2019-05-15"))
    page = portal.text("/items/fgw/1")
    assert "历史迁移" in page
    assert "2019-05-15" in page
    assert portal.json("/feed.json")["items"] == []


def test_nothing_a_department_writes_runs_in_a_browser(portal: Portal) -> None:
    evil = "<script>alert(1)</script>"
    portal.publish(
        submitted(
            local_id="1", title=f"题{evil}", body=f"{evil}\n# {evil}\n- {evil}\n| {evil} |\n一、{evil}", summary=evil,
            elements={evil: evil}, docno=evil, topic=evil, links=[{"rel": "follows", "target": evil}],
            attachments=[{"sha256": "b" * 64, "name": evil, "type": "text/html", "size": 1}],
        )
    )  # fmt: skip
    for path in ("/", "/items", "/items/fgw/1", "/departments/fgw", "/columns/notices", "/feed.atom"):
        assert evil not in portal.text(path), path
    assert portal.client.get("/items/fgw/1").headers["content-security-policy"].startswith("default-src 'none'")


def test_headings_lists_and_tables_of_a_text_are_shown_as_such() -> None:
    html = render.body(
        "一、总则\n第一段。\n（一）范围\n- 甲\n- 乙\n| 项 | 数 |\n|---|---|\n| 甲 | 1 |\n一、这是一句话，不是标题。"
    )
    assert "<h2>一、总则</h2>" in html
    assert "<h3>（一）范围</h3>" in html
    assert "<ul><li>甲</li><li>乙</li></ul>" in html
    assert "<tr><td>甲</td><td>1</td></tr>" in html
    assert "<p>一、这是一句话，不是标题。</p>" in html


@pytest.mark.feature("4-18")
def test_52_municipal_departments_each_have_a_page_that_shows_what_they_publish(portal: Portal) -> None:
    municipal = [d.code for d in SITE.departments.values() if d.level == "市" and d.in_force(NOON.date())]
    assert len(municipal) == 52
    portal.publish(*(submitted(code, "1", title=f"{code}的通知") for code in municipal))
    directory = portal.text("/departments")
    for code in municipal:
        assert f'href="/departments/{code}"' in directory
        page = portal.text(f"/departments/{code}")
        assert SITE.department_name(code) in page
        assert re.findall(r'<a href="/items/([^"]+)">', page) == [f"{code}/1"]
        assert f"{code}的通知" in portal.text(f"/items/{code}/1")


def test_a_list_pages_through_everything_once_though_items_come_in_between(portal: Portal) -> None:
    portal.publish(*(submitted(local_id=str(n)) for n in range(45)))
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = portal.json(f"/api/v1/items?limit=10&after={after}")
        seen += [item["subject"] for item in page["items"]]
        after = page["next"]
        portal.publish(submitted(local_id=f"new{len(seen)}"))
    assert len(seen) == len(set(seen)) == 45


def test_a_page_of_a_list_leads_to_the_next(portal: Portal) -> None:
    portal.publish(*(submitted(local_id=str(n)) for n in range(25)))
    first = portal.text("/departments/fgw?q=%E9%80%9A%E7%9F%A5")
    found = re.search(r'rel="next" href="([^"]+)"', first)
    assert found is not None
    assert portal.text(unescape(found[1])).count("<li><span><a") == 5


@pytest.mark.parametrize(("asked", "found"), [("供暖", 1), ("〔2026〕5号", 1), ("%", 0), ("没有", 0)])
def test_a_list_is_filtered_by_title_or_document_number(portal: Portal, asked: str, found: int) -> None:
    portal.publish(submitted(local_id="1", docno="示政发〔2026〕5号"))
    assert len(portal.client.get("/api/v1/items", params={"q": asked}).json()["items"]) == found


@pytest.mark.parametrize("path", ["/items/fgw/1", "/api/v1/items", "/feed.atom", "/feed.json", "/", "/departments/fgw"])
def test_what_is_held_is_not_sent_again(portal: Portal, path: str) -> None:
    portal.publish(submitted(local_id="1"))
    first = portal.client.get(path)
    again = portal.client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    portal.publish(updated(local_id="1", title="另一个标题"))
    assert portal.client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_last_modified_decides_where_there_is_no_etag(portal: Portal) -> None:
    portal.publish(submitted(local_id="1"))
    stamp = portal.client.get("/items/fgw/1").headers["last-modified"]
    assert portal.client.get("/items/fgw/1", headers={"If-Modified-Since": stamp}).status_code == 304
    assert portal.client.get("/items/fgw/1", headers={"If-Modified-Since": "yesterday"}).status_code == 200


def test_atom_names_each_item_by_an_id_that_stays(portal: Portal) -> None:
    portal.publish(submitted(local_id="1", body="有\x0b控制符"), submitted("zfb", "2"))
    before = entries(portal.text("/feed.atom"))
    portal.publish(updated(local_id="1", title="新的标题"), withdrawn("zfb", "2", notice="已撤回。"))
    after = entries(portal.text("/feed.atom"))
    assert before.keys() == after.keys() == {f"{BASE}/items/fgw/1", f"{BASE}/items/zfb/2"}
    assert after[f"{BASE}/items/fgw/1"][0] == "新的标题"
    title, content = after[f"{BASE}/items/zfb/2"]
    assert title.startswith("【已撤回】")
    assert content == "<p>已撤回。</p>"
    assert entries(portal.text("/departments/zfb/feed.atom")).keys() == {f"{BASE}/items/zfb/2"}


def entries(feed: str) -> dict[str, tuple[str, str]]:
    root = ET.fromstring(feed)
    return {
        entry.findtext("a:id", "", ATOM): (entry.findtext("a:title", "", ATOM), entry.findtext("a:content", "", ATOM))
        for entry in root.findall("a:entry", ATOM)
    }


def test_json_feed_says_what_version_1_1_asks(portal: Portal) -> None:
    portal.publish(submitted(local_id="1"))
    feed = portal.json("/columns/notices/feed.json")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["id"] for item in feed["items"]] == [f"{BASE}/items/fgw/1"]


def test_an_attachment_is_a_download_of_a_live_item_alone(portal: Portal) -> None:
    digest = sha256(FILE).hexdigest()
    place = portal.shelf.store.settings.file_of(digest)
    place.parent.mkdir(parents=True)
    place.write_bytes(FILE)
    file = {"sha256": digest, "name": "名单.pdf", "type": "application/pdf", "size": len(FILE)}
    portal.publish(submitted(local_id="1", attachments=[file]), submitted(local_id="2"))

    answer = portal.client.get(f"/attachments/{digest}/fgw/1")
    assert answer.content == FILE
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert portal.client.get(f"/attachments/{digest}/fgw/2").status_code == 404
    portal.publish(withdrawn(local_id="1"))
    assert portal.client.get(f"/attachments/{digest}/fgw/1").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/items/fgw/none", "/items/x", "/columns/none", "/departments/none", "/attachments/zz/fgw/1", "/feed.xml",
     "/departments/none/feed.atom", "/items/%00/..%2f..%2fetc"],
)  # fmt: skip
def test_what_is_not_there_is_said_in_two_languages(portal: Portal, path: str) -> None:
    answer = portal.client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code in {404, 422}


@pytest.mark.parametrize("after", ["x", "MTIz", "é", "A" * 300])
def test_a_cursor_of_nobody_is_refused(portal: Portal, after: str) -> None:
    answer = portal.client.get("/api/v1/items", params={"after": after})
    assert (answer.status_code, answer.json()["code"]) == (422, "CURSOR")


def test_a_subject_that_would_climb_stays_in_its_place(portal: Portal) -> None:
    portal.publish(submitted(local_id="a/../b?c#d"))
    found = portal.json("/api/v1/items")["items"][0]
    path = found["url"].removeprefix(BASE)
    assert ".." not in path.split("/")
    assert portal.json(f"/api/v1{path}")["subject"] == "fgw/a/../b?c#d"


def test_counts_by_department_and_column_are_in_the_api(portal: Portal) -> None:
    portal.publish(submitted(local_id="1"), submitted(local_id="2"), submitted("zfb", "1"))
    departments = {d["code"]: d["items"] for d in portal.json("/api/v1/departments")["departments"]}
    assert (departments["fgw"], departments["zfb"], len(departments)) == (2, 1, len(SITE.departments))
    columns = {c["id"]: c["items"] for c in portal.json("/api/v1/columns")["columns"]}
    assert columns["notices"] == 3
