"""How many events a core judges with every check on, and where the time goes: each rule's share, each text check's.

    python -m benchmarks.judge [--rounds 9]

One valid publication with a body of 1,000 characters of ordinary prose is decoded and judged again and again; events a
second are of both together. The last line is one JSON object: machine, versions, medians in microseconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import report
from rules.calendar import day_of
from rules.case import Case
from rules.clocks import due_of_row
from rules.judge import RULES, judge
from rules.routing import route
from rules.texts.scanner import scanner
from rules.texts.texts import parts_of
from schemas.city import Pack, load_pack
from schemas.content import content_sha256
from schemas.decode import decode

ROOT = Path(__file__).parent.parent
EVENT = ROOT / "schemas/examples/cn.gongkai.publication.submitted.v1.json"
PROSE = ROOT / "tests/data/prose"
BODY = ("14-teachers.txt", "12-flood-plan.txt", "16-park-reply.txt")
CHARACTERS = 1_000
CALLS = 2_000


def main() -> None:
    """Measure, print a line a part, and keep the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    pack = load_pack(ROOT / "cities/example")
    value = event_bytes()
    event: Any = decode(value)
    case = case_of(pack, event)
    assert judge(pack, event, case.arrival).outcome == "accepted"
    parts = {**wholes(pack, value, event, case), **text_parts(pack, case)}
    parts |= {f"rule {rule.__name__}": _asked(rule, case) for rule in RULES}
    figures = {name: measure(call, rounds) for name, call in parts.items()}
    whole = figures["decode and judge"][0]
    for name, (median, spread) in figures.items():
        print(f"{name:28} {median:8.2f} us  +- {spread:5.2f}  {median / whole:6.1%}")
    medians = {name: round(median, 2) for name, (median, _) in figures.items()}
    report.keep("judge", {
        "benchmark": "judge", "machine": report.machine(),
        "versions": report.versions("msgspec", "ahocorasick-rs", "opencc"),
        "event_bytes": len(value), "body_characters": CHARACTERS, "calls": CALLS, "rounds": rounds,
        "events_per_second": round(1e6 / whole), "median_us": medians,
        "ratios": {
            "texts_of_whole": round(medians["rule texts_right"] / whole, 3),
            "pass_of_texts": round(medians["text: the one pass"] / medians["rule texts_right"], 3),
        },
    })  # fmt: skip


def wholes(pack: Pack, value: bytes, event: Any, case: Case) -> dict[str, Callable[[], object]]:
    """What is measured whole, and the parts that are no rules."""
    data = case.data
    digests = [attachment.sha256 for attachment in data.attachments]

    def decode_and_judge() -> object:
        made = decode(value)
        return judge(pack, made, made.time)

    return {
        "decode and judge": decode_and_judge,
        "decode": lambda: decode(value),
        "judge": lambda: judge(pack, event, case.arrival),
        "content_sha256": lambda: content_sha256(data.title, data.body, digests),
        "route": lambda: route(pack, event),
    }


def text_parts(pack: Pack, case: Case) -> dict[str, Callable[[], object]]:
    """The steps of the text checks on this event, each by itself."""
    scan = scanner(pack)
    parts = parts_of(case.data)
    joined = "\x1e\n".join(part.text for part in parts)
    return {"text: fields": lambda: parts_of(case.data), **scan.steps(parts, joined)}


def event_bytes() -> bytes:
    """The example publication with 1,000 characters of ordinary prose, signed again."""
    event = json.loads(EVENT.read_text(encoding="utf-8"))
    data = event["data"]
    prose = "\n\n".join((PROSE / name).read_text(encoding="utf-8").partition("\n\n")[2].strip() for name in BODY)
    data["body"] = prose[:CHARACTERS]
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
