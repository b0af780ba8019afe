"""What stands in an attached file is judged on the bus: by the router's own process, from what the door found."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bus.settings import Settings
from tests.journeys.city import PATIENCE, Department
from tests.support import papers
from tests.support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
PLANTED = "13800000000"


def test_a_number_in_an_attached_file_is_sent_back_by_the_router(city: Settings) -> None:
    department = Department(city, "jyj")
    headers = {"Authorization": f"Bearer {department.key}"}
    with httpx.Client(base_url=city.url_of("gateway"), headers=headers, timeout=30) as door:
        name = {"name": "名单.docx"}
        stored = door.post("/v1/files", params=name, content=papers.docx("入选名单如下。", f"甲，{PLANTED}。"))
        assert stored.status_code in {200, 201}, stored.text
        event = department.event("attached-list", attachments=[stored.json()])
        department.post(event)

        def rejection() -> dict[str, Any] | None:
            items = door.get("/v1/rejections").json()["items"]
            return next((item["record"] for item in items if item["event_id"] == event["id"]), None)

        issued = eventually(rejection, PATIENCE, "the rejection at the door")

    assert issued is not None
    assert issued["source"] == "/engine/router"
    found = {one["rule"]: one for one in issued["data"]["findings"] if one["severity"] == "block"}
    assert list(found) == ["TX-05"]
    assert found["TX-05"]["place"].startswith("/data/attachments/0#")
    assert PLANTED not in str(issued)
    assert department.asked(event["id"])["state"] == "rejected"
