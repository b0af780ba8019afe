"""How the mutants of a pack ended, by file: a table for a person, `results/report.json` for a machine."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from pydantic import TypeAdapter

from schemas.base import Model
from tests.mutations.mutant import Outcome, Verdict

RESULTS = Path(__file__).parent / "results"
_HEADINGS: dict[Verdict, str] = {
    "check": "refused by a check", "observation": "seen in an answer", "same": "says the same",
    "no rule": "no rule", "survived": "survived",
}  # fmt: skip


class FileReport(Model):
    """One file's mutants: how many ended how, the checks that refused, and by name what nobody noticed."""

    mutants: int
    ended: dict[Verdict, int]
    checks: dict[str, int]
    no_rule: dict[str, list[str]]
    survivors: list[str]


Report = Mapping[str, FileReport]
_REPORT = TypeAdapter(dict[str, FileReport])


def report_of(outcomes: Iterable[Outcome]) -> dict[str, FileReport]:
    """Every file's part, by its path."""
    ordered = sorted(outcomes, key=lambda one: one.mutant.file)
    return {file: _part(list(some)) for file, some in groupby(ordered, key=lambda one: one.mutant.file)}


def _part(outcomes: Sequence[Outcome]) -> FileReport:
    no_rule: dict[str, list[str]] = {}
    for one in outcomes:
        if one.verdict == "no rule":
            no_rule.setdefault(one.by, []).append(str(one.mutant))
    counted = Counter(one.verdict for one in outcomes)
    return FileReport(
        mutants=len(outcomes), ended={verdict: counted[verdict] for verdict in _HEADINGS},
        checks=dict(sorted(Counter(one.by for one in outcomes if one.verdict == "check").items())),
        no_rule=no_rule, survivors=[str(one.mutant) for one in outcomes if one.verdict == "survived"],
    )  # fmt: skip


def read(file: Path) -> dict[str, FileReport]:
    """A kept report; nothing where there is none."""
    return _REPORT.validate_json(file.read_bytes()) if file.exists() else {}


def write(file: Path, report: Report) -> None:
    """Keep a report, and its table beside it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    values = {name: part.model_dump() for name, part in sorted(report.items())}
    file.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", "utf-8")
    file.with_suffix(".md").write_text(as_text(report), "utf-8")


def as_text(report: Report) -> str:
    """A table by file, then what is left over."""
    lines = ["# What notices a change of one rule", "", f"| file | mutants | {' | '.join(_HEADINGS.values())} |"]
    lines.append("|---|" + "---:|" * (len(_HEADINGS) + 1))
    lines += [_line(file, [part]) for file, part in sorted(report.items())]
    lines.append(_line("all", list(report.values())))
    reasons = Counter({reason: 0 for part in report.values() for reason in part.no_rule})
    for part in report.values():
        reasons.update({reason: len(mutants) for reason, mutants in part.no_rule.items()})
    lines += ["", "No rules:", "", *(f"- {count} mutants: {reason}." for reason, count in sorted(reasons.items()))]
    left = [one for part in report.values() for one in part.survivors]
    lines += ["", f"Survivors: {len(left)}.", *(["", *(f"- {one}" for one in left)] if left else [])]
    return "\n".join(lines) + "\n"


def _line(name: str, parts: Sequence[FileReport]) -> str:
    counts = [sum(part.ended[verdict] for part in parts) for verdict in _HEADINGS]
    return f"| {name} | {sum(part.mutants for part in parts)} | {' | '.join(map(str, counts))} |"
