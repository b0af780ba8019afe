"""Events to judge: the example publication with something changed, signed anew where its content was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from rules import Judgement, judge
from schemas.city import Pack, load_pack
from schemas.content import content_sha256
from schemas.decode import decode

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "schemas/examples"

Event = dict[str, Any]
Change = Callable[[Event], object]


@cache
def pack() -> Pack:
    return load_pack(ROOT / "cities/example")


def example(name: str = "publication.submitted") -> Event:
    return json.loads((EXAMPLES / f"cn.gongkai.{name}.v1.json").read_text(encoding="utf-8"))


def signed(event: Event) -> Event:
    """`event` with all its sign-offs over the content it has."""
    data = event["data"]
    digest = content_sha256(data["title"], data["body"], [one["sha256"] for one in data["attachments"]])
    for sign_off in data["sign_offs"]:
        sign_off["content_sha256"] = digest
    return event


def normative() -> Event:
    """A valid 行政规范性文件 of the government's office."""
    event = example()
    event["source"], event["subject"] = "/departments/zfb", "zfb/2026-5"
    event["data"] |= {
        "item": "02-01", "kind": "normative-document", "title": "示例市临时救助办法", "responsible_dept": "zfb",
        "docno": "示政发〔2026〕5号", "five_open": "决策", "channels": ["政府网站", "政府公报"],
        "elements": {"有效性": "有效", "施行日期": "2026-04-01"},
        "dates": {"formed": "2026-03-02", "effective": "2026-04-01", "expires": "2031-03-31"},
        "links": [{"rel": "interpreted-by", "target": "zfb/2026-6"}],
    }  # fmt: skip
    return signed(event)


def backfill() -> Event:
    """A valid piece of history, brought in by the lead office."""
    event = example()
    event["source"] = "/departments/zfb"
    event["data"] |= {
        "backfill": True,
        "published_on": "2019-06-01",
        "sign_offs": [],
        "dates": {"obtained": "2019-05-20"},
    }
    return event


def judged(event: Event, arrival: str | timedelta = timedelta(seconds=1), by: Pack | None = None) -> Judgement:
    """The judgement on `event`, arriving at that instant or so long after its own time."""
    made = decode(json.dumps(event, ensure_ascii=False).encode())
    at = datetime.fromisoformat(arrival) if isinstance(arrival, str) else made.time + arrival
    return judge(by or pack(), made, at)


def rules_of(judgement: Judgement) -> list[str]:
    return [finding.rule for finding in judgement.findings]


def changed(event: Event, **data: object) -> Event:
    """`event` with members of its data replaced; None takes one out."""
    event["data"] = {name: value for name, value in (event["data"] | data).items() if value is not None}
    return event


def envelope(event: Event, members: Mapping[str, object]) -> Event:
    return {**event, **members}
