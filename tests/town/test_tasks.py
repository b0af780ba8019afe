"""The year's work on openness, cut into tasks: who leads, who helps, how far it is, and what was published for it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from producers import calling
from producers.client import GatewayClient
from producers.commands import app
from tests.consumers.portal.feeding import SITE
from tests.support.events import JsonObject, to_bytes
from tests.town.town import Town

CLASSES = {"公开内容": 6, "解读回应": 4, "公众参与": 3, "平台保障": 3}
LEADS = ("fgw", "czj", "mzj", "jtj")


@pytest.mark.feature("1-05")
def test_sixteen_tasks_come_from_a_file_and_each_shows_lead_helpers_and_state(
    city: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = sixteen(city)
    (tmp_path / "tasks.ndjson").write_bytes(b"\n".join(map(to_bytes, tasks)))
    caller = city.caller("zfb")
    client = GatewayClient("http://door", caller.key)
    client._http = caller.http
    monkeypatch.setattr(calling, "GatewayClient", lambda *_, **__: client)
    done = CliRunner().invoke(app, ["publish", str(tmp_path / "tasks.ndjson"), "--key", caller.key, "--json"])
    assert done.exit_code == 0, done.output
    city.carry()

    for name, count in CLASSES.items():
        listed = city.page(f"/matters?kind=task&tag_area={name}")
        assert len(set(re.findall(r'href="/matters/(zfb/task-\d+)"', listed))) == count
    for task in tasks:
        page, fields = city.page(f"/matters/{task['subject']}"), task["data"]["fields"]
        assert "<strong>未启动</strong>" in page
        assert SITE.pack.department[fields["lead_dept"]].name in page
        assert all(SITE.pack.department[code].name in page for code in fields["co_depts"].split())
        assert "2026-12-20" in page
    assert city.dues("fgw", "zfb/task-0") == {"finish": "2026-12-20 23:59"}


@pytest.mark.feature("1-05")
def test_what_is_published_for_a_task_is_its_evidence_and_is_found_from_it(city: Town) -> None:
    city.send(sixteen(city)[0])
    key = "zfb/task-0"
    city.publishes("work-news", "fgw/news", "项目审批信息公开进展", links=[("evidence-of", key)])
    page = city.page(f"/matters/{key}")
    assert "<strong>推进中</strong>" in page
    assert re.search(r'<a href="/items/fgw/news">项目审批信息公开进展</a>', page)
    assert city.refused(key, "done", dept="czj") == ["SM-ACTOR"], "it is not czj's"
    assert city.does(key, "done", dept="fgw") == []
    assert "<strong>已完成</strong>" in city.page(f"/matters/{key}")


@pytest.mark.feature("1-05")
def test_a_task_done_without_evidence_shows_that_and_one_not_done_is_urged(city: Town) -> None:
    for task in sixteen(city)[:2]:
        city.send(task)
    assert city.does("zfb/task-0", "done", dept="fgw") == ["TSK-02"]
    assert "缺失：没有公开的成果作为佐证。" in city.page("/matters/zfb/task-0")
    city.until(city.clock.now + timedelta(days=92))
    assert {"finish reminded", "finish urged", "finish supervised"} <= set(city.words("czj", "zfb/task-1"))
    assert "finish urged" not in city.words("fgw", "zfb/task-0")


def sixteen(city: Town) -> list[JsonObject]:
    """Six, four, three and three tasks."""
    classes = [name for name, count in CLASSES.items() for _ in range(count)]
    return [
        city.opening("task", f"zfb/task-{n}", f"第{n + 1}项任务", lead_dept=LEADS[n % 4], area=name,
                     co_depts=f"{LEADS[(n + 1) % 4]} {LEADS[(n + 2) % 4]}", goal="按季公开", finish_by="2026-12-20")
        for n, name in enumerate(classes)
    ]  # fmt: skip
