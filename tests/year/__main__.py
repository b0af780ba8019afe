"""`python -m tests.year`: a year of one city; prints what was planted, found and counted, and ends 1 on any difference.

Writes the same as JSON where `--report` says.
"""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

from benchmarks.report import machine
from schemas.city import load_pack
from tests.year.load import Load
from tests.year.simulating import SEED, Simulated, simulate

SHOWN = 40


def main() -> int:
    """Simulate, and say what came of it."""
    asked = ArgumentParser(prog="python -m tests.year", description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--part", type=int, default=1, help="one in so many of what there are thousands of")
    asked.add_argument("--seed", type=int, default=SEED)
    asked.add_argument("--partitions", type=int, default=2)
    asked.add_argument("--report", type=Path, help="where the figures are kept as JSON")
    given = asked.parse_args()
    said = simulate(Load().part(given.part), load_pack("cities/example"), seed=given.seed, partitions=given.partitions)
    _show(said)
    if given.report:
        given.report.parent.mkdir(exist_ok=True)
        given.report.write_text(json.dumps(_json(said, given.seed, given.part), ensure_ascii=False, indent=1) + "\n",
                                encoding="utf-8")  # fmt: skip
    return 1 if said.report.wrong else 0


def _show(said: Simulated) -> None:
    plan, report = said.plan, said.report
    print(f"{len(plan.sent):,} events at the door, {sum(said.records.values()):,} records, {said.seconds:.0f} s")
    print("  " + ", ".join(f"{part} {seconds:.0f} s" for part, seconds in said.spent.items()))
    for name, (expected, got) in report.counts.items():
        print(f"{name:24}{expected:8,}{got:8,}{'' if expected == got else '  DIFFERS'}")
    for sort, number in report.sorts.items():
        print(f"{sort:48}{number:4} planted")
    print(f"silences: {report.planted} planted, {report.found} found, {len(report.wrong)} differences")
    for line in report.wrong[:SHOWN]:
        print(f"  {line}")


def _json(said: Simulated, seed: int, part: int) -> dict[str, object]:
    report = said.report
    return {
        "commit": _commit(), "machine": machine(), "seed": seed, "part": part, "seconds": round(said.seconds, 1),
        "spent": {name: round(seconds, 1) for name, seconds in said.spent.items()},
        "events": len(said.plan.sent), "records": said.records, "counts": report.counts, "planted": report.planted,
        "found": report.found, "sorts": report.sorts, "wrong": list(report.wrong),
    }  # fmt: skip


def _commit() -> str:
    """What was run; with a plus where files were changed since."""
    asked = ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
