"""The campaign by which every department completes its catalogue: who has, who has not, and who is spoken to."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rules.calendar import SHANGHAI
from tests.consumers.portal.feeding import SITE
from tests.town.town import Town, town

CAMPAIGN = "catalogue-completion"
DONE, SILENT = "fgw", "jtj"


@pytest.mark.feature("0-03")
def test_the_board_says_who_has_done_it_on_the_last_day_and_the_day_after_who_has_not_is_supervised(
    tmp_path: Path,
) -> None:
    own = tuple(one for one in SITE.pack.standing if one.id == CAMPAIGN)
    with town(tmp_path, at("2026-02-27 09:00"), replace(SITE.pack, standing=own)) as city:
        for day in ("2026-03-02 09:00", "2026-03-25 09:00"):
            city.until(at(day))
        owed = board(city)
        assert len(owed) > 20
        assert set(owed.values()) == {"未完成"}
        [duty] = [one for one in city.duties(DONE) if one["subject"].startswith(f"{DONE}/duty.{CAMPAIGN}")]
        assert duty["due"] == "2026-03-31"
        city.does(duty["subject"], "done", reason="本部门目录已编制完成并公布")

        city.until(at("2026-03-31 18:00"))
        assert {name: state for name, state in board(city).items() if state == "已完成"} == {name_of(DONE): "已完成"}
        assert board(city)[name_of(SILENT)] == "未完成"
        assert "督办" not in row(city, SILENT)

        city.until(at("2026-04-01 00:00") + timedelta(seconds=1))
        key = duty["subject"].replace(f"{DONE}/", f"{SILENT}/")
        assert city.words(SILENT, key)[-3:] == ["due announced", "due reminded", "due supervised"]
        assert "due supervised" not in city.words(DONE, duty["subject"])
        rungs = [one["data"] for one in city.told("duties") if one["data"]["dept"] == SILENT]
        told = {one["rung"]: one["at"][:16] for one in rungs if one.get("rung")}
        assert told["announced"] == "2026-03-17T09:00"  # ten working days before
        assert told["reminded"] == "2026-03-30T09:00"
        supervised = [one["data"] for one in city.told("duties") if one["data"].get("rung") == "supervised"]
        assert {one["at"][:19] for one in supervised} == {"2026-04-01T00:00:00"}
        assert {one["dept"] for one in supervised} == {code for code in SITE.departments if name_of(code) in owed} - {
            DONE
        }
        assert "督办 2026-04-01 00:00" in row(city, SILENT)
        assert "督办" not in row(city, DONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def name_of(dept: str) -> str:
    return SITE.department_name(dept)


def board(city: Town) -> dict[str, str]:
    """Department to whether it is done, as the page shows it."""
    cell = r'data-label="部门"><a [^>]*>([^<]+)</a></td>\s*<td data-label="是否完成"><span [^>]*>([^<]+)<'
    return dict(re.findall(cell, city.page(f"/campaigns/{CAMPAIGN}")))


def row(city: Town, dept: str) -> str:
    """A department's row, in words."""
    page = city.page(f"/campaigns/{CAMPAIGN}")
    found = next(part for part in page.split("<tr>") if f'href="/departments/{dept}"' in part)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found))
