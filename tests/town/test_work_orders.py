"""Work orders: from a finding on a live page, by its clock, to the mended page and the end."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from consumers.portal.rescan.commands import app
from tests.consumers.portal.serving import address
from tests.rules.making import ROOT
from tests.support.events import JsonObject, to_bytes
from tests.town.town import Town

PAGE, TITLE = "fgw/2026-9", "关于冬季保供资金的通知"
WORD = "筹错"
"""A misspelling that the example's list does not know when it is published."""


@pytest.mark.feature("4-39")
def test_a_typo_on_a_live_page_is_ordered_mended_and_closed_and_the_times_show(city: Town, newer: Path) -> None:
    city.publishes("notice", PAGE, TITLE, body=f"全力做好资金{WORD}工作。")
    file = newer.parent / "orders.ndjson"
    assert scanned(city, newer, file) == 1
    (order,) = sent(city, file)
    key = order["subject"]
    assert city.dues("fgw", key) == {"fix": "2026-09-22 23:59"}, "a serious one: one working day"
    assert sent(city, file)[0]["subject"] == key, "the same file again opens nothing"
    city.clock.pass_(timedelta(hours=3))
    city.publishes("notice", PAGE, TITLE, version=2, body="全力做好资金筹措工作。", links=[("mends", key)])
    assert scanned(city, newer, newer.parent / "again.ndjson") == 0
    city.clock.pass_(timedelta(hours=1))
    city.does(key, "closed", dept="zfb")

    view = city.sees(key, "fgw")
    assert (view["state_name"], view["ended"]) == ("已办结", True)
    assert [(step["step_name"], step["at"][11:16]) for step in view["steps"]] == [
        ("派单", "04:00"), ("改正", "07:00"), ("复核办结", "08:00"),
    ]  # fmt: skip
    assert WORD not in city.page(f"/items/{PAGE}")
    assert city.words("fgw", key) == ["fix opened", "fix closed"]


@pytest.mark.feature("4-39")
def test_an_order_that_is_not_mended_in_time_is_supervised(city: Town, newer: Path) -> None:
    city.publishes("notice", PAGE, TITLE, body=f"全力做好资金{WORD}工作。")
    scanned(city, newer, newer.parent / "orders.ndjson")
    (order,) = sent(city, newer.parent / "orders.ndjson")
    city.until(city.clock.now + timedelta(days=2))
    assert {"fix reminded", "fix supervised"} <= set(city.words("fgw", order["subject"]))
    assert "fgw" in {one["dept"] for one in city.caller("zfb").http.get("/v1/duties/overdue").json()["departments"]}
    assert city.refused(order["subject"], "closed", dept="zfb") == ["SM-ILLEGAL"], "it is not mended"


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The city with one word more on its list."""
    folder = tmp_path / "newer"
    shutil.copytree(ROOT / "cities/example", folder)
    (folder / "checks/own.toml").write_text(f'[typos]\n"筹措" = ["{WORD}"]\n', encoding="utf-8")
    return folder


def scanned(city: Town, pack: Path, orders: Path) -> int:
    """How many errors the command finds, by its exit code."""
    with address(city.portal) as url:
        done = CliRunner().invoke(app, ["--url", url, "--pack", str(pack), "--orders", str(orders)])
    assert done.exit_code in {0, 1}, done.output
    return done.exit_code


def sent(city: Town, file: Path) -> list[JsonObject]:
    """The lead office sends the file; its events, each judged."""
    events: list[JsonObject] = [json.loads(line) for line in file.read_bytes().splitlines()]
    now = city.clock().isoformat()
    for event in events:  # the command told the time of this machine
        event["time"] = event["data"]["at"] = now
    answer = city.caller("zfb").post(b"\n".join(map(to_bytes, events)), "application/x-ndjson")
    assert answer.status_code in {200, 202}, answer.text
    city.carry()
    return events
