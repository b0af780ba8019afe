"""Where our engine's time goes: a run of the router's job under py-spy, kept as a flame graph.

    python -m benchmarks.router.profile [--events 300000] [--py-spy py-spy]

Needs the program `py-spy` (not among the project's dependencies). The graph and its stacks are written to
`benchmarks/results`; the last line is one JSON object with the functions that hold the most samples themselves.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path

from benchmarks import report
from benchmarks.router import engine as engines
from benchmarks.router.broker import OUTPUTS, Broker
from bus import embedded
from bus.settings import Settings

PLACE = re.compile(r" \((?:[^()]*/)?([^()/:]+)(?::\d+)?\)")
"""A frame's file, with or without folder and line."""
ADDRESS = re.compile(r"(^|;)0x[0-9a-f]+(?= )")
RATE = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--py-spy", default="py-spy")
    asked = parser.parse_args()
    machine = report.machine()
    with (
        tempfile.TemporaryDirectory(prefix="gongkai-bench-") as home,
        embedded.started(Settings(_env_file=None, home=Path(home)), heap="1g") as broker,
    ):
        stacks = sampled(Broker(broker.address), asked.events, asked.py_spy, Path(home))
    total = sum(stacks.values())
    own = Counter[str]()
    for stack, count in stacks.items():
        own[stack.rpartition(";")[2]] += count
    summary = {
        "benchmark": "router-profile", "machine": machine, "versions": report.versions(), "events": asked.events,
        "samples": total, "share": {name: round(count / total, 3) for name, count in own.most_common(15)},
        "ratios": {},
    }  # fmt: skip
    path = report.keep("router-profile", summary)
    kept = [(stack, count) for stack, count in stacks.most_common() if count > total / 2_000]
    path.with_suffix(".stacks").write_text("".join(f"{stack} {count}\n" for stack, count in kept))


def sampled(broker: Broker, events: int, py_spy: str, folder: Path) -> Counter[str]:
    """Stacks of one run, innermost last, with the samples of each."""
    topic, prefix = f"bench-{uuid.uuid4().hex[:8]}", f"bench-{uuid.uuid4().hex[:8]}-"
    broker.create([topic])
    broker.fill(topic, events)
    broker.create([prefix + name for name in OUTPUTS])
    ours = next(engines.own())
    program = ours.start("--bootstrap", broker.address, "--input", topic, "--output", prefix, "--group", prefix + "g")
    time.sleep(1.5)  # past its imports
    found = folder / "stacks"
    spy = subprocess.Popen(
        [py_spy, "record", "--native", "-r", str(RATE), "-f", "raw", "-o", str(found), "-p", str(program.pid)],
        stdout=subprocess.DEVNULL,
    )
    while broker.committed(prefix + "g") < events:
        time.sleep(0.5)
    program.terminate()
    program.wait()
    spy.wait()
    broker.close()
    return read(found)


def read(path: Path) -> Counter[str]:
    """py-spy's raw stacks as functions and files, without folders, lines and addresses."""
    stacks = Counter[str]()
    for line in path.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        stacks[ADDRESS.sub(r"\1?", PLACE.sub(r" (\1)", stack))] += int(count)
    return stacks


if __name__ == "__main__":
    main()
