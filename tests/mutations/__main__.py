"""`python -m tests.mutations`: changes every rule of the example's pack, one at a time, and says what nobody notices.

`--sample N` tries every Nth mutant, `--only PREFIX …` those of some files, `--jobs N` works in so many processes.
`--report FILE` writes FILE as JSON and the table beside it; with `--only`, what it says of other files stays.
Exit status 1 where one survives.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from tests.cities.observed.asking import example
from tests.mutations.mutant import Files, Mutant, Outcome
from tests.mutations.report import as_text, read, report_of, write
from tests.mutations.running import Runner, mutants, remembered

_PARTS = 6
"""Portions a process takes, so that none waits long for the other."""


def main() -> int:
    """Run, report, and say whether any survived."""
    asked = _arguments()
    os.nice(10)
    files = example()
    found = _outcomes(_chosen(files, asked.only, asked.sample), asked.jobs)
    report = report_of(found)
    print(as_text(report))
    if asked.report:
        kept = {file: part for file, part in read(asked.report).items() if file in files}
        write(asked.report, {**(kept if asked.only else {}), **report})
    return 1 if any(one.verdict == "survived" for one in found) else 0


def tried(numbers: Sequence[int]) -> list[Outcome]:
    """How the mutants of these numbers end, in their order."""
    files = example()
    made = list(mutants(files))
    found = {}
    with remembered():
        for one in Runner(files).run([made[n] for n in numbers]):
            found[str(one.mutant)] = one
            if one.verdict == "survived":
                print("survived", one.mutant, file=sys.stderr, flush=True)
    return [found[str(made[n])] for n in numbers]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--sample", type=int, default=1, metavar="N")
    parser.add_argument("--only", nargs="*", default=(), metavar="PREFIX")
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    parser.add_argument("--report", type=Path, metavar="FILE")
    return parser.parse_args()


def _chosen(files: Files, only: Sequence[str], sample: int) -> list[int]:
    numbers = [n for n, one in enumerate(mutants(files)) if one.file.startswith(tuple(only) or "")]
    return numbers[::sample]


def _outcomes(numbers: list[int], jobs: int) -> list[Outcome]:
    if jobs == 1:
        return tried(numbers)
    portion = len(numbers) // (jobs * _PARTS) + 1
    portions = [numbers[at : at + portion] for at in range(0, len(numbers), portion)]
    with ProcessPoolExecutor(jobs) as pool:
        return [one for some in pool.map(_plainly_tried, portions) for one in some]


def _plainly_tried(numbers: Sequence[int]) -> list[Outcome]:
    """What can be sent between processes."""
    return [replace(one, mutant=_plain(one.mutant)) for one in tried(numbers)]


def _plain(mutant: Mutant) -> Mutant:
    return replace(mutant, make=None)


if __name__ == "__main__":
    sys.exit(main())
