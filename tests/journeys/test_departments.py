"""Departments come by the doors they have, and each has its page."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bus.programs import environment
from bus.settings import Settings
from producers.demo.example import Example
from schemas.city import load_pack
from schemas.decode import decode
from schemas.topics import PUBLICATIONS
from tests.journeys.city import PATIENCE, Department, command, items_of, page, sidecar, table
from tests.producers.test_whole import published
from tests.support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

PUBLISHED_TEXTS = sorted((Path(__file__).parents[3] / "shared" / "documents").glob("*.txt"))
OWN_TEXT = "示例市供暖季燃气安全检查已经开始。\n\n检查人员将于工作日上门，请居民核对证件，配合检查。\n".encode()


@pytest.mark.feature("4-18")
def test_each_of_52_departments_has_a_page_and_an_event_more_is_an_item_more(city: Settings) -> None:
    pack = load_pack(city.city)
    units = [dept for dept in pack.departments if dept.level == "市" and dept.in_force(datetime.now(UTC).date())]
    assert len(units) == 52
    assert pack.city.notice
    for dept in units:
        found = page(city, f"/departments/{dept.code}")
        assert found.status_code == 200
        assert pack.city.notice in found.text
        assert re.search(rf"<h1[^>]*>[^<]*{dept.name}", found.text), dept.code
        assert f"/departments/{dept.code}/feed.atom" in found.text

    for code, number in (("swj", 0), ("swj", 1), ("tjj", 0)):
        department = Department(city, code)
        title = f"关于第{number}次检查的通知"
        assert len(items_of(city, code)) == number
        answer = department.post(department.event(f"walk-{number}", title=title))
        assert answer.status_code == 202, answer.text
        department.asked(answer.json()["id"])

        assert len(items_of(city, code)) == number + 1
        assert title in page(city, f"/departments/{code}").text
        assert title not in page(city, "/departments/kjj").text


@pytest.mark.feature("1-19")
def test_json_over_http_and_a_table_in_gbk_land_in_one_topic_schema(city: Settings) -> None:
    by_http, by_file = Department(city, "fgw"), Department(city, "jyj")
    first = by_http.event("adapter", title="以接口报送的通知")
    second = by_file.event("adapter", title="以表格报送的通知")

    assert by_http.post(first).status_code == 202
    by_file.drop("notices.csv", table(second, "gb18030"))
    assert by_http.asked(first["id"])["state"] == "accepted"
    assert by_file.asked(second["id"])["state"] == "accepted"

    events = {event.id: event for _, _, value in published(city) if (event := decode(value))}
    one, other = events[first["id"]], events[second["id"]]
    assert one.type == other.type == "cn.gongkai.publication.submitted.v1"
    assert one.data.elements == other.data.elements
    assert (one.data.title, other.data.title) == ("以接口报送的通知", "以表格报送的通知")
    assert PUBLICATIONS.events == ("publication",)
    for event in (first, second):
        assert event["data"]["title"] in page(city, f"/items/{event['subject']}").text


def test_a_text_with_its_sidecar_comes_out_and_without_it_is_refused_with_a_report(city: Settings) -> None:
    walk_texts(city, "rsj", {"safety.txt": OWN_TEXT})


@pytest.mark.skipif(not PUBLISHED_TEXTS, reason="no published texts are beside this checkout")
def test_published_texts_as_they_were_found_are_judged_with_sidecars_and_refused_without(city: Settings) -> None:
    department = Department(city, "wlj")
    texts = {f"text-{number}.txt": path.read_bytes() for number, path in enumerate(PUBLISHED_TEXTS)}
    drop_texts(department, texts)
    assert all("META-MISSING" not in department.reported(name) for name in texts)
    listed = ("rejections", "list", "--json", "--state", "open", "--key", department.key)
    told = eventually(
        lambda: len(found := told_of(json.loads(command(city, *listed).stdout))) == len(texts) and found,
        PATIENCE, "every text has its rejection",
    )  # fmt: skip
    assert told is not False
    assert all(any(rule.startswith("TX-") for rule in rules) for rules in told.values())


def told_of(rejections: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Subject to the rules that spoke, of events alone: a file refused whole names none."""
    return {
        row["data"]["event"]["subject"]: [finding["rule"] for finding in row["data"]["findings"]]
        for row in rejections
        if row["data"].get("event")
    }


def walk_texts(city: Settings, dept: str, texts: dict[str, bytes]) -> None:
    """Drop each text alone, then with a sidecar, and see it come out."""
    department = Department(city, dept)
    drop_texts(department, texts)
    for number, (name, text) in enumerate(texts.items()):
        assert "META-MISSING" not in department.reported(name)
        found = eventually(lambda n=number: (got := page(city, f"/items/{dept}/text-{n}")).is_success and got, PATIENCE)
        assert f"第{number}篇原文" in found.text
        assert text.decode().strip().splitlines()[0].strip()[:12] in found.text


def drop_texts(department: Department, texts: dict[str, bytes]) -> None:
    """Drop each text alone, which is refused, then with a sidecar."""
    for name, text in texts.items():
        department.drop(f"lone-{name}", text)
    for name in texts:
        assert "META-MISSING" in department.reported(f"lone-{name}", into="refused")

    for number, (name, text) in enumerate(texts.items()):
        title = f"第{number}篇原文"
        department.drop(name.replace(".txt", ".meta.toml"), sidecar(text, title, department.code, f"text-{number}"))
        department.drop(name, text)


def test_every_refusal_is_found_again_by_its_department_and_tells_what_to_do(city: Settings) -> None:
    department = Department(city, "czj")
    wrong_row = department.event("refused", item="99-99")
    first = department.event("reused")
    assert department.post(wrong_row).status_code == 422
    assert department.post(first).status_code == 202
    assert department.post(first | {"time": datetime.now(UTC).isoformat()}).status_code == 409

    assert department.asked(wrong_row["id"])["state"] == "rejected"
    reused = department.asked(first["id"])
    assert reused["state"] == "accepted"
    listed = eventually(
        lambda: len(rows := json.loads(command(city, "rejections", "list", "--json", "--key", department.key).stdout))
        == 2 and rows,
        PATIENCE,
    )  # fmt: skip
    assert listed is not False
    codes = {finding["rule"] for row in listed for finding in row["data"]["findings"]}
    assert "ID-REUSED" in codes
    for row in listed:
        shown = command(city, "rejections", "show", row["id"], "--key", department.key)
        assert shown.returncode == 0, shown.stderr
        assert row["data"]["findings"][0]["message"]["zh"] in shown.stdout


def test_the_readme_s_commands_publish_the_sample_and_show_its_end(city: Settings, tmp_path: Path) -> None:
    pack = load_pack(city.city)
    sample = tmp_path / ".gongkai" / "sample-event.json"
    sample.parent.mkdir()
    sample.write_bytes(Example.load(city.city / "demo", pack, datetime.now(UTC)).sample("mzj"))

    done = run_blocks(Path("README.md"), tmp_path, city)

    assert done.returncode == 0, done.stderr
    answer, end = json.JSONDecoder().raw_decode(done.stdout)
    view, end = json.JSONDecoder().raw_decode(done.stdout, end)
    assert (answer["status"], answer["outcome"]) == (202, "forwarded")
    assert view["id"] == answer["id"]
    assert Department(city, "mzj").asked(answer["id"])["state"] == "accepted"
    assert "2026-03-16 星期一  第20日" in done.stdout[end:]


def run_blocks(page_: Path, folder: Path, city: Settings) -> subprocess.CompletedProcess[str]:
    """Run a page's bash blocks in `folder`, against this city."""
    script = "\n".join(re.findall(r"```bash\n(.*?)```", page_.read_text(encoding="utf-8"), re.DOTALL))
    for written, part in (("http://127.0.0.1:8080", "gateway"), ("http://127.0.0.1:8081", "portal")):
        script = script.replace(written, city.url_of(part))  # type: ignore[arg-type]
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    return subprocess.run(
        ["bash", "-euc", script], cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, **environment(city), "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip


def test_status_is_well_and_nothing_was_lost_at_the_end_of_it_all(city: Settings) -> None:
    def counted() -> dict[str, int] | None:
        done = command(city, "reconcile", "--json")
        said: dict[str, int] = json.loads(done.stdout)
        return said if done.returncode == 0 and not said["in_flight"] and not said["waiting"] else None

    found = eventually(counted, PATIENCE, "a count without anything on its way")
    assert found is not None
    assert (found["gap"], found["dead"]) == (0, 0)
    assert found["accepted"] >= 5
    assert httpx.get(city.url_of("assessment") + "/api/v1/departments", timeout=30).is_success
