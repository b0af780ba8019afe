"""What a merged department still owed counts for its successor from the day after; what it had done stays its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bus.city import Standing
from consumers.assessment.lateness import Lateness
from consumers.assessment.ledger import Ledger
from consumers.assessment.periods import Quarter
from consumers.assessment.web.app import build_app
from consumers.assessment.web.context import Context
from tests.consumers.assessment.ledger_city import City, at
from tests.consumers.office import Player, player
from tests.support.releasing import example_files, replaced

OLD, NEW = "fgw", "jyj"
QUARTER = Quarter.of(at("2026-09-21").date())


def packs() -> Standing:
    """OLD ends with the 20th of September."""
    files = example_files(1)
    [line] = [each for each in files["departments.csv"].decode().splitlines() if each.startswith(f"{OLD},")]
    cells = line.split(",")
    cells[-3:-1] = ["2026-09-20", NEW]
    files["departments.csv"] = replaced(files["departments.csv"], line, ",".join(cells))
    return Standing(files)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def play(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Player]:
    """Three duties of OLD: one done before it ended, one after, one never."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    with player(tmp_path, Ledger(), url) as made:
        city = City()
        for name in ("done", "later", "never"):
            made.play(city.verdict(name, subject=f"{OLD}/{name}", due="2026-09-25"))
        made.play(city.receipt("done", subject=f"{OLD}/done", at=at("2026-09-19")))
        made.play(city.receipt("later", subject=f"{OLD}/later", at=at("2026-09-23")))
        yield made


def context(play: Player, day: str) -> Context:
    held = packs()
    return Context(play.store, held, Lateness(held), list, lambda: at(day), "http://portal")


def totals(play: Player, day: str) -> dict[str, int]:
    standings = context(play, day).standings(QUARTER)
    return {each.code: each.figures.total for each in standings if each.code in {OLD, NEW}}


def test_open_duties_pass_on_the_day_and_what_was_done_does_not(play: Player) -> None:
    assert totals(play, "2026-09-20") == {OLD: 3, NEW: 0}
    assert totals(play, "2026-09-21") == {OLD: 1, NEW: 2}
    assert totals(play, "2026-09-28") == {OLD: 1, NEW: 2}


def test_the_successors_list_shows_them_under_the_name_they_were_made_by(play: Player) -> None:
    client = TestClient(build_app(context(play, "2026-09-28")))
    said = client.get(f"/api/v1/departments/{NEW}?quarter={QUARTER}").json()
    assert said["total"] == 2
    members = client.get(said["members"].partition("testserver")[2] or said["members"]).json()["publications"]
    assert {(each["subject"], each["dept"]) for each in members} == {(f"{OLD}/later", OLD), (f"{OLD}/never", OLD)}
