"""Who names an item stands on its page, for as long as it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from consumers.portal.tables import item_links
from tests.consumers.portal.feeding import opened, plain
from tests.consumers.portal.serving import Portal, served
from tests.support.events import JsonObject, submitted, updated, withdrawn

NEWS = "示例路改造进展"


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with served(tmp_path) as made:
        made.publish(submitted("fgw", "plan"))
        yield made


def naming(target: str) -> JsonObject:
    return {"title": NEWS, "links": [{"rel": "follows", "target": target}]}


def test_an_item_shows_who_names_it_and_no_longer_when_nobody_does(portal: Portal) -> None:
    portal.publish(submitted("fgw", "news", **naming("fgw/plan")))
    assert NEWS in portal.text("/items/fgw/plan")
    portal.publish(updated("fgw", "news", 2, title=NEWS))
    assert NEWS not in portal.text("/items/fgw/plan")
    portal.publish(updated("fgw", "news", 3, **naming("fgw/plan")))
    assert NEWS in portal.text("/items/fgw/plan")
    portal.publish(withdrawn("fgw", "news", 3))
    assert NEWS not in portal.text("/items/fgw/plan")


def test_an_item_may_be_named_by_its_index_number(portal: Portal) -> None:
    number = portal.json("/api/v1/items/fgw/plan")["index_no"]
    portal.publish(submitted("fgw", "news", **naming(number)))
    assert NEWS in portal.text("/items/fgw/plan")


def test_in_any_order_of_versions_the_same_links_are_held(portal: Portal, tmp_path: Path) -> None:
    portal.publish(submitted("fgw", "news", **naming("fgw/plan")), updated("fgw", "news", 2, title=NEWS))
    first, second = portal.feed.records[-2:]
    with opened(plain(tmp_path / "again")) as shelf:
        shelf.apply([replace(second, offset=0), replace(first, offset=1)])
        with shelf.store.read() as conn:
            assert conn.execute(item_links.select()).all() == []
