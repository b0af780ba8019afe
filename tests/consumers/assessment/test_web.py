"""Pages and JSON of the assessment: every figure leads to the list it was counted from; hostile text stays text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from bus.city import Standing
from bus.settings import Settings
from consumers.assessment.channels import Channel
from consumers.assessment.lateness import Lateness
from consumers.assessment.ledger import Ledger
from consumers.assessment.web.app import build_app
from consumers.assessment.web.context import Context
from tests.consumers.assessment.ledger_city import City, at
from tests.consumers.office import player

TODAY = at("2026-09-28")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    packs = Standing(Settings.model_fields["city"].default)
    board = [Channel("portal", "red", 3, 0, None, TODAY), Channel("router", "green", 0, 1, TODAY, TODAY)]
    with player(tmp_path, Ledger()) as made:
        city = City()
        for number in range(60):
            subject = f"fgw/{number:03}"
            made.play(
                city.verdict(f"e{number}", subject=subject, due="2026-09-22", title=f"<script>题{number}</script>")
            )
            if number % 3:
                made.play(
                    city.receipt(f"e{number}", subject=subject, at=at("2026-09-21" if number % 2 else "2026-09-23"))
                )
        made.play(city.verdict("r", "rejected", subject="fgw/r", due="2026-09-30", rules=("REJ-SECRET",)))
        made.play(city.verdict("o", subject="jyj/o", dept="jyj", due="2026-09-30", rules=("TX-08",), overridden=True))
        context = Context(made.store, packs, Lateness(packs), lambda: board, lambda: TODAY, "http://portal")
        yield TestClient(build_app(context))


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_every_count_is_as_long_as_the_list_it_names(client: TestClient) -> None:
    figures = client.get("/api/v1/departments/fgw?quarter=2026Q3").json()
    assert figures["counts"]["rejected-pending"]["count"] == 1
    for each in [
        *figures["counts"].values(),
        figures["scored"],
        {"count": figures["total"], "members": figures["members"]},
    ]:
        members = client.get(path_of(each["members"]) + "&size=1000").json()["publications"]
        assert len(members) == each["count"]


def test_what_was_answered_for_is_counted_by_department_and_shown_on_the_item(client: TestClient) -> None:
    everybody = client.get("/api/v1/departments?quarter=2026Q3").json()["departments"]
    assert {one["code"]: one["overridden"] for one in everybody if one["overridden"]} == {"jyj": 1}
    (duty,) = client.get("/api/v1/publications?dept=jyj&quarter=2026Q3").json()["publications"]
    assert duty["overridden"] == 1
    assert "例外放行 1 处" in client.get("/departments/jyj?quarter=2026Q3").text


def test_pages_of_a_long_list_lead_on_and_show_each_once(client: TestClient) -> None:
    seen, path = [], "/api/v1/publications?dept=fgw&size=25"
    while path:
        page = client.get(path).json()
        seen += [each["subject"] for each in page["publications"]]
        path = path_of(page["next"]) if page["next"] else ""
    assert len(seen) == len(set(seen)) == 61


def test_all_52_departments_stand_in_the_list_with_or_without_figures(client: TestClient) -> None:
    found = client.get("/api/v1/departments").json()["departments"]
    assert len(found) >= 52
    assert {each["rate"] for each in found if each["code"] != "fgw"} == {None}


@pytest.mark.parametrize(
    "path", ["/", "/departments/fgw", "/departments/fgw?page=2", "/publications?status=late", "/channels"]
)
def test_pages_hold_no_senders_markup_and_say_what_is_red(client: TestClient, path: str) -> None:
    page = client.get(path, headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "渠道中断" in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/departments/nobody", 404), ("/api/v1/departments/nobody", 404), ("/?quarter=2026Q9", 422),
        ("/api/v1/publications?status=good", 422), ("/api/v1/publications?page=0", 422),
        ("/api/v1/publications?size=1000000", 422),
    ],
)  # fmt: skip
def test_what_is_not_there_or_makes_no_sense_is_refused(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_the_board_is_not_ok_while_a_channel_is_red(client: TestClient) -> None:
    board = client.get("/api/v1/channels").json()
    assert board["ok"] is False
    assert [each["state"] for each in board["channels"]] == ["red", "green"]
