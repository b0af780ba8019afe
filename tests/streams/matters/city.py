"""A city with two lifecycles of its own, each made by a file alone, and events of its cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bus.record import Record
from schemas.city import Pack, load_pack
from tests.support.events import event, to_bytes
from tests.support.small_city import write_small_city

NOON = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)
DEPT, OTHER = "fgw", "czj"

GARDEN = """
name = "园地"
family = "matter"
basis = "测试"
title = "plot"

states = [{id="SOWN", name="已播种"}, {id="GROWN", name="已长成"}, {id="EATEN", name="已收获", end=true}]

[[steps]]
id = "opened"
name = "播种"
to = "SOWN"
by = ["issuer"]
rule = "T-1"
public = true
fields = [{id="plot", name="地块", public=true}, {id="lead_dept", name="牵头部门", type="dept"}]
effects = [{rel="interprets", step="noticed", opens="fence", fields={colour="fields.plot"}}]

[[steps]]
id = "watered"
name = "浇水"
from = ["*"]
by = ["issuer"]
rule = "T-2"
public = true

[[steps]]
id = "ripened"
name = "成熟"
from = ["SOWN"]
to = "GROWN"
by = ["issuer", "engine"]
rule = "T-3"

[[steps.guards]]
id = "T-3"
holds = "done('watered')"
waits = true
mode = "gap"
basis = "测试"
zh = "未浇水"
en = "no water"
remedy_zh = "浇水"
remedy_en = "water it"

[[steps]]
id = "eaten"
name = "收获"
from = ["GROWN"]
to = "EATEN"
by = ["issuer"]
rule = "T-4"

[[steps]]
id = "painted"
name = "粉刷"
from = ["*"]
by = ["engine"]
rule = "T-5"

[[clocks]]
id = "harvest"
name = "收获"
rule = "T-4"
limits = [{clock="FOI-A33"}]
opened_by = ["opened"]
closed_by = ["eaten"]

[[triggers]]
on = "accepted"
step = "painted"
rel = "interprets"
"""

FENCE = """
name = "篱笆"
family = "matter"
basis = "测试"
states = [{id="STANDING", name="立着"}, {id="GONE", name="拆除", end=true}]

[[steps]]
id = "noticed"
name = "记录"
to = "STANDING"
by = ["engine"]
rule = "T-6"
fields = [{id="colour", name="颜色", required=false}]

[[steps]]
id = "mended"
name = "修补"
from = ["STANDING"]
by = ["engine"]
rule = "T-7"

[[steps]]
id = "removed"
name = "拆除"
from = ["STANDING"]
to = "GONE"
by = ["issuer"]
rule = "T-8"
"""


@contextmanager
def city() -> Iterator[Path]:
    """The folder of the pack."""
    with TemporaryDirectory() as folder:
        made = write_small_city(Path(folder) / "city")
        for old in (made / "matters").glob("*.toml"):
            if old.stem != "review":
                old.unlink()
        for naming in ("duties", "forms", "platforms", "counters"):  # files that name lifecycles of the example
            (made / f"{naming}.toml").unlink(missing_ok=True)
        (made / "matters/garden.toml").write_text(GARDEN, encoding="utf-8")
        (made / "matters/fence.toml").write_text(FENCE, encoding="utf-8")
        yield made


@cache
def pack() -> Pack:
    with city() as made:
        return load_pack(made)


def opened(name: str, at: datetime = NOON, dept: str = DEPT, **data: Any) -> dict[str, Any]:
    body = {"lifecycle": "garden", "title": f"{name}号地", "lead_dept": dept, "at": at.isoformat(),
            "fields": {"plot": name}, **data}  # fmt: skip
    return event("matter", "opened", dept, name, body, at=at, event_id=f"{name}-opened")


def stepped(
    name: str, step: str, at: datetime = NOON, dept: str = DEPT, number: int = 1, **data: Any
) -> dict[str, Any]:
    body = {"step": step, "actor_dept": dept, "actor_role": "经办", "at": at.isoformat(), **data}
    made = event("matter", "stepped", dept, name, body, at=at, event_id=f"{name}-{step}-{number}")
    return {**made, "subject": f"{DEPT}/{name}"}


def records(topic: str, events: Sequence[dict[str, Any]], partition: int = 0, after: float = 1.0) -> list[Record]:
    """As the relay writes them, each a second after its own time."""
    return [
        Record(topic, partition, offset, _arrival(one, after), one["subject"].encode(), to_bytes(one))
        for offset, one in enumerate(events)
    ]


def _arrival(one: dict[str, Any], after: float) -> int:
    return int((datetime.fromisoformat(one["time"]) + timedelta(seconds=after)).timestamp() * 1000)
