"""五公开, 四权 and the rules: the tabs, the navigation, the filters, and a page for every code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from consumers.portal.web.listing import FIVE, PRINCIPLES
from rules.book import book
from schemas.reasons import TEXTS, Reason, finding
from tests.consumers.portal.feeding import BASE, SITE
from tests.consumers.portal.serving import Portal, served
from tests.support.events import submitted, updated, withdrawn

PACK = SITE.pack
RULES = {rule.id: rule for rule in book(PACK)}


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with served(tmp_path / "home") as portal:
        yield portal


def listed(page: str) -> list[str]:
    return re.findall('<li><span><a href="/items/([^"]+)"', page)


@pytest.mark.feature("3-02")
def test_five_tabs_list_what_is_public_and_every_item_shows_its_tag(portal: Portal) -> None:
    for at, tag in enumerate(FIVE):
        portal.publish(*(submitted(local_id=f"{at}-{n}", five_open=tag) for n in range(at + 1)))
    portal.publish(withdrawn(local_id="0-0"), updated(local_id="1-1", five_open="服务"))
    wanted = Counter({"执行": 1, "管理": 3, "服务": 5, "结果": 5})
    for tag in FIVE:
        page = portal.text(f"/open/{quote(tag)}")
        tabs = dict(re.findall(r'<a href="/open/[^"]+"[^>]*>(\w+) <span class="number">(\d+)</span>', page))
        assert tabs == {name: str(wanted[name]) for name in FIVE}
        assert re.findall('aria-current="page">([^ ]+) ', page) == [tag]
        assert len(listed(page)) == wanted[tag]
        assert set(re.findall('<a class="tag" href="/open/[^"]+">([^<]+)</a>', page)) <= {tag}
    assert ">服务公开</a>" in portal.text("/items/fgw/1-1")
    assert portal.text("/open") == portal.text(f"/open/{quote('决策')}")


@pytest.mark.feature("0-23")
@pytest.mark.feature("3-06")
@pytest.mark.parametrize("path", ["/", "/items", "/catalogue", "/rules", "/letters", "/departments/fgw"])
def test_the_navigation_has_the_four_rights_in_their_order_and_each_leads_somewhere(portal: Portal, path: str) -> None:
    page = portal.text(path)
    nav = page[page.index('aria-label="主导航"') : page.index("</nav>")]
    entries = re.findall('<a href="([^"]+)"><b>([^<]+)</b>', nav)
    assert [right for _, right in entries] == ["知情", "参与", "表达", "监督"]
    assert entries[-1][0] == "https://kaohe.shilishi.example/"
    for address, _ in entries[:-1]:
        assert portal.client.get(address).status_code == 200
    for address in re.findall('<a href="(/[^"]*)"', nav):
        assert portal.client.get(address).status_code == 200


def test_the_page_of_letters_leads_to_nothing_that_is_not_there(portal: Portal) -> None:
    page = portal.text("/letters")
    for address in set(re.findall('href="(/[^"]*)"', page)):
        assert portal.client.get(address).status_code == 200, address


@pytest.mark.feature("1-02")
def test_a_filter_by_principle_counts_what_is_public(portal: Portal) -> None:
    rows = {name: next(row.code for row in PACK.rows if row.principles == (name,)) for name in PRINCIPLES}
    for number, code in enumerate(rows.values(), 1):
        portal.publish(*(submitted(local_id=f"{number}-{n}", item=code) for n in range(number)))
    page = portal.text("/items")
    for number, name in enumerate(PRINCIPLES, 1):
        assert re.search(f'<option value="{name}">{name} {number}</option>', page)
        chosen = portal.text(f"/items?principle={quote(name)}")
        assert len(listed(chosen)) == number
        assert f'<option value="{name}" selected>' in chosen
        assert len(portal.json(f"/api/v1/items?principle={quote(name)}")["items"]) == number


def test_filters_count_under_one_another_and_stay_when_the_list_goes_on(portal: Portal) -> None:
    portal.publish(*(submitted(local_id=str(n), five_open="决策" if n % 2 else "结果") for n in range(50)))
    portal.publish(submitted("czj", "1", item="06-01", kind="budget", five_open="决策"))
    page = portal.text(f"/items?five_open={quote('决策')}&kind=notice")
    assert re.search('<option value="结果">结果 25</option>', page)
    assert re.search('<option value="budget">[^<]* 1</option>', page)
    following = re.search('rel="next" href="([^"]+)"', page)
    assert following
    rest = listed(portal.text(unescape(following[1])))
    assert len(listed(page)) + len(rest) == 25
    assert not set(listed(page)) & set(rest)


@pytest.mark.feature("4-23")
@pytest.mark.parametrize("address", ["/items?kind=proposal-reply", "/columns/proposals"])
def test_replies_to_proposals_are_listed_with_number_handler_and_result(portal: Portal, address: str) -> None:
    elements = {"编号": "第17号", "题目": "增加夜间公交", "承办单位": "示例市交通运输局",
                "答复全文": "自十月起增加两班。" + "另" * 200}  # fmt: skip
    portal.publish(submitted("jtj", "1", item="10-01", kind="proposal-reply", elements=elements), submitted())
    page = portal.text(address)
    assert listed(page) == ["jtj/1"]
    for said in ("编号：第17号", "承办单位：示例市交通运输局", "答复全文：自十月起增加两班。"):
        assert said in page
    assert "另" * 100 not in page
    assert "编号：" not in portal.text("/items")


@pytest.mark.feature("0-05")
def test_a_guide_shows_every_field_it_must_have(portal: Portal) -> None:
    elements = {name: f"其{name}" for name in PACK.row["01-08"].elements}
    portal.publish(submitted(local_id="guide", item="01-08", kind="foi-guide", elements=elements))
    page = portal.text("/items/fgw/guide")
    for name, text in elements.items():
        assert f"<dt>{name}</dt><dd>{text}</dd>" in page


@pytest.mark.parametrize("reason", list(Reason))
def test_what_a_finding_leads_to_is_there(portal_of_all: Portal, reason: Reason) -> None:
    made = finding(reason)
    assert made.page
    page = portal_of_all.text(made.page)
    text = unescape(page)
    for said in (TEXTS[reason].basis, TEXTS[reason].zh, TEXTS[reason].remedy_zh, RULES[reason.value].example):
        assert said in text


@pytest.fixture(scope="module")
def portal_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with served(tmp_path_factory.mktemp("portal")) as portal:
        yield portal


def test_every_rule_is_on_the_list_and_has_its_page(portal_of_all: Portal) -> None:
    assert re.findall('class="code"><a href="/rules/([^"]+)"', portal_of_all.text("/rules")) == list(RULES)
    for code in list(RULES)[::11]:
        assert portal_of_all.client.get(f"/rules/{quote(code)}").status_code == 200


@pytest.mark.parametrize(
    ("asked", "found"),
    [("q=保守国家秘密法", "TX-01"), ("q=rej-late", "REJ-LATE"), ("group=clock", "CLK-01"),
     ("q=no-such-word&group=judge", None), ("q=%00", None)],
)  # fmt: skip
def test_rules_are_searched_by_code_or_words(portal_of_all: Portal, asked: str, found: str | None) -> None:
    codes = re.findall('class="code"><a href="/rules/([^"]+)"', portal_of_all.text(f"/rules?{asked}"))
    assert (found in codes) if found else not codes
    assert len(codes) < len(RULES)


def test_a_machine_reads_the_same_rule(portal_of_all: Portal) -> None:
    told = portal_of_all.json("/api/v1/rules/REJ-LATE")
    assert (told["severity"], told["basis"]) == ("warn", TEXTS[Reason.REJ_LATE].basis)
    assert told["url"] == f"{BASE}/rules/REJ-LATE"
    assert [rule["id"] for rule in portal_of_all.json("/api/v1/rules")["rules"]] == list(RULES)
    assert {"/api/v1/rules/{code}", "/api/v1/catalogue/{stem}"} <= portal_of_all.json("/openapi.json")["paths"].keys()


@pytest.mark.parametrize(
    "path", ["/rules/NONE", "/rules/<b>", "/open/公开", "/api/v1/rules/NONE", "/rules/REJ-LATE%00"]
)
def test_what_is_not_there_is_said_plainly(portal_of_all: Portal, path: str) -> None:
    answer = portal_of_all.client.get(path)
    assert answer.status_code == 404
    assert "<b>" not in answer.text


@pytest.mark.parametrize("path", ["/catalogue", "/catalogue/basic", "/rules", "/rules/TX-01", "/open", "/letters"])
def test_a_page_of_ours_has_the_meta_tags_of_a_column(portal_of_all: Portal, path: str) -> None:
    page = portal_of_all.text(path)
    found = dict(re.findall(r'<meta name="(\w+)" content="([^"]+)">', page))
    wanted = {"SiteName", "SiteDomain", "SiteIDCode", "ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"}
    assert wanted <= found.keys()
