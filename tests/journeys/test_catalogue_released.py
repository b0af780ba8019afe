"""A catalogue from the office's spreadsheet to the portal, by the commands that an office and operators run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from bus import cli
from bus.programs import environment
from bus.settings import Settings
from consumers.portal.program import build_portal
from rules.catalogue import to_xlsx
from schemas.city import load_pack
from tests.support.small_city import write_small_city
from tests.support.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_city(tmp_path / "city")


@pytest.fixture
def commanded(settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    given = settings.model_copy(update={"city": folder, "release_lead": 0.0})
    for name, value in environment(given).items():
        monkeypatch.setenv(name, value)
    return given


@pytest.fixture
def portal(commanded: Settings) -> Iterator[httpx.Client]:
    made = build_portal(commanded)
    for service in made.services:
        service.start()
    with TestClient(made.app) as client:
        yield client
    for service in reversed(made.services):
        service.stop()
    made.close()
    assert not [service.failed for service in made.services if service.failed]


def run(*words: str) -> None:
    assert cli.run(list(words)) == 0


@pytest.mark.feature("0-01")
def test_what_the_office_imports_and_operators_release_is_the_portal_s_next_version(
    portal: httpx.Client, folder: Path, tmp_path: Path
) -> None:
    eventually(lambda: "第 1 版" in portal.get("/catalogue/basic").text, 30)
    rows = [row for row in load_pack(folder).rows if row.catalogue.endswith("basic.csv")]
    (tmp_path / "base.xlsx").write_bytes(to_xlsx(rows[1:], "主动公开基本目录"))
    run("catalogue", "import", str(tmp_path / "base.xlsx"), "--as", "basic", "--into", str(folder))
    city = folder / "city.toml"
    city.write_text(re.sub('release = "1"', 'release = "2"', city.read_text(encoding="utf-8")), encoding="utf-8")
    run("city", "release", str(folder), "--note", "取消一项")
    eventually(lambda: "第 2 版" in portal.get("/catalogue/basic").text, 30)
    page = portal.get("/catalogue/basic").text
    assert "取消一项" in page
    assert f"{len(rows) - 1} 项" in page
    assert "取消 1 项" in portal.get("/catalogue/basic/diff/1..2").text
