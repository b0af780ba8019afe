"""Same event, arrival and pack: the same bytes, in any order and any process; and nothing impure is imported."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import pickle
import random
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

from bus.record import Record
from producers.cases import read
from producers.checks import principal
from rules import judge
from rules.offline import check
from schemas.envelope import department_of
from schemas.events import EVENTS
from streams.judging import Judging
from tests.rules.making import ROOT, Event, changed, example, judged, normative, pack
from tests.rules.test_judge import FIRES

PROGRAM = """
import sys, time_machine
with time_machine.travel(sys.argv[1]):
    import datetime
    from tests.rules.test_purity import digest
    print(datetime.datetime.now().year, digest())
"""
IMPURE = {"asyncio", "fastapi", "faust", "httpx", "kafka", "random", "secrets", "socket", "sqlalchemy", "time", "uuid"}
EDGES = {"commands.py"}


def corpus() -> list[Event]:
    names = [name.removeprefix("cn.gongkai.").removesuffix(".v1") for name in EVENTS]
    return [
        *(example(name) for name in names),
        normative(),
        changed(normative(), links=[]),
        *(make() for _, _, make in FIRES),
    ]


def answer(event: Event, by: Any = None) -> str:
    given = judged(event, by=by)
    parts = given._replace(
        findings=tuple(one.model_dump_json() for one in given.findings),
        dues=tuple(one.model_dump_json() for one in given.dues),
        links=(), overrides=(),
    )  # fmt: skip
    return json.dumps(parts, default=str, ensure_ascii=False)


def digest() -> str:
    return hashlib.sha256("\n".join(answer(event) for event in corpus()).encode()).hexdigest()


def test_other_processes_at_other_times_with_other_hash_seeds_give_the_same_bytes() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM, f"{day}T12:00:00Z"], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout.split()
        for day, seed, zone in (
            ("2025-02-01", "1", "UTC"), ("2026-12-31", "2", "America/Lima"), ("2027-06-01", "3", "Asia/Shanghai"),
        )
    ]  # fmt: skip
    assert [year for year, _ in said] == ["2025", "2026", "2027"]
    assert {found for _, found in said} == {digest()}


def test_offline_the_door_and_the_stream_find_the_same() -> None:
    stream = Judging(pack())
    for number, event in enumerate(corpus()):
        value = json.dumps(event, ensure_ascii=False).encode()
        arrival = datetime.fromisoformat(event["time"]) + timedelta(seconds=1)
        stamp = int(arrival.timestamp() * 1000)
        outs = stream(Record("publications", 0, number, stamp, event["subject"].encode(), value, ()))
        (verdict,) = (json.loads(out.value or b"{}")["data"] for out in outs if out.topic == "verdicts")
        offline = check(pack(), value, arrival)
        assert offline["findings"] == verdict["findings"], event["id"]
        assert offline["verdict"] == verdict["outcome"]
        sender = department_of(event["source"]) or "zfb"
        asked = read(pack(), principal(pack(), sender, "http"), judge, value, stamp)
        if not asked.code:
            assert [one.model_dump(mode="json") for one in asked.findings] == verdict["findings"]


def test_the_order_of_events_changes_no_answer() -> None:
    events = corpus()
    straight = [answer(event) for event in events]
    places = list(range(len(events)))
    random.Random(3).shuffle(places)
    assert {n: answer(events[n]) for n in places} == dict(enumerate(straight))


def test_a_pack_that_travelled_to_another_process_judges_alike() -> None:
    copy = pickle.loads(pickle.dumps(pack()))
    assert [answer(event, by=copy) for event in corpus()] == [answer(event) for event in corpus()]


def test_the_rules_import_neither_clock_nor_network_nor_store() -> None:
    """One command times itself and says how long it took; nothing is judged by it."""
    for path in (ROOT / "rules").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        timed = {"time"} if path == ROOT / "rules/catalogue/commands.py" else set()
        assert not imported & ((IMPURE - timed) | {"bus", "producers", "streams", "consumers"}), path
        if path.name not in EDGES:
            assert "print" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}, path
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not called & {"now", "today", "utcnow", "getenv", "environ"}, path
