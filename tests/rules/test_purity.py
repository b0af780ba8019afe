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
from typing import Any

from schemas.events import EVENTS
from tests.rules.making import ROOT, Event, changed, example, judged, normative, pack
from tests.rules.test_judge import FIRES

PROGRAM = "from tests.rules.test_purity import digest; print(digest())"
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


def test_another_process_with_another_hash_seed_gives_the_same_bytes() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout.strip()
        for seed, zone in (("1", "UTC"), ("2", "America/Lima"))
    }  # fmt: skip
    assert digests == {digest()}


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
    for path in (ROOT / "rules").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not imported & (IMPURE | {"bus", "producers", "streams", "consumers"}), path
        if path.name not in EDGES:
            assert "print" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}, path
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not called & {"now", "today", "utcnow", "getenv", "environ"}, path
