"""The report on a register: whole counts beside what is shown of them, and as many queries however much is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.consumers.portal.registering import Way, load, record, way

POWER = {"事项名称": "城镇燃气经营许可", "事项类型": "行政许可", "实施依据": "条例第十五条", "承办科室": "审批科"}
REPORT, LIST = "/api/v1/registers/power-list/report", "/registers/power-list"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Way]:
    with way(tmp_path) as made:
        yield made


@contextmanager
def asked(city: Way) -> Iterator[list[str]]:
    """The statements that the portal's store is asked meanwhile."""
    found: list[str] = []
    engine = city.portal.shelf.store.engine

    def note(conn: object, cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            found.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(engine, "before_cursor_execute", note)


def clashing(city: Way, *codes: str) -> None:
    """Two departments that mean different things by each code, each by two codes the same."""
    for dept in ("xzsp", "cgj"):
        pairs = [(f"{code}{n}", {**POWER, "事项名称": f"{dept}的{code}"}) for code in codes for n in (1, 2)]
        city.send(load("power-list", *(record(code, 1, **fields) for code, fields in pairs), dept=dept))


def test_what_is_shown_of_many_says_how_many_there_are(city: Way) -> None:
    clashing(city, "A")
    with asked(city) as few:
        city.portal.json(REPORT)
    clashing(city, *(f"B{n:03}" for n in range(100)), "A")
    with asked(city) as many:
        found = city.portal.json(REPORT)

    assert (len(found["inconsistent"]), found["inconsistent_count"]) == (200, 202)
    assert (len(found["duplicates"]), found["duplicates_count"]) == (200, 202)
    assert {one["count"] for one in (*found["inconsistent"], *found["duplicates"])} == {2}
    assert all(len(one["members"]) == 2 for one in found["inconsistent"])
    page = city.portal.text(f"{LIST}/report")
    assert page.count("前 200 条，共 202 条。") == 2
    assert len(many) == len(few)


def test_a_list_counts_what_it_is_narrowed_by_in_one_query(city: Way) -> None:
    clashing(city, "A")
    for path, column in ((LIST, "register_records.kind"), ("/items", "items.five_open")):
        with asked(city) as found:
            city.portal.text(path)
        assert len([one for one in found if "GROUP BY" in one]) == 1, path
        assert any(column in one.partition("GROUP BY")[2] for one in found)


def test_the_headers_of_a_download_are_had_without_its_records(city: Way) -> None:
    clashing(city, "A")
    for form in ("csv", "json"):
        path = f"{LIST}/download.{form}"
        whole = city.portal.client.get(path)
        with asked(city) as found:
            head = city.portal.client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert not [one for one in found if "register_records" in one]
        for name in ("Content-Type", "Content-Disposition", "Cache-Control"):
            assert head.headers[name] == whole.headers[name]
        assert "Content-Length" not in head.headers
