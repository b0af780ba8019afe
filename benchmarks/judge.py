"""How long `judge` takes, and where: every rule's share on one valid publication of 2.4 KB.

    python -m benchmarks.judge [--rounds 9]

The last line is one JSON object: machine, versions, medians in microseconds.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rules.calendar import day_of
from rules.case import Case
from rules.clocks import due_of_row
from rules.judge import RULES, judge
from rules.routing import route
from schemas.city import Pack, load_pack
from schemas.content import content_sha256
from schemas.decode import decode

ROOT = Path(__file__).parent.parent
EVENT = ROOT / "schemas/examples/cn.gongkai.publication.submitted.v1.json"
BYTES = 2_400
CALLS = 2_000


def main() -> None:
    """Measure, print a line a part, and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    pack = load_pack(ROOT / "cities/example")
    value = event_bytes()
    event: Any = decode(value)
    case = case_of(pack, event)
    data = case.data
    digests = [attachment.sha256 for attachment in data.attachments]
    assert judge(pack, event, case.arrival).outcome == "accepted"
    parts: dict[str, Callable[[], object]] = {
        "decode": lambda: decode(value),
        "judge": lambda: judge(pack, event, case.arrival),
        "content_sha256": lambda: content_sha256(data.title, data.body, digests),
        "route": lambda: route(pack, event),
        **{f"rule {rule.__name__}": _asked(rule, case) for rule in RULES},
    }
    figures = {name: measure(call, rounds) for name, call in parts.items()}
    for name, (median, spread) in figures.items():
        print(f"{name:28} {median:8.2f} us  +- {spread:.2f}")
    medians = {name: round(median, 2) for name, (median, _) in figures.items()}
    print(json.dumps({
        "benchmark": "judge", "machine": platform.platform(), "cpu": platform.processor() or platform.machine(),
        "versions": {"python": platform.python_version(), "msgspec": version("msgspec")},
        "event_bytes": len(value), "calls": CALLS, "rounds": rounds, "median_us": medians,
        "ratios": {"judge_without_hash_us": round(medians["judge"] - medians["content_sha256"], 2)},
    }))  # fmt: skip


def event_bytes() -> bytes:
    """The example publication with a body that makes it 2.4 KB, signed again."""
    event = json.loads(EVENT.read_text(encoding="utf-8"))
    data = event["data"]
    spare = BYTES - len(json.dumps(event, ensure_ascii=False).encode())
    data["body"] = data["body"] + "。" * (spare // 3) if spare > 0 else data["body"][: spare // 3]
    digest = content_sha256(data["title"], data["body"], [one["sha256"] for one in data["attachments"]])
    for sign_off in data["sign_offs"]:
        sign_off["content_sha256"] = digest
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def case_of(pack: Pack, event: Any) -> Case:
    """The case that `judge` makes of `event`, come in at its own time."""
    data, row, kind = event.data, pack.row[event.data.item], pack.kind[event.data.kind]
    arrival: datetime = event.time
    return Case(
        pack, data, row, kind, data.responsible_dept, False, arrival, day_of(arrival), day_of(arrival),
        content_sha256(data.title, data.body, [attachment.sha256 for attachment in data.attachments]),
        pack.outlets_for(data.channels, data.responsible_dept, kind.quota_class),
        due_of_row(pack, row, data.dates, data.version),
    )  # fmt: skip


def measure(call: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median and spread (half the range between the quartiles), in microseconds of processor time a call."""
    times = []
    for _ in range(rounds + 1):
        begin = time.process_time()
        for _ in range(CALLS):
            call()
        times.append((time.process_time() - begin) / CALLS * 1e6)
    quartiles = statistics.quantiles(times[1:], n=4)
    return statistics.median(times[1:]), (quartiles[2] - quartiles[0]) / 2


def _asked(rule: Callable[[Case], object], case: Case) -> Callable[[], object]:
    return lambda: rule(case)


if __name__ == "__main__":
    main()
